"""How much a badly chosen true reference flatters: HOG and a support vector machine on AR, under three rules.

Run `python tests/benchmarks/reference_leak.py`; it needs AR, as `recipes/ar/vae_resnet.yaml` says.
"""

from typing import Any

import numpy as np
import torch

from gcnet_core.data.faces import UNKNOWN
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.splits import split_samples
from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe


def main() -> None:
    """Print the accuracy over all folds under each rule."""
    registry = discover()
    recipe = load_recipe("classical/ar/hog_given", registry=registry)
    table = load_faces(list_samples(recipe.data_sets, recipe.labels, recipe.image, registry), recipe.image)
    model: Any = BuildContext(registry, recipe.image, table.classes).build(recipe.model)
    images = table.images.float() / 255
    codes = [model.encoder(pictures) for pictures in (images, images.flip(-1))]
    itself = table.reference == table.query
    rules = {
        "another session for every query": table.true_reference,
        "another session for neutral queries alone": torch.where(itself, table.true_reference, table.reference),
        "a neutral query is its own reference": table.reference,
    }
    for rule, reference in rules.items():
        features = [torch.cat([code[table.query] - code[reference], code[table.query]], dim=1) for code in codes]
        right = []
        for fold in range(recipe.split.folds):
            split = split_samples(table.samples, recipe.split, recipe.seed, fold)
            train, test = (rows[(reference[rows] != UNKNOWN).numpy()] for rows in (split.train, split.test))
            labels = table.label[train].repeat(2)
            model.machine.fit(
                torch.cat([code[train] for code in features]), labels, c=10, gamma=None, standardize=False
            )
            right.append((model.machine(features[0][test]).argmax(dim=1) == table.label[test]).numpy())
        print(f"{rule}: {100 * np.concatenate(right).mean():.1f} %", flush=True)


if __name__ == "__main__":
    main()
