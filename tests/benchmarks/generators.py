"""Compare the generators of finished runs: references of the test subjects, accuracy, size and speed.

Run `python tests/benchmarks/generators.py RUN...`; a row is named like its folder. Errors are those of expressive
queries. The speed of generation is measured here and now; the time of an epoch is that of the run's generator stage.
"""

import sys
import time
from pathlib import Path
from typing import Any

import torch

from gcnet_core.plugin_api import discover
from gcnet_core.runs import EstimateErrors, ReferenceErrors, Run
from gcnet_core.storage import load_model

ROUNDS = 5


def row(run: Run) -> list[str]:
    """The figures of one run as text."""
    summary = run.summary
    seconds = [epoch.seconds for epoch in run.epochs if epoch.stage == "generator"]
    return [
        run.folder.name,
        *figures(expressive_errors(run).generated),
        f"{100 * summary.test.accuracy:.1f}",
        f"{summary.parameters['generator']:,}",
        f"{sum(seconds) / len(seconds):.1f}",
        f"{speed(run.folder):.0f}",
    ]


def expressive_errors(run: Run) -> ReferenceErrors:
    """Errors of the references of expressive queries."""
    assert run.summary.generator is not None
    assert run.summary.generator.expressive is not None
    return run.summary.generator.expressive


def figures(errors: EstimateErrors) -> list[str]:
    """The measures of one estimate as text."""
    return [f"{errors.mse:.5f}", f"{errors.ssim:.3f}", f"{errors.sharpness:.2f}"]


def speed(run: Path) -> float:
    """References per second, in batches of 64 on the CPU."""
    saved = load_model(run, discover())
    generator: Any = saved.model.generator
    images = torch.rand(64, saved.image.channels, saved.image.size, saved.image.size)
    with torch.inference_mode():
        generator(images)
        started = time.perf_counter()
        for _ in range(ROUNDS):
            generator(images)
    return ROUNDS * len(images) / (time.perf_counter() - started)


def main() -> None:
    """Print a Markdown table."""
    runs = [Run(Path(argument)) for argument in sys.argv[1:]]
    torch.set_num_threads(2)
    columns = ["generator", "MSE", "SSIM", "sharpness", "accuracy, %", "parameters", "s per epoch", "images/s"]
    print_row(columns)
    print_row(["---"] * len(columns))
    for run in runs:
        print_row(row(run))
    trivial = expressive_errors(runs[0])
    for name, errors in (("copy", trivial.query_copy), ("mean face", trivial.mean_face)):
        print_row([name, *figures(errors), "", "", "", ""])


def print_row(cells: list[str]) -> None:
    """Print one row of a Markdown table."""
    print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
