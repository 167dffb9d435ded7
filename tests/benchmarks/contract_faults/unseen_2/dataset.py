"""Data sets of the second round: other good ones, and other ways to spoil them."""

import zlib

import numpy

HEAD = '''"""A data set in one file."""

import csv
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, ClassVar

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


def dice(*key: object) -> np.random.Generator:
    """Random numbers that hang on the key alone, the same in every process."""
    return np.random.default_rng(zlib.crc32(repr(key).encode()))


def sketch(person: str, expression: str, shot: object, height: int, width: int, colours: int) -> np.ndarray:
    """Skin and hair of the person, mouth and brows of the expression, noise of the shot."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    own, told, here = dice("p", person), dice("e", expression), dice("s", person, expression, shot)
    skin, hair = own.uniform(0.45, 0.8, colours), own.uniform(0.05, 0.4, colours)
    picture = np.full((height, width, colours), own.uniform(0.1, 0.9))
    picture[(x / own.uniform(0.6, 0.8)) ** 2 + (y / 0.9) ** 2 < 1] = skin
    picture[y < own.uniform(-0.8, -0.5)] = hair
    bend = 0.0 if expression == "neutral" else told.choice([-0.5, -0.3, 0.3, 0.5])
    open_ = 0.05 if expression == "neutral" else told.uniform(0.05, 0.2)
    picture[(np.abs(y - 0.45 + bend * (x**2 - 0.1)) < open_) & (np.abs(x) < 0.4)] = 0.1
    brow = -0.35 if expression == "neutral" else -0.35 + told.uniform(-0.1, 0.1)
    picture[(np.abs(y - brow) < 0.06) & (np.abs(np.abs(x) - 0.3) < 0.15)] = 0.15
    return (255 * (picture + here.normal(0, 0.015, picture.shape)).clip(0, 1)).round().astype(np.uint8)

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


TABLE = _source(
    "a table with the pixels of each face in one column",
    '''
class PartConfig(DatasetConfig):
    """A table in a file."""

    codes: ClassVar[Mapping[int, str]] = {0: "neutral", 1: "anger", 2: "happiness", 3: "sadness"}

    file: str = Field("second_round/faces.csv", description="the table, relative to where gcnet is started")

    def rows(self) -> list[tuple[str, str, str, np.ndarray]]:
        path = Path(self.file)
        if not path.is_file():
            raise MissingData(f"no such file: {path}; expected a table with the columns person, code, take, pixels")
        found = []
        with path.open(encoding="utf-8", newline="") as lines:
            for line, row in enumerate(csv.DictReader(lines), start=2):
                try:
                    expression = self.codes[int(row["code"])]
                    pixels = np.array(row["pixels"].split(), dtype=np.int64)
                    if pixels.size != 144 or pixels.min() < 0 or pixels.max() > 255:
                        raise ValueError("expected 144 numbers from 0 to 255")
                except (KeyError, ValueError, AttributeError, TypeError) as error:
                    raise UserError(f"{path}:{line}: {error}") from error
                found.append((row["person"], expression, row["take"], pixels.astype(np.uint8).reshape(12, 12, 1)))
        if not found:
            raise MissingData(f"{path} has no rows")
        return found

    def info(self) -> DatasetInfo:
        return DatasetInfo(ordered_classes([expression for _, expression, _, _ in self.rows()]), references=True)


class Part(Dataset):
    """The reference is the neutral face of the other take."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        samples, self.pixels = [], {}
        rows = config.rows()
        for person, expression, take, pixels in rows:
            self.pixels[f"{person}/{expression}/{take}"] = pixels
        for person, expression, take, _ in rows:
            reference = f"{person}/neutral/{'b' if take == 'a' else 'a'}"
            samples.append(Sample(f"{person}/{expression}/{take}", person, expression, reference if reference in self.pixels else None, take))
        self.samples = tuple(samples)

    def read(self, name: str) -> np.ndarray:
        if name not in self.pixels:
            raise UserError(f"{name}: no face of {self.config.file} is called so")
        return self.pixels[name].copy()
''',
)

ALBUMS = _source(
    "coloured pictures of many sizes, names in many letters, and people of whom no face at rest is known",
    '''
MOODS = ("neutral", "disgust", "awe", "smirk")


class PartConfig(DatasetConfig):
    """Albums of people."""

    people: int = Field(8, ge=3, le=400, description="number of albums")
    each: int = Field(2, ge=1, le=5, description="pictures of each expression in an album")

    def info(self) -> DatasetInfo:
        return DatasetInfo(ordered_classes(MOODS), references=True)


class Part(Dataset):
    """Every third person was never seen at rest."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        samples = []
        for number in range(config.people):
            person = f"Zoë {number}"
            for mood in MOODS:
                if mood == "neutral" and number % 3 == 2:
                    continue
                for turn in range(config.each):
                    rest = None if number % 3 == 2 else f"{person} · neutral · 9"
                    samples.append(Sample(f"{person} · {mood} · {turn}", person, mood, rest, session=f"trip {turn}"))
        self.samples = tuple(samples)

    def read(self, name: str) -> np.ndarray:
        fields = name.split(" · ")
        who = fields[0].split(" ")
        known = len(fields) == 3 and len(who) == 2 and who[0] == "Zoë" and who[1].isdigit() and fields[1] in MOODS
        if not known or not fields[2].isdigit():
            raise UserError(f"{name}: in no album; names look like Zoë 3 · awe · 0")
        number = int(who[1])
        height, width = 20 + 3 * (number % 7), 18 + 5 * (number % 4)
        return sketch(fields[0], fields[1], fields[2], height, width, 3)
