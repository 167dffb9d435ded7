"""One thing that a user should know about data."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that a user should know.

    Args:
        name: short, stable, for scripts.
        severity: `error` if figures on these data would be wrong, `warning` if they may be, `note` otherwise.
        text: what is the matter and what to do.
        count: how many images, pairs or people.
        images: names, in groups that belong together (a pair of duplicates).
    """

    name: str
    severity: Severity
    text: str
    count: int
    images: tuple[tuple[str, ...], ...] = ()
