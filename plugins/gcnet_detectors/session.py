"""Opening an .onnx file with onnxruntime, which is an extra."""

from pathlib import Path
from typing import Any

from gcnet_core.plugin_api import UserError

ERRORS_ONLY = 3
"""Errors alone; a file with old initialisers would otherwise fill the terminal."""


def open_session(path: Path, *, any_size: bool = False) -> Any:
    """A session of onnxruntime on one thread, because pictures run side by side.

    Args:
        path: of the file.
        any_size: whether the network takes pictures of any size even where the file names one, as published files of
            networks that only convolve do.

    Raises:
        UserError: if onnxruntime is not installed or cannot read the file.
    """
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise UserError(
            "the detector onnx needs onnxruntime and onnx: pip install 'gcnet[onnx]'; a YuNet file needs none if "
            "detector.format is yunet"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, ERRORS_ONLY
    try:
        model = onnx.load(path)
        if any_size:
            _free_sizes(model)
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have no common class
        raise UserError(
            f"{path}: not an ONNX model that onnxruntime can read ({str(error).splitlines()[0]})"
        ) from error


def _free_sizes(model: Any) -> None:
    """Let batch, height and width be free in inputs and outputs."""
    del model.graph.value_info[:]
    constants = {constant.name for constant in model.graph.initializer}
    for value in (*model.graph.input, *model.graph.output):
        dimensions = value.type.tensor_type.shape.dim
        if value.name not in constants and len(dimensions) == 4:
            for place in (0, 2, 3):
                dimensions[place].dim_param = f"{value.name}_{place}"
