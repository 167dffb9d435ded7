"""Problems of a recipe: all of them at once, each with file, line and column."""

import logging
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from gcnet_core.plugin_api import UserError
from gcnet_core.plugin_api.suggest import suggestion as suggestion

FLAG, VARY, ENGINE, ENGINE_SET = "--set ", "--vary ", "--engine ", "--engine-set "
FLAGS = (FLAG, VARY, ENGINE, ENGINE_SET)
"""What stands before the text of an override in the name of its place."""
MOST = 100
"""Problems that are told one by one."""
LONGEST = 500
"""Characters of an override that are shown."""


@dataclass(frozen=True, order=True)
class Place:
    """A place in a text: file, line and column from 1; an override is a place of its own, named by its text."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        if not self.file.startswith(FLAGS):
            return f"{self.file}:{self.line}:{self.column}"
        return self.file if len(self.file) <= LONGEST else f"{self.file[:LONGEST]}..."


@dataclass(frozen=True, order=True)
class RecipeProblem:
    """What is wrong at a place of a recipe.

    Args:
        place: where.
        message: what is wrong and what to do.
        path: the keys from the recipe's root.
        fatal: whether nothing that follows from it can be judged, e.g. broken YAML.
    """

    place: Place
    message: str
    path: tuple[Any, ...] = field(default=(), compare=False)
    fatal: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass
class Problems:
    """A growing list of problems, each told once; and of notes on what is right, but will not be for ever."""

    found: list[RecipeProblem] = field(default_factory=list)
    told: set[RecipeProblem] = field(default_factory=set)
    notes: dict[Place, str] = field(default_factory=dict)

    def add(self, place: Place, message: str, path: tuple[Any, ...] = (), *, fatal: bool = False) -> None:
        """Tell a problem."""
        problem = RecipeProblem(place, message, path, fatal)
        if problem not in self.told:
            self.told.add(problem)
            self.found.append(problem)

    def note(self, place: Place, message: str) -> None:
        """Tell something that is no problem yet."""
        self.notes[place] = message

    def log_notes(self, *, without_file: Path | None = None) -> None:
        """Write the notes as warnings, each once as long as the process runs.

        Args:
            without_file: whose notes are not of interest, because nobody wrote it by hand.
        """
        for place, message in self.notes.items():
            if place.file != str(without_file):
                _warn_once(f"{place}: {message}")

    @property
    def fatal(self) -> bool:
        """Whether any problem leaves nothing to judge."""
        return any(problem.fatal for problem in self.found)

    def raise_any(self) -> None:
        """Raise all problems together.

        Raises:
            RecipeError: if there are any.
        """
        if self.found:
            raise RecipeError(sorted(self.found))


@cache
def _warn_once(text: str) -> None:
    logging.getLogger("gcnet").warning(text)


class RecipeError(UserError):
    """A recipe is wrong; the text has one line for each problem, as file:line:column: message."""

    def __init__(self, problems: list[RecipeProblem]) -> None:
        more = len(problems) - MOST
        told = [*map(str, problems[:MOST]), *([f"and {more:,} more"] if more > 0 else [])]
        super().__init__("\n".join(told))
        self.problems = problems
