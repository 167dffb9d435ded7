"""Held-out detectors: good ones and faults."""

HEAD = """import hashlib
import json
import math
from pathlib import Path

import numpy as np
from pydantic import Field

from gcnet_core.interfaces import BuildContext, Detector, Face
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, DetectorConfig, UserError, hookimpl

"""
TAIL = """

@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="detector", name="part", config=PartConfig, target=f"{__name__}:Part", summary="a detector")]
"""


def _source(body: str) -> str:
    return HEAD + body + TAIL


OPTIONS: dict[str, object] = {}
NEEDED: dict[str, str] = {
    "faces.json": '{"a.png": [[5, 6, 20, 22, 0.9, [[10, 13], [19, 13.5]]]], '
    '"b.png": [[2, 2, 30, 30, 0.8, null], [40, 3, 20, 20, 0.5, null]], "": [[1, 2, 12, 14, 0.7, [[4, 6.5], [9, 6]]]]}',
}

GOOD: dict[str, str] = {
    "middle": _source('''
class PartConfig(DetectorConfig):
    """A square in the middle of each picture."""

    share: float = Field(0.8, gt=0, le=1, description="side of the square, as a share of the shorter side")


class Part(Detector):
    @property
    def version(self) -> str:
        return f"middle 1, share {self.config.share}"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        height, width = pixels.shape[:2]
        side = self.config.share * min(height, width)
        left, top = (width - side) / 2, (height - side) / 2
        return [Face((left, top, side, side), 1.0)]
'''),
    "blob": _source('''
class PartConfig(DetectorConfig):
    """The bounding box of what is brighter than the middle between dark and bright."""

    contrast: float = Field(30.0, ge=0, le=255, description="difference of bright and dark from which something is seen")
    trim: float = Field(2.0, ge=0, lt=50, description="per cent of the bright pixels left out at each side")

    def permissive(self) -> DetectorConfig:
        return super().permissive().model_copy(update={"contrast": self.contrast / 2})


class Part(Detector):
    @property
    def version(self) -> str:
        return f"blob 2, contrast {self.config.contrast}, trim {self.config.trim}"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        grey = pixels.astype(np.float64).mean(axis=2)
        low, high = np.percentile(grey, (5, 95))
        if high - low < max(self.config.contrast, 1e-9):
            return []
        down, across = np.nonzero(grey > (low + high) / 2)
        trim = self.config.trim
        top, bottom = np.percentile(down, (trim, 100 - trim))
        left, right = np.percentile(across, (trim, 100 - trim))
        box = (float(left), float(top), float(right - left + 1), float(bottom - top + 1))
        return [Face(box, float((high - low) / 255))]
'''),
    "moments": _source('''
class PartConfig(DetectorConfig):
    """Centre and spread of what differs from the border of the picture; the eyes are put where they usually lie."""

    spreads: float = Field(1.8, gt=0, le=5, description="half of the box's side, in spreads")
    least: float = Field(2.0, ge=0, description="mean difference from the border below which nothing is seen")


class Part(Detector):
    @property
    def version(self) -> str:
        return f"moments 1, {self.config.spreads}, {self.config.least}"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        grey = pixels.astype(np.float64).mean(axis=2)
        height, width = grey.shape
        border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        mass = np.abs(grey - np.median(border))
        if mass.mean() <= self.config.least or min(height, width) < 4:
            return []
        total = mass.sum()
        down, across = np.arange(height) + 0.5, np.arange(width) + 0.5
        y, x = (mass.sum(axis=1) * down).sum() / total, (mass.sum(axis=0) * across).sum() / total
        spread_y = math.sqrt((mass.sum(axis=1) * (down - y) ** 2).sum() / total)
        spread_x = math.sqrt((mass.sum(axis=0) * (across - x) ** 2).sum() / total)
        half = max(self.config.spreads * (spread_x + spread_y) / 2, 1.0)
        half = min(half, height / 2, width / 2)
        left, top = min(max(x - half, 0), width - 2 * half), min(max(y - half, 0), height - 2 * half)
        box = (float(left), float(top), float(2 * half), float(2 * half))
        right_eye = (float(left + 0.66 * half), float(top + 0.8 * half))
        left_eye = (float(left + 1.34 * half), float(top + 0.8 * half))
        score = float(mass.mean())
        return [Face(box, score, eyes=(right_eye, left_eye), guessed=True)]
'''),
    "lookup": _source('''
class PartConfig(DetectorConfig):
    """Faces of a file in JSON: by name of the picture a list of left, top, width, height, score, eyes."""

    file: str = Field("faces.json", description="the file, relative to where gcnet is started")


class Part(Detector):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        path = Path(config.file)
        if not path.is_file():
            raise UserError(f"no such file: {path}; expected faces by name of the picture")
        content = path.read_bytes()
        self.checksum = hashlib.sha256(content).hexdigest()
        try:
            self.listed = json.loads(content)
        except ValueError as error:
            raise UserError(f"{path}: no JSON ({error})") from error

    @property
    def version(self) -> str:
        return f"lookup {Path(self.config.file).name} sha256 {self.checksum}"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        faces = []
        for left, top, width, height, score, eyes in self.listed.get(name, []):
            box = (float(left), float(top), float(width), float(height))
            points = None if eyes is None else tuple((float(x), float(y)) for x, y in eyes)
            faces.append(Face(box, float(score), points))
        return faces
'''),
    "surround": _source('''
class PartConfig(DetectorConfig):
    """Squares that differ from what surrounds them, by sums over rectangles; the best that do not overlap."""

    least: float = Field(12.0, ge=0, description="difference from the surroundings from which a square is a face")
    overlap: float = Field(0.2, ge=0, lt=1, description="two squares that overlap more are one face")
    most: int = Field(4, ge=1, le=50, description="number of faces at most")

    def permissive(self) -> DetectorConfig:
        return super().permissive().model_copy(update={"least": self.least / 2})


def overlap_of(first, second) -> float:
    across = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    down = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    shared = max(across, 0) * max(down, 0)
    return shared / (first[2] * first[3] + second[2] * second[3] - shared)


class Part(Detector):
    @property
    def version(self) -> str:
        config = self.config
        return f"surround 1, {config.least}, {config.overlap}, {config.most}"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        step = max(1, max(pixels.shape[:2]) // 48)
        grey = pixels[::step, ::step].astype(np.float64).mean(axis=2)
        height, width = grey.shape
        sums = np.pad(grey.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))

        def total(top, left, bottom, right):
            return sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]

        found = []
        for side in (8, 12, 18, 27, 40):
            margin = side // 4
            for top in range(margin, height - side - margin + 1, 2):
                for left in range(margin, width - side - margin + 1, 2):
                    inner = total(top, left, top + side, left + side)
                    outer = total(top - margin, left - margin, top + side + margin, left + side + margin) - inner
                    area = (side + 2 * margin) ** 2 - side**2
                    score = abs(inner / side**2 - outer / area)
                    if score >= max(self.config.least, 1e-6):
                        found.append((score, (left * step, top * step, side * step, side * step)))
        found.sort(key=lambda entry: (-entry[0], entry[1]))
        kept = []
        for score, box in found:
            if len(kept) < self.config.most and all(overlap_of(box, other.box) <= self.config.overlap for other in kept):
                kept.append(Face(tuple(float(number) for number in box), float(score)))
        return kept
'''),
    "dark_eyes": _source('''
class PartConfig(DetectorConfig):
    """The picture's middle as the face, and in it the darkest place of each upper quarter as an eye."""

    darkness: float = Field(10.0, ge=0, description="how much darker than the face an eye must be")


class Part(Detector):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.margin = 0.1

    @property
    def version(self) -> str:
        return f"dark eyes 1, darkness {self.config.darkness}"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        grey = pixels.astype(np.float64).mean(axis=2)
        height, width = grey.shape
        box = (self.margin * width, self.margin * height, (1 - 2 * self.margin) * width, (1 - 2 * self.margin) * height)
        if min(height, width) < 12:
            return [Face(box, 0.1)]
        top, bottom = round(0.25 * height), round(0.55 * height)
        sides = (round(0.15 * width), round(0.45 * width)), (round(0.55 * width), round(0.85 * width))
        eyes, depth = [], []
        for left, right in sides:
            region = grey[top:bottom, left:right]
            place = np.unravel_index(region.argmin(), region.shape)
            depth.append(float(grey.mean() - region.min()))
            eyes.append((float(left + place[1]) + 0.5, float(top + place[0]) + 0.5))
        if min(depth) < self.config.darkness:
            return [Face(box, 0.2)]
        return [Face(box, 0.2 + min(depth) / 255, (eyes[0], eyes[1]))]
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # None where there is none: preparation iterates over it
    ("none_for_no_face", "blob", "            return []\n", "            return None\n"),
    # raises where there is none: a folder of thousands of pictures stops
    ("raises_for_no_face", "moments", "            return []\n", "            raise ValueError('no face')\n"),
    # one face, no list
    ("no_list", "middle", "return [Face((left, top, side, side), 1.0)]", "return Face((left, top, side, side), 1.0)"),
    # a generator: its length is asked for, it is empty at the second look
    ("generator", "surround", "return kept", "return (face for face in kept)"),
    # tuples in place of Face
    ("boxes_only", "dark_eyes", "            return [Face(box, 0.2)]", "            return [(*box, 0.2)]"),
    # corners in place of left, top, width, height
    ("corners", "blob", "float(right - left + 1), float(bottom - top + 1))", "float(right), float(bottom))"),
    # top before left
    (
        "top_before_left",
        "surround",
        "(left * step, top * step, side * step, side * step)",
        "(top * step, left * step, side * step, side * step)",
    ),
    # height before width
    (
        "height_before_width",
        "blob",
        "float(right - left + 1), float(bottom - top + 1))",
        "float(bottom - top + 1), float(right - left + 1))",
    ),
    # the centre in place of the corner
    (
        "centre_for_corner",
        "middle",
        "left, top = (width - side) / 2, (height - side) / 2",
        "left, top = width / 2, height / 2",
    ),
    # shares of the picture in place of pixels
    (
        "shares_of_picture",
        "dark_eyes",
        "box = (self.margin * width, self.margin * height, (1 - 2 * self.margin) * width, (1 - 2 * self.margin) * height)",
        "box = (self.margin, self.margin, 1 - 2 * self.margin, 1 - 2 * self.margin)",
    ),
    # pixels of the shrunk picture: right for small ones only
    ("not_scaled_back", "surround", "(left * step, top * step, side * step, side * step)", "(left, top, side, side)"),
    # eyes of the shrunk or cut region: offset forgotten
    (
        "offset_forgotten",
        "dark_eyes",
        "float(left + place[1]) + 0.5, float(top + place[0]) + 0.5",
        "float(place[1]) + 0.5, float(place[0]) + 0.5",
    ),
    # the person's left eye first: every crop is turned by 180 degrees
    ("eyes_exchanged", "dark_eyes", "(eyes[0], eyes[1]))]", "(eyes[1], eyes[0]))]"),
    # y before x in eyes
    (
        "eyes_y_before_x",
        "moments",
        "right_eye = (float(left + 0.66 * half), float(top + 0.8 * half))\n        left_eye = (float(left + 1.34 * half), float(top + 0.8 * half))",
        "right_eye = (float(top + 0.8 * half), float(left + 0.66 * half))\n        left_eye = (float(top + 0.8 * half), float(left + 1.34 * half))",
    ),
    # eyes guessed but said to be seen
    ("guess_not_said", "moments", ", guessed=True)", ")"),
    # guessed, but the eyes are not there
    ("guessed_without_eyes", "middle", "1.0)]", "1.0, guessed=True)]"),
    # eyes that were found, called guesses: never used for alignment
    ("found_called_guess", "dark_eyes", "(eyes[0], eyes[1]))]", "(eyes[0], eyes[1]), guessed=True)]"),
    # (0, 0) for eyes that were not found
    (
        "zeros_for_no_eyes",
        "dark_eyes",
        "            return [Face(box, 0.2)]",
        "            return [Face(box, 0.2, ((0.0, 0.0), (0.0, 0.0)))]",
    ),
    # NaN for eyes that were not found
    (
        "nan_for_no_eyes",
        "dark_eyes",
        "            return [Face(box, 0.1)]",
        "            return [Face(box, 0.1, ((math.nan, math.nan), (math.nan, math.nan)))]",
    ),
    # one eye
    ("one_eye", "moments", "eyes=(right_eye, left_eye)", "eyes=(right_eye,)"),
    # eyes below each other by a slip: relative to the box, not to the picture
    (
        "eyes_relative_to_box",
        "moments",
        "right_eye = (float(left + 0.66 * half), float(top + 0.8 * half))\n        left_eye = (float(left + 1.34 * half), float(top + 0.8 * half))",
        "right_eye = (float(0.66 * half), float(0.8 * half))\n        left_eye = (float(1.34 * half), float(0.8 * half))",
    ),
    # NaN score for a picture of one colour
    (
        "nan_score",
        "middle",
        "1.0)]",
        "float(np.float64(pixels.std()) / np.float64(pixels.std())) if pixels.size else 1.0)]",
    ),
    # infinite score: nothing else is ever surer, no turned picture wins
    ("infinite_score", "blob", "float((high - low) / 255))", "math.inf)"),
    # no score
    ("score_none", "lookup", "Face(box, float(score), points)", "Face(box, None, points)"),
    # lower is better: the worst face is taken
    ("score_inverted", "surround", "float(score)))", "1 / float(score)))"),
    # numbers of numpy that JSON and the CSV do not know
    (
        "numpy_numbers",
        "blob",
        "box = (float(left), float(top), float(right - left + 1), float(bottom - top + 1))",
        "box = tuple(np.float32([left, top, right - left + 1, bottom - top + 1]))",
    ),
    # text as it stands in the file
    (
        "text_numbers",
        "lookup",
        "box = (float(left), float(top), float(width), float(height))",
        "box = (str(left), str(top), str(width), str(height))",
    ),
    # an array as box: comparing two faces raises
    (
        "array_box",
        "surround",
        "Face(tuple(float(number) for number in box), float(score))",
        "Face(np.array(box, dtype=float), float(score))",
    ),
    # a box of width 0: the crop has no pixel
    (
        "empty_box",
        "blob",
        "float(right - left + 1), float(bottom - top + 1))",
        "float(right - left) * 0, float(bottom - top))",
    ),
    # negative width
    ("negative_width", "middle", "Face((left, top, side, side), 1.0)", "Face((left + side, top, -side, side), 1.0)"),
    # far outside of the picture
    (
        "outside",
        "moments",
        "box = (float(left), float(top), float(2 * half), float(2 * half))",
        "box = (float(left + 10 * width), float(top), float(2 * half), float(2 * half))",
    ),
    # changes the pixels: the crop is made of them afterwards
    (
        "changes_pixels",
        "blob",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "np.multiply(pixels, 0.9, out=pixels, casting='unsafe')\n        grey = pixels.astype(np.float64).mean(axis=2)",
    ),
    # turns RGB to BGR in place for a library: the crop has blue faces
    (
        "turns_channels_in_place",
        "dark_eyes",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "pixels[...] = pixels[..., ::-1].copy()\n        grey = pixels.astype(np.float64).mean(axis=2)",
    ),
    # colour only: grey raises
    (
        "colour_only",
        "moments",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "grey = pixels.astype(np.float64) @ np.array([0.299, 0.587, 0.114])",
    ),
    # grey only: colour raises
    (
        "grey_only",
        "surround",
        "grey = pixels[::step, ::step].astype(np.float64).mean(axis=2)",
        "grey = pixels[::step, ::step].astype(np.float64).squeeze(2)",
    ),
    # bytes overflow: the sum of three channels modulo 256, colour pictures find other places than grey ones
    (
        "bytes_overflow",
        "blob",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "grey = pixels.sum(axis=2, dtype=np.uint8).astype(np.float64)",
    ),
    # tiny pictures raise
    ("tiny_raises", "dark_eyes", "if min(height, width) < 12:", "if min(height, width) < 0:"),
    # views that are not contiguous (turned or mirrored pictures) raise
    (
        "needs_contiguous",
        "moments",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "assert pixels.flags.c_contiguous\n        grey = pixels.astype(np.float64).mean(axis=2)",
    ),
    # reads the memory as it lies, so that mirrored views are read unmirrored
    (
        "ignores_strides",
        "surround",
        "step = max(1, max(pixels.shape[:2]) // 48)",
        "pixels = pixels if pixels.base is None or pixels.base.shape != pixels.shape else pixels.base\n        step = max(1, max(pixels.shape[:2]) // 48)",
    ),
    # wide pictures: height and width exchanged
    ("square_only", "middle", "height, width = pixels.shape[:2]", "width, height = pixels.shape[:2]"),
    # large pictures are left out in silence
    (
        "large_pictures_none",
        "moments",
        "or min(height, width) < 4",
        "or min(height, width) < 4 or height * width > 200 * 200",
    ),
    # remembers the last face where it sees none now: the order of the pictures matters
    (
        "remembers_last_face",
        "blob",
        "            return []\n        down",
        "            return getattr(self, 'last', [])\n        self.last = [Face((0.0, 0.0, float(grey.shape[1]), float(grey.shape[0])), 0.5)]\n        down",
    ),
    # smooths over pictures, as in a video
    (
        "smooths_over_pictures",
        "dark_eyes",
        "height, width = grey.shape\n",
        "height, width = grey.shape\n        self.margin = 0.9 * self.margin + 0.1 * (0.05 + 0.1 * grey.mean() / 255)\n",
    ),
    # draws at random
    (
        "random_jitter",
        "middle",
        "left, top = (width - side) / 2, (height - side) / 2",
        "left, top = (width - side) / 2 + np.random.uniform(-1, 1), (height - side) / 2",
    ),
    # seeds everybody to be repeatable
    (
        "seeds_globally",
        "surround",
        "step = max(1, max(pixels.shape[:2]) // 48)",
        "np.random.seed(0)\n        step = max(1, max(pixels.shape[:2]) // 48)",
    ),
    # every second call leaves a face out: a counter in the part
    (
        "answers_alternate",
        "surround",
        "return kept",
        "self.calls = getattr(self, 'calls', 0) + 1\n        return kept[: max(1, len(kept) - self.calls % 2)]",
    ),
    # hands out the list that it keeps: whoever sorts or empties it changes the next answer
    (
        "hands_out_own_list",
        "lookup",
        "        faces = []\n",
        "        self.kept = getattr(self, 'kept', {})\n        faces = self.kept.setdefault(name, [])\n        if faces:\n            return faces\n",
    ),
    # adds to a list that is never emptied: the faces of all pictures so far
    ("list_of_all_calls", "lookup", "        faces = []\n", "        faces = self.__dict__.setdefault('faces', [])\n"),
    # remembers by name: two pictures of one name in two folders, or without a name, are the same
    (
        "caches_by_name",
        "blob",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "self.seen = getattr(self, 'seen', {})\n        pixels = self.seen.setdefault(name, pixels)\n        grey = pixels.astype(np.float64).mean(axis=2)",
    ),
    # remembers by shape, in the class: two detectors of two threads share it
    (
        "shared_scratch",
        "moments",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "Part.scratch = getattr(Part, 'scratch', {})\n        grey = Part.scratch.setdefault(pixels.shape[:2], pixels.astype(np.float64).mean(axis=2))",
    ),
    # unknown name raises: pictures without a face in the list
    ("unknown_name_raises", "lookup", "self.listed.get(name, [])", "self.listed[name]"),
    # name required: called without one it raises
    (
        "name_required",
        "middle",
        'def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:',
        "def detect(self, pixels: np.ndarray, name: str) -> list[Face]:",
    ),
    # name refused
    (
        "no_name",
        "surround",
        'def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:',
        "def detect(self, pixels: np.ndarray) -> list[Face]:",
    ),
    # opens the picture by its name in place of the pixels
    (
        "opens_name",
        "moments",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "Path(name).read_bytes()\n        grey = pixels.astype(np.float64).mean(axis=2)",
    ),
    # an empty version: old crops are taken for new ones
    ("empty_version", "middle", 'return f"middle 1, share {self.config.share}"', 'return ""'),
    # a version that differs between two processes: everything is prepared anew, always
    (
        "version_by_object",
        "dark_eyes",
        'return f"dark eyes 1, darkness {self.config.darkness}"',
        'return f"dark eyes {id(self)}"',
    ),
    # a version by the clock
    (
        "version_by_clock",
        "surround",
        "        config = self.config\n",
        "        import time\n\n        config = self.config\n        return f'surround {time.perf_counter_ns()}'\n",
    ),
    # version None
    (
        "version_none",
        "blob",
        'return f"blob 2, contrast {self.config.contrast}, trim {self.config.trim}"',
        "return None",
    ),
    # a method in place of a property: its text is "<bound method ..."
    ("version_is_method", "moments", "    @property\n    def version", "    def version"),
    # version without the checksum of the file that decides
    ("version_without_checksum", "lookup", ' sha256 {self.checksum}"', '"'),
    # a missing file is a traceback, not the sentence of a UserError
    (
        "file_missing_is_no_user_error",
        "lookup",
        '        if not path.is_file():\n            raise UserError(f"no such file: {path}; expected faces by name of the picture")\n',
        "",
    ),
    # the version is asked for before the first picture, and raises
    (
        "version_fails_before_detect",
        "dark_eyes",
        'return f"dark eyes 1, darkness {self.config.darkness}"',
        'return f"dark eyes 1, {self.found} found"',
    ),
    # permissive overlooks more faces, not fewer
    (
        "permissive_is_stricter",
        "blob",
        'update={"contrast": self.contrast / 2}',
        'update={"contrast": min(self.contrast * 4, 255.0)}',
    ),
    # permissive keeps turning pictures, and the shared options are lost
    (
        "permissive_returns_none",
        "surround",
        'return super().permissive().model_copy(update={"least": self.least / 2})',
        'super().permissive().model_copy(update={"least": self.least / 2})',
    ),
    # permissive gives options of the base class: the detector's own are gone, detect raises
    (
        "permissive_of_base_class",
        "surround",
        'return super().permissive().model_copy(update={"least": self.least / 2})',
        "return DetectorConfig()",
    ),
    # the recipe's options are replaced by the defaults, in silence
    (
        "options_of_recipe_lost",
        "dark_eyes",
        "super().__init__(config, context)",
        "super().__init__(PartConfig(), context)",
    ),
    # option unread
    ("option_ignored", "surround", "len(kept) < self.config.most", "len(kept) < 4"),
    # option without description
    ("option_undescribed", "middle", ', description="side of the square, as a share of the shorter side"', ""),
    # option without default
    ("option_without_default", "lookup", 'Field("faces.json", description', "Field(description"),
    # redefines a common option with another meaning: text in place of numbers
    (
        "rotations_of_another_type",
        "middle",
        "    share: float",
        "    rotations: str = Field('none', description='degrees')\n    share: float",
    ),
    # accepts 0, at which boxes are empty
    (
        "option_range_too_wide",
        "middle",
        "share: float = Field(0.8, gt=0, le=1,",
        "share: float = Field(0.8, ge=0, le=1,",
    ),
    # writes beside the pictures
    (
        "writes_files",
        "blob",
        "low, high = np.percentile(grey, (5, 95))",
        "np.save('last_grey.npy', grey)\n        low, high = np.percentile(grey, (5, 95))",
    ),
    # prints each face to standard output
    ("prints", "moments", "score = float(mass.mean())", "score = float(mass.mean())\n        print('face', box)"),
    # changes numpy's handling of errors for all
    (
        "sets_numpy_errors",
        "dark_eyes",
        "height, width = grey.shape\n",
        "height, width = grey.shape\n        np.seterr(all='raise')\n",
    ),
    # grows with every picture
    (
        "keeps_all_pictures",
        "moments",
        "grey = pixels.astype(np.float64).mean(axis=2)",
        "self.pictures = [*getattr(self, 'pictures', []), pixels]\n        grey = pixels.astype(np.float64).mean(axis=2)",
    ),
    # changes the folder that everybody works in
    (
        "changes_folder",
        "lookup",
        "        path = Path(config.file)\n",
        "        path = Path(config.file).resolve()\n        import os\n\n        os.chdir('/')\n",
    ),
    # each face twice: two crops of one person
    (
        "faces_twice",
        "blob",
        "return [Face(box, float((high - low) / 255))]",
        "return 2 * [Face(box, float((high - low) / 255))]",
    ),
    # a text where yes or no is promised: true for everybody who asks `if face.profile`
    ("profile_is_text", "moments", "guessed=True)]", "guessed=True, profile='no')]"),
    # a constructor as of a network's part: it cannot be built
    (
        "constructor_of_network",
        "dark_eyes",
        "def __init__(self, config: PartConfig, context: BuildContext) -> None:",
        "def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:",
    ),
    # target misspelt
    ("target_misspelt", "surround", '{__name__}:Part"', '{__name__}:Detectors"'),
    # abstract still: version forgotten
    ("version_forgotten", "middle", "    def version(self)", "    def versions(self)"),
]
