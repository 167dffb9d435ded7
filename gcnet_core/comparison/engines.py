"""The engine that a user chooses by `--engine` and `--engine-set`."""

from collections.abc import Sequence

from gcnet_core.interfaces import BuildContext, Engine
from gcnet_core.plugin_api import ImageConfig, Options, Registry, UserError, part_of
from gcnet_core.recipe.check import validated
from gcnet_core.recipe.merge import apply_overrides
from gcnet_core.recipe.problems import ENGINE, ENGINE_SET, Place, Problems
from gcnet_core.recipe.tree import Node, mapping

LOCAL, TYPE = "local", "type"
"""The engine where none is named: processes of this machine."""


class EngineChoice(Options):
    """What the two options say together."""

    engine: part_of("engine")  # type: ignore[valid-type]


def build_engine(registry: Registry, name: str = LOCAL, settings: Sequence[str] = ()) -> Engine:
    """Build an engine.

    Args:
        registry: where it is looked up.
        name: of the engine.
        settings: its options, as texts KEY=VALUE.

    Raises:
        UserError: with every mistake, each with the text that holds it, or if something that it needs is missing.
    """
    problems = Problems()
    place = Place(ENGINE + name, 1, 1)
    for setting in settings:
        if setting.partition("=")[0].strip() == TYPE:
            raise UserError(f"--engine-set {setting}: which engine runs the jobs is said by --engine")
    options = apply_overrides(mapping(place), settings, problems, ENGINE_SET)
    part = Node(place, {"type": Node(place, name, {}), **options.content}, {"type": place, **options.keys})
    choice = validated(EngineChoice, Node(place, {"engine": part}, {"engine": place}), registry, problems).value
    problems.log_notes()
    problems.raise_any()
    assert choice is not None
    engine: Engine = BuildContext(registry, ImageConfig()).build(choice.engine)
    return engine