''',
)

DIVIDED = _source(
    "three published parts of known people, judged by raters, from weak to strong",
    '''
FEELINGS = ("neutral", "contempt", "fear", "surprise")
DIVISION = ("train", "train", "train", "validation", "test")


class PartConfig(DatasetConfig):
    """Parts of people."""

    people: int = Field(10, ge=5, le=200, description="number of people")
    raters: int = Field(9, ge=3, le=99, description="how many people judged each picture")
    strengths: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field((0.5, 1.0), min_length=1, description="strengths of expressions that are drawn, 0 to 1")
    seed: int = Field(3, ge=0, description="number from which the people are drawn")

    def info(self) -> DatasetInfo:
        return DatasetInfo(FEELINGS, references=False)

    def notes(self) -> tuple[str, ...]:
        return ("the people are drawn",)

    def preparation(self):
        return {"detector": {"type": "whole_picture"}, "size": 30, "seed": self.seed}


class Part(Dataset):
    """Every fifth person is for validation, every fifth for the test."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.samples = tuple(
            self.sample(number, feeling, turn)
            for number in range(config.people)
            for feeling in FEELINGS
            for turn in range(len(config.strengths))
        )

    def sample(self, number: int, feeling: str, turn: int) -> Sample:
        doubt = 1 if (number + turn) % 2 else 0
        other = FEELINGS[(FEELINGS.index(feeling) + 2) % 4]
        votes = ((feeling, float(self.config.raters - doubt)), (other, float(doubt))) if doubt else ((feeling, float(self.config.raters)),)
        return Sample(
            image=f"{number}.{feeling}.{turn}",
            subject=f"s{number}",
            expression=feeling,
            usage=DIVISION[number % 5],
            intensity=0.0 if feeling == "neutral" else self.config.strengths[turn],
            votes=votes,
        )

    def read(self, name: str) -> np.ndarray:
        number, _, rest = name.partition(".")
        feeling, _, turn = rest.partition(".")
        if feeling not in FEELINGS or not number.isdigit() or not turn.isdigit() or int(turn) >= len(self.config.strengths):
            raise UserError(f"{name}: no such picture; names look like 4.fear.0")
        who, strength = f"{self.config.seed}-{number}", 0.0 if feeling == "neutral" else self.config.strengths[int(turn)]
        rest_, apex = (sketch(who, shown, turn, 30, 30, 1).astype(np.float64) for shown in ("neutral", feeling))
        return (rest_ + strength * (apex - rest_)).round().clip(0, 255).astype(np.uint8)
''',
)

STREAM = _source(
    "frames of a stream that keeps only what changes from frame to frame, with published folds",
    '''
SHOWN = ("neutral", "anger", "happiness")
LENGTH = 4


class PartConfig(DatasetConfig):
    """Clips of a stream."""

    people: int = Field(6, ge=3, le=60, description="number of people")
    folds: int = Field(3, ge=2, le=3, description="number of published folds")
    last: int = Field(LENGTH - 1, ge=1, le=LENGTH - 1, description="the last frame of a clip that is taken")

    def info(self) -> DatasetInfo:
        return DatasetInfo(SHOWN, references=True, folds=self.folds)


class Part(Dataset):
    """Frame 0 is at rest."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        samples = []
        for number in range(config.people):
            for shown in SHOWN:
                for frame in range(1, config.last + 1):
                    strength = 0.0 if shown == "neutral" else frame / (LENGTH - 1)
                    samples.append(
                        Sample(
                            image=f"{number}-{shown}#{frame}",
                            subject=f"{number}",
                            expression=shown,
                            reference=f"{number}-{shown}#0",
                            fold=number % config.folds,
                            intensity=strength,
                        )
                    )
        self.samples = tuple(samples)

    def read(self, name: str) -> np.ndarray:
        clip, _, frame = name.partition("#")
        number, _, shown = clip.partition("-")
        if shown not in SHOWN or not number.isdigit() or not frame.isdigit() or int(frame) >= LENGTH:
            raise UserError(f"{name}: no frame of the stream; names look like 2-anger#3")
        picture = sketch(number, "neutral", 0, 26, 22, 3).astype(np.int64)
        apex = sketch(number, shown, 1, 26, 22, 3).astype(np.int64)
        step = (apex - picture) // (LENGTH - 1)
        for _ in range(int(frame)):
            picture = picture + step
        return picture.clip(0, 255).astype(np.uint8)
