"""`gcnet plugins`: which parts there are, and what can be set on each."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcnet_core.cli.options import Json, Plugin
from gcnet_core.cli.plugin_author import check, new
from gcnet_core.output.streams import tell

if TYPE_CHECKING:
    from gcnet_core.plugin_api import PluginConfig, Registered, Registry
    from gcnet_core.plugin_api.found import FoundPlugin

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
            row = {"kind": kind, "name": name, "from": found.distribution_version, "summary": found.spec.summary}
            owners = [other.distribution for other in registry.conflicts.get((kind, name), [])]
            rows.append({**row, "conflict": owners or None})
    if json_output:
        plugins, broken = ([vars(plugin) for plugin in tried] for tried in (registry.plugins, registry.broken))
        off = [vars(plugin) for plugin in registry.switched_off]
        print(json.dumps({"parts": rows, "plugins": plugins, "broken": broken, "switched_off": off}, indent=2))
    else:
        _print_parts(rows)
        _print_plugins(registry)


def _print_parts(rows: Iterable[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from gcnet_core.output.console import Console

    table = Table("kind", "name", "from", "summary", box=None, header_style="bold")
    for row in rows:
        conflict = row["conflict"]
        note = Text(f"two plugins define it: {' and '.join(conflict)}", "red") if conflict else row["summary"]
        table.add_row(row["kind"], row["name"], row["from"], note)
    Console().print(table)


def _print_plugins(registry: "Registry") -> None:
    """The plugins of which something must be known."""

    from rich.text import Text

    from gcnet_core.output.console import Console
    from gcnet_core.plugin_api.discovery import SLOW
    from gcnet_core.plugin_api.switch import BY

    console = Console()
    for broken in registry.broken:
        text = f"{broken.name} ({broken.distribution}): {broken.reason}"
        console.print(Text("broken", "red"), text, highlight=False)
    tried: list[FoundPlugin] = [*registry.plugins, *registry.broken]
    for plugin in tried:
        if plugin.seconds > SLOW:
            text = f"{plugin.name} ({plugin.distribution}): {plugin.seconds:.1f} s to load"
            console.print(Text("slow", "yellow"), text, highlight=False)
    for off in registry.switched_off:
        console.print(Text("off", "yellow"), f"{off.name} ({off.distribution}): {BY}", highlight=False)


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
        raise UnknownPart(f"no part is called {name}; {suggestion(name, known)}{registry.absences()}")
    answers = [_description(part) for part in found]
    for kind in sorted({part.spec.kind for part in found}):
        if (kind, found[0].spec.name) in registry.conflicts:
            tell(registry.reason(kind, found[0].spec.name), err=True)
    if json_output:
        print(json.dumps(answers, indent=2))
    else:
        _print_descriptions(answers)


def _description(part: "Registered") -> dict[str, Any]:
    """What is shown of a part."""
    spec = part.spec
    return {
        "part": str(spec),
        "summary": spec.summary,
        "source": spec.source,
        "from": part.distribution_version,
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
            tell(f"{key:8} {answer[key]}")
        for key, option in answer["options"].items():
            tell(f"  {key} = {json.dumps(option['default'])}\n      {option['meaning']}")
