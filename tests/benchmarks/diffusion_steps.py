"""Train diffusion generators alone and measure their references against the number of sampling steps, and time.

Run `python tests/benchmarks/diffusion_steps.py`: on AR, fold 0, the generator stage of the recipe
generators/diffusion for each target. `--split validation` measures on a fifth of the training subjects instead, for
choosing.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from gcnet_core.data.load import load_faces
from gcnet_core.data.splits import split_samples
from gcnet_core.evaluation.evaluate import answer, generator_errors
from gcnet_core.experiment import Options, run_recipe
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe
from gcnet_core.storage import load_model


def measure(target: str, recipe_name: str, split_name: str, steps: list[int], overrides: list[str]) -> None:
    """Train one generator; print a row for each number of steps."""
    registry = discover()
    held_out = ["split.validation=0.2"] if split_name == "validation" else []
    recipe = load_recipe(
        recipe_name,
        [f"model.generator.target={target}", "training.stages.joint=null", "report.tsne=false", *held_out, *overrides],
        registry,
    )
    with tempfile.TemporaryDirectory() as folder:
        run = run_recipe(recipe, registry, Options(output=Path(folder) / "run"))
        model = load_model(run, registry).model
    table = load_faces(recipe.data, recipe.image, registry)
    split = split_samples(table.samples, recipe.split, recipe.seed, int(recipe.split.fold))
    generator: Any = model.generator
    images = torch.rand(64, recipe.image.channels, recipe.image.size, recipe.image.size)
    for count in steps:
        generator.config = generator.config.model_copy(update={"steps": count})
        with torch.inference_mode():
            errors = generator_errors(answer(model, table, getattr(split, split_name)), table, split.train)
            started = time.perf_counter()
            generator(images)
            seconds = time.perf_counter() - started
        assert errors is not None
        error = errors["expressive"]["generated"]
        figures = [f"{error['mse']:.5f}", f"{error['ssim']:.3f}", f"{error['sharpness']:.2f}"]
        print_row([target, str(count), *figures, f"{len(images) / seconds:.0f}"])


def main() -> None:
    """Print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", default=["v", "flow", "noise"])
    parser.add_argument("--recipe", default="generators/diffusion")
    parser.add_argument("--split", choices=["validation", "test"], default="test")
    parser.add_argument("--steps", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    options = parser.parse_args()
    columns = ["target", "steps", "MSE", "SSIM", "sharpness", "images/s generated"]
    print_row(columns)
    print_row(["---"] * len(columns))
    for target in options.targets:
        measure(target, options.recipe, options.split, options.steps, options.overrides)


def print_row(cells: list[str]) -> None:
    """Print one row of a Markdown table."""
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
