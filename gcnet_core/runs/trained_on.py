"""Who was trained on: the images, labels and people of each part of a run, stored before it trains.

Two files: `data.json` for people, and `data.safetensors` with a few numbers for each image. What is met later, by
`evaluate`, `--resume`, `compare` or `predict`, is held against them; the division is never drawn anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import numpy as np
from jaxtyping import Int16, Int32, UInt8, UInt64

from gcnet_core.files import write_bytes
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.files import DATA, DATA_ARRAYS, METRICS, SUMMARY
from gcnet_core.runs.intact import check_intact, digest_of, is_there
from gcnet_core.runs.reader import read_arrays
from gcnet_core.runs.record import Record, read_record, write_record
from gcnet_core.runs.summary import Summary

PARTS = ("train", "validation", "test", "unused")
"""`unused`: in the data, but in no part, such as training images that are copies of test images."""
TRAIN, VALIDATION, TEST, UNUSED, NEW = range(5)
"""Numbers of the parts; NEW is what no part knows."""
NOTHING = 0
"""Content of an image of one color, which any data set may hold: it tells nothing about where it is from."""
TOLD = 3
"""Names that a message says."""


class PartRecord(Record):
    """One part: how many images, and whose they are, as far as anybody knows."""

    images: int
    people: tuple[str, ...]


class DataRecord(Record):
    """data.json.

    Args:
        fingerprint: of images, labels, people, their division into parts, the recipe, and `smoke`.
        data: of images, labels and people alone; the same in all folds of a run.
        recipe_hash: of the resolved recipe.
        smoke: whether a few steps were trained only.
        classes: expression names in the order of the labels.
        parts: `train`, `validation`, `test`, and what is `unused`.
        arrays_sha256: of data.safetensors.
    """

    fingerprint: str
    data: str
    recipe_hash: str
    smoke: bool
    classes: tuple[str, ...]
    parts: dict[str, PartRecord]
    arrays_sha256: str | None = None


@dataclass(frozen=True, eq=False)
class Images:
    """What is in some data: a few numbers for each image, which say whether two are the same.

    Args:
        name: hash of the name by which the data set reads it.
        content: hash of its pixels; NOTHING if they are all equal.
        reference: content of its reference; NOTHING without one.
        label: class; -1 for none of them.
        person: position in `people`; -1 if nobody knows.
        votes: hash of the raters' votes; NOTHING without.
        people: their names, sorted.
        classes: expression names in the order of the labels.
    """

    name: UInt64[np.ndarray, "image"]
    content: UInt64[np.ndarray, "image"]
    reference: UInt64[np.ndarray, "image"]
    label: Int16[np.ndarray, "image"]
    person: Int32[np.ndarray, "image"]
    votes: UInt64[np.ndarray, "image"]
    people: tuple[str, ...]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.name)

    @cached_property
    def person_hash(self) -> UInt64[np.ndarray, "image"]:
        """Of the name of each person; that of an empty text where nobody knows."""
        return hashes((*self.people, ""))[self.person]

    @cached_property
    def fingerprint(self) -> str:
        """12 hexadecimal digits, the same for the same pixels with the same labels and people under any file names."""
        return self.digest(np.zeros(len(self), dtype=np.uint8))

    def digest(self, part: UInt8[np.ndarray, "image"], also: str = "") -> str:
        """12 hexadecimal digits of all of it, a number for each image, and a text."""
        labels = hashes((*self.classes, ""))[self.label]
        columns = (self.content, self.reference, labels, self.person_hash, self.votes, part.astype(np.uint64))
        rows = np.stack(columns, axis=1).astype("<u8")
        ordered = rows[np.lexsort(rows.T)]
        text = "\0".join((*self.classes, also)).encode("utf-8", "surrogatepass")
        return blake2b(ordered.tobytes() + text, digest_size=6).hexdigest()

    def whose(self, rows: np.ndarray) -> list[str]:
        """Names of the people in some images, sorted."""
        return [self.people[person] for person in np.unique(self.person[rows]) if person >= 0]


@dataclass(frozen=True, eq=False)
class TrainedOn:
    """What a run of one fold is trained, chosen by, and tested on.

    Args:
        images: all images of its data.
        part: number of the part of each.
        recipe_hash: of the resolved recipe.
        smoke: whether a few steps are trained only.
    """

    images: Images
    part: UInt8[np.ndarray, "image"]
    recipe_hash: str
    smoke: bool

    @property
    def fingerprint(self) -> str:
        """12 hexadecimal digits of all of it."""
        return self.images.digest(self.part, f"{self.recipe_hash} {self.smoke}")

    @property
    def division(self) -> str:
        """12 hexadecimal digits of the images and the parts in which they are."""
        return self.images.digest(self.part)

    def record(self) -> DataRecord:
        """What data.json says."""
        rows = {name: np.flatnonzero(self.part == number) for number, name in enumerate(PARTS)}
        parts = {name: PartRecord(images=len(of), people=tuple(self.images.whose(of))) for name, of in rows.items()}
        return DataRecord(
            fingerprint=self.fingerprint,
            data=self.images.fingerprint,
            recipe_hash=self.recipe_hash,
            smoke=self.smoke,
            classes=self.images.classes,
            parts=parts,
        )

    def contents(self, *parts: int) -> UInt64[np.ndarray, "content"]:
        """The contents of all images of some parts, references too, each once."""
        rows = np.isin(self.part, parts)
        found = np.unique(np.concatenate([self.images.content[rows], self.images.reference[rows]]))
        return found[found != NOTHING]

    def people(self, *parts: int) -> list[str]:
        """Names of all people of some parts."""
        return self.images.whose(np.isin(self.part, parts))


def write_trained_on(folder: Path, trained_on: TrainedOn) -> None:
    """Write both files into a run folder; data.json is the last."""
    from safetensors.numpy import save

    images = trained_on.images
    arrays = {name: getattr(images, name) for name in ("name", "content", "reference", "label", "person", "votes")}
    write_bytes(folder / DATA_ARRAYS, save({**arrays, "part": trained_on.part}))
    arrays_sha256 = digest_of(folder / DATA_ARRAYS)
    write_record(folder / DATA, trained_on.record().model_copy(update={"arrays_sha256": arrays_sha256}))


def read_data_record(folder: Path) -> DataRecord | None:
    """What data.json of a run says; None for a run of an older gcnet, which has none.

    Raises:
        UserError: if it is damaged, or gone from a run that had it.
    """
    if is_there(folder / DATA):
        return read_record(folder / DATA, DataRecord)
    finished = read_record(folder / SUMMARY, Summary) if is_there(folder / SUMMARY) else None
    began = is_there(folder / DATA_ARRAYS) and is_there(folder / METRICS)  # else it was killed between both files
    if began or (finished and DATA in finished.files):
        raise UserError(f"{folder / DATA}: is missing, so that nobody knows who was trained on; restore it")
    return None


def read_trained_on(folder: Path) -> TrainedOn | None:
    """What a run is trained on; None for a run of an older gcnet, which did not store it.

    Raises:
        UserError: if a file is damaged, or only one of them is there.
    """
    record = read_data_record(folder)
    if record is None:
        return None
    if is_there(folder / DATA_ARRAYS):
        check_intact(folder / DATA_ARRAYS, record.arrays_sha256, DATA, "Restore both files, or train again")
    arrays = read_arrays(folder / DATA_ARRAYS)
    part = arrays.pop("part", None)
    people = tuple(sorted({name for of in record.parts.values() for name in of.people}))
    try:
        images = Images(**arrays, people=people, classes=record.classes)
        assert part is not None
        whole = TrainedOn(images, part, record.recipe_hash, record.smoke)
        if whole.fingerprint == record.fingerprint:
            return whole
    except (TypeError, AssertionError, IndexError, ValueError):
        pass
    raise UserError(
        f"{folder / DATA_ARRAYS}: is missing, damaged, or does not belong to {DATA} beside it, so that nobody knows "
        "who was trained on; restore both files, or train again"
    )


def hash_of(text: str) -> int:
    """64 bits of a name."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def hashes(texts: Iterable[str]) -> UInt64[np.ndarray, "text"]:
    """64 bits of each name."""
    return np.fromiter(map(hash_of, texts), dtype=np.uint64)


def first_names(names: Sequence[str], told: int = TOLD) -> str:
    """The first few of some names, and how many more there are."""
    more = f" and {len(names) - told:,} more" if len(names) > told else ""
    return f"{', '.join(' '.join(name.split()) for name in names[:told])}{more}"


def number_of(count: int, one: str, many: str = "") -> str:
    """`1 image`, `2,000 images`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
