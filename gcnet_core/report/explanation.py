"""`gcnet predict --explain`: a figure for each face on what its answer rests on, and one page of all."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from gcnet_core.files import write_text
from gcnet_core.inference.answers import Answerer, KnownPerson
from gcnet_core.inference.explain import Attributions, attributions, check_explainable
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.pipeline import Known
from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.sources import Source
from gcnet_core.plugin_api import UserError
from gcnet_core.report.style import STYLE, save
from gcnet_core.report.templates import render
from gcnet_core.storage import versions
from gcnet_core.temporary import holds_something

PAGE, FIGURES = "index.html", "figures"
SHOWN = 200
"""Faces on the page; the figures of all lie beside it."""
PANEL = 1.75
"""Width of one picture in a figure, inches."""
FAINT, FEW = 12.0, 0.01
"""Grey levels of 255, and a share of probability, that are never shown in full color: they are noise."""


class ExplanationFolder:
    """Explains the answers to all faces in files of one folder; a context manager, as the page comes in the end.

    Args:
        folder: which may not hold anything, unless it is to be overwritten.
        answerer: the model.
        force: whether files that are there are replaced.

    Raises:
        UserError: if there is something else, captum is missing, or the model cannot be explained.
    """

    def __init__(self, folder: Path, answerer: Answerer, force: bool = False) -> None:
        check_explainable(answerer)
        if folder.exists() and not folder.is_dir():
            raise UserError(f"--explain {folder}: is a file; give the name of a folder")
        if not force and holds_something(folder):
            raise UserError(f"--explain {folder}: already holds something; give a new folder, or --force to replace")
        self.folder, self.answerer = folder, answerer
        self._known: dict[tuple[str, int | None, int | None], KnownPerson] = {}
        self._shown: list[dict[str, Any]] = []
        self._faces = 0

    def __enter__(self) -> "ExplanationFolder":
        return self

    def __exit__(self, *error: object) -> None:
        """Write the page, after Ctrl-C too."""
        if self._faces:
            values = {
                "model": self.answerer.name,
                "makes_neutral": self.answerer.has_generator,
                "faces": self._shown,
                "all": self._faces,
                "versions": versions(),
            }
            write_text(self.folder / PAGE, render("explanation.html", values))

    def listening(self, known: Known | None) -> Known:
        """The same knowledge of people, remembered until their faces are explained."""

        def told(faces: Sequence[FaceResult]) -> KnownPerson | None:
            found = known(faces) if known else None
            for row, face in enumerate(faces):
                if found is not None and found.known[row].any():
                    one = KnownPerson(found.codes[row : row + 1], found.known[row : row + 1])
                    self._known[_key(face)] = one
            return found

        return told

    def __call__(self, source: Source, picture: Picture, faces: list[FaceResult]) -> None:
        """Explain the faces of one picture."""
        for face in faces:
            if face.query is not None and face.label is not None:
                self._explain(face, source.short)

    def _explain(self, face: FaceResult, short: str) -> None:
        assert face.query is not None
        assert face.label is not None
        known = self._known.pop(_key(face), None)
        found = attributions(self.answerer, face.query, face.label, known)
        self._faces += 1
        plain = re.sub(r"[^\w.-]", "_", Path(short).name)[:60]
        name = f"{self._faces:04d}_{plain}.png"
        share = f"{face.probabilities[face.label]:.0%}"
        where = "" if face.frame is None else f", frame {face.frame}"
        compared = "" if known is None else f"; compared with known pictures of the person ({int(known.known.sum())})"
        caption = f"{face.file}{where}, face {face.number}: {face.label} {share}{compared}"
        picture = save(
            explanation_figure(face, found), self.folder / FIGURES / name, f"What {caption} rests on", caption
        )
        if len(self._shown) < SHOWN:
            self._shown.append({"picture": picture, "probabilities": face.probabilities, "label": face.label})


def _key(face: FaceResult) -> tuple[str, int | None, int | None]:
    return face.file, face.frame, face.number


@mpl.rc_context(STYLE)
def explanation_figure(face: FaceResult, found: Attributions) -> Figure:
    """Query, neutral face, their difference, and both attributions over the face.

    Args:
        face: answered, with its query.
        found: what the answer rests on.
    """
    assert face.query is not None
    panels = _panels(face, found)
    figure = Figure(figsize=(PANEL * len(panels), PANEL + 0.35))
    for axes, (title, pixels, heat, least) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0], panels, strict=True
    ):
        axes.set_axis_off()
        axes.set_title(title, fontsize=9, fontweight="normal")
        axes.imshow(pixels, cmap="gray", vmin=0, vmax=255)
        if heat is not None:
            limit = max(least, float(np.quantile(np.abs(heat), 0.99)))
            axes.imshow(heat, cmap="RdBu_r", vmin=-limit, vmax=limit, alpha=0.65)
    return figure


def _panels(face: FaceResult, found: Attributions) -> list[tuple[str, np.ndarray, np.ndarray | None, float]]:
    """Title, picture and heat of each part of a figure, and what heat is shown in full color at least."""
    assert face.query is not None
    grey = face.query.mean(axis=0)
    panels: list[tuple[str, np.ndarray, np.ndarray | None, float]] = [("the face", _pixels(face.query), None, 0)]
    if face.reference is not None:
        panels.append(("neutral face\nmade of it", _pixels(face.reference), None, 0))
        panels.append(("face minus\nneutral face", grey, grey - face.reference.mean(axis=0), FAINT))
    panels.append((f"covered:\n{100 * found.occlusion.max():.0f} points at most", grey, found.occlusion, FEW))
    if found.gradients is not None:
        panels.append(("integrated\ngradients", grey, found.gradients, FEW / grey.size))
    return panels


def _pixels(face: np.ndarray) -> np.ndarray:
    """A face as matplotlib shows it."""
    return face[0] if len(face) == 1 else face.transpose(1, 2, 0)
