"""The switch: which installed plugins are loaded, by `GCNET_PLUGINS` and `--no-plugin`."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gcnet_core.errors import UserError
from gcnet_core.plugin_api.suggest import suggestion

VARIABLE = "GCNET_PLUGINS"
BY = f"switched off by {VARIABLE} or --no-plugin"


@dataclass(frozen=True)
class Switch:
    """Which plugins are loaded; each is named by its entry point, or by its distribution for all that are in it.

    Args:
        only: those that are loaded; none: all.
        without: those that are left out all the same.
    """

    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def lets(self, *names: str) -> bool:
        """Whether a plugin of these names, its own and its distribution's, is loaded."""
        called = {_canonical(name) for name in names}
        return not called & self.without and bool(not self.only or called & self.only)

    def refuse_unknown(self, names: Iterable[str]) -> None:
        """Tell a name that no plugin has.

        Raises:
            UserError: with the nearest name.
        """
        known = {_canonical(name): name for name in names}
        for name in sorted((self.only | self.without) - known.keys()):
            hint = suggestion(name, sorted(known.values()))
            raise UserError(f"{VARIABLE} or --no-plugin: no plugin is called {name}; {hint}")


def current_switch() -> Switch:
    """What `GCNET_PLUGINS` says: `a,b` loads these alone, `-a,-b` all but these; unset or empty loads all."""
    words = [word.strip() for word in os.environ.get(VARIABLE, "").split(",") if word.strip()]
    only = frozenset(_canonical(word) for word in words if not word.startswith("-"))
    return Switch(only, frozenset(_canonical(word[1:]) for word in words if word.startswith("-")))


def leave_out(names: Iterable[str]) -> None:
    """Switch plugins off for this process and for those that it starts, such as the jobs of a comparison."""
    words = [os.environ.get(VARIABLE, ""), *(f"-{name}" for text in names for name in text.split(",") if name)]
    os.environ[VARIABLE] = ",".join(word for word in words if word)


def _canonical(name: str) -> str:
    """A name as package indexes compare them."""
    return re.sub(r"[-_.]+", "-", name).lower()
