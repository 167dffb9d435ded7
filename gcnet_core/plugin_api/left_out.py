"""Files that lie among the data and are no part of them: each is named, with the reason."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class LeftOut:
    """A file in the folder of a data set that no sample shows.

    Args:
        file: path relative to the folder, with `/`.
        reason: why, in the same words for all files of a kind, as they are counted by it: `hidden`, `no picture: .txt`,
            `the class ahegao is not among data.classes`.
        expected: whether such files lie in every folder, such as hidden ones; pictures never are.
    """

    file: str
    reason: str
    expected: bool = False


def by_reason(files: Iterable[LeftOut]) -> dict[str, int]:
    """How many files were left out for each reason, the most frequent first."""
    return dict(Counter(file.reason for file in files).most_common())
