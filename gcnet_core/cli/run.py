"""`gcnet run`: train and measure a recipe."""

from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Device, Plugin, Set, check_device, only_json
from gcnet_core.cli.stopping import on_stop, same_command


def command(
    recipe: Annotated[str, typer.Argument(help="recipe file, or name of a shipped recipe")],
    override: Set = None,
    output: Annotated[Path | None, typer.Option(help="run folder; default: runs/<recipe>/<time>")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with an unfinished run")] = False,
    device: Device = None,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: as the recipe says")] = None,
    plugin: Plugin = None,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="two steps of each stage, to see that everything works")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="print the summary as JSON, progress to stderr")] = False,
) -> None:
    """Train and measure a recipe, and write a run folder with a report.

    Example: gcnet run recipes/vae_resnet.yaml --set training.batch_size=64
    """
    from gcnet_core.experiment.folder import run_folder
    from gcnet_core.output.console import Console
    from gcnet_core.plugin_api import discover
    from gcnet_core.recipe import Recipe, load_recipe
    from gcnet_core.runs.files import RECIPE

    registry = discover(plugin or ())

    folders: list[Path] = []

    def before_data(chosen: Recipe) -> None:
        folders.append(run_folder(chosen, output, registry, resume=resume, smoke=smoke))
        check_device(device)

    # before torch and before any data: mistakes are told at once
    chosen = load_recipe(recipe, override or (), registry, before_data=before_data)

    folder = folders[0]
    on_stop(lambda: same_command(output=folder, resume=(folder / RECIPE).is_file() or None))

    from gcnet_core.experiment.run import Options, run_recipe
    from gcnet_core.report.terminal import print_result

    console = Console(stderr=json_output)
    with only_json(json_output):
        run_recipe(chosen, registry, Options(folder, resume, device, threads, smoke, console))
    print_result(folder, console, as_json=json_output)
