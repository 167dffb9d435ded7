"""Guarded: every call of a plugin's code goes through here, so that it harms nobody and its faults bear its name."""

import re
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

from pydantic.errors import PydanticErrorMixin

from gcnet_core.errors import PluginError


class _Aside:
    """Standard output of a plugin: its lines go to standard error, each with whose it is."""

    def __init__(self, who: str) -> None:
        self.mark, self.begins = f"{who} prints: ", True

    def write(self, text: str) -> int:
        for line in text.splitlines(keepends=True):
            sys.stderr.write(self.mark + line if self.begins else line)
            self.begins = line.endswith("\n")
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


_one_at_a_time = threading.RLock()
"""Threads that build detectors would otherwise leave each other's standard output behind."""


@contextmanager
def aside(who: str) -> Iterator[None]:
    """What a plugin prints goes to standard error: on standard output a script may be reading JSON.

    Args:
        who: prints, for people.
    """
    with _one_at_a_time, redirect_stdout(_Aside(who)):
        yield


@contextmanager
def guarded(
    who: str, package: str = "", prefix: str = "", passes: tuple[type[BaseException], ...] = ()
) -> Iterator[None]:
    """Run the code of a plugin: its prints are put aside, and whatever it raises becomes one sentence.

    Args:
        who: the part or plugin, for people.
        package: its top-level package, to name the line of it that raised.
        prefix: of the sentence.
        passes: what is raised as it is, like Ctrl-C.

    Raises:
        PluginError: with the sentence, for anything else, `sys.exit` included.
    """
    as_it_is: tuple[type[BaseException], ...] = (KeyboardInterrupt, *passes)
    with aside(who):
        try:
            yield
        except as_it_is:
            raise
        except BaseException as error:
            raise PluginError(prefix + in_one_line(error, package)) from error


def in_one_line(error: BaseException, package: str = "") -> str:
    """An exception as one line, with the line of code that raised it.

    Args:
        error: the exception.
        package: the deepest line of this top-level package is named; none without one.
    """
    places = [
        f" ({frame.f_code.co_filename}:{line})"
        for frame, line in traceback.walk_tb(error.__traceback__)
        if package not in ("", "gcnet_core") and frame.f_globals.get("__name__", "").partition(".")[0] == package
    ]
    return _words(error) + "".join(places[-1:])


def _words(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it ended the process by sys.exit({'' if error.code is None else repr(error.code)})"
    if isinstance(error, PydanticErrorMixin):
        return _pydantic_words(error)
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _pydantic_words(error: PydanticErrorMixin) -> str:
    """What is wrong with a class of options; pydantic's own words know no `ClassVar` of ours."""
    name = re.search(r"`(\w+) = |Field '(\w+)'", error.message)
    if error.code in ("model-field-missing-annotation", "model-field-overridden") and name:
        option = name[1] or name[2]
        return (
            f"`{option}` has no type; write `{option}: TYPE = Field(DEFAULT, description=...)` for an option, "
            f"`{option}: ClassVar[TYPE] = ...` for what is none"
        )
    first_paragraph = error.message.split("\n\n")[0]
    return f"{type(error).__name__}: {' '.join(first_paragraph.split())}"
