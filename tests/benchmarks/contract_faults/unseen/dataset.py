"""Data sets written by somebody who has not seen the kit: good ones, and ways to spoil them."""

import zlib

HEAD = '''"""A data set in one file."""

import zlib
from typing import Literal

import numpy as np
from pydantic import Field

from gcnet_core.interfaces import BuildContext, Dataset
from gcnet_core.plugin_api import (
    ComponentSpec,
    DatasetConfig,
    DatasetInfo,
    MissingData,
    Sample,
    UserError,
    hookimpl,
    ordered_classes,
)


def source_of(*key: object) -> np.random.Generator:
    """Random numbers that hang on the key alone, the same in every process."""
    return np.random.default_rng(zlib.crc32("|".join(map(str, key)).encode()))


def drawn(person: object, expression: str, shot: object, height: int, width: int, colours: int) -> np.ndarray:
    """A face of sorts: what belongs to the person, what belongs to the expression, and a little noise."""
    down, across = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    own, told, here = source_of("person", person), source_of("expression", expression), source_of(person, expression, shot)
    picture = np.zeros((height, width, colours))
    for colour in range(colours):
        waves = own.uniform(1, 4, 3)
        base = 0.5 + 0.12 * np.sin(waves[0] * down + waves[1] * across + waves[2])
        oval = np.exp(-((1.3 * across) ** 2 + down**2))
        picture[:, :, colour] = 0.5 * base + 0.3 * oval
    height_of_mouth, bend, strength = told.uniform(0.3, 0.7), told.uniform(-0.8, 0.8), 0.0 if expression == "neutral" else 0.3
    mouth = np.exp(-(((down - height_of_mouth + bend * across**2) / 0.12) ** 2)) * (np.abs(across) < 0.6)
    picture += (strength * mouth)[:, :, None] + here.normal(0, 0.01, picture.shape)
    return (255 * picture.clip(0, 1)).round().astype(np.uint8)

'''

TAIL = """

@hookimpl
def gcnet_components():
    return [
        ComponentSpec(
            kind="dataset",
            name="part",
            config=PartConfig,
            target=f"{__name__}:Part",
            summary="SUMMARY",
        )
    ]
"""


def _source(summary: str, body: str) -> str:
    return HEAD + body.strip("\n") + "\n" + TAIL.replace("SUMMARY", summary)


MOONS = _source(
    "drawn faces in colour, a picture at rest for every person",
    r'''
import re

EXPRESSIONS = ("neutral", "anger", "fear", "happiness", "surprise")


class PartConfig(DatasetConfig):
    """Drawn people."""

    people: int = Field(8, ge=2, le=999, description="number of people")
    repetitions: int = Field(2, ge=1, le=9, description="pictures of each person with each expression")
    seed: int = Field(0, ge=0, description="number that the people are drawn from")

    def info(self) -> DatasetInfo:
        return DatasetInfo(classes=EXPRESSIONS, references=True)


class Part(Dataset):
    """Pictures are drawn when they are read; the name says all."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        samples = []
        for number in range(config.people):
            person = f"moon{number:03d}"
            for expression in EXPRESSIONS:
                for turn in range(config.repetitions):
                    samples.append(Sample(f"{person}/{expression}/{turn}", person, expression, f"{person}/rest/0"))
        self.samples = tuple(samples)

    def read(self, name: str) -> np.ndarray:
        person, expression, turn = self.parsed(name)
        shown = "neutral" if expression == "rest" else expression
        return drawn((self.config.seed, person), shown, (expression, turn), 40, 40, 3)

    def parsed(self, name: str) -> tuple[str, str, str]:
        fields = name.split("/")
        known = len(fields) == 3 and fields[1] in (*EXPRESSIONS, "rest") and fields[2].isdigit()
        if not known or not re.fullmatch(r"moon\d{3}", fields[0]):
            raise UserError(f"{name}: not the name of a drawn face; such names look like moon001/anger/0")
        return fields[0], fields[1], fields[2]
''',
)

FOLDED = _source(
    "oblong grey faces with published folds and the votes of raters",
    '''
EXPRESSIONS = ("neutral", "contempt", "disgust", "sadness")


class PartConfig(DatasetConfig):
    """People in folds, judged by raters."""

    people: int = Field(9, ge=4, le=500, description="number of people")
    folds: int = Field(3, ge=2, le=4, description="number of published folds")
    raters: int = Field(7, ge=1, le=100, description="how many people judged each picture")

    def info(self) -> DatasetInfo:
        return DatasetInfo(classes=EXPRESSIONS, references=False, folds=self.folds)

    def notes(self) -> tuple[str, ...]:
        return ("the raters are drawn, as the faces are",)


class Part(Dataset):
    """Nobody's neutral face is known as such; raters do not always agree."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.samples = tuple(
            self.judged(number, expression) for number in range(config.people) for expression in EXPRESSIONS
        )

    def judged(self, number: int, expression: str) -> Sample:
        other = EXPRESSIONS[(EXPRESSIONS.index(expression) + 1) % len(EXPRESSIONS)]
        doubtful = min(number % 3, (self.config.raters - 1) // 2)
        votes = [(expression, float(self.config.raters - doubtful))]
        if doubtful:
            votes.append((other, float(doubtful)))
        return Sample(
            image=f"{number:03d}-{expression}.raw",
            subject=f"person {number}",
            expression=expression,
            fold=number % self.config.folds,
            votes=tuple(votes),
        )

    def read(self, name: str) -> np.ndarray:
        stem, _, suffix = name.partition(".")
        number, _, expression = stem.partition("-")
        if suffix != "raw" or expression not in EXPRESSIONS or not number.isdigit():
            raise UserError(f"{name}: there is no such picture; names look like 003-anger.raw")
        return drawn(int(number), expression, 0, 36, 48, 1)
''',
)

