"""A state of training fits the recipe that it came from; of another one, the message says what differs."""

from collections.abc import Iterator, Mapping
from typing import Any

from gcnet_core.plugin_api import UserError
from gcnet_core.recipe import Recipe, resolved

SECTIONS = ("seed", "image", "augment", "model", "losses", "training")
NAMED_BY_USERS = ("losses", "training.stages")
TOLD = 3


def training_values(recipe: Recipe) -> dict[str, Any]:
    """The values of a recipe on which the weights depend, beside the data; plain numbers, texts, lists and dicts."""
    values = resolved(recipe)
    return {name: values[name] for name in SECTIONS}


def check_same_recipe(saved: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """See that two recipes train the same; options that only one version of gcnet knows are passed over.

    Args:
        saved: `training_values` of the recipe that left the state.
        now: those of the recipe that is to go on with it.

    Raises:
        UserError: naming the first values that differ.
    """
    found = list(_differences(saved, now))
    if found:
        more = f" and {len(found) - TOLD} more" if len(found) > TOLD else ""
        raise UserError(f"the state of training is of another recipe: {'; '.join(found[:TOLD])}{more}")


def _differences(saved: Any, now: Any, place: str = "") -> Iterator[str]:
    if not isinstance(saved, Mapping) or not isinstance(now, Mapping):
        if saved != now:
            yield f"{place} was {_written(saved)}, now {_written(now)}"
        return
    if place in NAMED_BY_USERS and list(saved) != list(now):
        yield f"{place} was {_written(saved)}, now {_written(now)}"
        return
    for name in saved:
        if name in now:
            yield from _differences(saved[name], now[name], f"{place}.{name}" if place else name)


def _written(value: Any) -> str:
    """A value as a recipe has it; of a mapping its type or its names."""
    if isinstance(value, Mapping):
        return str(value.get("type") or ", ".join(value) or "empty")
    return "null" if value is None else str(value)
