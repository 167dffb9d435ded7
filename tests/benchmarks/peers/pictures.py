"""Pictures in folders, as many programs read them."""

from pathlib import Path

import cv2
import numpy as np

CLASSES = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
OF_EACH, SIZE = 400, 48


def write_pictures(folder: Path) -> None:
    """A folder of grey noise, a little smoothed, for each expression: what they show changes no time."""
    random = np.random.default_rng(0)
    for name in CLASSES:
        (folder / name).mkdir()
        for number in range(OF_EACH):
            noise = random.integers(0, 256, (SIZE, SIZE), dtype=np.uint8)
            cv2.imwrite(str(folder / name / f"p{number}_{name}.png"), cv2.GaussianBlur(noise, (5, 5), 0))
