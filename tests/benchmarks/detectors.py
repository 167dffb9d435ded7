"""How many faces a detector finds in photographs, and in copies of them that are turned in the plane.

    python tests/benchmarks/detectors.py FOLDER... [--set detector.type=haar] [--turns 0 15 30 45 90 180]

A face in a turned copy counts as found if its eyes, turned back, lie within a quarter of their distance of those in
the upright picture (for 0 degrees: if there is exactly one face, with both eyes). Printed as Markdown, with the median
error of the eyes as a share of their distance, and milliseconds of one core a picture.
"""

import argparse
import statistics
import time
from pathlib import Path

import cv2
import numpy as np

from gcnet_core.faces.config import read_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.faces.photographs import list_photographs
from gcnet_core.faces.rotation import turn
from gcnet_core.plugin_api import discover

cv2.setNumThreads(1)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", nargs="+", type=Path)
    arguments.add_argument("--set", action="append", default=[])
    arguments.add_argument("--turns", nargs="+", type=float, default=[0, 15, 30, 45, 60, 90, 180])
    chosen = arguments.parse_args()
    finder = FaceFinder(read_preparation(["detector.type=haar", *chosen.set], discover()), discover())
    print(f"{finder.version}\n\n| folder | turned | found | error of the eyes | ms |\n|---|---|---|---|---|")
    for folder in chosen.folders:
        listing = list_photographs(folder)
        pictures = {sample.image: listing.read(sample.image) for sample in listing.samples}
        upright = {name: finder.faces(picture) for name, picture in pictures.items()}
        for degrees in chosen.turns:
            errors, seconds = [], []
            for name, picture in pictures.items():
                turned, back = turn(picture, degrees)
                started = time.process_time()
                faces = finder.faces(turned)
                seconds.append(time.process_time() - started)
                known = [face.eyes for face in upright[name] if face.eyes]
                if len(faces) == 1 and faces[0].eyes and len(known) == 1:
                    eyes = np.array([back @ (*eye, 1) for eye in faces[0].eyes])
                    truth = np.array(known[0])
                    errors.append(np.linalg.norm(eyes - truth, axis=1).max() / np.linalg.norm(truth[1] - truth[0]))
            found = [error for error in errors if error < 0.25]
            error = f"{statistics.median(found):.3f}" if found else ""
            milliseconds = 1000 * statistics.median(seconds)
            print(f"| {folder.name} | {degrees:g} | {len(found)} of {len(pictures)} | {error} | {milliseconds:.0f} |")


if __name__ == "__main__":
    main()
