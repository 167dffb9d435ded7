"""`gcnet plugins`: which parts there are, and what can be set on each."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcnet_core.cli.options import Json, Plugin
from gcnet_core.cli.plugin_author import check, new

if TYPE_CHECKING:
    from gcnet_core.plugin_api import PluginConfig, Registered

app = typer.Typer(invoke_without_command=True)
app.command("new")(new)
app.command("check")(check)


@app.callback()
def default(context: typer.Context) -> None:
    """Parts and plugins: list (the default), show NAME, new NAME, check NAME.

    Example: gcnet plugins
    """
    if context.invoked_subcommand is None:
        list_plugins()


@app.command("list")
def list_plugins(plugin: Plugin = None, json_output: Json = False) -> None:
    """List every part with its kind, distribution, version and purpose, and broken plugins with their reason.

    Example: gcnet plugins list --plugin my_generator.py
    """
    from gcnet_core.plugin_api import KINDS, discover

    registry = discover(plugin or ())
    rows: list[dict[str, Any]] = []
    for kind in KINDS:
        for name in registry.names(kind):
            found = registry.parts[kind, name]
            row = {"kind": kind, "name": name, "from": _origin(found), "summary": found.spec.summary}
            rows.append({**row, "conflict": registry.conflicts.get((kind, name))})
    broken = [vars(plugin) for plugin in registry.broken]
    if json_output:
        typer.echo(json.dumps({"parts": rows, "broken": broken}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("kind", "name", "from", "summary", box=None, header_style="bold")
    for row in rows:
        conflict = row["conflict"]
        note = f"[red]two plugins define it: {' and '.join(conflict)}[/]" if conflict else row["summary"]
        table.add_row(row["kind"], row["name"], row["from"], note)
    console = Console()
    console.print(table)
    for entry in broken:
        console.print(f"[red]broken[/] {entry['name']} ({entry['distribution']}): {entry['reason']}", highlight=False)


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="Name of a part, or KIND/NAME.")],
    plugin: Plugin = None,
    json_output: Json = False,
) -> None:
    """Show what a part is, where it comes from, and every option with its default.

    Example: gcnet plugins show generator/vae
    """
    from gcnet_core.plugin_api import UnknownPart, discover

    registry = discover(plugin or ())
    found = registry.called(name)
    if not found:
        from gcnet_core.recipe.problems import suggestion

        specs = [part.spec for part in registry.parts.values()]
        known = [*map(str, specs), *(spec.name for spec in specs)]
        raise UnknownPart(f"no part is called {name}; {suggestion(name, known)}")
    answers = [_description(part) for part in found]
    if json_output:
        typer.echo(json.dumps(answers, indent=2))
    else:
        _print_descriptions(answers)


def _description(part: "Registered") -> dict[str, Any]:
    """What is shown of a part."""
    spec = part.spec
    return {
        "part": str(spec),
        "summary": spec.summary,
        "source": spec.source,
        "from": _origin(part),
        "target": spec.target,
        "options": _options(spec.config),
    }


def _options(config: "type[PluginConfig]") -> dict[str, dict[str, Any]]:
    """Default and meaning of each option of a part."""
    properties = config.model_json_schema().get("properties", {})
    options = {}
    for name, field in config.model_fields.items():
        default = "required" if field.is_required() else properties[name].get("default")
        options[name] = {"default": default, "meaning": field.description}
    return options


def _print_descriptions(answers: Iterable[dict[str, Any]]) -> None:
    for answer in answers:
        for key in ("part", "summary", "source", "from", "target"):
            typer.echo(f"{key:8} {answer[key]}")
        for key, option in answer["options"].items():
            typer.echo(f"  {key} = {json.dumps(option['default'])}\n      {option['meaning']}")


def _origin(part: "Registered") -> str:
    """Distribution and version that brought a part."""
    return f"{part.distribution} {part.version}"
