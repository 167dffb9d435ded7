"""People whom the names of files and folders name: found by a pattern, or guessed, and a guess may be refused."""

import dataclasses
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from gcnet_core.data.expression_names import expression_name
from gcnet_core.data.people import MANY, person_in_path
from gcnet_core.plugin_api import NEUTRAL, USAGE, Sample

NAME_BEGINS = r"^([^\W_]+)"
"""The letters and digits, of any alphabet, with which a name begins: a guess where nobody said who is in a picture."""
SHOWN = 3
NO_PEOPLE = frozenset({
    *USAGE, "im", "img", "image", "images", "pic", "picture", "photo", "face", "faces", "frame", "crop", "cropped",
    "aligned", "sample", "dsc", "screenshot", "file", "fer", "ffhq", "untitled",
})  # fmt: skip
"""Words with which names of files begin that name no person, in lower case."""
JOINERS = "\u200c\u200d"
"""Invisible characters inside words of Persian and of Indian scripts."""


def found_person(pattern: str, name: str) -> tuple[bool, str | None]:
    """Whom a name names.

    Args:
        pattern: regular expression whose first group is the person. Marks on letters count as letters, so that no
            script is cut in the middle of a word.
        name: of a file or folder.

    Returns:
        Whether the pattern fits, and the person; None for a text that names nobody.
    """
    name = unicodedata.normalize("NFC", name)
    as_letters = "".join("x" if unicodedata.category(sign)[0] == "M" or sign in JOINERS else sign for sign in name)
    match = re.search(pattern, as_letters) or re.search(pattern, name)
    if match is None:
        return False, None
    return True, person_in_path(name[slice(*match.span(1))]) if match[1] is not None else None


def with_plausible_people(samples: Sequence[Sample]) -> tuple[list[Sample], str]:
    """Samples whose people were guessed from file names, without the people where the guess is none.

    Args:
        samples: the person of each is what its file name begins with.

    Returns:
        The samples, and what a user should know: how many people were found, or why none.
    """
    samples = [dataclasses.replace(sample, subject=_plausible(sample)) for sample in samples]
    doubt = _doubt(samples)
    if doubt:
        text = (
            f"The file names seem to name no people ({doubt}), so nobody knows who is in the pictures, and no neutral "
            "face is a reference. If they do, say how by `data.subject`, a pattern such as `^(S\\d+)_`; pictures in "
            "folders train and test can do without (`split.scheme: official`)."
        )
        return [dataclasses.replace(sample, subject=None) for sample in samples], text
    people = sorted({sample.subject for sample in samples if sample.subject is not None})
    first = ", ".join(people[:SHOWN])
    reference = "; the neutral face of each is the reference" if any(s.expression == NEUTRAL for s in samples) else ""
    return samples, (
        f"People are guessed from the beginnings of file names: {len(people):,}, first {first}{reference}. If they are "
        "none, say so by `data.subject: null`, or how names tell by a pattern such as `^(S\\d+)_`."
    )


def _plausible(sample: Sample) -> str | None:
    """The guessed person; nobody where the name is a bare number of the picture, or a word for pictures."""
    name = sample.subject
    if name is None:
        return None
    is_whole = name == unicodedata.normalize("NFC", PurePosixPath(sample.image).stem)
    word = _without_number(name) if is_whole else name  # S05.png may be a person, 05.png and img05.png are pictures
    return None if word.lower() in {"", *NO_PEOPLE} else name


def _without_number(name: str) -> str:
    return re.sub(r"\d+$", "", name)


def _doubt(samples: Sequence[Sample]) -> str:
    """Why the guessed people are none; empty where they may be."""
    images = Counter(sample.subject for sample in samples if sample.subject is not None)
    if not images:
        return "they are bare numbers, or begin with a word for a picture or a part of the data"
    (name, most), total = images.most_common(1)[0], sum(images.values())
    own_class = sum(expression_name(_without_number(sample.subject or "")) == sample.expression for sample in samples)
    if 2 * own_class > total:
        return f"they begin with the expression, first {name}"
    if len(images) == 1 and total > 1:
        return f"all begin with {name}"
    return f"{most:,} begin with {name}" if most > MANY else ""
