"""Promises of decoders: pictures of the size and channels of the recipe, in [0, 1], that show what a code says."""

import torch

from gcnet_core.testing.case import IN_FEATURES, Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.networks import answers, conduct, keeping
from gcnet_core.testing.networks.answers import check_answer, takes_any_batch_size
from gcnet_core.testing.networks.encoding import accepted
from gcnet_core.testing.networks.modules import answer, build, given, warm


@check(takes_any_batch_size)
def has_the_size_of_the_images(case: Case) -> None:
    """Gray and color, in every tried size (32 to 64 pixels) that `check` accepts, pictures are as large as images."""
    for channels in (1, 3):
        for sized in accepted(case.with_channels(channels)):
            part = build(sized)
            try:
                for training in (True, False):
                    check_answer(sized, part, part.train(training)(*given(sized, 2)), 2)
            except Exception as error:
                raise ContractError(
                    f"images of size {sized.size} with {channels} channels: {error}; let `check` of the config refuse "
                    "what cannot be"
                ) from error


@check(takes_any_batch_size)
def takes_codes_of_any_length(case: Case) -> None:
    """Codes of 1, 12 and 200 numbers give pictures."""
    for in_features in (1, IN_FEATURES, 200):
        part, values = build(case, in_features=in_features), given(case, 4, in_features=in_features)
        for training in (True, False):
            check_answer(case, part, part.train(training)(*values), 4)


@check(takes_any_batch_size)
def stays_in_range(case: Case) -> None:
    """Pixels lie in [0, 1], also of codes that are a hundred times as large, and in both modes."""
    part = warm(case)
    for scale in (0, 1, 100):
        values = tuple(scale * value for value in given(case, 8))
        for training in (False, True):
            with torch.no_grad():
                images = part.train(training)(*values)
            if not images.isfinite().all() or images.min() < 0 or images.max() > 1:
                raise ContractError(
                    f"values from {float(images.min()):.3f} to {float(images.max()):.3f}; limit them to [0, 1]"
                )


@check(answers.reaches_weights_and_inputs)
def learns_a_picture(case: Case) -> None:
    """Trained on two codes with a color picture each, its squared error falls below half of that of their mean."""
    case = case.with_channels(3)
    part = build(case)
    weights = [weight for weight in part.parameters() if weight.requires_grad]
    if not weights:
        raise DoesNotApply("it has no weights that are trained")
    (codes,), images = given(case, 2), case.batch(2, seed=1).query
    bound = 0.5 * float((images - images.mean(dim=(0, 2, 3), keepdim=True)).square().mean())
    optimizer = torch.optim.Adam(weights, 1e-2)
    error = bound
    for number in range(200):
        torch.manual_seed(number)
        optimizer.zero_grad()
        (part.train()(codes) - images).square().mean().backward()
        optimizer.step()
        if number % 10 == 9:
            error = float((answer(part, (codes,)) - images).square().mean())
            if error < bound:
                return
    raise ContractError(f"squared error {error:.4f} after 200 steps on two pictures; {bound:.4f} is little to ask")


CHECKS = (
    *answers.CHECKS, has_the_size_of_the_images, takes_codes_of_any_length, stays_in_range, *conduct.CHECKS,
    *keeping.CHECKS, learns_a_picture,
)  # fmt: skip
