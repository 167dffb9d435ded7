"""The folder of a model as it is shared: weights, what they mean, the recipe, and a card for people."""

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal

import safetensors.torch
from safetensors import safe_open

from gcnet_core.faults import WHILE_WRITING, telling
from gcnet_core.files import SHARED, write_text
from gcnet_core.inference.answers import Prepared
from gcnet_core.inference.sharing.half_precision import TOLERANCE, AnswerChange, answer_change, halved
from gcnet_core.inference.sharing.model_card import model_card
from gcnet_core.inference.sharing.trial_faces import trial_faces
from gcnet_core.inference.torch_answerer import TorchAnswerer
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.plugin_api.model_spec import FILES
from gcnet_core.runs import Run, read_record, write_record
from gcnet_core.runs.description import ModelDescription
from gcnet_core.runs.files import DESCRIPTION, RECIPE, SUMMARY, WEIGHTS
from gcnet_core.runs.intact import digest_of
from gcnet_core.storage import check_model_files, load_model
from gcnet_core.temporary import remove_leftovers, temporary_folder
from gcnet_core.weights import check_weights

CARD = "README.md"
SHARED_FILES = (*FILES, RECIPE)
"""What is shared of a model."""


@dataclass(frozen=True)
class ModelFolder:
    """What was written.

    Args:
        folder: where it is.
        precision: of the kernels and matrices.
        change: how half precision changes the answers, whether it was kept or not.
        megabytes: size of the weights.
    """

    folder: Path
    precision: Literal["float16", "float32"]
    change: AnswerChange
    megabytes: float


def write_model_folder(
    run: Path, folder: Path, *, name: str, licence: str, registry: Registry, faces: Prepared | None = None
) -> ModelFolder:
    """Write model.json, model.safetensors, recipe.yaml and README.md.

    Weights are stored in half precision where the answers stay the same, to half a point of probability. Paths of the
    machine that trained the model are left out of all files.

    Args:
        run: finished run of one fold.
        folder: new, empty, or with an older version of the model.
        name: of the model, for its card.
        licence: of the weights: an identifier such as `apache-2.0`, or a few words.
        registry: where the model's parts are found.
        faces: prepared ones, to compare answers on; default: noise, and pictures with the spectrum of photographs.

    Raises:
        UserError: if there is no finished run, or something else is in the folder.
    """
    _refuse_other_contents(folder)
    check_model_files(run)
    finished = Run(run)
    folder.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(folder.parent)
    with telling(folder, only=WHILE_WRITING), temporary_folder(folder.parent) as written:
        recipe, description = _without_paths(finished.recipe), read_record(run / DESCRIPTION, ModelDescription)
        _write_yaml(written / RECIPE, recipe)
        precision, change = _write_weights(run, written, description, licence, registry, faces)
        shared = ModelFolder(folder, precision, change, (written / WEIGHTS).stat().st_size / 1e6)
        described = read_record(written / DESCRIPTION, ModelDescription)
        card = model_card(name, finished.summary, described, recipe, shared.megabytes, change, registry)
        write_text(written / CARD, card)
        _move(written, folder)
    return shared


def copy_model_folder(model: Path, folder: Path) -> None:
    """Copy a model that is a folder with a card already.

    Raises:
        UserError: if it is not complete, or something else is in the folder.
    """
    _refuse_other_contents(folder)
    check_model_files(model)
    check_weights(model / WEIGHTS, read_record(model / DESCRIPTION, ModelDescription))
    if not (model / CARD).is_file():
        raise UserError(f"{model}: neither a finished run nor a model with a card: no {SUMMARY}, no {CARD}")
    if model.resolve() != folder.resolve():
        folder.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(folder.parent)
        with telling(folder, only=WHILE_WRITING), temporary_folder(folder.parent) as beside:
            for name in SHARED_FILES:
                if (model / name).is_file():
                    shutil.copyfile(model / name, beside / name)
            _move(beside, folder)


def _write_weights(
    run: Path, folder: Path, description: ModelDescription, licence: str, registry: Registry, faces: Prepared | None
) -> tuple[Literal["float16", "float32"], AnswerChange]:
    """Write the weights with half the bits, read them back, and take the others if the answers changed."""
    original = TorchAnswerer(load_model(run, registry), "original")
    with safe_open(run / WEIGHTS, "pt") as file:
        metadata = file.metadata()  # which names two layers share
        weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (it is no mapping)
    options: dict[str, Any] = {"model": _without_paths(description.model), "licence": licence}
    options["preparation"] = _without_paths(description.preparation)
    _save(folder, halved(weights), metadata, description.model_copy(update={**options, "precision": "float16"}))
    stored = TorchAnswerer(load_model(folder, registry, finite=False), "stored")  # float16 may not hold all numbers
    asked = trial_faces(original.image) if faces is None else faces
    change = answer_change(original, stored, asked)
    if change.probability <= TOLERANCE:
        return "float16", change
    _save(folder, weights, metadata, description.model_copy(update={**options, "precision": "float32"}))
    return "float32", change


def _save(folder: Path, weights: dict[str, Any], metadata: dict[str, str] | None, says: ModelDescription) -> None:
    safetensors.torch.save_file(weights, folder / WEIGHTS, metadata)
    (folder / WEIGHTS).chmod(SHARED)
    write_record(folder / DESCRIPTION, says.model_copy(update={"weights_sha256": digest_of(folder / WEIGHTS)}))


def _move(source: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / DESCRIPTION).unlink(missing_ok=True)  # a kill must not leave it beside other weights
    for name in (*(name for name in SHARED_FILES if name != DESCRIPTION), DESCRIPTION):
        if (source / name).is_file():
            (source / name).replace(folder / name)


def _refuse_other_contents(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file; name a folder")
    if folder.is_dir() and any(path.name not in SHARED_FILES for path in folder.iterdir()):
        raise UserError(f"{folder} holds other things than a model; name a new folder with --output")


def _without_paths(value: Any) -> Any:
    """A value of JSON or YAML in which a path of the machine is the name of the file alone."""
    if isinstance(value, dict):
        return {key: _without_paths(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_without_paths(entry) for entry in value]
    return PurePath(value).name if isinstance(value, str) and PurePath(value).is_absolute() else value


def _write_yaml(path: Path, values: dict[str, Any]) -> None:
    from io import StringIO

    from ruamel.yaml import YAML

    yaml, text = YAML(), StringIO()
    yaml.default_flow_style = False
    yaml.dump(values, text)
    write_text(path, text.getvalue())
