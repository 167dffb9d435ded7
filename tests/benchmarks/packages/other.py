"""What another package says of prepared faces; run by `against_packages.py` with the Python that has the package.

    python other.py PACKAGE FACES.npy ANSWERS.npz

The faces are taken as they are: each package gets the whole picture as the box of its face, and its own preparation.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator

os.environ.update(CUDA_VISIBLE_DEVICES="", TF_CPP_MIN_LOG_LEVEL="3", OMP_NUM_THREADS="1")
os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")

import cv2
import numpy as np

CLASSES = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
NAMES = {
    "angry": "anger", "happy": "happiness", "sad": "sadness", "surprised": "surprise",
    **{name: name for name in CLASSES},
}  # fmt: skip
"""Their names of the expressions in ours."""
Answer = Callable[[np.ndarray], dict[str, float]]


def fer(*, offsets: tuple[int, int]) -> Answer:
    """fer 25.10: mini-XCEPTION; `offsets` are the pixels by which it extends a box."""
    from fer.fer import FER

    detector = FER(offsets=offsets)

    def answer(face: np.ndarray) -> dict[str, float]:
        height, width = face.shape
        colour = cv2.cvtColor(face, cv2.COLOR_GRAY2BGR)
        return dict(detector.detect_emotions(colour, [(0, 0, width, height)])[0]["emotions"])

    return answer


def facex() -> Answer:
    """facex 1.1: a TFLite file for pictures of 200 pixels."""
    from facex.core import PoolManager

    return PoolManager(pool_size=1).get_worker("all").detect_emotion


PACKAGES: dict[str, Callable[[], Answer]] = {
    "fer": lambda: fer(offsets=(0, 0)),
    "fer, its own margin": lambda: fer(offsets=(10, 10)),
    "facex": facex,
}


def main() -> None:
    package, faces_file, answers_file = sys.argv[1:]
    faces, answer = np.load(faces_file), PACKAGES[package]()
    answer(faces[0])  # what is only done once
    start = time.process_time()
    shares = np.array(list(_shares(faces, answer)))
    np.savez(answers_file, shares=shares, seconds=time.process_time() - start)


def _shares(faces: np.ndarray, answer: Answer) -> Iterator[list[float]]:
    for face in faces:
        named = {NAMES[name]: float(share) for name, share in answer(face).items()}
        yield [named[name] for name in CLASSES]


if __name__ == "__main__":
    main()
