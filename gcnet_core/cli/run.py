"""`gcnet run`: train and measure a recipe."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Device, Plugin, Set, check_device, only_json
from gcnet_core.cli.stopping import how_to_go_on, on_stop, same_command
from gcnet_core.output.streams import tell

FAILED = 1


def command(
    recipe: Annotated[str, typer.Argument(help="recipe file, or name of a shipped recipe")],
    override: Set = None,
    output: Annotated[Path | None, typer.Option(help="run folder; default: runs/<recipe>/<time>")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with an unfinished run")] = False,
    device: Device = None,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: as the recipe says")] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="processes that train together, each a part of every batch; on a GPU each")
    ] = 1,
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
    from gcnet_core.experiment.launch import check_processes, launch, member
    from gcnet_core.output.console import Console
    from gcnet_core.plugin_api import discover
    from gcnet_core.recipe import Recipe, load_recipe
    from gcnet_core.runs.files import RECIPE

    if processes > 1:
        check_processes(processes)
    with member() as is_first:
        registry = discover(plugin or ())

        folders: list[Path] = []

        def before_data(chosen: Recipe) -> None:
            if is_first:
                folders.append(run_folder(chosen, output, registry, resume=resume, smoke=smoke))
            check_device(device)

        # before torch and before any data: mistakes are told at once
        chosen = load_recipe(recipe, override or (), registry, before_data=before_data)

        if is_first:
            folder = folders[0]
            on_stop(lambda: same_command(output=folder, resume=(folder / RECIPE).is_file() or None))
        if processes > 1:
            words = _words(recipe, override, folder, resume, device, threads, plugin, smoke, json_output)
            code = launch(words, processes)
            if code == FAILED and (folder / RECIPE).is_file():
                tell(f"to go on, once what stopped it is mended: {how_to_go_on()}", err=True)
            raise typer.Exit(code)

        from gcnet_core.experiment.run import Options, run_recipe
        from gcnet_core.report.terminal import print_result

        console = Console(stderr=json_output, quiet=not is_first)
        with only_json(json_output):
            where = folders[0] if is_first else None
            folder = run_recipe(chosen, registry, Options(where, resume, device, threads, smoke, console))
        if is_first:
            print_result(folder, console, as_json=json_output)


def _words(
    recipe: str,
    override: Sequence[str] | None,
    folder: Path,
    resume: bool,
    device: str | None,
    threads: int | None,
    plugin: Sequence[str] | None,
    smoke: bool,
    json_output: bool,
) -> list[str]:
    """The same command for one of several processes; the folder is chosen once for all."""
    words = ["run", f"--output={folder}"]
    words += [f"--set={change}" for change in override or ()] + [f"--plugin={name}" for name in plugin or ()]
    words += [f"--device={device}"] if device else []
    words += [f"--threads={threads}"] if threads else []
    flags = {"--resume": resume, "--smoke": smoke, "--json": json_output}
    return [*words, *(flag for flag, wanted in flags.items() if wanted), "--", recipe]
