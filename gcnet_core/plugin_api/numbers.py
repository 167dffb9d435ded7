"""Numbers that a machine can hold: what no option takes, unless its field says so."""

import math
from typing import Annotated, Any

from pydantic import Field
from pydantic.fields import FieldInfo

LARGEST_INT = 2**53
"""Whole numbers up to here are the same everywhere: in JSON, and in floats of 64 bits."""
LARGEST_FLOAT = 3.4e38
"""Beyond, a number is infinite in the 32 bits in which networks compute."""
LARGEST_SEED = 2**63 - 1
"""Seeds of torch's generators end here."""
LARGEST_WIDTH = 16_384
"""Of a layer; two of them in a row have a gigabyte of weights."""

Betas = tuple[Annotated[float, Field(ge=0, lt=1)], Annotated[float, Field(ge=0, lt=1)]]
"""Annotation of the decay rates of Adam's moments."""


def check_numbers(value: Any, field: FieldInfo) -> None:
    """See that numbers of an option, those inside lists and mappings too, are finite and not beyond all use.

    A field with an upper bound of its own has said how large a whole number may be, and one whose default is infinite
    that it may be infinite.

    Args:
        value: after validation.
        field: of the option.

    Raises:
        ValueError: naming the number.
    """
    bounded = any(hasattr(entry, name) for entry in field.metadata for name in ("le", "lt"))
    infinite = isinstance(field.default, float) and not math.isfinite(field.default)
    for number in _numbers(value):
        if isinstance(number, float) and not infinite and not abs(number) <= LARGEST_FLOAT:
            raise ValueError(f"{_told(number)} is no number that can be computed with; give a finite one")
        if isinstance(number, int) and not bounded and abs(number) > LARGEST_INT:
            raise ValueError(f"{_told(number)} is too large; the largest whole number is {LARGEST_INT:,}")


def _numbers(value: Any) -> list[int | float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return [number for entry in value for number in _numbers(entry)]
    return [value] if isinstance(value, int | float) else []


def _told(number: int | float) -> str:
    """A number as people write it, in few digits."""
    if isinstance(number, float):
        return f"{number:g}" if math.isfinite(number) else str(number).replace("inf", ".inf").replace("nan", ".nan")
    return str(number) if abs(number) < 10**24 else f"a number of {math.floor(math.log10(abs(number))) + 1} digits"
