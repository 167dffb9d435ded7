"""What `gcnet predict` costs beside the work that cannot be avoided: forward passes, a detector, importing torch.

    python tests/benchmarks/predict_speed.py MODEL PHOTOGRAPHS [--repeats 5]

Three ratios, in processor time of one thread, each from alternating measurements (medians), so that a busy machine
slows both sides alike:

(a) prepared faces, from files to CSV rows, against the bare forward pass at the same batch size; decoding apart
(b) photographs, from files to CSV rows, against decoding and the detector alone
(c) the command on one photograph, files in the cache, against `python -c "import torch"`
"""

import argparse
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import cv2
import numpy as np
import torch

import gcnet_core as gcnet
from gcnet_core.inference.job import Counts, run_job
from gcnet_core.inference.options import Format
from gcnet_core.inference.pictures import read_picture
from gcnet_core.inference.rows import row_writer
from gcnet_core.inference.sources import find_sources

BATCH, FACES = 64, 512


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("model")
    options.add_argument("photographs")
    options.add_argument("--repeats", type=int, default=5)
    given = options.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    model = gcnet.load(given.model, device="cpu")
    prepared(model, given.repeats)
    photographs(model, given.photographs, given.repeats)
    first_answer(given.model, given.photographs, given.repeats)


def prepared(model: gcnet.Recognizer, repeats: int) -> None:
    """Ratio (a)."""
    image = model.answerer.image
    shape = (FACES, image.channels, image.size, image.size)
    faces = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        for number, face in enumerate(faces):
            cv2.imwrite(f"{folder}/{number:03}.png", face.transpose(1, 2, 0))
        paths = sorted(Path(folder).iterdir())

        def forward() -> None:
            for start in range(0, FACES, BATCH):
                model.answerer.answer(faces[start : start + BATCH])

        def command() -> None:
            answered(model, folder, "prepared")

        def decode() -> None:
            for path in paths:
                read_picture(path)

        bare, whole, decoding = alternating([forward, command, decode], repeats)
    print(f"(a) forward {bare:.3f} s, predict {whole:.3f} s, of that decoding {decoding:.3f} s for {FACES} faces")
    print(f"    ratio {whole / bare:.3f} with decoding, {(whole - decoding) / bare:.3f} without")


def photographs(model: gcnet.Recognizer, folder: str, repeats: int) -> None:
    """Ratio (b)."""
    paths = [source.name for source in find_sources([folder])]
    pictures = [read_picture(Path(path)) for path in paths]

    def detector() -> None:
        for picture in pictures:
            if picture.pixels is not None:
                model.finder.faces(picture.pixels)

    def decode() -> None:
        for path in paths:
            read_picture(Path(path))

    finding, decoding, whole = alternating([detector, decode, lambda: answered(model, folder, "find")], repeats)
    print(f"(b) detector {finding:.3f} s, decoding {decoding:.3f} s, predict {whole:.3f} s, {len(paths)} photographs")
    print(f"    ratio {whole / finding:.3f} to the detector, {whole / (finding + decoding):.3f} with decoding")


def first_answer(model: str, folder: str, repeats: int) -> None:
    """Ratio (c)."""
    photograph = find_sources([folder])[0].name
    torch_alone = [sys.executable, "-c", "import torch"]
    command = [sys.executable, "-m", "gcnet_core.cli", "predict", "--model", model, photograph, "--workers", "1"]
    alone, whole = alternating([lambda: started(torch_alone), lambda: started(command)], repeats, clock=children)
    print(f"(c) import torch {alone:.2f} s, predict {whole:.2f} s, ratio {whole / alone:.2f}")


def answered(model: gcnet.Recognizer, folder: str, faces: str) -> None:
    """The work of the command, rows included, without its start."""
    pipeline = model.pipeline(faces, batch_size=BATCH)  # type: ignore[arg-type]
    writer = row_writer(Format.csv, io.StringIO(), model.classes, {"model": ""})
    run_job(pipeline, find_sources([folder]), [lambda source, picture, found: writer.write(found)], Counts())


def alternating(
    works: list[Callable[[], None]], repeats: int, clock: Callable[[], float] = time.process_time
) -> list[float]:
    """Median time of each work, after one round that does not count."""
    times: list[list[float]] = [[] for _ in works]
    for number in range(repeats + 1):
        for work, taken in zip(works, times, strict=True):
            begin = clock()
            work()
            if number:
                taken.append(clock() - begin)
    return [statistics.median(taken) for taken in times]


def started(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def children() -> float:
    """Processor time of all processes that were started and ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
