"""What more people in the training are worth: accuracy against the number of training subjects.

Says whether a recipe could still learn from more faces, and whether another helps where there are few. Each size makes
as many steps as `--steps` times those of all subjects. Run
`python tests/benchmarks/learning_curve.py RECIPE... --sizes 16 32 48`; by default the CNN baseline and true references
on AR, whose data it needs. Words that it does not know go to `gcnet compare`.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe
from gcnet_core.runs import ComparisonFolder
from gcnet_core.runs.comparison import PairFigures, RecipeFigures


def main() -> None:
    """Compare the recipes at each size, all folds, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipes", nargs="*", default=["ablation/ar/cnn", "ablation/ar/given"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[16, 32, 48])
    parser.add_argument("--all", type=int, default=63, help="training subjects of the smallest fold")
    parser.add_argument("--steps", type=float, default=1.0, help="share of the steps that all subjects would make")
    parser.add_argument("--output", type=Path, default=Path("runs/learning_curve"))
    options, words_for_compare = parser.parse_known_args()
    others = options.recipes[1:]
    print(
        "| training subjects | " + " | ".join([*options.recipes, *(f"{name} minus first, p" for name in others)]) + " |"
    )
    print("| --: |" + " --: |" * (2 * len(options.recipes) - 1))
    for size in options.sizes:
        folder = options.output / str(size)
        recipes = [_shortened(name, size, options.steps * options.all / size, folder) for name in options.recipes]
        command = [sys.executable, "-m", "gcnet_core.cli", "compare", *recipes, "--output", str(folder)]
        subprocess.run([*command, *words_for_compare], check=True, stdout=subprocess.DEVNULL)
        found = ComparisonFolder(folder).figures
        cells = [_accuracy(recipe) for recipe in found.recipes]
        cells += [_difference(pair) for pair in found.pairs[: len(others)]]  # those of the first recipe come first
        print(f"| {size} | " + " | ".join(cells) + " |", flush=True)


def _shortened(name: str, size: int, longer: float, folder: Path) -> str:
    """A recipe file for so many training subjects, each stage `longer` in epochs because these have fewer steps."""
    stages = load_recipe(name, registry=discover()).training.stages
    changed = {stage: {"epochs": max(1, round(config.epochs * longer))} for stage, config in stages.items()}
    path = folder / f"{name.replace('/', '_')}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    recipe = {"extends": name, "split": {"training_subjects": size}, "training": {"stages": changed}}
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(recipe, file)
    return str(path)


def _accuracy(recipe: RecipeFigures) -> str:
    low, high = recipe.accuracy_interval
    return f"{100 * recipe.accuracy:.1f}% ({100 * low:.1f}–{100 * high:.1f})"


def _difference(pair: PairFigures) -> str:
    assert pair.difference is not None
    assert pair.interval is not None
    low, high = pair.interval
    return f"{-100 * pair.difference:+.1f} ({-100 * high:+.1f} to {-100 * low:+.1f}), {pair.p:.2g}"


if __name__ == "__main__":
    main()
