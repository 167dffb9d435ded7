"""Let a model answer for some samples."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gcnet_core.data.faces import FaceTable
from gcnet_core.data.loader import plain_batches
from gcnet_core.interfaces import Batch, Model, Output
from gcnet_core.interfaces.boundaries import checked_boundaries
from gcnet_core.plugin_api import PluginError, RunFailed
from gcnet_core.runs.predictions import Predictions

ALIKE = 0.01
"""How far answers may differ by rounding where a picture stands among others, relative to their size."""
KEPT = 4096
"""Samples at most of which features and pictures are kept: enough for every map and grid, however many are asked."""
REQUIRED_OUTPUTS = frozenset({"reference", "query_code", "features", "logits"})


@dataclass(frozen=True)
class InferenceResult:
    """What a model said about some samples, on the CPU.

    Args:
        indices: the samples.
        predictions: class probabilities with the true labels.
        kept: positions among the samples of those that the following is of: all, or KEPT of them drawn at random.
        features: what the classifier saw.
        difference: that part of the features which is the difference of query and reference, if there is one.
        query_code: embeddings of the queries, if the model has them apart from the features.
        reference: generated references, if the model generates any.
    """

    indices: Int[np.ndarray, "sample"]
    predictions: Predictions
    kept: Int[np.ndarray, "kept"]
    features: Float[np.ndarray, "kept feature"]
    difference: Float[np.ndarray, "kept difference"] | None
    query_code: Float[np.ndarray, "kept embedding"] | None
    reference: Float[np.ndarray, "kept channel height width"] | None


Observe = Callable[[Int[np.ndarray, "batch"], Output], None]
"""Looks at the output of each batch, given the positions of its samples: what is summed over all needs no more."""


@torch.inference_mode()
def predict(
    model: Model,
    table: FaceTable,
    indices: Int[np.ndarray, "sample"],
    *,
    batch_size: int = 64,
    flip: bool = False,
    true_reference: bool = False,
    album: bool | None = None,
    fold: int | None = None,
    observe: Observe = lambda positions, output: None,
) -> InferenceResult:
    """Run a model over samples. It sees what a user would have at hand, never a label or the reference to be estimated.

    Samples are asked in an order that says nothing of them, and one is asked alone too: an answer may depend neither on
    where a sample stands, nor on the others.

    Args:
        model: in evaluation mode.
        table: all faces.
        indices: samples to answer for, at least one.
        batch_size: images per forward pass.
        flip: average the probabilities of each image and its mirror image.
        true_reference: give each query another true picture of its subject's neutral face.
        album: give each query other pictures of its subject, as the table has them; None: if the model was trained so.
        fold: written beside the predictions.
        observe: looks at the output of each batch.

    Raises:
        PluginError: naming the part whose answer is wrong in kind, or the model whose answers depend on each other.
        RunFailed: if answers are not finite.
    """
    device = model.device
    given = true_reference or model.config.needs_true_reference()
    with_album = model.config.uses_album() if album is None else album
    kept = _Kept(len(indices))
    probabilities: list[Tensor] = []
    order = np.random.default_rng(len(indices)).permutation(len(indices))
    for number, batch in enumerate(plain_batches(table, indices[order], batch_size)):
        positions = order[number * batch_size :][: len(batch)]
        batch = batch.unlabelled(true_reference=given, album=with_album).to(device)
        with nullcontext() if number else checked_boundaries((model,), batch):
            output = model(batch, REQUIRED_OUTPUTS, true_reference=true_reference)
        if not number:
            _ask_alone(model, batch, output, true_reference)
        shares = output.logits.float().softmax(dim=1)
        if flip:
            mirrored = model(batch.mirrored(), {"logits"}, true_reference=true_reference).logits
            shares = (shares + mirrored.float().softmax(dim=1)) / 2
        probabilities.append(shares)
        kept.add(positions, output)
        observe(positions, output)
    shares = torch.cat(probabilities)[torch.as_tensor(np.argsort(order), device=device)]
    _refuse_non_finite(model, shares)
    features = kept.of("features")
    assert features is not None
    return InferenceResult(
        indices=indices,
        predictions=_predictions(table, indices, shares, fold),
        kept=kept.positions,
        features=features,
        difference=kept.of("difference"),
        query_code=kept.of("query_code"),
        reference=kept.of("reference"),
    )


def _ask_alone(model: Model, batch: Batch, output: Output, true_reference: bool) -> None:
    """See that the last sample of a batch is answered alone as it is among the others."""
    if any("stochastic" in getattr(getattr(part, "config", None), "tags", ()) for part in model.modules()):
        return
    last = torch.tensor([len(batch) - 1], device=batch.query.device)
    alone = model(batch.rows(last), {"logits"}, true_reference=true_reference).logits[0].float()
    among = output.logits[-1].float()  # type: ignore[index]
    if (alone - among).abs().max() > ALIKE * (1 + among.abs().max()):
        raise PluginError(
            f"{model.origin or type(model).__name__}: a picture is answered otherwise alone than among others, so its "
            "accuracy would mean nothing; `gcnet plugins check` finds the part that looks at its neighbours"
        )


def _refuse_non_finite(model: Model, shares: Float[Tensor, "sample class"]) -> None:
    wrong = int((~shares.isfinite()).any(dim=1).sum())
    if wrong:
        raise RunFailed(
            f"{model.origin or type(model).__name__}: the answers to {wrong} of {len(shares)} pictures are not finite, "
            "so nothing was measured; lower the learning rate, or look at the part that divides by zero"
        )


@torch.inference_mode()
def check_answer(model: Model, batch: Batch) -> None:
    """Let a model answer for a batch as at test, only to see that every part returns what it promises.

    Args:
        model: in evaluation mode.
        batch: a few samples, on the device of the model.

    Raises:
        PluginError: naming the part that does not.
    """
    config = model.config
    asked = batch.unlabelled(true_reference=config.needs_true_reference(), album=config.uses_album())
    with checked_boundaries((model,), asked):
        model(asked, REQUIRED_OUTPUTS)


def _predictions(
    table: FaceTable, indices: Int[np.ndarray, "sample"], probabilities: Tensor, fold: int | None
) -> Predictions:
    samples = [table.samples[row] for row in indices]
    return Predictions(
        images=tuple(sample.image for sample in samples),
        subjects=tuple(sample.subject or "" for sample in samples),
        labels=table.label[torch.as_tensor(indices)].numpy(),
        probabilities=probabilities.cpu().numpy().astype(np.float64),
        classes=table.classes,
        folds=None if fold is None else np.full(len(indices), fold),
    )


class _Kept:
    """Outputs of some of the samples, so that memory does not grow with the others.

    Args:
        count: of all samples.
    """

    def __init__(self, count: int) -> None:
        drawn = np.random.default_rng(count).choice(count, min(KEPT, count), replace=False)
        self.positions = np.sort(drawn)  # whatever is answered
        self.is_kept = np.zeros(count, dtype=bool)
        self.is_kept[drawn] = True
        self.order: list[Int[np.ndarray, "batch"]] = []
        self.parts: dict[str, list[Tensor]] = {}

    def add(self, positions: Int[np.ndarray, "batch"], output: Output) -> None:
        """Keep what is wanted of a batch."""
        chosen = np.flatnonzero(self.is_kept[positions])
        self.order.append(positions[chosen])
        for name in ("features", "difference", "query_code", "reference"):
            values: Tensor | None = getattr(output, name)
            if values is None:
                continue
            if len(values) != len(positions):
                raise PluginError(
                    f"the model's {name} are {len(values)} for {len(positions)} pictures; expected one of each"
                )
            if len(chosen) < len(positions):
                values = values[torch.as_tensor(chosen, device=values.device)]
            self.parts.setdefault(name, []).append(values.float().cpu())

    def of(self, name: str) -> np.ndarray | None:
        """A field of the outputs, in the order of the samples; None where the model does not have it in each batch."""
        parts = self.parts.pop(name, [])
        if len(parts) < len(self.order):
            return None
        return np.ascontiguousarray(torch.cat(parts).numpy()[np.argsort(np.concatenate(self.order))])
