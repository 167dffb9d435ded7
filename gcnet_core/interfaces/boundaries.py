"""Boundaries: what leaves a part is looked at where it leaves, so that the part at fault is named and not the next one.

Looking costs time, so it is done for one batch: before a run begins, and at the first batch of a prediction.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from gcnet_core.interfaces.batch import Batch, Candidates, Output
from gcnet_core.interfaces.component import Component
from gcnet_core.interfaces.generator import Generator
from gcnet_core.interfaces.model import Model
from gcnet_core.interfaces.parts import Classifier, Decoder, Delta, Encoder, Loss
from gcnet_core.interfaces.reference import Join, Reference
from gcnet_core.plugin_api import PluginError

TOLERANCE = {torch.float32: 1e-4}
"""How far a picture may leave [0, 1] by rounding; in half precision 0.01."""

Inputs: TypeAlias = tuple[Any, ...]
Named: TypeAlias = dict[str, Any]
"""What a part was called with: by position, and by name."""


@contextmanager
def checked_boundaries(modules: Iterable[nn.Module], batch: Batch) -> Iterator[None]:
    """While it lasts, what every part returns is checked.

    Args:
        modules: a model and losses, whose parts are looked at; compiled ones are not.
        batch: which they are shown; its pictures and votes say what size and how many classes are expected.

    Raises:
        PluginError: within, naming the part, what it returned and what was expected.
    """
    parts = {part for module in modules for part in module.modules() if isinstance(part, Component)}
    handles = [
        part.register_forward_hook(partial(_check, batch), with_kwargs=True)
        for part in parts
        if part._compiled_call_impl is None  # a hook would be compiled too
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def check_terms(part: Component, method: str, terms: object) -> None:
    """Check that loss terms are numbers by name.

    Args:
        part: from which they come.
        method: of the part, for the message.
        terms: what it returned.

    Raises:
        PluginError: naming part, term and what it is.
    """
    if not isinstance(terms, dict):
        raise _fault(part, method, _described(terms), "a dict of named scalars")
    for name, value in terms.items():
        if not isinstance(name, str) or not isinstance(value, Tensor) or value.dim():
            raise _fault(part, method, f"{_described(value)} as its term {name!r}", "a scalar tensor")


def _check(batch: Batch, part: Component, inputs: Inputs, named: Named, output: object) -> None:
    """The hook: find what the interface of the part promises, and hold the output against it."""
    for interface, check in CHECKS.items():
        if isinstance(part, interface):
            check(part, inputs, named, output, batch)


def _of_generator(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    _is_picture(part, "forward", output, inputs[0])


def _of_reference(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    shown: Batch = inputs[0]
    has_generator = named.get("generate", inputs[2] if len(inputs) > 2 else None) is not None
    if not isinstance(output, Candidates):
        raise _fault(part, "forward", _described(output), "Candidates")
    known, pictures, distance = output.known, output.pictures, output.distance
    if not isinstance(known, Tensor) or known.dim() != 2 or len(known) != len(shown) or known.dtype != torch.bool:
        raise _fault(
            part, "forward", f"{_described(known)} as known", f"bool [batch, candidate], here [{len(shown)}, ...]"
        )
    missing = ~known.any(dim=1) & ~shown.has_codes.any(dim=1)
    if missing.any():
        raise _fault(part, "forward", f"no candidate for {int(missing.sum())} queries", "one for each")
    shape = (*known.shape, *shown.query.shape[1:])
    what = "pictures [batch, candidate, channel, height, width]"
    _in_range(part, "forward", _is_tensor(part, "forward", pictures, shape, shown.query.device, what)[known])
    if distance is None and named.get("distance") and has_generator:
        raise _fault(part, "forward", "no distance", "one for each candidate, because it was asked for")
    if distance is not None:
        _is_tensor(part, "forward", distance, tuple(known.shape), known.device, "distance [batch, candidate]")


def _of_join(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    values = inputs[0]
    shape = (len(values), *values.shape[2:])
    joined = _is_tensor(
        part, "forward", output, shape, values.device, "one for each query, of the shape of a candidate"
    )
    if values.dim() > 3:  # pictures, which an encoder is shown next
        _in_range(part, "forward", joined)


def _of_decoder(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    _is_picture(part, "forward", output, batch.query[:1].expand(len(inputs[0]), -1, -1, -1))


def _of_encoder(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    assert isinstance(part, Encoder)
    _is_tensor(part, "forward", output, (len(inputs[0]), part.width), inputs[0].device, "codes [batch, width]")


def _of_delta(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    assert isinstance(part, Delta)
    shape = (len(inputs[0]), part.width)
    _is_tensor(part, "forward", output, shape, inputs[0].device, "representations [batch, width]")


def _of_classifier(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    shape = (len(inputs[0]), batch.votes.shape[1])
    _is_tensor(part, "forward", output, shape, inputs[0].device, "logits [batch, class]")


def _of_loss(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    _is_tensor(part, "forward", output, (), batch.query.device, "a scalar, the mean over the samples")


def _of_model(part: Component, inputs: Inputs, named: Named, output: object, batch: Batch) -> None:
    if not isinstance(output, Output):
        raise _fault(part, "forward", _described(output), "an Output")
    missing = sorted(name for name in inputs[1] if getattr(output, name) is None) if len(inputs) > 1 else []
    promised = [name for name in missing if name in part.config.available_outputs()]
    if "logits" in missing:
        raise _fault(part, "forward", "no logits", "them, because they were asked for")
    if promised:
        raise _fault(
            part, "forward", f"no {', '.join(promised)}", "them, because its options say that it computes them"
        )
    generator = next((child for child in part.modules() if isinstance(child, Generator)), part)
    check_terms(generator, "training_step", output.extra_losses)
    if output.reference is not None:
        _is_picture(generator, "training_step" if generator.training else "forward", output.reference, batch.query)
    if output.logits is not None:
        shape = tuple(batch.votes.shape)
        _is_tensor(part, "forward", output.logits, shape, batch.query.device, "logits [batch, class]")


CHECKS: dict[type[Component], Callable[[Any, Inputs, Named, object, Batch], None]] = {
    Generator: _of_generator,
    Reference: _of_reference,
    Join: _of_join,
    Decoder: _of_decoder,
    Encoder: _of_encoder,
    Delta: _of_delta,
    Classifier: _of_classifier,
    Loss: _of_loss,
    Model: _of_model,
}


def _is_tensor(
    part: Component, method: str, output: object, shape: tuple[int, ...], device: torch.device, what: str
) -> Tensor:
    """The output, if it is a tensor of this shape, on this device, in float32 or, under autocast, in half precision."""
    exact = bool(shape) and not torch.is_autocast_enabled(device.type)  # scalars are converted where they are added up
    number = "float32" if exact else "floating point"
    wanted = f"{what}, here {list(shape)}, {number} on {device}"
    if not isinstance(output, Tensor) or tuple(output.shape) != shape or output.device != device:
        raise _fault(part, method, _described(output), wanted)
    if not output.is_floating_point() or (exact and output.dtype != torch.float32):
        raise _fault(part, method, _described(output), wanted)
    return output


def _is_picture(part: Component, method: str, output: object, like: Tensor) -> None:
    picture = _is_tensor(
        part, method, output, tuple(like.shape), like.device, "pictures [batch, channel, height, width]"
    )
    _in_range(part, method, picture)


def _in_range(part: Component, method: str, picture: Tensor) -> None:
    low, high = float(picture.detach().min()), float(picture.detach().max())
    tolerance = TOLERANCE.get(picture.dtype, 0.01)
    if not (low >= -tolerance and high <= 1 + tolerance):
        raise _fault(part, method, f"pictures with values from {low:.3g} to {high:.3g}", "values in [0, 1]")


def _fault(part: Component, method: str, came: str, expected: str) -> PluginError:
    mode = "training" if part.training else "evaluation"
    return PluginError(
        f"{part.origin or type(part).__name__}: {method} returned {came} in {mode} mode; expected {expected}"
    )


def _described(value: object) -> str:
    """What a value is, in a few words."""
    if isinstance(value, Tensor):
        return f"a tensor {list(value.shape)} of {str(value.dtype).removeprefix('torch.')} on {value.device}"
    return "None" if value is None else f"a {type(value).__name__}"
