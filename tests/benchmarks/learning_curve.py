"""What more people in the training are worth: accuracy against the number of training subjects.

Says whether a recipe could still learn from more faces, or has taken from the query what is in it. Each size makes as
many steps as all subjects do. Run `python tests/benchmarks/learning_curve.py RECIPE... --sizes 16 32 48`; by default
the CNN baseline and true references on AR, whose data it needs. Words that it does not know go to `gcnet compare`.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe

STAGE = "encoder"


def main() -> None:
    """Compare the recipes at each size, all folds, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="*", default=["ablation/ar/cnn", "ablation/ar/given"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[16, 32, 48])
    parser.add_argument("--all", type=int, default=63, help="training subjects of the smallest fold")
    parser.add_argument("--output", type=Path, default=Path("runs/learning_curve"))
    options, words_for_compare = parser.parse_known_args()
    registry = discover()
    epochs = {name: load_recipe(name, registry=registry).training.stages[STAGE].epochs for name in options.recipes}
    print("| training subjects | " + " | ".join(options.recipes) + " |")
    print("| --: |" + " --: |" * len(options.recipes))
    for size in [*options.sizes, None]:
        cells = []
        for name in options.recipes:
            changes = []
            if size:
                changes = [f"split.training_subjects={size}"]
                changes.append(f"training.stages.{STAGE}.epochs={round(epochs[name] * options.all / size)}")
            folder = options.output / name / str(size or "all")
            words = [word for change in changes for word in ("--set", change)] + words_for_compare
            command = [sys.executable, "-m", "gcnet_core.cli", "compare", name, "--output", str(folder), *words]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            cells.append(_accuracy(folder))
        print(f"| {size or 'all'} | " + " | ".join(cells) + " |", flush=True)


def _accuracy(folder: Path) -> str:
    found = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))["recipes"][0]
    low, high = found["accuracy_interval"]
    return f"{100 * found['accuracy']:.1f}% ({100 * low:.1f}–{100 * high:.1f})"


if __name__ == "__main__":
    main()
