"""Detectors that are as they should be, and the same with a fault each; see run.py.

`blob` finds the largest bright thing, and two dark ones in it as eyes. `fixed` looks faces up by name.
"""

BLOB = '''
import cv2
import numpy as np
from pydantic import Field
from gcnet_core.plugin_api import ComponentSpec, DetectorConfig, hookimpl
from gcnet_core.interfaces import Detector, Face


class Config(DetectorConfig):
    """The largest bright thing."""

    rotations: tuple[float, ...] = Field((90.0,), description="degrees")
    level: int = Field(150, ge=1, le=255, description="brightness from which a pixel counts")

    def permissive(self):
        return super().permissive().model_copy(update={"level": 120})


class Blob(Detector):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.margin = 4

    @property
    def version(self):
        return f"blob 1 on OpenCV {cv2.__version__}"

    def detect(self, pixels, name=""):
        pixels = np.ascontiguousarray(pixels)
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.shape[2] == 3 else pixels[:, :, 0]
        bright = (grey >= self.config.level).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(bright)
        if count < 2:
            return []
        best = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
        left, top, width, height, area = (int(number) for number in stats[best])
        if min(width, height) < self.margin:
            return []
        eyes = ((left + 0.3 * width, top + 0.4 * height), (left + 0.7 * width, top + 0.4 * height))
        return [Face((float(left), float(top), float(width), float(height)), area / grey.size, eyes, guessed=True)]


@hookimpl
def gcnet_components():
    return [ComponentSpec("detector", "part", Config, f"{__name__}:Blob", "the largest bright thing")]
'''

FIXED = '''
from gcnet_core.plugin_api import ComponentSpec, DetectorConfig, hookimpl
from gcnet_core.interfaces import Detector, Face

FACES = {"picture.png": [Face((2.0, 3.0, 20.0, 30.0), 1.0), Face((5.0, 5.0, 9.0, 9.0), 0.5, ((7.0, 8.0), (11.0, 8.0)))]}


class Config(DetectorConfig):
    """A table."""


class Fixed(Detector):
    @property
    def version(self):
        return "table 7"

    def detect(self, pixels, name=""):
        return list(FACES.get(name, []))


@hookimpl
def gcnet_components():
    return [ComponentSpec("detector", "part", Config, f"{__name__}:Fixed", "a table")]
'''

GOOD: dict[str, str] = {"blob": BLOB, "fixed": FIXED}
BOX = "Face((float(left), float(top), float(width), float(height)), area"

