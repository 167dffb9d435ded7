"""`gcnet job`: one job of a comparison, on whatever machine an engine runs it."""

from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli import evaluate, run
from gcnet_core.cli.options import Device, Plugin


def command(
    recipe: Annotated[Path, typer.Argument(help="recipe of the job; its run goes into the folder of that name")],
    data: Annotated[
        list[str] | None, typer.Option(metavar="RECIPE|FOLDER", help="measure the model on these data too; repeatable")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="the most CPU threads; default: as the recipe says")
    ] = None,
    keep_models: Annotated[bool, typer.Option("--keep-models", help="keep the weights")] = False,
    device: Device = None,
    plugin: Plugin = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="two steps of each stage")] = False,
) -> None:
    """Run one job of a comparison, or go on with it: what `gcnet compare` has done by its engines.

    Example: gcnet job runs/ar/cnn/seed-0/fold-0.yaml
    """
    from gcnet_core.data.cross_dataset import cross_dataset
    from gcnet_core.plugin_api import discover
    from gcnet_core.recipe import stored_recipe
    from gcnet_core.runs.files import DESCRIPTION, RECIPE, REPORT, SUMMARY, WEIGHTS, cross_dataset_predictions
    from gcnet_core.training.resources import choose_threads

    registry, folder = discover(plugin or ()), recipe.with_suffix("")
    chosen = stored_recipe(recipe, registry)
    most = choose_threads(chosen.threads, chosen.training.batch_size, chosen.image.size)
    threads = min(threads or most, most)
    if not ((folder / SUMMARY).is_file() and (folder / REPORT).is_file()):
        run.command(
            str(recipe), ["report.tsne=false"], folder, resume=(folder / RECIPE).is_file(), device=device,
            threads=threads, plugin=plugin, smoke=smoke,
        )  # fmt: skip
    for source in data or ():
        answers = cross_dataset_predictions(folder, cross_dataset(source, registry).slug)
        if not answers.is_file():
            evaluate.command(
                folder, data=source, override=[f"threads={threads}"], device=device, plugin=plugin, output=answers
            )
    if not keep_models:
        for name in (WEIGHTS, DESCRIPTION):
            (folder / name).unlink(missing_ok=True)
