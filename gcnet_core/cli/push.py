"""`gcnet push`: a model as a folder that can be shared, and to the Hugging Face hub."""

from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Plugin
from gcnet_core.output.streams import tell


def command(
    model: Annotated[str, typer.Argument(help="folder of a finished run or of a model, or a name of `gcnet models`")],
    repo_id: Annotated[
        str | None,
        typer.Argument(metavar="[USER/MODEL]", help="where to on the hub; without, the folder is only written"),
    ] = None,
    output: Annotated[Path | None, typer.Option(metavar="FOLDER", help="default: named like the model")] = None,
    name: Annotated[str | None, typer.Option(help="of the model, on its card; default: as the folder")] = None,
    licence: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="of the weights: an identifier such as apache-2.0, or a few words"),
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Nobody else sees a new model on the hub.")] = False,
    plugin: Plugin = None,
) -> None:
    """Write model.json, model.safetensors, recipe.yaml and a card; upload them where a user is logged in.

    Example: gcnet push runs/vae_resnet/2026-01-31_12-00-00 anna/faces --licence apache-2.0
    """
    from gcnet_core.inference.find_model import find_model
    from gcnet_core.inference.sharing.hub import check_login, upload
    from gcnet_core.inference.sharing.model_folder import copy_model_folder, write_model_folder
    from gcnet_core.plugin_api import UserError, discover
    from gcnet_core.runs import Run
    from gcnet_core.runs.files import SUMMARY
    from gcnet_core.runs.intact import is_there

    registry = discover(plugin or ())
    place = find_model(model, registry)
    if place.is_onnx:
        raise UserError(f"{place.path} is exported; name the run or the model that it was made of")
    called = name or (repo_id or place.path.resolve().name).rpartition("/")[2]
    folder = output or Path(called)
    is_run = is_there(place.path / SUMMARY)
    if is_run and not licence:
        raise UserError("nobody may use a model without a licence; choose one with --licence, such as apache-2.0")
    if repo_id:
        check_login()  # before any work
    if is_run:
        assert licence is not None
        if edited := Run(place.path).edited:
            tell(f"note: {place.path}: {edited}", err=True)
        written = write_model_folder(place.path, folder, name=called, licence=licence, registry=registry)
        moved = f"no probability moves by more than {written.change.probability:.4f}"
        why = moved if written.precision == "float16" else f"float16 would move one by {written.change.probability:.4f}"
        tell(f"{folder}: {written.megabytes:.1f} MB, {written.precision} ({why}), with a card")
    else:
        copy_model_folder(place.path, folder)
        tell(f"{folder}: copied from {place.path}")
    if repo_id:
        tell(upload(folder, repo_id, private=private))
