"""What pydantic found, in plain words."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

Path = tuple[Any, ...]
"""Keys from the root to a value."""

EXPECTED = {
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a mapping of keys to values",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "none_required": "null",
}
LONGEST = 200
"""Characters of a value that a message shows."""
LIMITS = {
    "greater_than_equal": ("ge", "at least {}"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "at most {}"),
    "less_than": ("lt", "less than {}"),
    "multiple_of": ("multiple_of", "a multiple of {}"),
    "too_short": ("min_length", "a list of at least {} entries"),
    "too_long": ("max_length", "a list of at most {} entries"),
}


def expectation(error: ErrorDetails) -> str | None:
    """What was expected, as a noun; None if the error is of another sort.

    Args:
        error: one entry of `ValidationError.errors()`.
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind in EXPECTED:
        return EXPECTED[kind]
    if kind in LIMITS:
        name, text = LIMITS[kind]
        return text.format(_number(context[name]))
    if kind == "literal_error":
        return str(context["expected"]).replace("'", "")
    return None


def sentence(errors: list[ErrorDetails], value: Any) -> str:
    """One sentence for all errors at one value: the members of a union each tell one.

    Args:
        errors: at the same place.
        value: what is written there.
    """
    expected: dict[str, None] = {}  # each once, in order
    others: dict[str, None] = {}
    for error in errors:
        noun = expectation(error)
        if noun:
            expected[noun] = None
        else:
            others[_own_words(error)] = None
    if not expected:
        return "; ".join(others)
    return "; ".join([f"expected {' or '.join(expected)}, not {shown(value)}", *others])


def shown(value: Any) -> str:
    """A value as a user would recognise it."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return "nothing"
    return f"the text {short(repr(value))}" if isinstance(value, str) else short(str(value))


def short(text: str) -> str:
    """A text as a message can show it: no more than its beginning."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _own_words(error: ErrorDetails) -> str:
    """The message of a validator of ours, without pydantic's prefix."""
    return error["msg"].removeprefix("Value error, ")


def _number(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def by_place(errors: list[ErrorDetails], existing: Callable[[Path], Path]) -> dict[Path, list[ErrorDetails]]:
    """Errors by the value they are about; pydantic's locations also name the members of unions.

    Args:
        errors: of `ValidationError.errors()`.
        existing: as much of a path as is written.
    """
    places: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        lacks_value = error["type"] in ("missing", "extra_forbidden")
        path = error["loc"] if lacks_value else existing(error["loc"])
        places.setdefault(path, []).append(error)
    return places


def faults(error: ValidationError, written: Any) -> str:
    """All that is wrong with options of which no place in a file is known, each with its key.

    Args:
        error: what pydantic found.
        written: the options.
    """
    places = by_place(error.errors(include_url=False), lambda path: _existing(path, written))
    texts = []
    for path, entries in places.items():
        key, text = ".".join(map(str, path)), _fault(path, entries, written)
        texts.append(f"{key}: {text}" if key else text)
    return "; ".join(texts)


def _fault(path: Path, entries: list[ErrorDetails], written: Any) -> str:
    kind = entries[0]["type"]
    if kind == "missing":
        return "this option is missing"
    if kind == "extra_forbidden":
        return "there is no such option"
    for key in path:
        written = written[key]
    return sentence(entries, written)


def _existing(path: Path, written: Any) -> Path:
    """As much of a path as is written."""
    for depth, key in enumerate(path):
        inside = isinstance(written, dict) and key in written
        if not inside and not (isinstance(written, list | tuple) and key in range(len(written))):
            return path[:depth]
        written = written[key]
    return path
