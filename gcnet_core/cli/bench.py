"""`gcnet bench`: how fast a recipe trains here."""

import json
import os
import time
from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.cli.options import Device, Json, Plugin, Set, check_device, only_json

PROFILER_LOG, ONLY_FATAL = "KINETO_LOG_LEVEL", "99"


def command(
    recipe: Annotated[str, typer.Argument(help="recipe file, or name of a shipped recipe")],
    override: Set = None,
    device: Device = None,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads; default: as the recipe says")] = None,
    seconds: Annotated[float, typer.Option(min=0.01, help="length of a round")] = 1.0,
    rounds: Annotated[int, typer.Option(min=1, help="rounds of trainer and bare loop in turn, for each stage")] = 7,
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help="trace some steps of each stage, in a file that Perfetto opens")
    ] = None,
    plugin: Plugin = None,
    json_output: Json = False,
) -> None:
    """Time the training of a recipe against a bare loop with the same network, and say what the time goes into.

    Example: gcnet bench recipes/vae_resnet.yaml
    """
    began = time.perf_counter()
    from gcnet_core.plugin_api import UserError, discover
    from gcnet_core.recipe import load_recipe

    registry = discover(plugin or ())
    chosen = load_recipe(recipe, override or (), registry, before_data=lambda _: check_device(device))
    if profile and not profile.parent.is_dir():
        raise UserError(f"--profile {profile}: there is no folder {profile.parent}")
    os.environ.setdefault(PROFILER_LOG, ONLY_FATAL)  # before torch, whose profiler says that there is no GPU

    from gcnet_core.benchmark.bench import BenchOptions, bench
    from gcnet_core.benchmark.table import before_training, benchmark_table
    from gcnet_core.output.console import Console

    console = Console(stderr=json_output)
    with only_json(json_output), console.status("measuring"):
        found = bench(chosen, registry, BenchOptions(device, threads, seconds, rounds, profile), began)
    if json_output:
        print(json.dumps(found.as_json(), indent=2))
    else:
        console.print(benchmark_table(found))
        console.print(before_training(found), highlight=False)
        if profile:
            console.print(f"trace {profile}", highlight=False)
