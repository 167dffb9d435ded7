"""Promises of references: what a user gives is used, and where nothing is given the estimate is."""

from dataclasses import replace
from itertools import product

import torch

from gcnet_core.interfaces import Batch, Candidates
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.models.training import with_noise
from gcnet_core.testing.references.asking import SHOWN, ask, stand_in
from gcnet_core.testing.references.choosing import DRAWS, chooses_at_least_one_picture, draws_in_training_alone
from gcnet_core.testing.references.comparing import alike, warm_reference


@check(draws_in_training_alone)
def uses_the_album(case: Case) -> None:
    """If its options say that it uses an album, each given one has an influence at test, and in training on some."""
    part, batch = warm_reference(case), case.batch(40, album=3)
    other, has_one = with_noise(batch, "album"), batch.has_album.any(dim=1)
    drawn = [ask(part, batch, draw=True, seed=seed) for seed in range(DRAWS)]
    moved = [alike(one, ask(part, other, draw=True, seed=seed)) for seed, one in enumerate(drawn)]
    if not part.config.uses_album():
        if not all(map(all, moved)):
            raise ContractError("in training it chooses from albums; let `uses_album` of its options return True")
        raise DoesNotApply("its options say that it uses no album")
    same = torch.tensor(alike(ask(part, batch), ask(part, other)))
    if (same & has_one).any():
        raise ContractError("the album of a query has no influence at test, though it is given")
    shown = [(~torch.tensor(unmoved))[has_one] for unmoved in moved]
    if not any(map(torch.any, shown)):
        raise ContractError("albums have no influence in training, though its options say that it uses them")
    if len({bool(some.all()) for some in shown}) == 2 and all(some.all() or not some.any() for some in shown):
        raise ContractError("in training all samples of a batch see their albums, or none; draw for each sample")


@check(draws_in_training_alone)
def ignores_the_order_of_an_album(case: Case) -> None:
    """At test the pictures of an album in another order, and places without one behind them, change nothing."""
    part, batch = warm_reference(case), case.batch(8, album=3)
    for given, distance in product((False, True), repeat=2):
        expected = ask(part, batch, true_reference=given, distance=distance)
        turned = replace(batch, album=batch.album[:, [2, 0, 1]], has_album=batch.has_album[:, [2, 0, 1]])
        longer = replace(
            batch,
            album=torch.cat([batch.album, torch.zeros_like(batch.album)], dim=1),
            has_album=torch.cat([batch.has_album, torch.zeros_like(batch.has_album)], dim=1),
        )
        for other in (turned, longer):
            if not all(alike(expected, ask(part, other, true_reference=given, distance=distance))):
                raise ContractError("the order or number of places of an album has an influence; it is drawn at random")


@check(draws_in_training_alone)
def uses_a_true_reference_when_told(case: Case) -> None:
    """Told so, each known true reference has an influence, in place of the estimate; not told, none has at test."""
    part = warm_reference(case)
    for album, draw in product((0, 3), (False, True)):
        batch = case.batch(8, album=album)
        known, estimate = batch.has_true_reference, stand_in(batch.query)
        other = with_noise(batch, "true_reference")
        told = ask(part, batch, draw=draw, true_reference=True)
        if (torch.tensor(alike(told, ask(part, other, draw=draw, true_reference=True))) & known).any():
            raise ContractError("a true reference has no influence, though it is told to use it")
        changed = ask(part, batch, 1 - estimate, draw=draw, true_reference=True)
        if not torch.tensor(alike(told, changed))[known].all():
            raise ContractError("the estimate still has an influence beside a true reference that it is told to use")
        if draw or part.config.needs_true_reference():
            continue
        if not all(alike(ask(part, batch), ask(part, other))):
            raise ContractError("batch.true_reference has an influence at test without true_reference=True")


@check(draws_in_training_alone)
def falls_back_on_the_estimate(case: Case) -> None:
    """Without album and true reference each query is compared with its estimate, which gets a gradient."""
    part = warm_reference(case)
    if part.config.needs_true_reference():
        raise DoesNotApply("it needs a true reference")
    for draw in (False, True):
        batch = case.batch(6)
        batch = replace(
            batch,
            true_reference=torch.zeros_like(batch.true_reference),
            has_true_reference=torch.zeros_like(batch.has_true_reference),
        )
        estimate = stand_in(batch.query).requires_grad_()
        for true_reference in (False, True):
            chosen = ask(part, batch, estimate, draw=draw, true_reference=true_reference)
            if all(alike(chosen, ask(part, batch, 1 - estimate, draw=draw, true_reference=true_reference))):
                raise ContractError("the estimate has no influence, though nothing else is given")
            picked = chosen.pictures[chosen.known]
            slope = torch.autograd.grad(picked.sum(), estimate)[0] if picked.requires_grad else torch.zeros(6, 1, 1, 1)
            if not (slope.flatten(1).abs().sum(dim=1) > 0).all():
                raise ContractError(
                    "no gradient reaches the estimate of each query; detach nothing, the model says what learns"
                )


@check(chooses_at_least_one_picture)
def measures_how_far_from_rest(case: Case) -> None:
    """Distances change no choice, and are those of the given pictures from their generated neutral faces."""
    part = warm_reference(case)
    for album, given in SHOWN[2:]:
        batch = case.batch(8, album=album)
        without, chosen = (ask(part, batch, true_reference=given, distance=asked) for asked in (False, True))
        if not all(alike(replace(without, distance=None), replace(chosen, distance=None))):
            raise ContractError("with distances it chooses other pictures")
        if chosen.distance is None:
            continue
        far = chosen.distance[chosen.known]
        if not far.isfinite().all() or (far < 0).any() or far.requires_grad:
            raise ContractError(
                "a distance is not finite, negative, or has a gradient; it is a mean of squares, detached"
            )
        _check_distances(batch, chosen)


def _check_distances(batch: Batch, chosen: Candidates) -> None:
    """Raise if the distance of an album picture that was chosen, as it is or at rest, is not its own."""
    assert chosen.distance is not None
    for row, place in batch.has_album.nonzero().tolist():
        picture = batch.album[row, place]
        neutral = stand_in(picture[None])[0]
        expected = (picture - neutral).square().mean()
        for candidate in chosen.known[row].nonzero()[:, 0].tolist():
            found = chosen.pictures[row, candidate]
            is_it = any(torch.allclose(found, of_album, atol=1e-6) for of_album in (picture, neutral))
            far = chosen.distance[row, candidate]
            if is_it and not torch.isclose(far, expected, rtol=1e-3, atol=1e-6):
                raise ContractError(
                    f"the distance of an album picture is {float(far):.5f}; the mean squared difference from its "
                    f"neutral face is {float(expected):.5f}"
                )


CHECKS = (
    uses_the_album, ignores_the_order_of_an_album, uses_a_true_reference_when_told, falls_back_on_the_estimate,
    measures_how_far_from_rest,
)  # fmt: skip
