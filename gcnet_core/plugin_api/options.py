"""Options: what a person writes under one key of a recipe. Keys that were renamed are understood for one version."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator, model_validator

from gcnet_core.plugin_api.numbers import check_numbers


class Options(BaseModel):
    """A mapping of keys to values: unknown keys forbidden, frozen after validation, defaults only here.

    `renamed_keys` gives the name of today for a key that the last version called otherwise, `renamed_values` the same
    for a value, by key, where None is null; `moved_keys` gives the part and its option to which a key moved, where 0
    says nothing. Old folders, models and recipes are read by them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")

    renamed_keys: ClassVar[Mapping[str, str]] = {}
    renamed_values: ClassVar[Mapping[str, Mapping[str, str | None]]] = {}
    moved_keys: ClassVar[Mapping[str, tuple[str, str]]] = {}

    @classmethod
    def old_keys(cls) -> dict[str, str]:
        """The name of today by each old one, those of the classes above included."""
        return cls._inherited("renamed_keys")

    @classmethod
    def old_values(cls) -> dict[str, Mapping[str, str | None]]:
        """By key, the value of today by each old one."""
        return cls._inherited("renamed_values")

    @classmethod
    def moved(cls) -> dict[str, tuple[str, str]]:
        """By old key, the part and its option to which it moved."""
        return cls._inherited("moved_keys")

    @classmethod
    def _inherited(cls, name: str) -> dict[str, Any]:
        """A mapping of this class joined with those of the classes above."""
        joined: dict[str, Any] = {}
        for base in cls.__mro__:
            joined |= vars(base).get(name, {})
        return joined

    @model_validator(mode="before")
    @classmethod
    def _with_names_of_today(cls, written: Any) -> Any:
        """An old key beside the new one is left as it is, and so is an error: which of them would hold?"""
        if not isinstance(written, dict):
            return written
        keys, values = cls.old_keys(), cls.old_values()
        renamed = {}
        for key, value in written.items():
            name = keys[key] if key in keys and keys[key] not in written else key
            renamed[name] = values[name].get(value, value) if name in values and isinstance(value, str) else value
        return cls._moved(renamed)

    @field_validator("*", mode="after")
    @classmethod
    def _numbers_of_a_machine(cls, value: Any, info: ValidationInfo) -> Any:
        """For every option, those of third parties too."""
        check_numbers(value, cls.model_fields[str(info.field_name)])
        return value

    @classmethod
    def _moved(cls, written: dict[str, Any]) -> dict[str, Any]:
        """The same with the keys that moved into a part."""
        for key, (part, option) in cls.moved().items():
            value = written.pop(key, None)
            if value:
                chosen = written.get(part, cls.model_fields[part].default)
                options = {"type": chosen} if isinstance(chosen, str) else chosen
                written[part] = {**options, option: value} if isinstance(options, dict) else options
        return written


def refuse_old_members(owner: type, old: Mapping[str, str], since: str = "0.2") -> None:
    """Stop a class that still defines what has another name now, which would be ignored in silence.

    Args:
        owner: a class of a plugin.
        old: the present name by each old one.
        since: version of gcnet that renamed them.

    Raises:
        TypeError: naming both.
    """
    for name, present in old.items():
        if name in vars(owner):
            raise TypeError(f"{owner.__name__}.{name} is called {present} since gcnet {since}; rename it")
