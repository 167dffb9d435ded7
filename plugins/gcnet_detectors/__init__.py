"""Face detectors that need no download: BlazeFace, OpenCV's cascades, MediaPipe, a model file, a list of boxes."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_detectors import config


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            "detector", "none", config.WholePictureConfig, "gcnet_detectors.whole_picture:WholePicture",
            "takes each picture as a face that is cut out already",
        ),
        ComponentSpec(
            "detector", "blazeface", config.BlazeFaceConfig, "gcnet_detectors.blazeface:BlazeFace",
            "BlazeFace, whose file is in the box; OpenCV runs it", "arXiv:1907.05047",
        ),
        ComponentSpec(
            "detector", "haar", config.HaarConfig, "gcnet_detectors.haar:Haar",
            "cascades that come with OpenCV below 5: faces, eyes, profiles", "Viola and Jones, CVPR 2001",
        ),
        ComponentSpec(
            "detector", "mediapipe", config.MediaPipeConfig, "gcnet_detectors.mediapipe:MediaPipe",
            "BlazeFace of the package mediapipe, installed by the user", "arXiv:1907.05047",
        ),
        ComponentSpec(
            "detector", "onnx", config.OnnxConfig, "gcnet_detectors.onnx:OnnxDetector",
            "a YuNet or CenterFace model in an .onnx file of the user's", "arXiv:1911.03599",
        ),
        ComponentSpec(
            "detector", "boxes", config.BoxesConfig, "gcnet_detectors.boxes:Boxes",
            "faces that stand in a CSV file: boxes, and eyes where they are known",
        ),
    ]  # fmt: skip
