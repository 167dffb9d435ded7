"""References of finished runs with a diffusion generator against the number of sampling steps, and their time.

Run `python tests/benchmarks/diffusion_steps.py RUN...`. Errors are those of expressive queries of the test subjects.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import torch

from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.splits import split_samples
from gcnet_core.evaluation.generated import GeneratorMeter
from gcnet_core.inference.predict import predict
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe
from gcnet_core.storage import load_model


def measure(run: Path, steps: list[int]) -> None:
    """Print a row for each number of steps."""
    registry = discover()
    recipe = load_recipe(run / "recipe.yaml", registry=registry)
    table = load_faces(list_samples(recipe.data_sets, recipe.labels, recipe.image, registry), recipe.image)
    split = split_samples(table.samples, recipe.split, recipe.seed, int(recipe.split.fold))
    model = load_model(run, registry).model
    generator: Any = model.generator
    images = torch.rand(64, recipe.image.channels, recipe.image.size, recipe.image.size)
    for count in steps:
        generator.config = generator.config.model_copy(update={"steps": count})
        with torch.inference_mode():
            meter = GeneratorMeter(table, split.test, split.train)
            predict(model, table, split.test, observe=meter)
            errors = meter.found
            started = time.perf_counter()
            generator(images)
            seconds = time.perf_counter() - started
        assert errors is not None
        error = errors.expressive.generated
        figures = [f"{error.mse:.5f}", f"{error.ssim:.3f}", f"{error.sharpness:.2f}"]
        print_row([generator.config.target, str(count), *figures, f"{len(images) / seconds:.0f}"])


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 2, 4, 8])
    options = parser.parse_args()
    torch.set_num_threads(2)
    columns = ["target", "steps", "MSE", "SSIM", "sharpness", "images/s generated"]
    print_row(columns)
    print_row(["---"] * len(columns))
    for run in options.runs:
        measure(run, options.steps)


def print_row(cells: list[str]) -> None:
    """Print one row of a Markdown table."""
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
