"""`gcnet plugins`: which parts there are, and what can be set on each."""

import json
from typing import Annotated, Any

import typer

from gcnet_core.cli.options import Json, Plugin
from gcnet_core.cli.plugin_author import check, new

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
    order = list(KINDS)
    parts = sorted(registry.parts.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))
    rows = [
        {
            "kind": kind,
            "name": name,
            "from": f"{found.distribution} {found.version}",
            "summary": found.spec.summary,
            "conflict": registry.conflicts.get((kind, name)),
        }
        for (kind, name), found in parts
    ]
    broken = [vars(plugin) for plugin in registry.broken]
    if json_output:
        typer.echo(json.dumps({"parts": rows, "broken": broken}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("kind", "name", "from", "summary", box=None, header_style="bold")
    for row in rows:
        conflict = row["conflict"]
        note = f"[red]two plugins define it: {' and '.join(conflict)}[/]" if conflict else str(row["summary"])
        table.add_row(str(row["kind"]), str(row["name"]), str(row["from"]), note)
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
    kind, _, short = name.rpartition("/")
    found = [spec for spec in registry.parts.values() if spec.spec.name == short and kind in ("", spec.spec.kind)]
    if not found:
        names = [f"{kind}/{name}" for kind, name in registry.parts]
        from gcnet_core.recipe.problems import suggestion

        raise UnknownPart(f"no part is called {name}; {suggestion(name, [*names, *(n.split('/')[1] for n in names)])}")
    answers: list[dict[str, Any]] = []
    for entry in found:
        schema = entry.spec.config.model_json_schema()
        fields = entry.spec.config.model_fields
        options = {
            key: {
                "default": "required" if fields[key].is_required() else schema["properties"][key].get("default"),
                "meaning": field.description,
            }
            for key, field in fields.items()
        }
        spec = entry.spec
        answers.append(
            {
                "part": f"{spec.kind}/{spec.name}",
                "summary": spec.summary,
                "source": spec.source,
                "from": f"{entry.distribution} {entry.version}",
                "target": spec.target,
                "options": options,
            }
        )
    if json_output:
        typer.echo(json.dumps(answers, indent=2))
        return
    for answer in answers:
        for key in ("part", "summary", "source", "from", "target"):
            typer.echo(f"{key:8} {answer[key]}")
        for key, option in answer["options"].items():
            typer.echo(f"  {key} = {json.dumps(option['default'])}\n      {option['meaning']}")
