"""An exported model that answers through onnxruntime, without torch."""

from pathlib import Path

from gcnet_core.inference.answers import Answerer


def open_onnx(path: Path) -> Answerer:
    """Read an exported model."""
    raise NotImplementedError
