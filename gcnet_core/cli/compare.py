"""`gcnet compare`: several recipes on the same folds and seeds."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gcnet_core.cli.options import Device, Plugin, Set, check_device
from gcnet_core.cli.stopping import on_stop, same_command
from gcnet_core.output.streams import tell

if TYPE_CHECKING:
    from gcnet_core.interfaces import Engine


def command(
    recipes: Annotated[list[str], typer.Argument(help="recipe files, or names of shipped recipes")],
    vary: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE,VALUE", help="one recipe for each value; repeatable, all combinations"),
    ] = None,
    album: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=64,
            metavar="SIZE",
            help="pictures of an album at test: `--set evaluation.album_size=SIZE` for each recipe that has albums; "
            "`gcnet evaluate --album` measures a finished run with other sizes",
        ),
    ] = None,
    override: Set = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RECIPE|FOLDER", help="measure every model on these data too; repeatable: training set x test set"
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="seeds, from 0")] = 1,
    folds: Annotated[str, typer.Option(help="`all`, or numbers such as 0,1,2")] = "all",
    workers: Annotated[
        str,
        typer.Option(
            metavar="auto|N",
            help="jobs at a time; `auto`: one for each core, on a GPU as many as a short bench finds best, on other "
            "machines all of them",
        ),
    ] = "auto",
    engine: Annotated[
        str, typer.Option(metavar="NAME", help="what runs the jobs: local, ray, slurm, or that of a plugin")
    ] = "local",
    engine_set: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="change an option of the engine, as address=HOST; repeatable"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="folder; default: runs/comparisons/<time>. Finished jobs in it are not run again"),
    ] = None,
    device: Device = None,
    plugin: Plugin = None,
    keep_models: Annotated[bool, typer.Option("--keep-models", help="keep the weights of every job")] = False,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="two steps of each stage, to see that everything works")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="print comparison.json, progress to stderr")] = False,
) -> None:
    """Run every fold and seed of several recipes, and compare them by paired tests on the same images.

    Example: gcnet compare ar/vae_resnet ar/cnn_resnet --seeds 2 --output runs/ar
    """
    from gcnet_core.output.console import Console
    from gcnet_core.plugin_api import RunFailed, discover
    from gcnet_core.recipe import Candidate, load_candidates

    numbers, at_a_time = _fold_numbers(folds), _worker_number(workers)
    registry = discover(plugin or ())
    engines: "list[Engine]" = []

    def before_data(candidate: Candidate) -> None:
        if not engines:
            from gcnet_core.comparison.engines import build_engine

            engines.append(build_engine(registry, engine, engine_set or ()))
            if not engines[0].config.runs_elsewhere:
                check_device(device)
        if output and output.exists():
            from gcnet_core.comparison.jobs import check_finished_jobs

            check_finished_jobs(candidate, seeds, numbers, output, registry, smoke)

    # before torch and before any data: mistakes are told at once
    named = load_candidates(recipes, vary or (), override or (), registry, before_data, album)

    from gcnet_core.comparison import CompareOptions, compare
    from gcnet_core.comparison.compare import new_folder
    from gcnet_core.data.cross_dataset import cross_dataset
    from gcnet_core.report.comparison import print_comparison
    from gcnet_core.training.resources import choose_device

    arguments = []
    for part in plugin or ():
        arguments += ["--plugin", part]
    if device:
        arguments += ["--device", device]
    others = [cross_dataset(source, registry) for source in data or ()]
    for other in others:
        if other.read_as is not None:
            tell(f"{other.source}, {other.read_as}", err=json_output)
    (chosen,) = engines
    of_jobs = choose_device("cpu" if chosen.config.runs_elsewhere else device)
    console = Console(stderr=json_output)
    folder = output or new_folder()
    on_stop(lambda: same_command(output=folder))
    options = CompareOptions(
        folder, seeds, numbers, at_a_time, arguments, of_jobs, keep_models, smoke, others, console, chosen
    )
    compare(named, registry, options)
    failed = print_comparison(folder, console, as_json=json_output)
    if failed:
        raise RunFailed(f"{failed} jobs failed; to run them again: {same_command(output=folder)}")


def _worker_number(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdigit() or int(text) < 1:
        raise typer.BadParameter(f"{text!r} is neither `auto` nor a number of at least 1", param_hint="--workers")
    return int(text)


def _fold_numbers(text: str) -> list[int] | None:
    if text == "all":
        return None
    words = text.split(",")
    if not all(word.strip().isdigit() for word in words):
        raise typer.BadParameter(f"{text!r} is neither `all` nor numbers such as 0,1,2", param_hint="--folds")
    return sorted({int(word) for word in words})