OFFICIAL = _source(
    "unknown people in three published parts, with the strength of each expression",
    '''
EXPRESSIONS = ("neutral", "anger", "happiness", "boredom")
PARTS = {"train": 8, "validation": 3, "test": 4}


class PartConfig(DatasetConfig):
    """Three published parts."""

    side: int = Field(24, ge=8, le=512, description="height and width of the pictures as they are kept")
    keep: tuple[str, ...] = Field(EXPRESSIONS, min_length=2, description="expressions to keep")

    def info(self) -> DatasetInfo:
        return DatasetInfo(classes=ordered_classes([name for name in EXPRESSIONS if name in self.keep]), references=False, folds=1)


class Part(Dataset):
    """As with photographs of the web, nobody knows who is who."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        samples = []
        for part, count in PARTS.items():
            for expression in EXPRESSIONS:
                if expression not in config.keep:
                    continue
                for number in range(count):
                    strength = 0.0 if expression == "neutral" else (number + 1) / count
                    samples.append(
                        Sample(f"{part}:{expression}:{number}", None, expression, usage=part, intensity=strength)
                    )
        self.samples = tuple(samples)

    def read(self, name: str) -> np.ndarray:
        part, _, rest = name.partition(":")
        expression, _, number = rest.partition(":")
        if part not in PARTS or expression not in EXPRESSIONS or not number.isdigit():
            raise UserError(f"{name}: no picture of this data set")
        return drawn(name, expression, number, self.config.side, self.config.side, 1)
''',
)

PPM = _source(
    "a folder of small pictures as text: PERSON-EXPRESSION-NUMBER.ppm",
    '''
from pathlib import Path

LONG = {"ne": "neutral", "di": "disgust", "ha": "happiness"}


class PartConfig(DatasetConfig):
    """Pictures in a folder."""

    folder: str = Field("stranger_faces", description="folder of the pictures, relative to where gcnet is started")

    def listed(self) -> list[Path]:
        folder = Path(self.folder)
        if not folder.is_dir():
            raise MissingData(f"no such folder: {folder}; put the pictures there, named like ada-ha-1.ppm")
        found = sorted(folder.glob("*.ppm"))
        if not found:
            raise MissingData(f"no pictures in {folder}; expected names like ada-ha-1.ppm")
        return found

    def labelled(self) -> list[tuple[str, str, str]]:
        rows = []
        for path in self.listed():
            fields = path.stem.split("-")
            if len(fields) != 3 or fields[1] not in LONG:
                raise UserError(f"{path}: the name says no expression; expected one of {', '.join(LONG)}")
            rows.append((path.name, fields[0], LONG[fields[1]]))
        return rows

    def info(self) -> DatasetInfo:
        rows = self.labelled()
        return DatasetInfo(ordered_classes([expression for _, _, expression in rows]), references=True)


class Part(Dataset):
    """The first neutral picture of a person is the reference of the person's other pictures."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        rows = config.labelled()
        rest: dict[str, list[str]] = {}
        for name, person, expression in rows:
            if expression == "neutral":
                rest.setdefault(person, []).append(name)
        samples = []
        for name, person, expression in rows:
            others = [other for other in rest.get(person, []) if other != name]
            samples.append(Sample(name, person, expression, others[0] if others else None))
        self.samples = tuple(samples)

    def read(self, name: str) -> np.ndarray:
        path = Path(self.config.folder) / name
        try:
            words = path.read_text(encoding="ascii").split()
            kind, width, height, most = words[0], int(words[1]), int(words[2]), int(words[3])
            values = np.array(words[4:], dtype=np.int64)
            if kind != "P3" or most != 255 or values.min() < 0 or values.max() > 255:
                raise ValueError("expected P3 and values from 0 to 255")
            return values.reshape(height, width, 3).astype(np.uint8)
        except (OSError, ValueError, IndexError) as error:
            raise UserError(f"{path}: not a picture that can be read ({error})") from error
''',
)

