"""Train generators alone and compare their references with the true ones, the copy and the mean face.

Run `python tests/benchmarks/generators.py`: on AR, fold 0, the generator stage of recipes/ar/vae_resnet.yaml, one row
for each choice. Further choices are words such as `vae:output=direct,skip_connections=false`.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from gcnet_core.experiment import Options, run_recipe
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe
from gcnet_core.storage import load_model

CHOICES = [
    "autoencoder",
    "autoencoder:output=direct,skip_connections=false",
    "vae", "vae:output=direct,skip_connections=false", "gan", "gan:adversarial_weight=0.05",
]  # fmt: skip


def measure(choice: str, recipe_name: str, overrides: list[str]) -> dict[str, Any]:
    """Train one generator and measure it on the test subjects."""
    name, _, options = choice.partition(":")
    registry = discover()
    settings = [f"model.generator.{option}" for option in options.split(",") if option]
    recipe = load_recipe(
        recipe_name,
        [f"model.generator.type={name}", *settings, "training.stages.joint=null", "report.tsne=false", *overrides],
        registry,
    )
    with tempfile.TemporaryDirectory() as folder:
        run = run_recipe(recipe, registry, Options(output=Path(folder) / "run"))
        summary = json.loads((run / "summary.json").read_text())
        epochs = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        generator = load_model(run, registry).model.generator
    images = torch.rand(64, recipe.image.channels, recipe.image.size, recipe.image.size)
    with torch.inference_mode():
        generator(images)  # type: ignore[operator]
        started, rounds = time.perf_counter(), 10
        for _ in range(rounds):
            generator(images)  # type: ignore[operator]
    speed = rounds * len(images) / (time.perf_counter() - started)
    return {
        "errors": summary["generator"]["expressive"],
        "epoch": sum(line["seconds"] for line in epochs) / len(epochs),
        "speed": speed,
        "parameters": summary["parameters"]["generator"],
    }


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("choices", nargs="*", default=CHOICES)
    parser.add_argument("--recipe", default="ar/vae_resnet")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    options = parser.parse_args()
    rows = {choice: measure(choice, options.recipe, options.overrides) for choice in options.choices}
    columns = ["generator", "MSE", "SSIM", "sharpness", "parameters", "seconds per epoch", "images/s generated"]
    print_row(columns)
    print_row(["---"] * len(columns))
    for choice, row in rows.items():
        errors = row["errors"]["generated"]
        effort = [f"{row['parameters']:,}", f"{row['epoch']:.1f}", f"{row['speed']:.0f}"]
        print_row([f"`{choice}`", *figures(errors), *effort])
    for name in ("copy", "mean_face"):
        print_row([name.replace("_", " "), *figures(next(iter(rows.values()))["errors"][name]), "", "", ""])


def figures(errors: dict[str, float]) -> list[str]:
    """The measures of one estimate as text."""
    return [f"{errors['mse']:.5f}", f"{errors['ssim']:.3f}", f"{errors['sharpness']:.2f}"]


def print_row(cells: list[str]) -> None:
    """Print one row of a Markdown table."""
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