FAULTS: list[tuple[str, str, str, str]] = [
    ("version of today", "blob", "blob 1 on", "blob {__import__('time').time()} on"),
    ("version of the object", "blob", "blob 1 on", "blob {id(self)} on"),
    ("version with two lines", "blob", "blob 1 on", "blob 1\\non"),
    ("no version", "blob", "return f\"blob 1 on OpenCV {cv2.__version__}\"", "return \"\""),
    ("version is a number", "fixed", "return \"table 7\"", "return 7"),
    ("version as a method", "fixed", "    @property\n", ""),
    ("a tuple for all", "blob", "return []", "return ()"),
    ("None for none", "blob", "return []", "return None"),
    ("boxes alone", "blob", "return [Face(", "return [tuple((lambda *a, **k: a)("),
    ("no area", "blob", BOX, "Face((float(left), float(top), 0.0, 0.0), area"),
    ("a list as box", "blob", BOX, "Face([float(left), float(top), float(width), float(height)], area"),
    ("an array as box", "blob", BOX, "Face(np.array([left, top, width, height]), area"),
    ("no score", "blob", "area / grey.size, eyes", "None, eyes"),
    ("score not finite", "blob", "area / grey.size, eyes", "float('nan'), eyes"),
    ("grey is refused", "blob", "if pixels.shape[2] == 3 else pixels[:, :, 0]", "if pixels.shape[2] == 3 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)"),
    ("colour is refused", "blob", "cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if pixels.shape[2] == 3 else pixels[:, :, 0]", "pixels.reshape(pixels.shape[:2])"),
    ("one eye", "blob", "(left + 0.7 * width, top + 0.4 * height))", ")"),
    ("eyes in shares of the box", "blob", "eyes = ((left + 0.3 * width, top + 0.4 * height), (left + 0.7 * width, top + 0.4 * height))", "left, top = left + 0.0, top + 0.0\n        eyes = ((0.3 - 10 * width, 0.4), (0.7 - 10 * width, 0.4))"),
    ("eyes exchanged", "blob", "((left + 0.3 * width, top + 0.4 * height), (left + 0.7 * width, top + 0.4 * height))", "((left + 0.7 * width, top + 0.4 * height), (left + 0.3 * width, top + 0.4 * height))"),
    ("eyes as y, x", "blob", "((left + 0.3 * width, top + 0.4 * height), (left + 0.7 * width, top + 0.4 * height))", "((top + 0.4 * height, left + 0.3 * width), (top + 0.4 * height, left + 0.7 * width))"),
    ("pixels of a larger picture", "blob", BOX, "Face((4.0 * left, 4.0 * top, 4.0 * width, 4.0 * height), area"),
    ("shares of the picture", "blob", BOX, "Face((left / grey.shape[1], top / grey.shape[0], width / grey.shape[1], height / grey.shape[0]), area"),
    ("right and bottom", "blob", BOX, "Face((float(left), float(top), float(left + width), float(top + height)), area"),
    ("y before x", "blob", BOX, "Face((float(top), float(left), float(height), float(width)), area"),
    ("centre and size", "blob", BOX, "Face((left + width / 2, top + height / 2, float(width), float(height)), area"),
    ("box of the middle", "blob", BOX, "Face((grey.shape[1] / 4, grey.shape[0] / 4, grey.shape[1] / 2, grey.shape[0] / 2), area"),
    ("blurs in place", "blob", "        grey = cv2", "        pixels[:] = cv2.blur(pixels, (3, 3)).reshape(pixels.shape)\n        grey = cv2"),
    ("remembers the last face", "blob", "        if count < 2:\n", "        self.count = getattr(self, 'count', 0) + 1\n        count = count if self.count % 3 else 1\n        if count < 2:\n"),
    ("a drawn shift", "blob", "float(left), float(top)", "left + np.random.default_rng().random(), float(top)"),
    ("tracks", "blob", "        left, top, width", "        stats[best, 0] += getattr(self, 'last', 0) % 2\n        self.last = getattr(self, 'last', 0) + 1\n        left, top, width"),
    ("reads memory in order", "blob", "        pixels = np.ascontiguousarray(pixels)\n", "        if not pixels.flags.c_contiguous:\n            pixels = np.frombuffer(pixels.tobytes('A'), dtype=np.uint8).reshape(pixels.shape)\n"),
    ("needs writeable pixels", "blob", "        pixels = np.ascontiguousarray(pixels)\n", "        pixels.flags.writeable = True\n        pixels[0, 0] = pixels[0, 0]\n"),
    ("views are refused", "blob", "        pixels = np.ascontiguousarray(pixels)\n", "        assert pixels.flags.c_contiguous\n"),
    ("nothing in grey", "blob", "        if count < 2:\n", "        if count < 2 or pixels.shape[2] == 1:\n"),
    ("another level in grey", "blob", "self.config.level)", "self.config.level - 60 * (pixels.shape[2] == 1))"),
    ("broken by a failure", "blob", "        pixels = np.ascontiguousarray(pixels)\n", "        self.margin += 1000\n        assert pixels.ndim == 3 and pixels.size\n        self.margin -= 1000\n"),
    ("opens the file", "blob", "        pixels = np.ascontiguousarray(pixels)\n", "        if name and name != 'picture.png':\n            open(name).close()\n        pixels = np.ascontiguousarray(pixels)\n"),
    ("needs a name", "blob", "name=\"\"):", "name):"),
    ("no name, None", "fixed", "FACES.get(name, [])", "FACES[name]"),
    ("one pixel is too small", "blob", "        bright = ", "        grey = grey[1:-1, 1:-1] if grey.size > 3 else cv2.resize(grey[1:], (5, 5))\n        bright = "),
    ("threads of OpenCV", "blob", "        bright = ", "        cv2.setNumThreads(cv2.getNumThreads() + 1)\n        bright = "),
    ("seeds numpy", "blob", "        self.margin = 4", "        self.margin = 4\n        np.random.seed(0)"),
    ("prints", "blob", "        bright = ", "        print(name)\n        bright = "),
    ("permissive is another class", "blob", "return super().permissive().model_copy(update={\"level\": 120})", "return DetectorConfig()"),
    ("permissive turns pictures", "blob", "return super().permissive().model_copy(update={\"level\": 120})", "return self.model_copy(update={\"level\": 120})"),
    ("permissive is stricter", "blob", "\"level\": 120", "\"level\": 255"),
    ("permissive out of range", "blob", "\"level\": 120", "\"level\": 0"),
    ("permissive of another type", "blob", "\"level\": 120", "\"level\": \"low\""),
    ("another base", "blob", "class Blob(Detector):", "class Blob:"),
]  # fmt: skip
