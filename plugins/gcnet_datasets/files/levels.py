"""Levels: which folder above a picture is the expression, which one the person, which one the published part.

The level at which most folders bear the name of an expression is that of the classes, however deep it lies. Where no
folder bears one, the folders at the top are the classes, or those below them where the top holds no pictures.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from gcnet_core.plugin_api import USAGE, Usage
from gcnet_datasets.labels import expression_name, known_expression

Folders = Mapping[str, tuple[str, ...]]
"""By picture, the folders above it from the top."""


@dataclass(frozen=True)
class Placed:
    """A picture in its class folder.

    Args:
        name: of the picture in the tree.
        folder: of the class, as it is written.
        person: folder of the person; None where none is there.
        usage: published part; None where there is none.
    """

    name: str
    folder: str
    person: str | None
    usage: Usage | None

    @property
    def expression(self) -> str:
        """Canonical name of the class."""
        return expression_name(self.folder)


@dataclass(frozen=True)
class Levels:
    """The pictures of a tree of class folders.

    Args:
        placed: those in class folders, sorted by name.
        left_out: why each other one is none of them.
        people_below: whether the folders of people lie in those of the classes.
    """

    placed: tuple[Placed, ...]
    left_out: Mapping[str, str]
    people_below: bool = False


def is_expression(folder: str) -> bool:
    """Whether a folder bears the name of an expression."""
    return known_expression(folder) is not None


def find_levels(pictures: Sequence[str]) -> Levels:
    """Tell classes, people and parts apart.

    Args:
        pictures: paths of all pictures of a tree.
    """
    folders = {name: PurePosixPath(name).parts[:-1] for name in pictures}
    level, known = _class_level(folders)
    part = _part_level(folders, level)
    left = {name: _why_outside(above, level, part) for name, above in folders.items()}
    inside = {name: above for name, above in folders.items() if not left[name]}
    below = known and bool(inside) and all(len(above) > level + 1 for above in inside.values())
    deepest = level + 1 + below
    left |= {name: _too_deep(below=below) for name, above in inside.items() if len(above) > deepest}
    inside = {name: above for name, above in inside.items() if not left[name]}
    person = level + 1 if below else _person_level(inside, level, part, known=known)
    placed = [
        Placed(
            name,
            above[level],
            None if person is None else above[person],
            None if part is None else USAGE[above[part].lower()],
        )
        for name, above in sorted(inside.items())
    ]
    return Levels(tuple(placed), {name: why for name, why in left.items() if why}, below)


def _class_level(folders: Folders) -> tuple[int, bool]:
    """How many folders lie above those of the classes, and whether any of these bears the name of an expression."""
    counts = Counter(level for above in folders.values() for level, name in enumerate(above) if is_expression(name))
    if counts:
        most = max(counts.values())
        return min(level for level, count in counts.items() if count == most), True
    first = int(any(_is_part(above[0]) for above in folders.values() if above))
    direct = any(len(above) == first + 1 and (not first or _is_part(above[0])) for above in folders.values())
    return (first if direct else first + 1), False


def _part_level(folders: Folders, level: int) -> int | None:
    """The level of the folders train, validation and test; None where there are none."""
    counts = Counter(at for above in folders.values() for at, name in enumerate(above[:level]) if _is_part(name))
    return counts.most_common(1)[0][0] if counts else None


def _is_part(folder: str) -> bool:
    return folder.lower() in USAGE


def _why_outside(above: Sequence[str], level: int, part: int | None) -> str:
    """Why a picture lies in no class folder; empty where it lies in one."""
    if len(above) <= level:
        return "lies beside the class folders"
    if part is not None and not _is_part(above[part]):
        return "lies outside the folders of the published parts"
    return ""


def _too_deep(*, below: bool) -> str:
    return f"lies deeper than the {'folders of people' if below else 'class folders'}"


def _person_level(folders: Folders, level: int, part: int | None, *, known: bool) -> int | None:
    """The level above the classes that tells people apart: the lowest with several folders; one folder only wraps."""
    above = [at for at in range(level) if at != part]
    if not known:
        return above[-1] if above else None
    several = [at for at in above if len({place[at] for place in folders.values()}) > 1]
    return several[-1] if several else None
