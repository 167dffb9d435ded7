"""Draw the figures of the docs. Run `python docs/make_figures.py`; only drawn faces are shown."""

from pathlib import Path

import cv2
import numpy as np
from gcnet_datasets.synthetic.expressions import EXPRESSIONS, PROTOTYPES
from gcnet_datasets.synthetic.identity import sample_identity
from gcnet_datasets.synthetic.render import render
from gcnet_datasets.synthetic.shot import another_shot, sample_shot

FOLDER = Path(__file__).parent / "figures"
PEOPLE = (0, 1, 4, 7)
SIZE = 128


def synthetic_faces() -> None:
    """A row for each person, a column for each full-blown expression, in colour."""
    rows = []
    for person in PEOPLE:
        rng = np.random.default_rng(person)
        identity, shot = sample_identity(rng), sample_shot(rng)
        rows.append([render(identity, another_shot(shot, rng), PROTOTYPES[name], SIZE, True) for name in EXPRESSIONS])
    sheet = np.concatenate([np.concatenate(row, axis=1) for row in rows])
    title = np.full((22, sheet.shape[1], 3), 255, np.uint8)
    for column, name in enumerate(EXPRESSIONS):
        (width, _), _ = cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
        place = (column * SIZE + (SIZE - width) // 2, 15)
        cv2.putText(title, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1, cv2.LINE_AA)
    cv2.imwrite(str(FOLDER / "synthetic_faces.png"), np.concatenate([title, sheet])[:, :, ::-1])


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    synthetic_faces()
