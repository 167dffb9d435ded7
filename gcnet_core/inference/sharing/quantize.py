"""Weights and activations of an exported model as int8, and what that costs in accuracy."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Int

from gcnet_core.inference.answers import Answerer, Prepared
from gcnet_core.inference.onnx_answerer import GraphAnswerer, open_onnx

OPERATIONS = ["Conv", "Gemm", "MatMul"]
"""Where nearly all weights, and nearly all of the time, are; the rest stays as it is."""
CALIBRATED = 256
"""Faces from which the ranges of activations are taken."""


def quantized(
    plain: Path, file: Path, calibration: Prepared, asked: Prepared, labels: Int[np.ndarray, "face"] | None
) -> dict[str, float]:
    """Write a file with int8 weights and activations, and measure it beside the one that it is made of.

    Args:
        plain: file of `gcnet export`.
        file: where to.
        calibration: faces from which the ranges of activations are taken; none of those that are asked about.
        asked: faces on which both are measured.
        labels: what these show; None where nobody knows.

    Returns:
        What changed: the largest difference of a probability, the share of faces with another label, accuracies.
    """
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    logging.getLogger().setLevel(logging.ERROR)  # it recommends what is done here anyway
    before = open_onnx(plain)
    prepared = plain.with_name("prepared.onnx")
    quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(file),
        _Faces(before, calibration[:CALIBRATED]),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=OPERATIONS,
    )
    after = open_onnx(file)
    first, second = (_probabilities(model, asked) for model in (before, after))
    changed: dict[str, float] = {
        "faces": float(len(asked)),
        "probability": float(np.abs(first - second).max()),
        "other_labels": float((first.argmax(axis=1) != second.argmax(axis=1)).mean()),
    }
    if labels is not None:
        changed["accuracy_float32"] = float((first.argmax(axis=1) == labels).mean())
        changed["accuracy_int8"] = float((second.argmax(axis=1) == labels).mean())
    changed["megabytes_float32"] = plain.stat().st_size / 1e6
    return changed


class _Faces:
    """Gives the quantizer of onnxruntime what goes into the graph, a few faces at a time."""

    def __init__(self, answerer: GraphAnswerer, faces: Prepared) -> None:
        self._fed: Iterator[dict[str, np.ndarray]] = (
            answerer.fed(faces[start : start + 16], None) for start in range(0, len(faces), 16)
        )

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._fed, None)


def _probabilities(answerer: Answerer, faces: Prepared) -> np.ndarray:
    parts = [faces[start : start + 64] for start in range(0, len(faces), 64)]
    return np.concatenate([answerer.answer(part).probabilities for part in parts])
