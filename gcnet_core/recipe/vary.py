"""`--vary KEY=VALUE,VALUE`: one recipe becomes several."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from gcnet_core.plugin_api import UserError
from gcnet_core.recipe.problems import VARY, Problems
from gcnet_core.recipe.source import parse
from gcnet_core.recipe.text import one_line


@dataclass(frozen=True)
class Variant:
    """One choice of the varied values.

    Args:
        label: the choice as people read it, e.g. `encoder.name=resnet18`; empty if nothing is varied.
        overrides: the same as texts KEY=VALUE, as `--set` takes them.
    """

    label: str
    overrides: tuple[str, ...]


def variants(vary: Sequence[str]) -> list[Variant]:
    """Every combination of the values that are varied.

    Args:
        vary: texts KEY=VALUE,VALUE; the values are the entries of a YAML list, so that one with a comma stands in
            quotes, brackets or braces.

    Returns:
        One variant without overrides if nothing is varied.

    Raises:
        UserError: if a text is no such list.
    """
    found = []
    for chosen in product(*(_choices(text) for text in vary)):
        labels = [label for label, _ in chosen]
        found.append(Variant(" ".join(labels), tuple(override for _, override in chosen)))
    return found


def _choices(text: str) -> list[tuple[str, str]]:
    """Label and override of each value of a key."""
    key, equals, values = text.partition("=")
    wrong = UserError(f"--vary {text}: expected KEY=VALUE,VALUE, such as --vary model.generator.type=vae,gan")
    if not equals or not key.strip():
        raise wrong
    problems = Problems()
    entries = parse(f"[{values}]", VARY + text, problems).plain()
    if problems.found:
        raise UserError(f"{wrong}; {problems.found[0].message}")
    if len(entries) == 1 and isinstance(entries[0], list):  # KEY=[a, b] is read as KEY=a,b
        entries = entries[0]
    if not entries:
        raise wrong
    key = key.strip()
    short = ".".join(key.split(".")[-2:])
    choices = []
    for entry in entries:
        value = one_line(entry)
        label = entry if isinstance(entry, str) else value
        choices.append((f"{short}={label}", f"{key}={value}"))
    return choices
