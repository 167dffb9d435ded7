"""Every whole number that a recipe can hold has an upper bound; every other number is finite."""

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import ValidationError

from gcnet_core.plugin_api import Options, Registry
from gcnet_core.recipe.schema import Recipe


def classes(registry: Registry) -> Iterator[type[Options]]:
    """The sections of a recipe, and the options of all parts."""
    waiting: list[Any] = [Recipe, *(found.spec.config for found in registry.parts.values())]
    seen: set[Any] = set()
    while waiting:
        found = waiting.pop()
        if isinstance(found, type) and issubclass(found, Options):
            if found not in seen:
                seen.add(found)
                yield found
                waiting += [field.annotation for field in found.model_fields.values()]
        else:
            waiting += get_args(found)


def whole_numbers(annotation: Any, metadata: tuple[Any, ...]) -> Iterator[bool]:
    """For each whole number in an annotation, whether it has an upper bound."""
    if get_origin(annotation) is Annotated:
        yield from whole_numbers(annotation.__origin__, (*metadata, *annotation.__metadata__))
    elif annotation is int:
        inner = [mark for entry in metadata for mark in (entry, *getattr(entry, "metadata", ()))]
        yield any(getattr(mark, name, None) is not None for mark in inner for name in ("le", "lt"))
    else:
        for argument in get_args(annotation):
            yield from whole_numbers(argument, metadata)


def test_every_whole_number_has_an_upper_bound(registry: Registry) -> None:
    found = list(classes(registry))
    unbounded = [
        f"{owner.__name__}.{name}"
        for owner in found
        for name, field in owner.model_fields.items()
        if not all(whole_numbers(field.annotation, tuple(field.metadata)))
    ]
    assert len(found) > 40
    assert not unbounded


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), 1e300, 10**400], ids=range(5))
def test_every_number_is_finite(registry: Registry, value: float) -> None:
    for owner in classes(registry):
        for name, field in owner.model_fields.items():
            if field.annotation in (float, float | None):
                with pytest.raises(ValidationError) as error:
                    owner.model_validate({name: value}, context={"registry": registry})
                assert (name,) in [found["loc"][:1] for found in error.value.errors()], (owner, name)


def test_a_seed_may_be_as_large_as_torch_takes(registry: Registry) -> None:
    with pytest.raises(ValidationError) as error:
        Recipe.model_validate({"seed": 2**63 - 1}, context={"registry": registry})
    assert ("seed",) not in [found["loc"] for found in error.value.errors()]
    with pytest.raises(ValidationError) as error:
        Recipe.model_validate({"seed": 2**63}, context={"registry": registry})
    assert ("seed",) in [found["loc"] for found in error.value.errors()]