''',
)

GOOD: dict[str, str] = {"table": TABLE, "albums": ALBUMS, "divided": DIVIDED, "stream": STREAM}

FAULTS: list[tuple[str, str, str, str]] = [
    # --- common mistakes
    # why: names are to be text; predictions and splits that are stored cannot hold a path
    ("names_are_paths", "divided", 'image=f"{number}.{feeling}.{turn}"', 'image=Path(f"{number}.{feeling}.{turn}")'),
    # why: a list of the class is filled by each object: the second one built holds all samples twice
    (
        "list_of_the_class",
        "stream",
        "    config: PartConfig\n\n    def __init__(self, config: PartConfig, context: BuildContext) -> None:\n        super().__init__(config, context)\n        samples = []",
        "    config: PartConfig\n    kept: list = []\n\n    def __init__(self, config: PartConfig, context: BuildContext) -> None:\n        super().__init__(config, context)\n        samples = self.kept",
    ),
    # why: bytes with a sign: bright pixels are below 0
    (
        "signed_bytes",
        "albums",
        "return sketch(fields[0], fields[1], fields[2], height, width, 3)",
        "return sketch(fields[0], fields[1], fields[2], height, width, 3).astype(np.int8)",
    ),
    # why: torch cannot take arrays with negative steps
    ("negative_steps", "table", "return self.pixels[name].copy()", "return self.pixels[name][:, ::-1]"),
    # why: `info` is asked before anything is built, and then fails
    (
        "info_only_after_building",
        "albums",
        '        return DatasetInfo(ordered_classes(MOODS), references=True)\n\n\nclass Part(Dataset):\n    """Every third person was never seen at rest."""\n\n    config: PartConfig\n\n    def __init__(self, config: PartConfig, context: BuildContext) -> None:\n        super().__init__(config, context)\n',
        '        return DatasetInfo(ordered_classes(built), references=True)\n\n\nclass Part(Dataset):\n    """Every third person was never seen at rest."""\n\n    config: PartConfig\n\n    def __init__(self, config: PartConfig, context: BuildContext) -> None:\n        super().__init__(config, context)\n        globals()[\'built\'] = MOODS\n',
    ),
    # why: numbers of numpy cannot be stored with a run as JSON
    (
        "strength_of_numpy",
        "divided",
        'intensity=0.0 if feeling == "neutral" else self.config.strengths[turn]',
        'intensity=np.float32(0.0 if feeling == "neutral" else self.config.strengths[turn])',
    ),
    # why: what is unknown is to be None; every mean and comparison with it is nan
    ("unknown_strength_is_nan", "stream", "intensity=strength,", "intensity=strength or float('nan'),"),
    # why: a rest of white space makes another expression, which has no place in the canonical order
    (
        "white_space_in_expressions",
        "table",
        'expression = self.codes[int(row["code"])]',
        "expression = self.codes[int(row[\"code\"])] + ' '",
    ),
    # --- subtle
    # why: people of the test part were trained on
    ("a_person_in_two_parts", "divided", "usage=DIVISION[number % 5]", "usage=DIVISION[(number + turn) % 5]"),
    # why: published folds and one published division contradict each other
    (
        "folds_beside_parts",
        "stream",
        "fold=number % config.folds,",
        'fold=number % config.folds,\n                            usage="test" if number % config.folds == 0 else "train",',
    ),
    # why: a sample of weight 0 is never drawn in training
    ("weight_zero", "divided", "            votes=votes,\n", "            votes=votes,\n            weight=0.0,\n"),
    # why: each voter on their own: whoever makes a mapping of it keeps one vote
    (
        "votes_one_by_one",
        "divided",
        "            votes=votes,\n",
        "            votes=tuple((name, 1.0) for name, count in votes for _ in range(int(count))),\n",
    ),
    # why: frames are drawn on top of the one that was read last: pixels hang on the order of reading
    (
        "drawn_on_the_last_frame",
        "stream",
        "        for _ in range(int(frame)):\n            picture = picture + step",
        "        last = self.__dict__.get('last')\n        self.last = picture = (last if last is not None and int(frame) else picture) + step * int(frame) // 2",
    ),
    # why: it says how faces were cut out by the time of day: two equal sets look as if they were prepared otherwise
    (
        "preparation_by_the_clock",
        "divided",
        '"size": 30, "seed": self.seed}',
        '"size": 30, "seed": self.seed, "made": __import__("time").time_ns()}',
    ),
    # why: names are those of one computer; splits and predictions fit to no other folder
    (
        "names_of_this_computer",
        "table",
        "            self.pixels[f\"{person}/{expression}/{take}\"] = pixels\n        for person, expression, take, _ in rows:\n            reference = f\"{person}/neutral/{'b' if take == 'a' else 'a'}\"\n            samples.append(Sample(f\"{person}/",
        "            self.pixels[f\"{Path.cwd()}/{person}/{expression}/{take}\"] = pixels\n        for person, expression, take, _ in rows:\n            reference = f\"{Path.cwd()}/{person}/neutral/{'b' if take == 'a' else 'a'}\"\n            samples.append(Sample(f\"{Path.cwd()}/{person}/",
    ),
    # why: the codes of the authors stand where the names of expressions are expected; nobody is neutral
    (
        "expressions_are_left_as_codes",
        "table",
        'expression = self.codes[int(row["code"])]',
        'expression = str(int(row["code"]))',
    ),
    # why: all warnings of gcnet and of others vanish from then on
    (
        "logging_switched_off",
        "albums",
        "        super().__init__(config, context)\n",
        "        super().__init__(config, context)\n        __import__('logging').disable(__import__('logging').WARNING)\n",
    ),
    # why: a set of one kind has a common option of another type: joining sets by weight fails
    (
        "common_option_of_another_type",
        "albums",
        "    people: int = Field(8",
        "    weight: str = Field('light', description='how heavy the album is')\n    people: int = Field(8",
    ),
    # --- situations that a default call does not show
    # why: a table with a wrong line is to be told with file and line; here nobody knows where to look
    (
        "wrong_line_without_its_place",
        "table",
        'raise UserError(f"{path}:{line}: {error}") from error',
        'raise UserError("the table is damaged") from error',
    ),
    # why: damaged lines are left out in silence, the results are of another set
    ("wrong_lines_left_out", "table", 'raise UserError(f"{path}:{line}: {error}") from error', "continue"),
    # why: the table that was read first is given for every other file too
    (
        "table_of_the_first_file",
        "table",
        "        return found\n",
        "        return globals().setdefault('_rows', found)\n",
    ),
    # why: of the people that the options allow, those from the 100th on cannot be read
    (
        "many_people_cannot_be_read",
        "albums",
        'who[0] == "Zoë" and who[1].isdigit()',
        'who[0] == "Zoë" and who[1].isdigit() and len(who[1]) < 3',
    ),
    # why: the pictures of one person have no axis for channels, the run stops when they are drawn
    (
        "some_pictures_with_two_axes",
        "albums",
        "return sketch(fields[0], fields[1], fields[2], height, width, 3)",
        "picture = sketch(fields[0], fields[1], fields[2], height, width, 3)\n        return picture[:, :, 0] if number == 5 else picture",
    ),
    # why: with other strengths than the default the samples name pictures that cannot be read
    ("strengths_fixed_in_reading", "divided", "int(turn) >= len(self.config.strengths):", "int(turn) >= 2:"),
    # why: an allowed number of folds is promised, but the samples never have the last one
    ("one_fold_too_few", "stream", "fold=number % config.folds,", "fold=number % max(2, config.folds - 1),"),
]

OPTIONS: dict = {}


def _table() -> str:
    lines = ["person,code,take,pixels"]
    y, x = numpy.mgrid[-1:1:12j, -1:1:12j]
    for person in ("ada", "bob", "cyd", "dan", "eva", "fox"):
        for code in range(4):
            for take in "ab":
                own = numpy.random.default_rng(zlib.crc32(person.encode()))
                here = numpy.random.default_rng(zlib.crc32(f"{person}{code}{take}".encode()))
                picture = 0.3 + own.uniform(0.1, 0.4) * (x**2 / own.uniform(0.3, 0.9) + y**2 < 0.9)
                picture[
                    (numpy.abs(y - 0.5 + (code - 1.5) * 0.4 * x**2 * (code > 0)) < 0.12 + 0.05 * code)
                    & (numpy.abs(x) < 0.5)
                ] = 0.05
                pixels = (255 * (picture + here.normal(0, 0.02, picture.shape)).clip(0, 1)).round().astype(int)
                lines.append(f"{person},{code},{take},{' '.join(map(str, pixels.ravel()))}")
    return "\n".join(lines) + "\n"


NEEDED: dict[str, str] = {"second_round/faces.csv": _table()}
