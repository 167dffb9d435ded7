"""Promises of a generator: the form of its estimates, at every size, of rare pictures, in every memory format."""

import torch
from torch import Tensor

from gcnet_core.interfaces import Batch
from gcnet_core.testing.case import Case, ContractError, DoesNotApply
from gcnet_core.testing.check import check
from gcnet_core.testing.every_part.common import is_of_its_kind
from gcnet_core.testing.generators.training import estimate

TOLERANCE = 1e-4
SIZES = (12, 17, 24, 33, 40, 48)


def refuse_wrong_pictures(pictures: object, query: Tensor, what: str) -> None:
    """Stop if something is not one picture in [0, 1] for each query.

    Args:
        pictures: what a part returned.
        query: for which it was asked.
        what: it is, for the message.

    Raises:
        ContractError: naming what came and what is expected.
    """
    if not isinstance(pictures, Tensor):
        raise ContractError(f"{what} is a {type(pictures).__name__}; return a tensor")
    if pictures.shape != query.shape:
        raise ContractError(f"{what}: {tuple(query.shape)} became {tuple(pictures.shape)}")
    if pictures.dtype != query.dtype or pictures.device != query.device:
        raise ContractError(
            f"{what} is {pictures.dtype} on {pictures.device}; return {query.dtype} on {query.device}, as the query is"
        )
    if not pictures.isfinite().all():
        raise ContractError(f"{what} is not finite")
    if pictures.min() < -TOLERANCE or pictures.max() > 1 + TOLERANCE:
        raise ContractError(
            f"{what} has values from {pictures.min():.3f} to {pictures.max():.3f}; limit them to [0, 1]"
        )


@check(is_of_its_kind)
def keeps_shape_and_range(case: Case) -> None:
    """Estimates have the query's shape, type and device, and lie in [0, 1], grey and in colour, in both modes."""
    for channels in (1, 3):
        coloured = case.with_channels(channels)
        generator, query = coloured.build(), coloured.batch().query
        refuse_wrong_pictures(estimate(generator, query), query, "the estimate")
        refuse_wrong_pictures(generator.train()(query), query, "the estimate in training mode")


@check(keeps_shape_and_range)
def takes_every_accepted_size(case: Case) -> None:
    """Pictures of other sizes, odd ones too, give estimates of their size, where the options' `check` accepts it."""
    accepted = [size for size in SIZES if size != case.size and case.accepts(size)]
    if not accepted:
        raise DoesNotApply(f"its options accept none of the sizes {', '.join(map(str, SIZES))}")
    for size in accepted:
        other = case.with_size(size)
        query = other.batch(2).query
        refuse_wrong_pictures(estimate(other.build(), query), query, f"at size {size} the estimate")


def rare_pictures(like: Tensor) -> Tensor:
    """Flat, black and white, noisy and nearly empty pictures.

    Args:
        like: pictures of the same shape.
    """
    generator = torch.Generator().manual_seed(0)
    shape = like.shape[1:]
    checks = (torch.arange(shape[1]).view(-1, 1) + torch.arange(shape[2])) % 2
    point = torch.zeros(shape)
    point[:, shape[1] // 2, shape[2] // 2] = 1
    halves = torch.zeros(shape)
    halves[:, :, shape[2] // 2 :] = 1
    noise = torch.rand(shape, generator=generator)
    flat = [torch.full(shape, value) for value in (0.0, 0.5, 1.0, 1e-4)]
    return torch.stack([*flat, checks.float().expand(shape), point, halves, noise, noise.round()]).to(like.device)


def of_pictures(query: Tensor) -> Batch:
    """A batch of neutral pictures that are their own reference."""
    count = len(query)
    known, label = torch.ones(count, dtype=torch.bool), torch.zeros(count, dtype=torch.long)
    votes = torch.nn.functional.one_hot(label, 3).float()
    batch = Batch(query, query.clone(), known, query.clone(), known, label, votes, known, torch.arange(count))
    return batch.to(query.device)


def close(first: Tensor, second: Tensor) -> bool:
    """Whether two estimates are equal but for rounding."""
    return torch.allclose(first, second, atol=TOLERANCE, rtol=0)


CHECKS = (keeps_shape_and_range, takes_every_accepted_size)
