"""A few steps of training a model alone, through the same phases that the trainer walks, and what it answers then."""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Batch, BuildContext, Model, Output, Terms, masked_mean
from gcnet_core.recipe.schema import OptimizerConfig, StageConfig
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.training.phases import ActivePhase, stage_phases

PICTURES = {"query_reconstruction": "query", "reference_reconstruction": "query"}
"""Outputs that training compares with a picture of the batch."""


def built(case: Case, seed: int = 0, context: BuildContext | None = None) -> Model:
    """The model with its first weights."""
    torch.manual_seed(seed)
    model: Model = (context or case.context).build(case.part)
    return model


def is_fitted(model: Model) -> bool:
    """Whether it learns by `fit` too."""
    return type(model).fit is not Model.fit


def objective(model: Model, batch: Batch) -> Terms:
    """What trains every part: cross-entropy, squared error of the reference, reconstructions, and own terms."""
    output = model(batch, model.config.available_outputs())
    terms = dict(output.extra_losses)
    if output.logits is not None and output.logits.requires_grad:
        terms["cross_entropy"] = functional.cross_entropy(output.logits.float(), batch.label)
    if output.reference is not None and output.reference.requires_grad:
        error = (output.reference - batch.reference).square().mean(dim=(1, 2, 3))
        terms["squared_error"] = masked_mean(error, batch.has_reference)
    for name, picture in PICTURES.items():
        decoded = getattr(output, name)
        if decoded is not None and decoded.requires_grad:
            terms[name] = functional.mse_loss(decoded, getattr(batch, picture))
    return terms


def phases_of(model: Model, learning_rate: float = 1e-3) -> list[ActivePhase]:
    """The main phase and those that the model passes on; none if gradients move nothing."""
    trainable = {weight for weight in model.parameters() if weight.requires_grad}
    if not trainable:
        return []
    optimizer = OptimizerConfig(learning_rate=learning_rate)
    return stage_phases(model, (), StageConfig(epochs=1), lambda batch: objective(model, batch), optimizer, trainable)


def train(model: Model, phases: Sequence[ActivePhase], batches: Sequence[Batch], first: int = 0) -> None:
    """One step of every phase on each batch; all randomness is keyed by the number of the step."""
    frozen = {weight for weight in model.parameters() if not weight.requires_grad}
    for step, batch in enumerate(batches, start=first):
        for number, phase in enumerate(phases):
            phase.enter()
            torch.manual_seed(1000 * step + number)
            phase.optimizer.zero_grad()
            terms = list(phase.loss(batch).values())
            if terms:
                torch.stack(terms).sum().backward()
                phase.optimizer.step()
    model.eval()
    for weight in model.parameters():
        weight.requires_grad_(weight not in frozen)


def fit(model: Model, batches: Sequence[Batch]) -> None:
    """As after the stages of a run."""
    model.eval()
    with torch.inference_mode():
        model.fit(batches)


def to_learn_from(case: Case, count: int = 6, seed: int = 0) -> Batch:
    """A batch of training, with albums for a model that uses them."""
    return case.batch(count, seed, album=3 if case.part.config.uses_album() else 0)


def warm(case: Case, steps: int = 2) -> Model:
    """A model after a few steps, because many start with last layers of zeros; fitted, if that is how it learns."""
    model = built(case)
    train(model, phases_of(model), [to_learn_from(case, seed=step) for step in range(steps)])
    if is_fitted(model):
        fit(model, [case.batch(8, seed=20), case.batch(8, seed=21)])
    return model.eval()


def answer(model: Model, batch: Batch, *outputs: str, true_reference: bool = False, seed: int = 0) -> Output:
    """What a model answers in eval mode, without gradients; `features` and `logits` if no outputs are named."""
    torch.manual_seed(seed)
    with torch.no_grad():
        output: Output = model.eval()(
            batch, frozenset(outputs or ("features", "logits")), true_reference=true_reference
        )
    return output


def logits_of(model: Model, batch: Batch, *, true_reference: bool = False, seed: int = 0) -> Tensor:
    """The scores that a model answers in eval mode.

    Raises:
        ContractError: if it gives none.
    """
    logits = answer(model, batch, true_reference=true_reference, seed=seed).logits
    if logits is None:
        raise ContractError("asked for features and logits it gives no logits")
    return logits


def chosen(batch: Batch, rows: Sequence[int]) -> Batch:
    """Some samples of a batch, in another order."""
    index = torch.tensor(rows)
    return Batch(**{name: value[index] for name, value in vars(batch).items()})


def with_noise(batch: Batch, name: str, seed: int = 5) -> Batch:
    """The same batch with other pictures of one kind."""
    generator = torch.Generator().manual_seed(seed)
    noise = torch.rand(getattr(batch, name).shape, generator=generator)
    return replace(batch, **{name: noise})


def taught_by(model: Model, batch: Batch, output: str, *, true_reference: bool = False) -> set[str]:
    """Names of the weights, of those that are not frozen, that get a gradient from an output in training."""
    model.train().zero_grad()
    torch.manual_seed(0)
    value: Tensor = getattr(model(batch, frozenset({output}), true_reference=true_reference), output)
    if not value.requires_grad:
        return set()
    (value * torch.rand_like(value)).sum().backward()
    return {name for name, weight in model.named_parameters() if weight.grad is not None and weight.grad.any()}
