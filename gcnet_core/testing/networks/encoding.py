"""Promises of encoders: codes of faces of any size, gray and in color, that keep what a picture shows."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from gcnet_core.plugin_api import RecipeInfo
from gcnet_core.testing.case import CLASSES, Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.networks import answers, conduct, keeping
from gcnet_core.testing.networks.answers import check_answer, repeats_its_answer, spread, takes_any_batch_size, width_of
from gcnet_core.testing.networks.modules import answer, build, given, warm

LARGER = (1, 4, 10, 16, 32)
"""Pixels that are added to the size of the case; where its `check` refuses a size, none of it is asked."""


def accepted(case: Case) -> list[Case]:
    """The case itself, and with other sizes of image that the `check` of its config accepts."""
    sizes = [case, *(replace(case, size=case.size + more) for more in LARGER)]
    return [one for one in sizes if not list(one.part.config.check(RecipeInfo(one.context.image, CLASSES)))]


@check(takes_any_batch_size)
def takes_the_sizes_that_it_accepts(case: Case) -> None:
    """Gray and color images of all tried sizes (32 to 64 pixels) that `check` accepts give codes of `width` numbers."""
    for channels in (1, 3):
        for sized in accepted(case.with_channels(channels)):
            part = build(sized)
            width_of(part)
            try:
                for training in (True, False):
                    check_answer(sized, part, part.train(training)(*given(sized, 2)), 2)
            except Exception as error:
                kind = "gray" if channels == 1 else "color"
                raise ContractError(
                    f"{kind} images of size {sized.size}: {error}; let `check` of the config refuse what cannot be"
                ) from error


@check(takes_any_batch_size)
def takes_flat_pictures(case: Case) -> None:
    """Images of one gray (0, 0.5 or 1) give finite codes and gradients."""
    part = warm(case)
    for gray in (0.0, 0.5, 1.0):
        images = torch.full_like(case.batch(4).query, gray).requires_grad_()
        codes = part(images)
        check_answer(case, part, codes, 4)
        codes.square().mean().backward()
        if images.grad is None or not images.grad.isfinite().all():
            raise ContractError(f"the gradient at an image of gray {gray} is not finite; do not divide by a deviation")


@check(repeats_its_answer)
def sees_dark_and_bright_pictures(case: Case) -> None:
    """Codes of different images, in all of [0, 1] or one half of it, differ by at least 0.5 % of their size."""
    images = case.batch(8).query
    for name, chosen in {"[0, 1]": images, "[0, 0.5]": images / 2, "[0.5, 1]": 0.5 + images / 2}.items():
        difference = max(spread(part, (chosen,)) for part in (build(case), warm(case)))
        if difference < 5e-3:
            raise ContractError(
                f"codes of different images in {name} differ by {difference:.1e} of their size; images are in [0, 1], "
                "not in [0, 255], and are to be used whole"
            )


@check(repeats_its_answer)
def sees_the_whole_face(case: Case) -> None:
    """A change in any quarter of a face, or in any of its channels, changes its code."""
    case = case.with_channels(3)
    part, images, half = warm(case), case.batch(4).query, case.size // 2
    codes = answer(part, (images,))
    for name, place in {
        "upper left quarter": (slice(None), slice(None), slice(None, half), slice(None, half)),
        "upper right quarter": (slice(None), slice(None), slice(None, half), slice(half, None)),
        "lower left quarter": (slice(None), slice(None), slice(half, None), slice(None, half)),
        "lower right quarter": (slice(None), slice(None), slice(half, None), slice(half, None)),
        **{f"{color} channel": (slice(None), number) for number, color in enumerate(("red", "green", "blue"))},
    }.items():
        other = images.clone()
        other[place] = 1 - other[place]
        if not (answer(part, (other,)) - codes).norm() > 1e-5 * codes.norm():
            raise ContractError(f"the code does not depend on the {name} of the face")


@check(takes_any_batch_size)
def leaves_codes_as_long_as_they_are(case: Case) -> None:
    """Codes are not of length 1 yet: the model normalizes them where its recipe says so."""
    part = warm(case)
    lengths = torch.cat([answer(part, given(case, 6)), answer(part, (torch.zeros(1, 1, case.size, case.size),))])
    if width_of(part) > 1 and (lengths.norm(dim=1) - 1).abs().max() < 1e-4:
        raise ContractError("all codes have length 1; leave it to `normalize` of the model")


@check(answers.reaches_weights_and_inputs)
def learns_to_tell_pictures(case: Case) -> None:
    """Trained for at most 30 steps on 6 faces, it tells their 3 expressions better than before."""
    part, batch = build(case), case.batch(6)
    weights = [weight for weight in part.parameters() if weight.requires_grad]
    if not weights:
        raise DoesNotApply("it has no weights that are trained")
    width = width_of(part)
    prototypes = torch.rand((3, width), generator=torch.Generator().manual_seed(0)) / width**0.5

    def loss(part: nn.Module) -> Tensor:
        codes: Tensor = part(batch.query)
        return torch.nn.functional.cross_entropy(4 * codes @ prototypes.T, batch.label)

    optimizer = torch.optim.Adam(weights, 3e-3)
    first = last = loss(part.eval()).item()
    for number in range(30):
        torch.manual_seed(number)
        optimizer.zero_grad()
        loss(part.train()).backward()
        optimizer.step()
        if number % 5 == 4:
            last = loss(part).item()
            if last < 0.9 * first:
                return
    raise ContractError(f"the loss was {first:.3f} and is {last:.3f}; does the gradient point the right way?")


CHECKS = (
    *answers.CHECKS, takes_the_sizes_that_it_accepts, takes_flat_pictures, sees_dark_and_bright_pictures,
    sees_the_whole_face,
    leaves_codes_as_long_as_they_are, *conduct.CHECKS, *keeping.CHECKS, learns_to_tell_pictures,
)  # fmt: skip
