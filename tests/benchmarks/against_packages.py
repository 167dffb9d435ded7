"""The model in the box against what other packages bring: accuracy and time on the same pictures, one thread.

    python tests/benchmarks/against_packages.py ../shared/data/fer2013.zip --python PATH_OF_A_PYTHON_WITH_FER_AND_FACEX

PATH is that of an environment of its own, because these packages bring TensorFlow: `pip install tensorflow-cpu
opencv-python-headless==4.12.0.88 scikit-image 'setuptools<80' pandas requests tqdm pillow`, then `pip install --no-deps
fer==25.10.0 facex==1.1.0`. The pictures are FER2013's PrivateTest, as they are; none of the packages should have been
trained on them.
"""

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from packages.other import CLASSES, PACKAGES

from gcnet_core.data.prepare import with_channels
from gcnet_core.inference.find_model import find_model, open_model
from gcnet_core.plugin_api import ImageConfig, discover

RESAMPLES = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="FER2013, in a folder or zipped")
    parser.add_argument(
        "--python", help="of the environment with the other packages; without it only gcnet is measured"
    )
    parser.add_argument(
        "--model", nargs="*", default=[None], help="runs or models of gcnet; default: the one in the box"
    )
    parser.add_argument("--every", type=int, default=1, help="take one of so many pictures")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    faces, labels = private_test(arguments.data)
    faces, labels = faces[:: arguments.every], labels[:: arguments.every]
    right: dict[str, np.ndarray] = {}
    print(f"{len(faces)} pictures\n")
    print("| | right, % | 95 % | against the first, points | ms a face, one thread |\n|---|---|---|---|---|")
    for model in arguments.model:
        show(*gcnet(model, faces), labels, right)
    if arguments.python:
        for package in PACKAGES:
            show(*other(package, arguments.python, faces), labels, right)


def private_test(data: str) -> tuple[np.ndarray, np.ndarray]:
    """Grey pictures of FER2013's PrivateTest and their labels, as numbers of CLASSES."""
    from gcnet_core.data.load import list_samples

    registry = discover()
    part = registry.part("dataset", "fer2013", {"folder": data})
    listing = list_samples([part], {}, ImageConfig(size=48), registry)
    samples = [sample for sample in listing.samples if sample.usage == "test"]
    faces = [with_channels(listing.read(sample.image), 1)[:, :, 0] for sample in samples]
    return np.stack(faces), np.array([CLASSES.index(sample.expression) for sample in samples])


def gcnet(named: str | None, faces: np.ndarray) -> tuple[str, np.ndarray, float]:
    """Answers of a model of gcnet, one face at a time as the others are asked, and seconds."""
    registry = discover()
    model = open_model(find_model(named, registry), registry, "cpu")
    assert model.classes == CLASSES
    model.answer(faces[:1, None])
    start = time.process_time()
    shares = [model.answer(face[None, None]).probabilities[0] for face in faces]
    return f"gcnet {model.name}", np.array(shares), time.process_time() - start


def other(package: str, python: str, faces: np.ndarray) -> tuple[str, np.ndarray, float]:
    """Answers of another package, and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        faces_file, answers_file = Path(folder) / "faces.npy", Path(folder) / "answers.npz"
        np.save(faces_file, faces)
        script = Path(__file__).parent / "packages" / "other.py"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        subprocess.run([python, str(script), package, str(faces_file), str(answers_file)], check=True, env=clean)
        answers = np.load(answers_file)
        return package, answers["shares"], float(answers["seconds"])


def show(name: str, shares: np.ndarray, seconds: float, labels: np.ndarray, right: dict[str, np.ndarray]) -> None:
    """A row of the table; the first is what the others are compared with."""
    hit = (shares.argmax(axis=1) == labels).astype(float)
    first = next(iter(right.values()), hit)
    right[name] = hit
    low, high = interval(hit)
    against = (
        ""
        if first is hit
        else f"{100 * (hit - first).mean():+.1f} ({{:+.1f}} to {{:+.1f}})".format(*interval(hit - first))
    )
    print(
        f"| {name} | {100 * hit.mean():.1f} | {low:.1f} to {high:.1f} | {against} | {1000 * seconds / len(hit):.2f} |",
        flush=True,
    )


def interval(values: np.ndarray) -> tuple[float, float]:
    """Bootstrap over pictures, in per cent."""
    random = np.random.default_rng(0)
    means = [values[random.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    return float(100 * np.quantile(means, 0.025)), float(100 * np.quantile(means, 0.975))


if __name__ == "__main__":
    main()
