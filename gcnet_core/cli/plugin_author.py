"""`gcnet plugins new` and `gcnet plugins check`: for those who write parts."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcnet_core.cli.options import Json, Plugin, only_json
from gcnet_core.output.streams import tell

if TYPE_CHECKING:
    from gcnet_core.plugin_api import ComponentSpec, Registry


def new(
    name: Annotated[str, typer.Argument(help="Name of the new part, as recipes will write it.")],
    kind: Annotated[str, typer.Option(help="Kind of the new part, any that `gcnet plugins` lists.")] = "generator",
    output: Annotated[Path | None, typer.Option(help="New folder; default: gcnet-NAME, here.")] = None,
) -> None:
    """Begin a plugin: a distribution with a part that works, its options, tests, recipe and README.

    Example: gcnet plugins new my_generator --kind generator
    """
    from importlib.metadata import version

    from gcnet_core.plugin_api import discover
    from gcnet_core.scaffold import first_steps, write_distribution

    folder, part = write_distribution(name, kind, output, discover(), version("gcnet"))
    tell(f"{folder} is written. Next:\n")
    for step in (f"cd {folder}", "pip install -e '.[test]'", *first_steps(part, kind)):
        tell(f"    {step}")


def check(
    name: Annotated[str, typer.Argument(help="Name of a part, KIND/NAME, or the Python file of a local plugin.")],
    override: Annotated[
        list[str] | None, typer.Option("--set", metavar="OPTION=VALUE", help="Set an option of the part; repeatable.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(metavar="CHECK", help="Run this check alone; repeatable.")] = None,
    skip: Annotated[list[str] | None, typer.Option(metavar="CHECK", help="Leave this check out; repeatable.")] = None,
    expect: Annotated[
        list[str] | None,
        typer.Option(metavar="CHECK=REASON", help="Expect this check to fail, and say why; repeatable."),
    ] = None,
    plugin: Plugin = None,
    json_output: Json = False,
) -> None:
    """Check that a part keeps the promises of its kind; exit code 1 if it does not.

    A check that others rest on comes first; where it fails, it alone is told, and the others are not judged.

    Example: gcnet plugins check my_generator.py --skip compiles_to_the_same
    """
    from gcnet_core.plugin_api import discover

    local = [name] if name.endswith(".py") else []
    registry = discover([*local, *(plugin or ())])
    chosen, options = _chosen(name, registry), _options(override or ())

    from gcnet_core.cli.contract import Choice, judge
    from gcnet_core.testing import Case

    choice = Choice(frozenset(only or ()), frozenset(skip or ()), _expected(expect or ()))
    checks = choice.of({spec.kind: None for spec in chosen})
    answers = []
    for spec in chosen:
        _refuse_wrong_options(spec, options, registry)
        if spec.kind in checks:
            case = Case(spec.kind, spec.name, options, registry).at_accepted_size()
            with only_json(json_output):
                answers += judge(case, checks[spec.kind], choice.expected, quiet=json_output)
    if json_output:
        print(json.dumps(answers, indent=2))
    if any(answer["fault"] for answer in answers):
        raise typer.Exit(1)


def _chosen(name: str, registry: "Registry") -> "list[ComponentSpec]":
    """The parts that a user means: those of a file, or those of that name."""
    from gcnet_core.plugin_api import UserError

    if name.endswith(".py"):
        chosen = [part for part in registry.everything() if part.distribution == name]
    else:
        chosen = registry.called(name)
    if not chosen:
        raise UserError(f"no part is called {name}; `gcnet plugins` lists them{registry.absences()}")
    for part in chosen:
        registry.get(part.spec.kind, part.spec.name)  # a conflict is told, and what it is between
    return [part.spec for part in chosen]


def _refuse_wrong_options(spec: "ComponentSpec", options: dict[str, Any], registry: "Registry") -> None:
    """What is wrong with the options is told once, not by every check."""
    from gcnet_core.plugin_api import UserError

    try:
        registry.part(spec.kind, spec.name, options, where=str(spec))
    except UserError as error:
        raise UserError(f"{error}; set options with --set OPTION=VALUE") from error


def _expected(texts: Sequence[str]) -> dict[str, str]:
    """Failures that are given as texts CHECK=REASON."""
    from gcnet_core.plugin_api import UserError

    expected = {}
    for text in texts:
        name, _, reason = text.partition("=")
        if not reason.strip():
            raise UserError(f"--expect {text}: expected CHECK=REASON; say why it fails")
        expected[name] = reason.strip()
    return expected


def _options(texts: Sequence[str]) -> dict[str, Any]:
    """Options that are given as texts OPTION=VALUE, the values read as YAML."""
    from gcnet_core.plugin_api import UserError
    from gcnet_core.recipe.problems import FLAG, Problems
    from gcnet_core.recipe.source import parse

    options, problems = {}, Problems()
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"--set {text}: expected OPTION=VALUE")
        options[key] = parse(value, FLAG + text, problems).plain()
    problems.raise_any()
    return options
