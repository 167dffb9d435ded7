"""`gcnet data check`: look at data before training on them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.data_prepare import prepare
from gcnet_core.cli.options import Json, Plugin, Set, only_json

app = typer.Typer(no_args_is_help=True)
app.command()(prepare)

FOUND = 1
"""Exit code when an error was found in the data."""


@app.callback()
def group() -> None:
    """Check data before training on them, and prepare photographs.

    Example: gcnet data check images/
    """


@app.command()
def check(
    source: Annotated[str, typer.Argument(help="recipe, folder of images, or zip archive")],
    kind: Annotated[
        str | None, typer.Option("--type", help="data set part that reads a folder; default: guessed")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="page to write; default: data-check.html, none with --json")
    ] = None,
    detector: Annotated[
        str, typer.Option(help="what looks for faces in images that look unlike the others; `none`: nothing does")
    ] = "haar",
    override: Set = None,
    plugin: Plugin = None,
    json_output: Json = False,
) -> None:
    """Find duplicates, broken images, torn people and doubtful labels; exit code 1 if an error is found.

    Example: gcnet data check recipes/ar/vae_resnet.yaml
    """
    from rich.progress import Progress

    from gcnet_core.data.load import left_out
    from gcnet_core.data.source import find_data
    from gcnet_core.data_validation.check import check_data
    from gcnet_core.data_validation.not_faces import permissive_finder
    from gcnet_core.output.console import Console
    from gcnet_core.output.visible import one_line
    from gcnet_core.plugin_api import UserError, discover
    from gcnet_core.report.data_validation import validation_table, write_data_validation

    registry, console = discover(plugin or ()), Console(stderr=json_output)
    if output and output.is_dir():  # mistakes are told before any data are listed
        raise UserError(
            f"--output {output}: is a folder; give the name of a page, such as {output / 'data-check.html'}"
        )
    finder = permissive_finder(detector, registry)
    with only_json(json_output):
        data = find_data(source, registry, kind=kind, overrides=override or ())
        listing, title = data.listing(registry), data.title
    console.print(title, highlight=False, soft_wrap=True)
    recipe = data.recipe
    notes = recipe.notes() if recipe else data.data[0].config.notes()
    others = left_out(data.data)
    with only_json(json_output), Progress(console=console, transient=True) as bar:
        task = bar.add_task("looking at images", total=None)
        validation, stats = check_data(
            listing,
            registry,
            notes,
            lambda done, total: bar.update(task, completed=done, total=total),
            recipe,
            finder,
            others,
        )
    page = output or (None if json_output else Path("data-check.html"))
    if page:
        write_data_validation(page, title, validation, stats, listing.samples)
    if json_output:
        read_as = data.read_as.as_json() if data.read_as else None
        print(json.dumps({"data": title, "read as": read_as, **validation.as_json()}, indent=2))
    else:
        console.print(validation_table(source, validation))
        console.print(f"page {one_line(str(page))}", highlight=False, soft_wrap=True)
    if validation.failed:
        raise typer.Exit(FOUND)
