"""A detector in an .onnx file that the user has: YuNet or CenterFace."""

from pathlib import Path
from typing import Protocol

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.prepare import with_channels
from gcnet_core.files import checksum
from gcnet_core.interfaces import BuildContext, Detector, Face
from gcnet_core.plugin_api import UserError
from gcnet_detectors.centerface import CenterFace
from gcnet_detectors.config import OnnxConfig
from gcnet_detectors.search import search_picture
from gcnet_detectors.session import open_session
from gcnet_detectors.yunet import YuNet

FORMATS: dict[int, str] = {4: "centerface", 12: "yunet"}
"""Formats by their number of outputs."""


class Network(Protocol):
    """Finds faces in a colour picture."""

    def __call__(self, pixels: UInt8[np.ndarray, "height width 3"]) -> list[Face]:
        """Faces in pixels of that picture."""


class OnnxDetector(Detector):
    """Runs the network of a file.

    Args:
        config: file, format and thresholds.
        context: not used.

    Raises:
        UserError: if the file is missing, is no ONNX model, or has outputs that no known format has, or
            onnxruntime is needed and missing.
    """

    config: OnnxConfig

    def __init__(self, config: OnnxConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.path = Path(config.file)
        if not self.path.is_file():
            raise UserError(f"detector.file: no such file: {self.path}")
        self.format = config.format if config.format != "auto" else _format(self.path)
        self.network: Network = (YuNet if self.format == "yunet" else CenterFace)(config)

    @property
    def version(self) -> str:
        """Format, file and its checksum."""
        return f"{self.format} {self.path.name} sha256 {checksum(self.path)}"

    def detect(self, pixels: UInt8[np.ndarray, "height width channel"], name: str = "") -> list[Face]:
        """Faces and their eyes."""
        search = search_picture(pixels, self.config.search_size)
        faces = []
        for face in self.network(np.ascontiguousarray(with_channels(search.pixels, 3))):
            assert face.eyes is not None
            right, left = (search.back(*eye) for eye in face.eyes)
            faces.append(Face(search.box(*face.box), face.score, (right, left)))
        return faces


def _format(path: Path) -> str:
    outputs = [output.name for output in open_session(path).get_outputs()]
    if len(outputs) not in FORMATS:
        known = ", ".join(f"{name} ({number})" for number, name in FORMATS.items())
        raise UserError(f"{path}: {len(outputs)} outputs, {', '.join(outputs)}; known are detectors of {known}")
    return FORMATS[len(outputs)]
