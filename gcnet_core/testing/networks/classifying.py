"""Promises of classifiers: one logit for each class, from representations of any length."""

import torch

from gcnet_core.testing.case import IN_FEATURES, Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.networks import answers, conduct, keeping
from gcnet_core.testing.networks.answers import check_answer, repeats_its_answer, takes_any_batch_size
from gcnet_core.testing.networks.modules import answer, build, given, warm


@check(takes_any_batch_size)
def has_one_logit_for_each_class(case: Case) -> None:
    """2, 3 and 7 classes, and representations of 1, 12 and 200 numbers, give one logit for each class."""
    for classes, in_features in ((2, IN_FEATURES), (3, 1), (3, 200), (7, IN_FEATURES)):
        part, values = build(case, classes=classes, in_features=in_features), given(case, 4, in_features=in_features)
        for training in (True, False):
            check_answer(case, part, part.train(training)(*values), 4, classes)


@check(repeats_its_answer)
def gives_logits(case: Case) -> None:
    """Answers are logits: neither probabilities nor their logarithms, which the loss would normalize again."""
    part = warm(case)
    logits = torch.cat([answer(part, tuple(scale * value for value in given(case, 8))) for scale in (1, 10)])
    if logits.min() >= 0 and (logits.max() <= 1 or logits.sum(dim=1).std() < 1e-4 * logits.sum(dim=1).mean()):
        raise ContractError("answers are probabilities; leave out the last softmax or sigmoid")
    if logits.logsumexp(dim=1).abs().max() < 1e-4:
        raise ContractError("answers are logarithms of probabilities; leave out the last log_softmax")


@check(answers.reaches_weights_and_inputs)
def learns_three_clouds(case: Case) -> None:
    """Trained on three separate clouds of vectors, it soon tells at least 9 of 10 apart, in eval mode."""
    part = build(case)
    weights = [weight for weight in part.parameters() if weight.requires_grad]
    if not weights:
        raise DoesNotApply("it has no weights that are trained")
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(60) % 3
    centers = torch.linalg.qr(torch.randn((IN_FEATURES, 3), generator=generator))[0].T
    features = 3 * centers[label] + 0.3 * torch.randn((60, IN_FEATURES), generator=generator)
    optimizer = torch.optim.Adam(weights, 1e-2)
    for number in range(200):
        torch.manual_seed(number)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(part.train()(features), label).backward()
        optimizer.step()
        if number % 20 == 19 and (answer(part, (features,)).argmax(dim=1) == label).float().mean() >= 0.9:
            return
    right = float((answer(part, (features,)).argmax(dim=1) == label).float().mean())
    raise ContractError(f"{right:.0%} of three clouds that lie far apart are right after 200 steps")


CHECKS = (
    *answers.CHECKS, has_one_logit_for_each_class, gives_logits, *conduct.CHECKS, *keeping.CHECKS, learns_three_clouds,
)  # fmt: skip
