"""The work of `gcnet export`: which faces it is compared on, and what is said of the file."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch

from gcnet_core.evaluation.chosen import Part
from gcnet_core.evaluation.own_faces import LabelledFaces, own_faces
from gcnet_core.inference.find_model import find_model
from gcnet_core.inference.pictures import read_picture
from gcnet_core.inference.pipeline import found_faces
from gcnet_core.inference.sharing.export import Exported, export_onnx, export_torch
from gcnet_core.inference.sharing.quantize import CALIBRATED, quantized
from gcnet_core.inference.torch_answerer import TorchAnswerer
from gcnet_core.output.streams import tell
from gcnet_core.plugin_api import ImageConfig, Registry, UserError, discover
from gcnet_core.storage import SavedModel, load_model

COMPARED = 32
"""Faces on which the file is compared with the model, beside those that are drawn."""


@dataclass(frozen=True)
class ExportOptions:
    """What `gcnet export` was asked for."""

    model: str
    output: Path
    form: str
    opset: int
    int8: bool
    faces: Path | None
    force: bool
    plugins: Sequence[str]


def export(options: ExportOptions) -> Exported:
    """Do what the options say.

    Raises:
        UserError: for bad input, or a model that cannot be exported.
        RunFailed: if the file answers otherwise than the model.
    """
    if options.output.is_dir():
        raise UserError(f"--output {options.output}: is a folder; give the name of a file in it")
    if options.output.exists() and not options.force:
        raise UserError(f"--output {options.output}: is there already; give another name, or --force to replace it")
    if options.int8 and options.form != "onnx":
        raise UserError("--int8 is for --format onnx alone")
    if options.form == "onnx" and options.output.suffix.lower() != ".onnx":
        raise UserError(f"--output {options.output}: `gcnet predict` knows a model by .onnx; name it so")
    registry = discover(options.plugins)
    place = find_model(options.model, registry)
    if place.is_onnx:
        raise UserError(f"{place.path} is exported already; name the run or the model that it was made of")
    torch.set_num_threads(1)  # figures are for one thread
    saved = load_model(place.path, registry)
    answerer = TorchAnswerer(saved, place.name)
    known = _faces(options, place.path, saved, registry)
    some = None if known is None else known["test"].some(COMPARED).faces
    if options.form == "torch":
        return export_torch(answerer, saved.description, options.output, faces=some)
    quantize = None
    if options.int8:
        if known is None:
            raise UserError(
                "--int8 takes the ranges of activations from faces, and the data of the run are not there; give a "
                "folder of prepared faces with --faces"
            )
        labels = None if options.faces else known["test"].labels
        train = known["train"].some(CALIBRATED).faces
        quantize = partial(quantized, calibration=train, asked=known["test"].faces, labels=labels)
    return export_onnx(answerer, saved.description, options.output, opset=options.opset, faces=some, quantize=quantize)


def _faces(
    options: ExportOptions, run: Path, saved: SavedModel, registry: Registry
) -> dict[Part, LabelledFaces] | None:
    """Faces to take ranges from and others to measure on; None where there are none."""
    if options.faces:
        given = _prepared(options.faces, saved.image)
        if len(given) < 4:
            raise UserError(f"--faces {options.faces}: {len(given)} pictures; expected four at least")
        unknown = np.full(len(given), -1)
        return {
            "train": LabelledFaces(given[::2], unknown[::2]),
            "test": LabelledFaces(given[1::2], unknown[1::2]),
        }
    try:
        return own_faces(run, saved, registry)
    except UserError as error:
        tell(f"note: compared on drawn faces alone ({str(error).splitlines()[0][:200]})", err=True)
        return None


def _prepared(folder: Path, image: ImageConfig) -> np.ndarray:
    from gcnet_core.faces.photographs import list_photographs

    listing = list_photographs(folder)
    root = folder if folder.is_dir() else folder.parent
    found = []
    for sample in listing.samples:
        (face,) = found_faces(read_picture(root / sample.image), None, image)
        if face.query is None:
            raise UserError(face.reason)
        found.append(face.query)
    return np.stack(found)


def told(exported: Exported, *, as_json: bool) -> str:
    """What is said of a file that was written."""
    description = exported.description
    if as_json:
        values = {
            "file": str(exported.file),
            "megabytes": exported.megabytes,
            "milliseconds": {str(count): times for count, times in exported.milliseconds.items()},
            **description.model_dump(mode="json", exclude={"model"}),
        }
        return json.dumps(values, indent=2)
    kind = f"opset {description.opset}, {description.precision}" if description.opset else "torch.export"
    lines = [f"{exported.file}: {exported.megabytes:.1f} MB, {kind}"]
    differences = ", ".join(f"{key} {value:.2g}" for key, value in description.difference.items())
    lines.append(f"largest difference to torch: {differences}")
    for count, (before, after) in exported.milliseconds.items():
        faces = f"{count} face{'s' if count > 1 else ''} at a time"
        quick = f"{before / after:.1f} times as quick"
        lines.append(f"{faces}: {after:.2f} ms of one thread for each, torch {before:.2f} ({quick})")
    if description.quantized:
        lines.append(_told_of_int8(description.quantized))
    return "\n".join(lines)


def _told_of_int8(changed: dict[str, float]) -> str:
    text = (
        f"int8 on {changed['faces']:g} faces: a probability moves by {changed['probability']:.3f} at most, "
        f"{changed['other_labels']:.1%} get another label"
    )
    if "accuracy_int8" in changed:
        text += f"; accuracy {changed['accuracy_int8']:.2%}, was {changed['accuracy_float32']:.2%}"
    return f"{text}; {changed['megabytes_float32']:.1f} MB before"
