"""Detectors of the second round: other good ones, and other ways to spoil them."""

import json
import math

HEAD = '''"""A detector in one file."""

import hashlib
import json
import math
from pathlib import Path

import cv2
import numpy as np
from pydantic import Field

from gcnet_core.interfaces import BuildContext, Detector, Face
from gcnet_core.plugin_api import ComponentSpec, DetectorConfig, UserError, hookimpl


def shared(first, second) -> float:
    """Area that two boxes share, as part of the area of both together."""
    across = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    down = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    area = max(across, 0.0) * max(down, 0.0)
    return area / (first[2] * first[3] + second[2] * second[3] - area)


def best_of(faces: list[Face], overlap: float) -> list[Face]:
    """Of faces that overlap the surest."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: (-face.score, face.box)):
        if all(shared(face.box, other.box) <= overlap for other in kept):
            kept.append(face)
    return kept

'''
TAIL = """

@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="detector", name="part", config=PartConfig, target=f"{__name__}:Part", summary="SUMMARY")]
"""


def _source(summary: str, body: str) -> str:
    return HEAD + body.strip("\n") + "\n" + TAIL.replace("SUMMARY", summary)


OVAL = _source(
    "ovals that are lighter than what surrounds them, by correlation at several sizes",
    '''
class PartConfig(DetectorConfig):
    """Options of the correlation."""

    search: int = Field(64, ge=16, le=512, description="longer side to which a larger picture is shrunk for the search")
    least: float = Field(0.6, gt=0, le=1, description="correlation from which an oval is a face")
    overlap: float = Field(0.2, ge=0, lt=1, description="share of two boxes in common from which they are one face")

    def permissive(self) -> DetectorConfig:
        return super().permissive().model_copy(update={"least": self.least / 2})


def template(side: int) -> np.ndarray:
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return ((1.25 * x) ** 2 + y**2 < 0.75).astype(np.float32)


class Part(Detector):
    @property
    def version(self) -> str:
        return f"oval 1, opencv {cv2.__version__}"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        grey = pixels.astype(np.float32).mean(axis=2)
        height, width = grey.shape
        shrink = min(1.0, self.config.search / max(height, width))
        small = cv2.resize(grey, (max(1, round(width * shrink)), max(1, round(height * shrink))), interpolation=cv2.INTER_AREA)
        along, down = width / small.shape[1], height / small.shape[0]
        faces = []
        for side in (10, 14, 20, 28, 40, 56):
            if side > min(small.shape):
                break
            match = cv2.matchTemplate(small, template(side), cv2.TM_CCOEFF_NORMED)
            windows = np.lib.stride_tricks.sliding_window_view(small, (side, side))
            match = np.where(windows.std(axis=(2, 3)) > 4, np.nan_to_num(match), 0)
            for top, left in zip(*np.nonzero(match >= self.config.least)):
                box = (float(left * along), float(top * down), float(side * along), float(side * down))
                faces.append(Face(box, float(match[top, left])))
        return best_of(faces, self.config.overlap)
''',
)

