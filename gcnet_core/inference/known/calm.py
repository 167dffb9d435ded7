"""Calm frames of a video: each tracked face is compared with its own calmest frames."""

from bisect import insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gcnet_core.inference.answers import Answerer, KnownPerson
from gcnet_core.inference.known.person import Person, as_known
from gcnet_core.inference.results import FaceResult
from gcnet_core.plugin_api import NEUTRAL, UserError

KEPT = 5
"""Frames of a face that stand for it."""


@dataclass(frozen=True, eq=False, order=False)
class CalmFrame:
    """A frame in which a face seems to be at rest.

    Args:
        unrest: how far from rest it is; only to be compared with that of others of the same model.
        frame: its number.
        code: embedding.
    """

    unrest: float
    frame: int
    code: Float[np.ndarray, "embedding"]


class CalmFrames:
    """What is known of the faces of videos from their calmest frames, for `Pipeline`.

    Calm are the frames that the model, asked about them alone, calls neutral; of these the few that are nearest to the
    neutral face that it makes of them, or that are neutral for surest where it makes none. Without a class `neutral`
    all frames are compared by that distance. A face of which there is no calm frame yet is answered alone.

    Args:
        answerer: the model.
        offline: whether a face is compared with later frames too, which `learn` must have seen; otherwise with those
            before its own alone, which are learned on the way.

    Raises:
        UserError: if nothing tells this model which frames are calm, or it takes no references.
    """

    def __init__(self, answerer: Answerer, *, offline: bool = False) -> None:
        if not answerer.has_generator and NEUTRAL not in answerer.classes:
            raise UserError(
                f"{answerer.name} neither makes neutral faces nor knows the expression `{NEUTRAL}`, so nothing tells "
                "which frames are calm; give a calm picture with --reference"
            )
        self._answerer, self._offline = answerer, offline
        self._calm: dict[tuple[str, int | None], list[CalmFrame]] = defaultdict(list)

    def __call__(self, faces: Sequence[FaceResult]) -> KnownPerson | None:
        """What is known of the people in some faces, in the order of their frames."""
        if self._offline:
            return as_known([self._person(face) for face in faces])
        answers = self._answerer.answer(_queries(faces))
        unrest = self._unrest(answers.probabilities, answers.distance)
        codes = self._answerer.codes(_queries(faces), calm=True)
        persons = []
        for face, far, code in zip(faces, unrest, codes, strict=True):
            persons.append(self._person(face))
            self._remember(face, far, code)
        return as_known(persons)

    def learn(self, faces: Sequence[FaceResult]) -> None:
        """Look at frames before any is answered for.

        Args:
            faces: answered alone.
        """
        there = [face for face in faces if face.probabilities]
        if not there:
            return
        shares = np.array([[face.probabilities[name] for name in self._answerer.classes] for face in there])
        distance = None if there[0].distance is None else np.array([face.distance for face in there])
        codes = self._answerer.codes(_queries(there), calm=True)
        for face, far, code in zip(there, self._unrest(shares, distance), codes, strict=True):
            self._remember(face, far, code)

    def _unrest(
        self, shares: Float[np.ndarray, "face class"], distance: Float[np.ndarray, "face"] | None
    ) -> Float[np.ndarray, "face"]:
        """How far from rest each face is, by the answers that it gets alone; infinite where it is not calm."""
        classes = self._answerer.classes
        if NEUTRAL not in classes:
            assert distance is not None
            return distance
        neutral = classes.index(NEUTRAL)
        far = distance if self._answerer.has_generator and distance is not None else 1 - shares[:, neutral]
        return np.where(shares.argmax(axis=1) == neutral, far, np.inf)

    def _remember(self, face: FaceResult, unrest: float, code: Float[np.ndarray, "embedding"]) -> None:
        if face.frame is None or not np.isfinite(unrest):
            return
        calm = self._calm[face.file, face.number]
        insort(calm, CalmFrame(float(unrest), face.frame, code), key=lambda frame: frame.unrest)
        del calm[KEPT + self._offline :]  # one more, because a frame is not compared with itself

    def _person(self, face: FaceResult) -> Person | None:
        calm = [frame for frame in self._calm.get((face.file, face.number), ()) if frame.frame != face.frame][:KEPT]
        if not calm:
            return None
        return Person("", np.stack([frame.code for frame in calm]), ("",) * len(calm))


def _queries(faces: Sequence[FaceResult]) -> np.ndarray:
    return np.stack([face.query for face in faces if face.query is not None])
