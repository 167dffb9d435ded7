"""How much is in the query: the answers of several recipes to the same images, averaged.

Whatever machine looks at the query alone, also one that computes a reference from it, can hardly know more than all of
them together. Run it on folders of recipes inside comparisons, each with its seeds and folds:

    python tests/benchmarks/ensemble.py runs/a/shared_start/ar/cnn runs/b/classical/ar/lbp runs/b/classical/ar/hog
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.runs import Predictions, concatenate


def main() -> None:
    """Print the accuracy of each recipe, of its seeds together, and of all recipes together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="+", type=Path, help="folders that hold seed-0, seed-1, ...")
    recipes = {folder: _seeds(folder) for folder in parser.parse_args().recipes}
    print("| answers averaged | accuracy, % (95 % over subjects) |")
    print("| --- | --: |")
    for folder, seeds in recipes.items():
        single = 100 * np.mean([seed.correct.mean() for seed in seeds])
        print(f"| {folder}: one seed, mean of {len(seeds)} | {single:.1f} |")
        if len(seeds) > 1:
            print(f"| {folder}: {len(seeds)} seeds | {_accuracy(average(seeds))} |")
    print(f"| all {len(recipes)} recipes | {_accuracy(average([average(seeds) for seeds in recipes.values()]))} |")


def average(several: Sequence[Predictions]) -> Predictions:
    """The mean of the probabilities that several gave to the same images."""
    classes, images = several[0].classes, several[0].images
    total = np.zeros((len(images), len(classes)))
    for one in several:
        row = {image: index for index, image in enumerate(one.images)}
        column = [one.classes.index(name) for name in classes]
        total += one.probabilities[[row[image] for image in images]][:, column]
    return replace(several[0], probabilities=total / len(several))


def _seeds(folder: Path) -> list[Predictions]:
    seeds = sorted(folder.glob("seed-*"))
    return [
        concatenate([Predictions.read_csv(path) for path in sorted(seed.glob("*/predictions.csv"))]) for seed in seeds
    ]


def _accuracy(predictions: Predictions) -> str:
    found = classification_metrics(predictions, bootstrap=2000, seed=0)
    low, high = found.accuracy_interval
    return f"{100 * found.accuracy:.1f} ({100 * low:.1f} to {100 * high:.1f})"


if __name__ == "__main__":
    main()
