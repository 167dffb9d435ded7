"""Draw docs/figures/generators.png: the references of several runs on the same test images of drawn faces.

Run `python docs/make_generator_figure.py RUN...`, with one run for each generator, all of one data set and fold.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure

from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.splits import split_samples
from gcnet_core.inference.predict import predict
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe
from gcnet_core.storage import load_model

FILE = Path(__file__).parent / "figures" / "generators.png"


def references_of(run: Path) -> tuple[str, list[str], dict[str, Float[np.ndarray, "sample height width"]]]:
    """Name of the generator; labels of its test images; their queries, generated and true references."""
    registry = discover()
    recipe = load_recipe(run / "recipe.yaml", registry=registry)
    table = load_faces(list_samples(recipe.data_sets, recipe.labels, recipe.image, registry), recipe.image)
    indices = split_samples(table.samples, recipe.split, recipe.seed, int(recipe.split.fold)).test
    answers = predict(load_model(run, registry).model, table, indices)
    assert answers.reference is not None
    chosen = torch.as_tensor(indices)
    pictures = {
        "query": table.images[table.query[chosen], 0].numpy() / 255,
        "generated": answers.reference[:, 0],
        "true": table.images[table.reference[chosen], 0].numpy() / 255,
    }
    labels = [table.classes[label] for label in answers.predictions.labels]
    return recipe.model.config.generator.type, labels, pictures


def choose(labels: Sequence[str]) -> list[int]:
    """One test image of each expression but neutral, evenly spread over the test subjects."""
    expressive = [name for name in dict.fromkeys(labels) if name != "neutral"]
    share = len(labels) // len(expressive)
    return [labels.index(name, position * share) for position, name in enumerate(expressive)]


def main() -> None:
    """Draw a row for the queries, one for each run, and one for the true references."""
    found = [references_of(Path(argument)) for argument in sys.argv[1:]]
    _, labels, first = found[0]
    chosen = choose(labels)
    rows = [("query", first["query"]), *((name, pictures["generated"]) for name, _, pictures in found)]
    rows.append(("true reference", first["true"]))
    figure = Figure(figsize=(1.35 * len(chosen) + 1, 1.4 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), len(chosen))
    for (name, images), line in zip(rows, axes, strict=True):
        for column, (index, axis) in enumerate(zip(chosen, line, strict=True)):
            axis.imshow(images[index], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axis.set(xticks=[], yticks=[], title=labels[index] if name == "query" else "")
            if column == 0:
                axis.set_ylabel(name)
    FILE.parent.mkdir(exist_ok=True)
    figure.savefig(FILE, dpi=110)


if __name__ == "__main__":
    main()
