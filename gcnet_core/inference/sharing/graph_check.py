"""An exported model beside the model itself: how far answers differ, and how long they take."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from time import process_time

import numpy as np

from gcnet_core.inference.answers import Answerer, Answers, KnownPerson, Prepared
from gcnet_core.inference.sharing.graph_description import DISTANCE, PROBABILITIES, REFERENCE
from gcnet_core.plugin_api import RunFailed

TOLERANCE: Mapping[str, float] = {
    PROBABILITIES: 1e-4,
    DISTANCE: 1e-3,
    "calm_code": 1e-3,
    "album_code": 1e-3,
    REFERENCE: 1,
}
"""How far an exported model may differ by rounding; the reference in levels of grey."""
TIMED = (1, 32)
"""Faces at a time that are timed."""
REPEATS = 7


@dataclass(frozen=True)
class Difference:
    """Largest differences of two models' answers, by what they are of."""

    values: dict[str, float]

    def refuse(self, name: str) -> None:
        """Fail if the answers are not the same.

        Raises:
            RunFailed: naming what differs.
        """
        wrong = [key for key, value in self.values.items() if not value <= TOLERANCE[key]]
        if wrong:
            found = ", ".join(f"{key} by {self.values[key]:.3g} (at most {TOLERANCE[key]:g})" for key in wrong)
            raise RunFailed(f"{name}: the exported model answers otherwise than the model: {found}; nothing is written")


def largest_difference(first: Answerer, second: Answerer, faces: Prepared) -> Difference:
    """Ask two models about faces alone and together, of unknown people and of known ones.

    Args:
        first: a model.
        second: another, which is to be the same.
        faces: at least two.
    """
    values: dict[str, float] = {}
    known = _some_people(first, faces) if first.takes_references else None
    for chosen in (slice(0, 1), slice(1, None)):
        people = [None] if known is None else [None, KnownPerson(known.codes[chosen], known.known[chosen])]
        if first.needs_reference:  # type: ignore[attr-defined]
            people = people[1:]
        for person in people:
            one, other = (model.answer(faces[chosen], person, with_reference=True) for model in (first, second))
            _widen(values, one, other)
    if known is not None:
        for key, calm in (("calm_code", True), ("album_code", False)):
            values[key] = _apart(first.codes(faces, calm=calm), second.codes(faces, calm=calm))
    return Difference(values)


def per_face(first: Answerer, second: Answerer, faces: Prepared) -> dict[int, tuple[float, float]]:
    """Milliseconds of the processor for a face, by the number of faces at a time: medians of turns, one thread each.

    Args:
        first: a model.
        second: another.
        faces: from which those that are asked about are taken, again and again if need be.
    """
    found = {}
    for count in TIMED:
        asked = np.resize(faces, (count, *faces.shape[1:]))
        known = None
        if first.takes_references:
            known = KnownPerson(first.codes(asked, calm=True)[:, None], np.ones((count, 1), bool))
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(REPEATS):
            for model, taken in zip((first, second), times, strict=True):
                begin = process_time()
                model.answer(asked, known)
                taken.append(1000 * (process_time() - begin) / count)
        found[count] = (median(times[0]), median(times[1]))
    return found


def _some_people(model: Answerer, faces: Prepared) -> KnownPerson:
    """Codes of other faces for each, of which some know more than others; the second none, if it may."""
    codes = model.codes(faces, calm=True)
    places = np.arange(len(faces))[:, None] + np.arange(1, 4)[None]
    known = np.arange(3)[None] <= np.arange(len(faces))[:, None] % 3
    if not model.needs_reference:  # type: ignore[attr-defined]
        known[1] = False
    return KnownPerson(np.where(known[..., None], codes[places % len(faces)], 0).astype(np.float32), known)


def _widen(values: dict[str, float], one: Answers, other: Answers) -> None:
    for key in (PROBABILITIES, DISTANCE, REFERENCE):
        mine, theirs = getattr(one, key), getattr(other, key)
        if mine is not None and theirs is not None:
            values[key] = float(np.maximum(values.get(key, 0.0), _apart(mine, theirs)))  # not a number stays


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference; not a number where either is none, which no tolerance allows."""
    return float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())
