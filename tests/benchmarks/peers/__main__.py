"""The trainer beside its peers: the same network, the same pictures, one thread, in turn.

    pip install -e '.[bench]'
    OMP_NUM_THREADS=1 python tests/benchmarks/peers [cnn|vae] [--rounds 9] [--steps 20] [--device cuda] [--set ...]

`cnn`: a ResNet-18 of timm on grey pictures of 48 pixels in folders, batches of 64: the bare loop of `gcnet bench` and
Lightning train gcnet's own network, with gcnet's optimiser, on batches that lie in memory; timm's loop trains the same
backbone on such batches, and, as `timm with its data`, reads the files by timm's own loader with its own changes.
`vae`: the generator `vae` without skip connections; pythae's trainer trains its VAE with the very same two halves.

In each round every side takes some steps. Processor time of a step counts, in which a busy machine does not show; on a
GPU the time of the clock. Printed are medians of the rounds, and the median of the ratios to the bare loop.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median

import torch
from gcnet_side import GcnetSide
from pictures import write_pictures

Side = Callable[[int], float]
"""Takes some steps, and returns the seconds of one."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("network", nargs="?", choices=("cnn", "vae"), default="cnn")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        if given.network == "cnn":
            write_pictures(Path(folder))
        own = GcnetSide(given.network, Path(folder), given.device, given.set, given.rounds)
        sides = {"bare loop": own.bare_steps, **peers(given.network, own, Path(folder))}
        found = own.beside(sides, given.steps)
    bare = found["bare loop"]
    rows = {
        name: {
            "seconds": median(times),
            "images_per_second": own.images / median(times),
            "against_bare_loop": median(time / least for time, least in zip(times, bare, strict=True)),
        }
        for name, times in found.items()
    }
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    names = ("torch", "timm", "pytorch-lightning", "pythae")
    print(", ".join(f"{name} {version(name)}" for name in names), given.device, torch.get_num_threads(), "thread")
    for name, row in rows.items():
        figures = f"{1000 * row['seconds']:9.1f} ms {row['images_per_second']:9,.0f} images/s"
        print(f"{name:24}{figures} {row['against_bare_loop']:7.3f} x the bare loop")


def peers(network: str, own: GcnetSide, folder: Path) -> Mapping[str, Side]:
    """What trains the same network."""
    from lightning_side import LightningSide

    lightning = {"Lightning": LightningSide(own.phase, own.groups).steps}
    if network == "vae":
        from pythae_side import PythaeSide

        return lightning | {"pythae": PythaeSide(own.model.generator, own.groups).steps}
    from timm_side import TimmSide

    loop = TimmSide(own.groups, own.classes, folder)
    return lightning | {"timm, the loop alone": loop.steps, "timm with its data": loop.steps_with_data}


if __name__ == "__main__":
    main()