CLIPS = _source(
    "short clips that grow from rest to apex, in two sessions and two lights",
    '''
EXPRESSIONS = ("neutral", "fear", "sadness")


class PartConfig(DatasetConfig):
    """Frames of clips."""

    people: int = Field(6, ge=2, le=99, description="number of people")
    frames: int = Field(3, ge=1, le=20, description="frames that are taken of each clip, after the first")
    light: Literal["even", "side", "both"] = Field("both", description="clips of which light are kept")

    def lights(self) -> tuple[str, ...]:
        return ("even", "side") if self.light == "both" else (self.light,)

    def info(self) -> DatasetInfo:
        return DatasetInfo(classes=EXPRESSIONS, references=True)

    def preparation(self):
        return {"detector": {"type": "whole_picture"}, "size": 32}


class Part(Dataset):
    """Frame 0 of a clip shows the person at rest; it is the reference of the clip and no sample itself."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        samples = []
        for number in range(config.people):
            for light in config.lights():
                for session, expression in enumerate(EXPRESSIONS):
                    clip = f"{number:02d}_{light}_{expression}"
                    for frame in range(1, config.frames + 1):
                        strength = 0.0 if expression == "neutral" else frame / config.frames
                        samples.append(
                            Sample(
                                image=f"{clip}@{frame}",
                                subject=f"{number:02d}",
                                expression=expression,
                                reference=f"{clip}@0",
                                session=f"day {session % 2}",
                                lighting=light,
                                intensity=strength,
                            )
                        )
        self.samples = tuple(samples)

    def read(self, name: str) -> np.ndarray:
        clip, _, frame = name.partition("@")
        fields = clip.split("_")
        known = len(fields) == 3 and fields[0].isdigit() and fields[1] in ("even", "side") and fields[2] in EXPRESSIONS
        if not known or not frame.isdigit() or int(frame) > self.config.frames:
            raise UserError(f"{name}: no frame of these clips; names look like 03_even_fear@2")
        number, light, expression = fields
        rest = drawn(number, "neutral", name, 32, 32, 1).astype(np.float64)
        apex = drawn(number, expression, name, 32, 32, 1).astype(np.float64)
        picture = rest + (apex - rest) * int(frame) / self.config.frames
        if light == "side":
            picture = picture * np.linspace(0.6, 1.0, 32)[None, :, None]
        return picture.round().clip(0, 255).astype(np.uint8)
''',
)

ARCHIVE = _source(
    "encoded pictures out of an archive in memory, read by many threads",
    '''
import io
import threading
import zipfile

import cv2

EXPRESSIONS = ("neutral", "disgust", "surprise")
PEOPLE = ("ana", "ben", "cho", "dov", "eve", "fay")


def packed() -> bytes:
    """The archive: PNG files, BGR as OpenCV writes them."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for person in PEOPLE:
            for expression in EXPRESSIONS:
                for take in ("a", "b"):
                    picture = drawn(person, expression, take, 28, 24, 3)
                    content = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
                    archive.writestr(f"{person}/{expression}.{take}.png", content)
    return memory.getvalue()


class PartConfig(DatasetConfig):
    """Pictures of an archive."""

    takes: Literal["a", "b", "ab"] = Field("ab", description="which takes are samples")

    def info(self) -> DatasetInfo:
        return DatasetInfo(classes=EXPRESSIONS, references=True)


class Part(Dataset):
    """The reference is the neutral face of the other take."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.archive = zipfile.ZipFile(io.BytesIO(packed()))
        self.lock = threading.Lock()
        other = {"a": "b", "b": "a"}
        self.samples = tuple(
            Sample(f"{person}/{expression}.{take}.png", person, expression, f"{person}/neutral.{other[take]}.png", f"take {take}")
            for person in PEOPLE
            for expression in EXPRESSIONS
            for take in config.takes
        )

    def read(self, name: str) -> np.ndarray:
        try:
            with self.lock:
                content = self.archive.read(name)
        except KeyError as error:
            raise UserError(f"{name}: not in the archive") from error
        pixels = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
        if pixels is None:
            raise UserError(f"{name}: not an image, or damaged")
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
''',
)

GOOD: dict[str, str] = {
    "moons": MOONS,
    "folded": FOLDED,
    "official": OFFICIAL,
    "ppm": PPM,
    "clips": CLIPS,
    "archive": ARCHIVE,
}

