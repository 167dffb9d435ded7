"""How much a true neutral reference helps to recognise drawn expressions.

Run `python tests/benchmarks/synthetic_reference_gain.py`. A support vector machine on histograms of oriented gradients
is trained on some people and tested on others: once on the query alone, once on the query together with its difference
to the true reference, once with the reference of another person instead.
"""

import argparse

import cv2
import numpy as np
from gcnet_datasets.synthetic.config import SyntheticFacesConfig
from gcnet_datasets.synthetic.dataset import SyntheticFaces
from jaxtyping import Float, UInt8
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, Registry

SIZE = 48


def gradients(pixels: UInt8[np.ndarray, "48 48 1"]) -> Float[np.ndarray, "feature"]:
    """Histograms of oriented gradients of a grey image."""
    descriptor = cv2.HOGDescriptor((SIZE, SIZE), (16, 16), (8, 8), (8, 8), 9)
    return np.asarray(descriptor.compute(pixels[:, :, 0]), np.float64).ravel()


def measure(config: SyntheticFacesConfig, train_subjects: int) -> dict[str, float]:
    """Accuracy on people who were not trained on, in per cent, by what the classifier sees.

    Args:
        config: the faces to draw.
        train_subjects: the first so many people train, the others test.
    """
    dataset = SyntheticFaces(config, BuildContext(Registry(), ImageConfig(size=SIZE, channels=1)))
    samples = dataset.samples
    query = np.stack([gradients(dataset.read(sample.image)) for sample in samples])
    reference = np.stack([gradients(dataset.read(sample.reference or "")) for sample in samples])
    label = np.array([sample.expression for sample in samples])
    subject = np.array([int((sample.subject or "")[1:]) for sample in samples])
    stranger = np.roll(reference, len(samples) // config.subjects, axis=0)
    train = subject < train_subjects
    inputs = {
        "query alone": query,
        "query and true reference": np.hstack([query, query - reference]),
        "query and a stranger's reference": np.hstack([query, query - stranger]),
    }
    accuracy = {}
    for name, features in inputs.items():
        classifier = make_pipeline(StandardScaler(), SVC(C=10)).fit(features[train], label[train])
        accuracy[name] = 100 * float(classifier.score(features[~train], label[~train]))
    return accuracy


def main() -> None:
    """Print a row for each resting variation."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--resting-variation", type=float, nargs="*", default=[0.0, 0.5, 1.0, 1.5])
    parser.add_argument("--intensity", type=float, nargs=2, default=SyntheticFacesConfig().intensity)
    parser.add_argument("--train", type=int, default=60, help="people to train on")
    parser.add_argument("--test", type=int, default=40, help="people to test on")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    for variation in options.resting_variation:
        rows = [
            measure(
                SyntheticFacesConfig(
                    subjects=options.train + options.test,
                    resting_variation=variation,
                    intensity=tuple(options.intensity),
                    seed=seed,
                ),
                options.train,
            )
            for seed in range(options.seeds)
        ]
        for name in rows[0]:
            values = [row[name] for row in rows]
            print(f"{variation:4.1f}  {name:34s} {np.mean(values):5.1f} ± {np.std(values):.1f} %", flush=True)


if __name__ == "__main__":
    main()
