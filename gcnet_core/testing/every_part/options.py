"""Promises about options, of every kind of part: what they accept works, none is without use, all are found again."""

import inspect
import json
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from gcnet_core.plugin_api import PluginConfig, UserError
from gcnet_core.plugin_api.spec import CONFIGS
from gcnet_core.testing.case import Case, ContractError, DoesNotApply
from gcnet_core.testing.check import check
from gcnet_core.testing.every_part.common import is_built_without_side_effects
from gcnet_core.testing.every_part.use import use
from gcnet_core.testing.examination import AFTERWARDS

NUMBERS = {int: (-1, 0, 1, 2), float: (-1.0, 0.0, 0.5, 1.0, 2.0)}
"""Values that are tried of an option that is a number; those that the option refuses are no fault."""


@check(is_built_without_side_effects)
def stores_its_options(case: Case) -> None:
    """Its options cannot be changed once they are validated, and are found again from their JSON."""
    config = case.part.config
    for name in type(config).model_fields:
        try:
            setattr(config, name, getattr(config, name))
        except (ValueError, TypeError, AttributeError):
            continue
        raise ContractError(f"the option {name} can be changed after validation; leave the class frozen")
    try:
        again = case.registry.part(case.kind, case.name, json.loads(config.model_dump_json())).config
    except Exception as error:
        raise ContractError(f"its options cannot be stored as JSON and read back: {error}") from error
    if again != config:
        raise ContractError("its options are others once they were stored as JSON and read back")
    if getattr(case.build(), "config", None) != config:
        raise ContractError("its attribute `config` is not what it was built with; call super().__init__, and leave it")


@check(stores_its_options, tags=(AFTERWARDS,))
def works_with_the_options_that_it_accepts(case: Case) -> None:
    """With each choice, and with numbers from -1 to 2, it is refused by its options, or builds and answers."""
    if case.options and case.kind in ("dataset", "detector"):
        raise DoesNotApply("which options fit depends on its files")
    for name, other in alternatives(case):
        try:
            use(other)
        except (UserError, OSError, ImportError) as told:
            if "cannot be built" not in str(told) and " returned " not in str(told):
                continue  # something is missing, and that is told
            raise ContractError(_accepts(name, other, told)) from told
        except Exception as error:
            raise ContractError(_accepts(name, other, error)) from error


def _accepts(name: str, case: Case, error: BaseException) -> str:
    value, words = case.options[name], " ".join(str(error).split())
    return (
        f"{name} accepts {value!r}, and then: {words or type(error).__name__}; give it a bound, or refuse it in `check`"
    )


@check(works_with_the_options_that_it_accepts, tags=(AFTERWARDS,))
def reads_every_option(case: Case) -> None:
    """Each option that is a number or a choice is read somewhere when the part is checked, built or used."""
    unread = {name for name, values in choices(type(case.part.config)).items() if values}
    unread -= set(CONFIGS.get(case.kind, PluginConfig).model_fields)
    cases = iter([case, *(other for _, other in alternatives(case))])
    while unread and (chosen := next(cases, None)) is not None:
        seen: set[str] = set()
        with suppress(UserError, OSError, ImportError):  # what is missing is told to users
            use(chosen, _recorded(chosen.part.config, seen))
        unread -= seen
    unread = {name for name in unread if not mentions(case, rf"\.{name}\b")}  # in a case that nobody tried
    if unread:
        raise ContractError(f"nothing reads {', '.join(sorted(unread))}; use the option, or take it away")


def mentions(case: Case, pattern: str) -> bool:
    """Whether the code of the part's package contains what a regular expression describes."""
    package = case.spec.load().__module__.partition(".")[0]
    modules = [module for found, module in sys.modules.items() if found.partition(".")[0] == package]
    for module in modules:
        with suppress(OSError, TypeError):
            if re.search(pattern, inspect.getsource(module)):
                return True
    return False


def alternatives(case: Case) -> Iterator[tuple[str, Case]]:
    """The part with one option changed, for each value that its class and its `check` accept."""
    for name, values in choices(type(case.part.config)).items():
        for value in values:
            other = replace(case, options={**case.options, name: value})
            try:
                config = other.part.config
            except UserError:
                continue
            if config != case.part.config and other.accepts(case.size):
                yield name, other


def choices(options: type[PluginConfig]) -> dict[str, list[Any]]:
    """By option the values that are tried: those of a choice, both of a switch, and a few of a number."""
    return {name: list(_values(field.annotation)) for name, field in options.model_fields.items()}


def _values(annotation: Any) -> Iterator[Any]:
    if annotation is bool:
        yield from (False, True)
    elif get_origin(annotation) is Literal:
        yield from get_args(annotation)
    elif annotation in NUMBERS:
        yield from NUMBERS[annotation]
    elif get_origin(annotation) in (Union, UnionType):
        for choice in get_args(annotation):
            yield from _values(choice)


def _recorded(config: PluginConfig, seen: set[str]) -> PluginConfig:
    """The same options, which note what is read of them."""
    names = set(type(config).model_fields)

    class Recorded(type(config)):  # type: ignore[misc]
        def __getattribute__(self, name: str) -> Any:
            seen.update({name} if name in names else names if name in ("__dict__", "model_dump") else ())
            return super().__getattribute__(name)

        def __iter__(self) -> Any:
            seen.update(names)
            return super().__iter__()

    copy = config.model_copy()
    object.__setattr__(copy, "__class__", Recorded)
    seen.clear()
    return copy


CHECKS = (stores_its_options, works_with_the_options_that_it_accepts, reads_every_option)
