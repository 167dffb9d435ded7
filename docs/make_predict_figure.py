"""Make the figure of the README: photographs as `gcnet predict --overlay` draws them, side by side.

    python docs/make_predict_figure.py london/neutral_004_03.jpg london/smiling_002_08.jpg

Only pictures of the Face Research Lab London Set (CC BY 4.0) may be shown, with its credit.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

FIGURE = Path(__file__).parent / "figures" / "predict.jpg"
HEIGHT = 450


def main() -> None:
    photographs = [Path(name) for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        drawn, rows = Path(folder) / "drawn", Path(folder) / "rows.csv"
        command = ["-m", "gcnet_core.cli", "predict", *photographs, "--overlay", drawn, "--output", rows]
        subprocess.run([sys.executable, *map(str, command)], check=True)
        pictures = [cv2.imread(str(drawn / photograph.name)) for photograph in photographs]
    sized = [
        cv2.resize(picture, (round(picture.shape[1] * HEIGHT / picture.shape[0]), HEIGHT), interpolation=cv2.INTER_AREA)
        for picture in pictures
        if picture is not None
    ]
    cv2.imwrite(str(FIGURE), np.hstack(sized), [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
