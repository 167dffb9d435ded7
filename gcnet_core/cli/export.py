"""`gcnet export`: a model as one file, for programs without gcnet and machines without torch."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Json, Plugin
from gcnet_core.output.streams import tell


class Form(StrEnum):
    """What is written."""

    onnx = "onnx"
    torch = "torch"


def command(
    model: Annotated[str, typer.Argument(help="folder of a run or of a model, or a name of `gcnet models`")],
    output: Annotated[Path, typer.Option(metavar="FILE", help="where to, such as model.onnx or model.pt2")],
    form: Annotated[Form, typer.Option("--format", help="a graph of ONNX, or a program of torch.export")] = Form.onnx,
    opset: Annotated[int, typer.Option(min=18, help="of ONNX")] = 18,
    int8: Annotated[
        bool, typer.Option("--int8", help="Weights and activations as int8; says what that costs in accuracy.")
    ] = False,
    faces: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="prepared faces to compare on, and for --int8 to take ranges from; default: those of the run's own "
            "data, where they still are",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    plugin: Plugin = None,
    json_output: Json = False,
) -> None:
    """Write a model as one file; compared with torch, timed, and then used by `gcnet predict` without torch.

    Example: gcnet export runs/vae_resnet/2026-01-31_12-00-00 --output model.onnx
    """
    from gcnet_core.cli.export_run import ExportOptions, export, told

    options = ExportOptions(model, output, form.value, opset, int8, faces, force, tuple(plugin or ()))
    tell(told(export(options), as_json=json_output))
