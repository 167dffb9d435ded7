"""Opening an .onnx file with onnxruntime, which is an extra."""

from pathlib import Path
from typing import Any

from gcnet_core.plugin_api import UserError


def open_session(path: Path) -> Any:
    """A session of onnxruntime on one thread, because pictures run side by side.

    Raises:
        UserError: if onnxruntime is not installed or cannot read the file.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise UserError(
            "the detector onnx needs onnxruntime: pip install 'gcnet[onnx]'; a YuNet file needs none if "
            "detector.format is yunet"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have no common class
        raise UserError(
            f"{path}: not an ONNX model that onnxruntime can read ({str(error).splitlines()[0]})"
        ) from error
