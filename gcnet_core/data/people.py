"""Who is who: which texts name nobody, and which names are one name that was spelt in several ways."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

NOBODY = frozenset({"", "nan", "none", "null", "unknown"})
"""What programs and people write where nobody knows the person, in any case: in folders, file names and lists."""
NOBODY_IN_LISTS = NOBODY | {"na", "n/a", "-", "?", "<na>", "#n/a"}
"""The same in the cells of a list. A folder may be called NA, as JAFFE has a person of that name."""
MANY = 1000
"""Images of one person above which one asks whether it is a person: 118 people of CK+ have 981 together."""


def person_in_list(cell: str | None) -> str | None:
    """The person whom a cell of a list names; None where it names nobody."""
    return _person(cell, NOBODY_IN_LISTS)


def person_in_path(text: str | None) -> str | None:
    """The person whom a folder, or a piece of a file's name, names; None where it names nobody."""
    return _person(text, NOBODY)


def _person(text: str | None, nobody: frozenset[str]) -> str | None:
    """A name without blanks around it, its letters encoded in one way (NFC)."""
    name = unicodedata.normalize("NFC", text or "").strip()
    return None if name.casefold() in nobody else name


def spelt_alike(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Groups of names that differ in case, blanks, leading zeros or the encoding of letters alone.

    A bare number is the name with one letter or word before it, such as 1 and S01, if all such names have the same one.

    Returns:
        The names of each group, sorted; none for names that are spelt in one way.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for name in sorted(set(names)):
        groups[_key(name)].append(name)
    prefixed = {key: match for key in groups if (match := re.fullmatch(r"([^\W\d_]+)(\d+)", key))}
    if len({match[1] for match in prefixed.values()}) == 1:
        for key, match in prefixed.items():
            groups[key] += groups.pop(match[2], [])
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)


def _key(name: str) -> str:
    """What all spellings of a name share."""
    letters = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    return re.sub(r"(?<!\d)0+(?=\d)", "", letters)