FAULTS: list[tuple[str, str, str, str]] = [
    # why: two readings of a picture differ: cache, reference and evaluation see other faces
    (
        "noise_of_the_global_generator",
        "moons",
        "return drawn((self.config.seed, person), shown, (expression, turn), 40, 40, 3)",
        "return drawn((self.config.seed, person), shown, np.random.random(), 40, 40, 3)",
    ),
    # why: everybody's numpy generator is set back whenever a picture is read
    (
        "seeds_numpy",
        "folded",
        "        return drawn(int(number)",
        "        np.random.seed(int(number))\n        return drawn(int(number)",
    ),
    # why: hash() of a text is another in every process: a resumed run sees other faces
    (
        "hash_of_a_text",
        "moons",
        "return drawn((self.config.seed, person), shown, (expression, turn), 40, 40, 3)",
        "return drawn(hash((self.config.seed, person)), shown, (expression, turn), 40, 40, 3)",
    ),
    # why: pictures depend on how many were read before
    (
        "reading_counts",
        "clips",
        "        picture = rest + (apex - rest) * int(frame) / self.config.frames\n",
        "        self.read_so_far = getattr(self, 'read_so_far', 0) + 1\n"
        "        picture = rest + (apex - rest) * int(frame) / self.config.frames + self.read_so_far % 5\n",
    ),
    # why: floats from 0 to 1 where bytes are promised
    (
        "floats",
        "official",
        "return drawn(name, expression, number, self.config.side, self.config.side, 1)",
        "return drawn(name, expression, number, self.config.side, self.config.side, 1).astype(np.float32) / 255",
    ),
    # why: values 0 to 1 as bytes: all pictures are nearly black
    (
        "scaled_twice",
        "clips",
        "return picture.round().clip(0, 255).astype(np.uint8)",
        "return (picture / 255).round().clip(0, 255).astype(np.uint8)",
    ),
    # why: pixels of 64 bits are no bytes; OpenCV refuses them
    ("wide_integers", "ppm", "values.reshape(height, width, 3).astype(np.uint8)", "values.reshape(height, width, 3)"),
    # why: grey pictures need an axis of channels
    (
        "two_axes",
        "folded",
        "return drawn(int(number), expression, 0, 36, 48, 1)",
        "return drawn(int(number), expression, 0, 36, 48, 1)[:, :, 0]",
    ),
    # why: channels stand first
    (
        "channels_first",
        "archive",
        "return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)",
        "return np.ascontiguousarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB).transpose(2, 0, 1))",
    ),
    # why: a fourth channel, opacity, is neither grey nor colour
    (
        "four_channels",
        "archive",
        "return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)",
        "return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGBA)",
    ),
    # why: red and blue are exchanged against every other data set
    (
        "blue_first",
        "ppm",
        "values.reshape(height, width, 3).astype(np.uint8)",
        "values.reshape(height, width, 3)[:, :, ::-1].astype(np.uint8)",
    ),
    # why: a colour picture of one grey axis alone: grey and alpha
    (
        "two_channels",
        "official",
        "return drawn(name, expression, number, self.config.side, self.config.side, 1)",
        "return np.repeat(drawn(name, expression, number, self.config.side, self.config.side, 1), 2, axis=2)",
    ),
    # why: bright pixels wrap round to black
    (
        "pixels_wrap_round",
        "clips",
        "return picture.round().clip(0, 255).astype(np.uint8)",
        "return (2.2 * picture).round().astype(np.int64).astype(np.uint8)",
    ),
    # why: a Python list of lists is no array
    (
        "lists_for_pixels",
        "folded",
        "return drawn(int(number), expression, 0, 36, 48, 1)",
        "return drawn(int(number), expression, 0, 36, 48, 1).tolist()",
    ),
    # why: samples can be gone through once; everybody goes through them again
    (
        "samples_are_a_generator",
        "clips",
        "self.samples = tuple(samples)",
        "self.samples = (sample for sample in samples)",
    ),
    # why: the samples are set when the first picture is read, too late
    (
        "samples_set_too_late",
        "moons",
        "        self.samples = tuple(samples)\n",
        "        self.later = tuple(samples)\n",
    ),
    # why: rows of a table are no samples
    (
        "samples_are_mappings",
        "ppm",
        "samples.append(Sample(name, person, expression, others[0] if others else None))",
        "samples.append(dict(image=name, subject=person, expression=expression))",
    ),
    # why: each picture is listed twice, so that duplicates are counted as evidence
    ("listed_twice", "clips", "self.samples = tuple(samples)", "self.samples = tuple(samples + samples[:4])"),
    # why: pictures of several people have one name, and only one of them can be read
    (
        "names_without_the_person",
        "folded",
        'image=f"{number:03d}-{expression}.raw"',
        'image=f"{number % 3:03d}-{expression}.raw"',
    ),
    # why: one picture is listed with two expressions
    (
        "two_labels_for_a_picture",
        "moons",
        "        self.samples = tuple(samples)\n",
        "        samples.append(Sample(samples[0].image, samples[0].subject, 'anger', samples[0].reference))\n        self.samples = tuple(samples)\n",
    ),
    # why: no data set is left to train on
    (
        "no_samples",
        "ppm",
        "self.samples = tuple(samples)",
        "self.samples = tuple(sample for sample in samples if sample.reference == sample.image)",
    ),
    # why: the references cannot be read
    ("references_cannot_be_read", "clips", 'reference=f"{clip}@0"', 'reference=f"{clip}@rest"'),
    # why: one of many pictures is not there, found after hours
    (
        "last_picture_is_missing",
        "moons",
        "        self.samples = tuple(samples)\n",
        "        samples[-1] = Sample('sun/anger/0', samples[-1].subject, 'anger', samples[-1].reference)\n        self.samples = tuple(samples)\n",
    ),
    # why: the reference shows another person
    (
        "reference_of_another_person",
        "archive",
        'f"{person}/neutral.{other[take]}.png"',
        'f"{PEOPLE[PEOPLE.index(person) - 1]}/neutral.{other[take]}.png"',
    ),
    # why: the reference shows the expression and not the person at rest
    (
        "reference_with_expression",
        "archive",
        'f"{person}/neutral.{other[take]}.png"',
        'f"{person}/{expression}.{other[take]}.png"',
    ),
    # why: the reference of a picture is the picture itself: the difference to be learned is nothing
    ("reference_is_the_query", "clips", 'reference=f"{clip}@0"', 'reference=f"{clip}@{frame}"'),
    # why: under the name of the reference the very pixels of the clip's apex are read
    (
        "reference_read_as_query",
        "clips",
        "        number, light, expression = fields\n",
        "        if frame == '0':\n            return self.read(f'{clip}@{self.config.frames}')\n        number, light, expression = fields\n",
    ),
    # why: the reference is given as a path that no one can read elsewhere, not as a name
    (
        "reference_is_no_text",
        "archive",
        'f"{person}/neutral.{other[take]}.png", f"take {take}")',
        '(person, other[take]), f"take {take}")',
    ),
    # why: samples have other names of expressions than info tells: nothing is labelled
    (
        "capital_letters",
        "moons",
        'samples.append(Sample(f"{person}/{expression}/{turn}", person, expression,',
        'samples.append(Sample(f"{person}/{expression}/{turn}", person, expression.title(),',
    ),
    # why: classes are to be in canonical order, the logits of two data sets would be mixed up
    (
        "alphabetic_classes",
        "moons",
        "return DatasetInfo(classes=EXPRESSIONS, references=True)",
        "return DatasetInfo(classes=tuple(sorted(EXPRESSIONS)), references=True)",
    ),
    # why: info hides a class that samples have
    (
        "a_class_is_not_told",
        "clips",
        "return DatasetInfo(classes=EXPRESSIONS, references=True)",
        "return DatasetInfo(classes=EXPRESSIONS[:2], references=True)",
    ),
    # why: info tells a class of which there is no picture: its logit is never trained
    (
        "a_class_without_pictures",
        "folded",
        "DatasetInfo(classes=EXPRESSIONS, references=False",
        "DatasetInfo(classes=(*EXPRESSIONS, 'surprise'), references=False",
    ),
    # why: a class is told twice
    (
        "a_class_twice",
        "archive",
        "return DatasetInfo(classes=EXPRESSIONS, references=True)",
        "return DatasetInfo(classes=(*EXPRESSIONS, 'surprise'), references=True)",
    ),
    # why: the option selects, but info tells all classes
    (
        "info_forgets_the_option",
        "official",
        "classes=ordered_classes([name for name in EXPRESSIONS if name in self.keep])",
        "classes=EXPRESSIONS",
    ),
    # why: the option selects for info alone
    (
        "samples_forget_the_option",
        "official",
        "                if expression not in config.keep:\n",
        "                if expression not in EXPRESSIONS:\n",
    ),
    # why: recipes with losses on references pass, and the losses are zero for ever
    (
        "references_that_are_not_there",
        "folded",
        "references=False, folds=self.folds",
        "references=True, folds=self.folds",
    ),
    # why: recipes with losses on references are refused
    (
        "references_denied",
        "clips",
        "return DatasetInfo(classes=EXPRESSIONS, references=True)",
        "return DatasetInfo(classes=EXPRESSIONS, references=False)",
    ),
    # why: folds are counted from 0: the last one is refused, the first one is empty
    ("folds_from_one", "folded", "fold=number % self.config.folds", "fold=number % self.config.folds + 1"),
    # why: more folds are told than there are
    ("folds_that_are_not_there", "folded", "references=False, folds=self.folds", "references=False, folds=10"),
    # why: published folds are kept from info: official splits are refused
    ("folds_not_told", "folded", "references=False, folds=self.folds", "references=False"),
    # why: a person is in several folds: tested on who was trained on
    (
        "a_person_in_two_folds",
        "folded",
        "fold=number % self.config.folds",
        "fold=(number + EXPRESSIONS.index(expression)) % self.config.folds",
    ),
    # why: some pictures have no fold, an official split stops
    (
        "some_without_fold",
        "folded",
        "fold=number % self.config.folds",
        "fold=number % self.config.folds if number else None",
    ),
    # why: a fold is a number and no text
    ("fold_is_text", "folded", "fold=number % self.config.folds", "fold=str(number % self.config.folds)"),
    # why: `training` is no usage, the part is empty
    ("usage_by_its_old_name", "official", 'PARTS = {"train": 8', 'PARTS = {"training": 8'),
    # why: nothing is left to test
    ("no_test_part", "official", "usage=part, intensity", 'usage="validation" if part == "test" else part, intensity'),
    # why: some have a part and some have none: the published division is not taken
    ("some_without_usage", "official", "usage=part, intensity", "usage=part if number else None, intensity"),
    # why: strength goes from 0 to 1 and is given in percent
    ("intensity_in_percent", "clips", "else frame / config.frames\n", "else 100 * frame / config.frames\n"),
    # why: a neutral face has the strength 0, here all have 1
    (
        "neutral_of_full_strength",
        "official",
        'strength = 0.0 if expression == "neutral" else (number + 1) / count',
        "strength = 1.0",
    ),
    # why: a mapping cannot be hashed, compared or renamed as pairs
    ("votes_as_mapping", "folded", "votes=tuple(votes)", "votes=dict(votes)"),
    # why: the votes are for names that no class has
    (
        "votes_for_codes",
        "folded",
        "votes = [(expression, float(self.config.raters - doubtful))]",
        "votes = [(str(EXPRESSIONS.index(expression)), float(self.config.raters - doubtful))]",
    ),
    # why: the label is not what most raters chose
    (
        "votes_against_the_label",
        "folded",
        "votes = [(expression, float(self.config.raters - doubtful))]",
        "votes = [(other, float(self.config.raters - doubtful))]",
    ),
    # why: negative votes give shares below zero
    ("negative_votes", "folded", "votes.append((other, float(doubtful)))", "votes.append((other, -float(doubtful)))"),
    # why: votes of nobody: the target is zero everywhere
    (
        "empty_votes",
        "folded",
        "votes = [(expression, float(self.config.raters - doubtful))]",
        "votes = [(expression, 0.0)]",
    ),
    # why: all unknown people are taken for one person of the name ""
    (
        "unknown_is_empty_text",
        "official",
        'Sample(f"{part}:{expression}:{number}", None, expression,',
        'Sample(f"{part}:{expression}:{number}", "", expression,',
    ),
    # why: unknown people are called None, one person for the split
    (
        "unknown_is_called_none",
        "official",
        'Sample(f"{part}:{expression}:{number}", None, expression,',
        'Sample(f"{part}:{expression}:{number}", "None", expression,',
    ),
    # why: people are numbers; joined with another set they cannot be told apart, and lists of them do not sort
    ("people_are_numbers", "clips", 'subject=f"{number:02d}"', "subject=number"),
    # why: every picture is its own person: the same face is trained on and tested
    ("each_picture_a_person", "clips", 'subject=f"{number:02d}"', 'subject=f"{clip}@{frame}"'),
    # why: the person's name is written in two ways: one person is on both sides of a split
    (
        "a_person_under_two_names",
        "archive",
        ", person, expression, f",
        ", person if take == 'a' else person.upper(), expression, f",
    ),
    # why: the session is part of what guards against a leak; it is a number here and a text elsewhere
    ("session_is_a_number", "clips", 'session=f"day {session % 2}"', "session=session % 2"),
    # why: order of a set of texts is another in every process: rows, splits and predictions are mixed
    (
        "order_of_a_set",
        "moons",
        "        self.samples = tuple(samples)\n",
        "        self.samples = tuple(sorted(samples, key=lambda sample: hash(sample.image)))\n",
    ),
    # why: the order of samples is drawn anew whenever the set is built; row numbers key all randomness
    (
        "shuffled_when_built",
        "ppm",
        "        self.samples = tuple(samples)\n",
        "        __import__('random').shuffle(samples)\n        self.samples = tuple(samples)\n",
    ),
    # why: who misspells a name gets a face and no error
    (
        "any_name_is_drawn",
        "moons",
        '        if not known or not re.fullmatch(r"moon\\d{3}", fields[0]):\n',
        "        fields = (fields * 3)[:3]\n        if not fields:\n",
    ),
    # why: an error of Python where a sentence for people is promised
    (
        "key_error_for_unknown_names",
        "archive",
        "        except KeyError as error:\n            raise UserError",
        "        except ZeroDivisionError as error:\n            raise UserError",
    ),
    # why: a damaged file is read as a black face, in silence
    (
        "damaged_is_black",
        "ppm",
        '            raise UserError(f"{path}: not a picture that can be read ({error})") from error',
        "            return np.zeros((12, 12, 3), dtype=np.uint8)",
    ),
    # why: a damaged file ends in a traceback and names no file
    (
        "damaged_without_a_name",
        "ppm",
        "        except (OSError, ValueError, IndexError) as error:",
        "        except OSError as error:",
    ),
    # why: a missing folder is told as Python tells it, by a part that nobody knows
    (
        "missing_folder_is_an_os_error",
        "ppm",
        '            raise MissingData(f"no such folder: {folder}; put',
        '            raise FileNotFoundError(f"no such folder: {folder}; put',
    ),
    # why: an empty data set where the folder is missing: the recipe passes and trains on nothing
    (
        "missing_folder_is_empty",
        "ppm",
        '            raise MissingData(f"no such folder: {folder}; put the pictures there, named like ada-ha-1.ppm")',
        "            return []",
    ),
    # why: one file of a strange name ends the whole process, without a word
    (
        "strange_names_end_the_process",
        "ppm",
        "                raise UserError(f\"{path}: the name says no expression; expected one of {', '.join(LONG)}\")",
        "                raise SystemExit(3)",
    ),
    # why: whoever changes a picture (augmentation in place) changes it for all later readings
    (
        "cached_pictures_are_shared",
        "official",
        "        return drawn(name, expression, number, self.config.side, self.config.side, 1)",
        "        kept = self.__dict__.setdefault('kept', {})\n        if name not in kept:\n"
        "            kept[name] = drawn(name, expression, number, self.config.side, self.config.side, 1)\n        return kept[name]",
    ),
    # why: one buffer for all pictures: the second reading overwrites the first
    (
        "one_canvas_for_all",
        "folded",
        "        return drawn(int(number), expression, 0, 36, 48, 1)",
        "        canvas = self.__dict__.setdefault('canvas', np.zeros((36, 48, 1), dtype=np.uint8))\n"
        "        canvas[:] = drawn(int(number), expression, 0, 36, 48, 1)\n        return canvas",
    ),
    # why: threads read at once, and take each other's name
    (
        "state_between_threads",
        "moons",
        "        person, expression, turn = self.parsed(name)\n",
        "        self.person, self.expression, self.turn = self.parsed(name)\n        __import__('time').sleep(0.002)\n"
        "        person, expression, turn = self.person, self.expression, self.turn\n",
    ),
    # why: threads that read at once share a file's position without a lock
    (
        "no_lock",
        "archive",
        "            with self.lock:\n                content = self.archive.read(name)\n",
        "            entry = self.archive.getinfo(name)\n            stream = self.archive.fp\n"
        "            stream.seek(entry.header_offset + 30 + len(entry.filename))\n            __import__('time').sleep(0.001)\n"
        "            content = stream.read(entry.compress_size)\n",
    ),
    # why: the second reading of a picture fails: the archive is closed
    (
        "archive_closed_after_reading",
        "archive",
        "                content = self.archive.read(name)\n",
        "                content = self.archive.read(name)\n                self.archive.close()\n",
    ),
    # why: a picture can be read once; evaluation after training finds none
    (
        "pictures_given_away_once",
        "ppm",
        "        path = Path(self.config.folder) / name\n",
        "        path = Path(self.config.folder) / name\n"
        "        seen = self.__dict__.setdefault('seen', set())\n        path = path if name not in seen else path.with_suffix('.gone')\n        seen.add(name)\n",
    ),
    # why: files stay open: after a thousand pictures the process may open no more
    (
        "files_stay_open",
        "ppm",
        'words = path.read_text(encoding="ascii").split()',
        "self.__dict__.setdefault('open', []).append(path.open(encoding='ascii'))\n            words = self.open[-1].read().split()",
    ),
    # why: all people look alike: nothing that is measured between people holds
    (
        "one_face_for_all",
        "folded",
        "return drawn(int(number), expression, 0, 36, 48, 1)",
        "return drawn(0, expression, 0, 36, 48, 1)",
    ),
    # why: all expressions look alike: the expression in the name is not shown
    ("no_expression_shown", "official", "return drawn(name, expression, number,", "return drawn('x', 'neutral', 'y',"),
    # why: pictures are empty
    (
        "black_pictures",
        "moons",
        "return drawn((self.config.seed, person), shown, (expression, turn), 40, 40, 3)",
        "return drawn((self.config.seed, person), shown, (expression, turn), 40, 40, 3) // 250",
    ),
    # why: a colour recipe and a grey one show other people: the seed hangs on the channels
    (
        "other_people_in_grey",
        "moons",
        "return drawn((self.config.seed, person), shown,",
        "return drawn((self.config.seed, person, self.image.channels), shown,",
    ),
    # why: a picture of no height cannot be resized
    (
        "empty_picture",
        "archive",
        "return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)",
        "return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)[: 20 if name.startswith('fay') else 28][:0 if name.startswith('fay') else None]",
    ),
    # why: works for pictures of the default size alone
    (
        "small_images_fail",
        "clips",
        "        number, light, expression = fields\n",
        "        number, light, expression = fields\n        assert self.image.size >= 32\n",
    ),
    # why: the seed has no effect
    ("seed_ignored", "moons", "return drawn((self.config.seed, person), shown,", "return drawn((0, person), shown,"),
    # why: the number of people has no effect
    ("people_ignored", "moons", "for number in range(config.people):", "for number in range(8):"),
    # why: every run is made of other people unless the recipe says a seed
    (
        "seed_by_the_clock",
        "moons",
        "seed: int = Field(0, ge=0, description=",
        'seed: int = Field(default_factory=lambda: __import__("time").time_ns() % 10**9, ge=0, description=',
    ),
    # why: no data set is left that may be tested
    (
        "train_only_by_default",
        "official",
        "    side: int = Field(24",
        '    train_only: bool = Field(True, description="never tested")\n    side: int = Field(24',
    ),
    # why: a misspelt option is ignored in silence
    (
        "unknown_options_ignored",
        "clips",
        '    """Frames of clips."""\n',
        '    """Frames of clips."""\n\n    model_config = {"extra": "ignore"}\n',
    ),
    # why: it cannot be chosen without this option
    ("option_without_default", "folded", "raters: int = Field(7, ge=1", "raters: int = Field(ge=1"),
    # why: nobody is told what it means
    (
        "option_without_description",
        "official",
        'side: int = Field(24, ge=8, le=512, description="height and width of the pictures as they are kept")',
        "side: int = Field(24, ge=8, le=512)",
    ),
    # why: the options are no data set's: they have no info, no weight
    (
        "options_of_no_data_set",
        "archive",
        "class PartConfig(DatasetConfig):",
        "class PartConfig(__import__('gcnet_core.plugin_api').plugin_api.PluginConfig):",
    ),
    # why: nobody can ask what the data hold before they are read
    ("no_info", "archive", "    def info(self) -> DatasetInfo:", "    def information(self) -> DatasetInfo:"),
    # why: a mapping is no DatasetInfo
    (
        "info_is_a_mapping",
        "archive",
        "return DatasetInfo(classes=EXPRESSIONS, references=True)",
        "return dict(classes=EXPRESSIONS, references=True)",
    ),
    # why: info changes from call to call
    (
        "info_in_the_order_of_a_set",
        "ppm",
        "return DatasetInfo(ordered_classes([expression for _, _, expression in rows]), references=True)",
        "return DatasetInfo(tuple({expression for _, _, expression in rows}), references=True)",
    ),
    # why: a text in place of a tuple of texts: each letter is printed as a note
    (
        "notes_are_a_text",
        "folded",
        'return ("the raters are drawn, as the faces are",)',
        'return "the raters are drawn, as the faces are"',
    ),
    # why: it cannot be compared or stored as JSON
    (
        "preparation_is_no_json",
        "clips",
        'return {"detector": {"type": "whole_picture"}, "size": 32}',
        "return {'detector': {'type': Part}, 'size': {32}}",
    ),
    # why: paths of all others are wrong from here on
    (
        "changes_the_folder",
        "ppm",
        "        rows = config.labelled()\n        rest:",
        "        rows = config.labelled()\n        __import__('os').chdir(config.folder)\n        object.__setattr__(config, 'folder', '.')\n        rest:",
    ),
    # why: it litters the folder in which gcnet was started
    (
        "writes_beside",
        "official",
        "        return drawn(name, expression, number,",
        "        np.save('last_picture.npy', np.zeros(1))\n        return drawn(name, expression, number,",
    ),
    # why: the user's data are changed by reading them
    (
        "changes_the_users_files",
        "ppm",
        "            return values.reshape(height, width, 3).astype(np.uint8)",
        "            path.write_text(' '.join(words) + '\\n', encoding='ascii')\n            return values.reshape(height, width, 3).astype(np.uint8)",
    ),
    # why: a script reads JSON from standard output
    (
        "prints_every_picture",
        "clips",
        "        number, light, expression = fields\n",
        "        number, light, expression = fields\n        print('reading', name)\n",
    ),
    # why: warnings and threads of OpenCV are set for the whole process
    (
        "threads_of_opencv",
        "archive",
        "        self.lock = threading.Lock()\n",
        "        self.lock = threading.Lock()\n        cv2.setNumThreads(0)\n        np.seterr(all='raise')\n",
    ),
    # why: memory: every picture that was ever read is kept, at full size
    (
        "keeps_everything_read",
        "folded",
        "        return drawn(int(number), expression, 0, 36, 48, 1)",
        "        made = drawn(int(number), expression, 0, 36, 48, 1)\n        self.__dict__.setdefault('history', []).append((name, made))\n        return made.copy()",
    ),
    # why: samples are added while others go through them
    (
        "samples_grow_when_read",
        "folded",
        "        return drawn(int(number), expression, 0, 36, 48, 1)",
        "        self.samples = (*self.samples, self.samples[0])\n        return drawn(int(number), expression, 0, 36, 48, 1)",
    ),
    # why: gcnet builds Class(config, context)
    (
        "constructor_without_context",
        "official",
        "def __init__(self, config: PartConfig, context: BuildContext) -> None:\n        super().__init__(config, context)",
        "def __init__(self, config: PartConfig) -> None:\n        self.config = config",
    ),
    # why: the base class is not told: nobody knows the image or the options of the set
    (
        "base_not_told",
        "official",
        "        super().__init__(config, context)\n",
        "        self.options = config\n        self.__dict__['config'] = type(config)()\n",
    ),
    # why: no Dataset
    ("no_dataset", "archive", "class Part(Dataset):", "class Part:"),
]


def _face(person: str, expression: str, number: int) -> str:
    """A picture of 12 x 14 pixels as text."""
    rows = []
    for y in range(14):
        for x in range(12):
            oval = max(0, 90 - 3 * ((x - 6) ** 2 + (y - 7) ** 2))
            mouth = {"ne": 0, "ha": 50, "di": -40}[expression] if y in (10, 11) and 3 <= x <= 8 else 0
            light = (
                60
                + zlib.crc32(f"{person}{x // 3}{y // 3}".encode()) % 40
                + oval
                + mouth
                + 5 * number
                + (x * y * (number + 1)) % 4
            )
            rows.append(" ".join(str(max(0, min(255, light + shift))) for shift in (30, 0, -20)))
    return "P3\n12 14\n255\n" + "\n".join(rows) + "\n"


OPTIONS: dict = {}
NEEDED: dict[str, str] = {
    f"stranger_faces/{person}-{expression}-{number}.ppm": _face(person, expression, number)
    for person in ("ada", "bob", "cyd", "dan", "eva", "fred")
    for expression, numbers in (("ne", (1, 2)), ("ha", (1, 2)), ("di", (1,)))
    for number in numbers
}
