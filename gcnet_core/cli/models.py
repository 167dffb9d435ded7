"""`gcnet models`: trained models that are installed."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gcnet_core.cli.options import Json
from gcnet_core.output.streams import tell

app = typer.Typer(invoke_without_command=True)


@app.callback()
def default(context: typer.Context) -> None:
    """Trained models that are installed: list (the default), show NAME.

    Example: gcnet models
    """
    if context.invoked_subcommand is None:
        list_models()


@app.command("list")
def list_models(json_output: Json = False) -> None:
    """List every installed model with its distribution, size, licence and purpose.

    Example: gcnet models list --json
    """
    from gcnet_core.plugin_api import discover

    registry = discover()
    rows: list[dict[str, Any]] = [
        {
            "name": model.spec.name,
            "default": model.spec.default,
            "from": f"{model.distribution} {model.version}".rstrip(),
            "megabytes": round(sum(file.stat().st_size for file in Path(model.spec.folder).iterdir()) / 1e6, 1),
            "licence": model.spec.licence,
            "summary": model.spec.summary,
            "folder": str(model.spec.folder),
        }
        for model in registry.models.found
    ]
    if json_output:
        print(json.dumps({"models": rows, "broken": [vars(plugin) for plugin in registry.broken]}, indent=2))
    else:
        _print(rows)
    for broken in registry.broken:
        tell(f"broken plugin {broken.name} ({broken.distribution}): {broken.reason}", err=True)


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(help="of an installed model; default: the one that answers")] = None,
) -> None:
    """Print the card of a model: what it is for, what it was trained on, how well it does, what it may be used for.

    Example: gcnet models show
    """
    from gcnet_core.plugin_api import discover
    from gcnet_core.runs.record import read_text

    models = discover().models
    spec = (models.get(name) if name else models.default()).spec
    tell(read_text(Path(spec.folder) / "README.md"))


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from gcnet_core.output.console import Console

    if not rows:
        tell("no model is installed; name the folder of a run where a command wants a model")
        return
    table = Table("name", "", "from", "MB", "licence", "summary", box=None, header_style="bold")
    for row in rows:
        texts = [row[key] for key in ("licence", "summary")]
        table.add_row(row["name"], "default" if row["default"] else "", row["from"], f"{row['megabytes']:.1f}", *texts)
    Console().print(table)
