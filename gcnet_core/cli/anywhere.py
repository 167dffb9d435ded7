"""The words of the line before a command reads them: where `gcnet`'s own options may stand, and what `~` is."""

import os
from itertools import islice
from typing import Any

from typer.core import TyperGroup

FLAGS, WITH_VALUE = frozenset({"--traceback"}), frozenset({"--no-plugin"})


class AnywhereGroup(TyperGroup):
    """A group that reads its own options wherever they stand, and `~` where a shell leaves it: `--output=~/runs`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [at_home(word) for word in in_front(args)])


def in_front(words: list[str]) -> list[str]:
    """The words of a command line with `gcnet`'s own options moved before the command; none after `--`."""
    moved: list[str] = []
    others: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":
            others += [word, *left]
        elif word in FLAGS or word.partition("=")[0] in WITH_VALUE:
            moved += [word, *islice(left, word in WITH_VALUE)]
        else:
            others.append(word)
    return [*moved, *others]


def at_home(word: str) -> str:
    """A word with the home folder in place of a `~` at its beginning, or at that of an option's value."""
    option, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
    return f"{option}{equals}{os.path.expanduser(value)}"