PATCHES = _source(
    "light patches, with an eye in the darkest place of each half",
    '''
class PartConfig(DetectorConfig):
    """Options of the patches."""

    contrast: int = Field(25, ge=1, le=255, description="difference of lightest and darkest from which anything is seen")
    share: float = Field(0.02, gt=0, le=1, description="smallest patch that is a face, as a share of the picture")
    darkness: float = Field(20.0, ge=0, description="how much darker than its patch an eye is")

    def permissive(self) -> DetectorConfig:
        return super().permissive().model_copy(update={"contrast": max(1, self.contrast // 2), "share": self.share / 2})


class Part(Detector):
    @property
    def version(self) -> str:
        return "patches 1"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        grey = pixels.astype(np.float64).mean(axis=2).round().astype(np.uint8)
        if int(grey.max()) - int(grey.min()) < self.config.contrast:
            return []
        light = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
        _, _, stats, _ = cv2.connectedComponentsWithStats(light)
        faces = []
        for left, top, width, height, area in stats[1:].tolist():
            if area < self.config.share * grey.size:
                continue
            inside = grey[top : top + height, left : left + width].astype(np.float64)
            seen = self.dark_places(inside)
            eyes = None if None in seen else tuple((left + x, top + y) for x, y in seen)
            box = (float(left), float(top), float(width), float(height))
            faces.append(Face(box, area / (width * height), eyes, profile=seen.count(None) == 1))
        return faces

    def dark_places(self, inside: np.ndarray) -> list:
        """The darkest place of the left and of the right half, None where it is not dark enough."""
        height, width = inside.shape
        if min(height, width) < 10:
            return [None, None]
        places = []
        for start, end in ((width // 8, width // 2), (width // 2, width - width // 8)):
            region = inside[height // 6 : height // 2, start:end]
            y, x = divmod(int(region.argmin()), region.shape[1])
            deep = inside.mean() - region.min() >= max(self.config.darkness, 1e-9)
            places.append((start + x + 0.5, height // 6 + y + 0.5) if deep else None)
        return places
''',
)

AXIS = _source(
    "the axis about which the picture is most like its mirror image",
    '''
class PartConfig(DetectorConfig):
    """Options of the axis."""

    least: float = Field(3.0, ge=0, description="deviation of the grey values from which anything is seen")
    reach: float = Field(0.3, gt=0, le=0.5, description="half the width that is compared, as a share of the shorter side")


class Part(Detector):
    @property
    def version(self) -> str:
        return "axis 1"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        grey = pixels.astype(np.float64).mean(axis=2)
        height, width = grey.shape
        reach = int(self.config.reach * min(height, width))
        if reach < 2 or grey.std() <= max(self.config.least, 1e-9):
            return []
        unlike = []
        for middle in range(reach, width - reach + 1):
            left, right = grey[:, middle - reach : middle], grey[:, middle : middle + reach]
            spread = np.concatenate([left, right], axis=1).std()
            unlike.append(np.abs(left[:, ::-1] - right).mean() / (spread + 1.0))
        middle = reach + int(np.argmin(unlike))
        top = (height - 2 * reach) / 2
        box = (float(middle - reach), float(top), float(2 * reach), float(2 * reach))
        eyes = ((middle - 0.35 * reach, top + 0.8 * reach), (middle + 0.35 * reach, top + 0.8 * reach))
        return [Face(box, float(1 / (1 + min(unlike))), eyes, guessed=True)]
''',
)

WEIGHED = _source(
    "windows of a small copy of the picture, weighed by numbers of a file",
    '''
class PartConfig(DetectorConfig):
    """Options of the windows."""

    file: str = Field("second_round/weights.json", description="the weights, relative to where gcnet is started")
    least: float = Field(0.7, gt=0, lt=1, description="probability from which a window is a face")


class Part(Detector):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        path = Path(config.file)
        if not path.is_file():
            raise UserError(f"no such file: {path}; expected weights as JSON")
        content = path.read_bytes()
        self.checksum = hashlib.sha256(content).hexdigest()
        try:
            read = json.loads(content)
            self.weights, self.bias = np.array(read["weights"], dtype=float).reshape(8, 8), float(read["bias"])
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"{path}: no weights of 8 x 8 windows ({error})") from error

    @property
    def version(self) -> str:
        return f"weighed {Path(self.config.file).name} sha256 {self.checksum}"

    def detect(self, pixels: np.ndarray, name: str = "") -> list[Face]:
        grey = pixels.astype(np.float64).mean(axis=2)
        height, width = grey.shape
        small = cv2.resize(grey, (24, 24), interpolation=cv2.INTER_AREA)
        along, down = width / 24, height / 24
        faces = []
        for top in range(0, 17, 2):
            for left in range(0, 17, 2):
                window = small[top : top + 8, left : left + 8]
                plain = (window - window.mean()) / (window.std() + 5.0)
                score = 1 / (1 + math.exp(-float((plain * self.weights).sum()) - self.bias))
                if score >= self.config.least:
                    faces.append(Face((left * along, top * down, 8 * along, 8 * down), score))
        return best_of(faces, 0.1)
''',
)

