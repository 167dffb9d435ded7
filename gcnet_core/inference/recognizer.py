"""Recognizer: a model with the finder that suits it; what `gcnet_core.load` gives, and what the commands use."""

import warnings
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from gcnet_core.faces.finder import FaceFinder
from gcnet_core.inference.answers import Answerer
from gcnet_core.inference.find_model import find_model, open_model
from gcnet_core.inference.framing import model_finder
from gcnet_core.inference.known.known import one_person
from gcnet_core.inference.known.person import read_person
from gcnet_core.inference.pictures import as_pictures
from gcnet_core.inference.pipeline import Known, Numbered, Pipeline
from gcnet_core.inference.results import Results
from gcnet_core.plugin_api import Registry, discover

Faces = Literal["find", "prepared"]


class Recognizer:
    """A trained model that answers for photographs.

    Args:
        answerer: the model.
        registry: where the detector is found.
        detector: another one than the model's own.
        settings: texts KEY=VALUE of the preparation, which win.
    """

    def __init__(
        self, answerer: Answerer, registry: Registry, detector: str | None = None, settings: Sequence[str] = ()
    ) -> None:
        self.answerer, self.registry = answerer, registry
        self._detector, self._settings = detector, tuple(settings)

    def __repr__(self) -> str:
        return f"<Recognizer {self.answerer.name}: {', '.join(self.classes)}>"

    @property
    def classes(self) -> tuple[str, ...]:
        """Expressions in the order of the probabilities."""
        return self.answerer.classes

    @cached_property
    def finder(self) -> FaceFinder:
        """Cuts out faces as the model expects them; built when it is first needed."""
        return model_finder(self.answerer, self.registry, self._settings, self._detector)

    def pipeline(
        self,
        faces: Faces = "find",
        *,
        batch_size: int = 64,
        workers: int = 1,
        known: Known | None = None,
        with_reference: bool = False,
        numbered: Numbered | None = None,
    ) -> Pipeline:
        """Pictures in, results out; see `Pipeline`."""
        finder = self.finder if faces == "find" else None
        return Pipeline(self.answerer, finder, batch_size, workers, known, with_reference, numbered)

    def predict(
        self,
        images: Any,
        reference: Any = None,
        album: Any = None,
        *,
        person: str | Path | None = None,
        faces: Faces = "find",
        batch_size: int = 64,
    ) -> Results:
        """Recognise the expressions of all faces in some pictures.

        Args:
            images: a path, an array `[height, width, channel]` (RGB, 0 to 255, or floats 0 to 1), a tensor
                `[channel, height, width]`, a PIL image; or a list, or a batch, of these.
            reference: calm pictures of the person in all of them, in any of these forms, each with their face.
            album: other pictures of that person, of any expressions; best of several. A picture that is asked for is
                not compared with itself if both are paths.
            person: a file of `gcnet calibrate`, which stands for such pictures.
            faces: find the faces, or take each picture, of the person too, as a prepared face.
            batch_size: faces that are answered at a time.

        Returns:
            A result for each face, and one with a reason for each picture in which none was found.

        Raises:
            UserError: if something is no picture, a picture of the person shows no face, or the model takes none.
        """
        known = one_person(
            self.answerer,
            self.finder if faces == "find" else None,
            calm=reference,
            album=album,
            others=[] if person is None else [read_person(Path(person), self.answerer)],
            tell=warnings.warn,
        )
        pipeline = self.pipeline(faces, batch_size=batch_size, known=known, with_reference=True)
        found = [face for picture in pipeline(as_pictures(images)) for face in picture]
        return Results(found, self.classes)


def load(
    model: str | Path | None = None,
    *,
    device: str | None = None,
    detector: str | None = None,
    settings: Sequence[str] = (),
    plugins: Sequence[str] = (),
) -> Recognizer:
    """Read a trained model.

    Args:
        model: the folder of a run or of a model, an .onnx file, or the name of an installed model (`gcnet models`);
            default: the model in the box.
        device: cpu, cuda, cuda:1 ...; default: the best there is.
        detector: finds the faces; default: the one with which the training pictures were prepared, or the best that is
            installed.
        settings: texts KEY=VALUE of the preparation, as `gcnet data prepare --set` takes them.
        plugins: local ones, files or modules, as `--plugin` takes them.

    Raises:
        UserError: if there is no such model, or it cannot be read; the text says what to do.
    """
    registry = discover(plugins)
    return Recognizer(open_model(find_model(model, registry), registry, device), registry, detector, settings)
