"""What each setting of speed is worth on this machine: time of the processor for an image, in a table.

    python tests/benchmarks/settings.py vae_resnet fer2013/cnn --rounds 2

Every setting of every recipe is timed by `gcnet bench` in a process of its own, all of them in turn, one thread each,
and the medians over the turns are told relative to the first setting. Time of the processor hardly minds who else is on
the machine; the first steps, in which is compiled, are told by the clock.
"""

import argparse
import json
import subprocess
import sys
from statistics import median
from typing import Any

BENCH = (sys.executable, "-m", "gcnet_core.cli", "bench")
PLAIN = {"training.precision": "float32", "training.channels_last": "false", "training.compile": "false"}
SETTINGS: dict[str, dict[str, str]] = {
    "float32": {},
    "channels-last": {"training.channels_last": "true"},
    "bf16": {"training.precision": "bf16"},
    "bf16, channels-last": {"training.precision": "bf16", "training.channels_last": "true"},
    "compiled": {"training.compile": "true"},
}


def timed(recipe: str, setting: dict[str, str], seconds: float) -> dict[str, Any]:
    """The stages of a recipe, as `gcnet bench` finds them."""
    words = [f"--set={key}={value}" for key, value in {**PLAIN, **setting}.items()]
    command = [*BENCH, recipe, *words, "--threads", "1", "--rounds", "3", "--seconds", str(seconds), "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(answer.stdout)
    return {name: {**stage, "batch": found["batch_size"]} for name, stage in found["stages"].items()}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipes", nargs="+")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1.0)
    asked = parser.parse_args()
    print("| recipe, stage | setting | ms of the processor for an image | share of float32 | first steps, s |")
    print("|---|---|--:|--:|--:|")
    for recipe in asked.recipes:
        turns = [
            {name: timed(recipe, setting, asked.seconds) for name, setting in SETTINGS.items()}
            for _ in range(asked.rounds)
        ]
        for stage in turns[0]["float32"]:
            of = {
                name: [1000 * turn[name][stage]["processor_seconds"] / turn[name][stage]["batch"] for turn in turns]
                for name in SETTINGS
            }
            for name, values in of.items():
                share = median(values) / median(of["float32"])
                first = median(turn[name][stage]["first_step"] for turn in turns)
                print(f"| {recipe}, {stage} | {name} | {median(values):.2f} | {share:.2f} | {first:.1f} |", flush=True)


if __name__ == "__main__":
    main()