GOOD: dict[str, str] = {"oval": OVAL, "patches": PATCHES, "axis": AXIS, "weighed": WEIGHED}

OPTIONS: dict[str, object] = {}
_WEIGHTS = [[0.25 if math.hypot(1.2 * (x - 3.5), y - 3.5) < 3.2 else -0.25 for x in range(8)] for y in range(8)]
NEEDED: dict[str, str] = {
    "second_round/weights.json": json.dumps({"weights": [weight for row in _WEIGHTS for weight in row], "bias": -2.0})
}

FAULTS: list[tuple[str, str, str, str]] = [
    # --- common mistakes
    # a list as box: a face with it has no hash, and is not equal to one with a tuple
    (
        "box_is_a_list",
        "weighed",
        "Face((left * along, top * down, 8 * along, 8 * down), score)",
        "Face([left * along, top * down, 8 * along, 8 * down], score)",
    ),
    # arrays as eyes: comparing two faces raises
    (
        "eyes_are_arrays",
        "axis",
        "float(1 / (1 + min(unlike))), eyes, guessed=True)]",
        "float(1 / (1 + min(unlike))), tuple(map(np.array, eyes)), guessed=True)]",
    ),
    # logarithms of probabilities are negative: no face is surer than 0.55 of the surest one, all are dropped
    ("negative_scores", "weighed", "8 * along, 8 * down), score))", "8 * along, 8 * down), math.log(score)))"),
    # the same face many times, some pixels apart: a crop each
    (
        "overlapping_faces_not_joined",
        "oval",
        "        return best_of(faces, self.config.overlap)",
        "        return faces",
    ),
    # the base class is not told: the options that others read are not there
    ("base_not_told", "weighed", "        super().__init__(config, context)\n        path", "        path"),
    # both eyes in one place: no angle, no distance, the crop is of size 0
    (
        "both_eyes_in_one_place",
        "patches",
        "eyes = None if None in seen else tuple((left + x, top + y) for x, y in seen)",
        "eyes = None if None in seen else 2 * ((left + seen[0][0], top + seen[0][1]),)",
    ),
    # a name without an ending raises, "" too, which is the default
    (
        "name_needs_an_ending",
        "patches",
        "        light = cv2.threshold",
        "        if name.rsplit('.', 1)[1] == 'gif':\n            return []\n        light = cv2.threshold",
    ),
    # pixels that cannot be written, as of a memory map or of a shared picture, raise
    (
        "needs_writable_pixels",
        "oval",
        "        grey = pixels.astype(np.float32).mean(axis=2)",
        "        np.clip(pixels, 0, 255, out=pixels)\n        grey = pixels.astype(np.float32).mean(axis=2)",
    ),
    # --- subtle
    # scores as a share of the surest in the picture: it is always 1, a pattern in a turned copy is as sure as a face
    (
        "score_of_the_surest_is_one",
        "oval",
        "        return best_of(faces, self.config.overlap)",
        "        most = max((face.score for face in faces), default=1.0)\n        faces = [Face(face.box, face.score / most) for face in faces]\n        return best_of(faces, self.config.overlap)",
    ),
    # eyes between the box's corner and the picture's: added twice
    (
        "corner_added_twice",
        "patches",
        "tuple((left + x, top + y) for x, y in seen)",
        "tuple((2 * left + x, 2 * top + y) for x, y in seen)",
    ),
    # guessed eyes lie below the box: crops show chins
    (
        "guessed_eyes_below_the_box",
        "axis",
        "eyes = ((middle - 0.35 * reach, top + 0.8 * reach), (middle + 0.35 * reach, top + 0.8 * reach))",
        "eyes = ((middle - 0.35 * reach, top + 2.8 * reach), (middle + 0.35 * reach, top + 2.8 * reach))",
    ),
    # stops by the clock: on a busy machine other faces are found
    (
        "gives_up_by_the_clock",
        "oval",
        "            if side > min(small.shape):\n",
        "            start = locals().get('start') or __import__('time').perf_counter()\n            if __import__('time').perf_counter() - start > 0.002:\n                break\n            if side > min(small.shape):\n",
    ),
    # options that overlook less change the options themselves: whoever asks for them searches otherwise from then on
    (
        "permissive_changes_the_options",
        "patches",
        '        return super().permissive().model_copy(update={"contrast"',
        "        object.__setattr__(self, 'contrast', 1)\n        return super().permissive().model_copy(update={\"contrast\"",
    ),
    # permissive is to search upright faces alone; here it goes on turning pictures
    (
        "permissive_keeps_turning",
        "oval",
        'return super().permissive().model_copy(update={"least": self.least / 2})',
        'return self.model_copy(update={"least": self.least / 2})',
    ),
    # an option with a name that stands for another one since gcnet 0.2: it cannot be set
    (
        "option_with_an_old_name",
        "axis",
        "    least: float = Field(3.0, ge=0,",
        '    neighbours: int = Field(1, ge=1, description="how often the axis is sought")\n    least: float = Field(3.0, ge=0,',
    ),
    # the default is outside of its own range: saved settings cannot be read again
    (
        "default_outside_its_range",
        "axis",
        "reach: float = Field(0.3, gt=0, le=0.5,",
        "reach: float = Field(0.3, gt=0, le=0.25,",
    ),
    # the version names the folder: the same detector elsewhere is another one, all is prepared anew
    (
        "version_with_the_folder",
        "weighed",
        "{Path(self.config.file).name} sha256",
        "{Path(self.config.file).resolve()} sha256",
    ),
    # all of OpenCV in the process works with one thread from now on
    (
        "threads_of_opencv",
        "axis",
        "        grey = pixels.astype(np.float64).mean(axis=2)",
        "        cv2.setNumThreads(1)\n        grey = pixels.astype(np.float64).mean(axis=2)",
    ),
    # --- situations that a default call does not show
    # the checksum is that of the file as it lies there now, not of the weights that were read
    (
        "checksum_of_a_later_file",
        "weighed",
        'sha256 {self.checksum}"',
        'sha256 {hashlib.sha256(Path(self.config.file).read_bytes()).hexdigest()}"',
    ),
    # a file that is damaged ends in a traceback, not in the sentence of a UserError
    (
        "damaged_file_is_no_user_error",
        "weighed",
        "        except (ValueError, KeyError, TypeError) as error:",
        "        except ZeroDivisionError as error:",
    ),
    # one factor for both axes: right for squares alone
    ("one_factor_for_both_axes", "weighed", "along, down = width / 24, height / 24", "along = down = width / 24"),
    # long strips are shrunk to no pixel, which raises
    (
        "strips_shrink_to_nothing",
        "oval",
        "(max(1, round(width * shrink)), max(1, round(height * shrink)))",
        "(int(width * shrink), int(height * shrink))",
    ),
    # it turns the picture itself where turning is asked for, and answers in places of the turned one
    (
        "turns_by_itself",
        "patches",
        "        grey = pixels.astype(np.float64).mean(axis=2).round()",
        "        if self.config.rotations:\n            pixels = np.rot90(pixels)\n        grey = pixels.astype(np.float64).mean(axis=2).round()",
    ),
    # the confidence from which turning is not needed is taken for a threshold: faces below it are gone
    (
        "unsure_faces_are_dropped",
        "patches",
        "        return faces\n\n",
        "        return [face for face in faces if face.score >= self.config.min_confidence]\n\n",
    ),
    # with a stricter option than the default a division by zero
    (
        "division_by_an_allowed_zero",
        "axis",
        "np.abs(left[:, ::-1] - right).mean() / (spread + 1.0)",
        "np.abs(left[:, ::-1] - right).mean() / (spread + 1.0) / (1 if self.config.least else int(self.config.least))",
    ),
]
