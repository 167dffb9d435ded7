"""The nearest name to one that nobody has."""

import difflib
from collections.abc import Iterable
from typing import Any


def suggestion(name: Any, valid: Iterable[str]) -> str:
    """The nearest valid name, or all of them."""
    names = list(valid)
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(names) or 'none'}"
