"""`gcnet evaluate`: measure a finished run again."""

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Device, Json, Plugin, Set, only_json
from gcnet_core.output.streams import tell


class Split(StrEnum):
    """Parts of the data set of a run."""

    train = "train"
    validation = "validation"
    test = "test"


def command(
    run: Annotated[Path, typer.Argument(help="folder of a finished run")],
    split: Annotated[Split, typer.Option(help="train, validation or test subjects of the run's own data")] = Split.test,
    data: Annotated[str | None, typer.Option(help="recipe, folder or zip with other data, measured as a whole")] = None,
    album: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=64,
            metavar="SIZE",
            help="pictures of the person beside each query; 0: the query alone; default: as the recipe says",
        ),
    ] = None,
    album_expressions: Annotated[
        str | None,
        typer.Option(
            metavar="random|balanced|one|same|different|CLASS",
            help="which pictures: any, of many expressions, of one, of the query's own, of others, or of one class",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="tell images apart by sex, lighting, session or any column of the data"),
    ] = None,
    fit_temperature: Annotated[
        bool,
        typer.Option(
            "--fit-temperature", help="first fit the temperature of the probabilities, and keep it in model.json"
        ),
    ] = False,
    override: Set = None,
    device: Device = None,
    plugin: Plugin = None,
    output: Annotated[Path | None, typer.Option(help="write the predictions to this CSV file")] = None,
    json_output: Json = False,
) -> None:
    """Measure the model of a finished run, on its own subjects or on other data.

    Example: gcnet evaluate runs/vae_resnet/2026-01-31_12-00-00 --split train
    """
    from gcnet_core.data.cross_dataset import cross_dataset
    from gcnet_core.evaluation.run import check_run, evaluate_run
    from gcnet_core.evaluation.temperature import calibrate_run
    from gcnet_core.output.console import Console
    from gcnet_core.plugin_api import discover
    from gcnet_core.recipe import changed_parts
    from gcnet_core.report.terminal import print_evaluation
    from gcnet_core.runs import Run, read_record
    from gcnet_core.runs.description import ModelDescription
    from gcnet_core.runs.files import DESCRIPTION, SUMMARY
    from gcnet_core.runs.intact import is_there

    registry = discover(plugin or ())
    check_run(run, registry, device)  # before any data
    changed = changed_parts(read_record(run / DESCRIPTION, ModelDescription).parts, registry)
    if changed:
        tell(f"note: {run}: {changed}", err=True)
    if is_there(run / SUMMARY) and (edited := Run(run).edited):
        tell(f"note: {run}: {edited}", err=True)
    with only_json(json_output):
        if fit_temperature:
            tell(f"{run / DESCRIPTION}: temperature {calibrate_run(run, registry, device).temperature:.3f}", err=True)
        other = cross_dataset(data, registry) if data else None
        if other is not None and other.read_as is not None:
            print(f"{other.source}, {other.read_as}")
        evaluation, predictions = evaluate_run(
            run, registry, split=split.value, data=other, overrides=override or (), album=album,
            album_expressions=album_expressions, by=by, device=device, tell=partial(tell, err=True),
        )  # fmt: skip
    if output:
        predictions.write_csv(output)
    read_as = other.read_as.as_json() if other is not None and other.read_as is not None else None
    print_evaluation(evaluation, Console(), as_json=json_output, read_as=read_as)
