"""From what a user names, a run, a model's folder or name, an .onnx file, to a model that answers."""

from dataclasses import dataclass
from pathlib import Path

from gcnet_core.inference.answers import Answerer
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.runs.files import DESCRIPTION, RECIPE, fold_folders
from gcnet_core.runs.intact import is_there

ONNX = ".onnx"
HUB = "hf://"


@dataclass(frozen=True)
class ModelPlace:
    """Where a model is.

    Args:
        name: for messages and files.
        path: of its folder, or of its .onnx file.
    """

    name: str
    path: Path

    @property
    def is_onnx(self) -> bool:
        """Whether it is one file that needs no torch."""
        return self.path.suffix.lower() == ONNX


def find_model(named: str | Path | None, registry: Registry) -> ModelPlace:
    """Where a model is.

    Args:
        named: the folder of a run or of a model, an .onnx file, the name of an installed model, or hf://USER/MODEL of
            the Hugging Face hub; None: the default.
        registry: what plugins bring.

    Raises:
        UserError: if there is no such model; the text says what there is.
    """
    if named is None:
        spec = registry.models.default().spec
        return ModelPlace(spec.name, Path(spec.folder))
    if str(named).startswith(HUB):
        from gcnet_core.inference.sharing.hub import download

        return ModelPlace(str(named), download(str(named)))
    path = Path(named)
    if path.suffix.lower() == ONNX:
        if not is_there(path):
            raise UserError(f"{path}: no such file")
        return ModelPlace(str(path), path)
    if not path.is_dir():
        spec = registry.models.get(str(named)).spec
        return ModelPlace(spec.name, Path(spec.folder))
    folds = list(fold_folders(path))
    if folds and not (path / DESCRIPTION).is_file():
        raise UserError(f"{path}: holds several folds; name one of them, such as {folds[0]}")
    return ModelPlace(str(path), path)


def is_model(named: str, registry: Registry) -> bool:
    """Whether a word of the command line names a model, rather than pictures."""
    path = Path(named)
    if named.startswith(HUB) or path.suffix.lower() == ONNX or (path / DESCRIPTION).is_file():
        return True
    if (path / RECIPE).is_file() or fold_folders(path):  # a run that cannot answer is told so, its figures are no faces
        return True
    return not path.exists() and named in registry.models.names()


def open_model(place: ModelPlace, registry: Registry, device: str | None = None) -> Answerer:
    """Read a model.

    Args:
        place: of the model.
        registry: where its parts are found.
        device: as `--device`; default: the best there is.

    Raises:
        UserError: if it cannot be read.
    """
    if place.is_onnx:
        from gcnet_core.inference.onnx_answerer import open_onnx

        return open_onnx(place.path)
    from gcnet_core.inference.torch_answerer import TorchAnswerer
    from gcnet_core.storage import load_model
    from gcnet_core.training.resources import choose_device

    return TorchAnswerer(load_model(place.path, registry, choose_device(device)), place.name)
