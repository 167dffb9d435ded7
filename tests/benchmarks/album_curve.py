"""Accuracy against the size and the composition of the album at test, of the models of a comparison.

Run `python tests/benchmarks/album_curve.py COMPARISON [RECIPE...] --against RECIPE [--output FILE]` with the folder
of `gcnet compare`. Each finished model is asked again, with 0 to 8 pictures of different composition, with a true
neutral and with both; every answer is paired with that of the model of RECIPE in the same trial.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from gcnet_core.data.albums import Albums, with_albums
from gcnet_core.data.align import align_references
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.splits import split_samples
from gcnet_core.evaluation.paired import pair_up, paired_comparison
from gcnet_core.evaluation.trials import Trial, mean_of_trials
from gcnet_core.inference import predict
from gcnet_core.plugin_api import Registry, discover
from gcnet_core.recipe import Recipe, load_recipe, stored_recipe
from gcnet_core.recipe.schema import AlbumConfig
from gcnet_core.runs import Predictions, Run
from gcnet_core.storage import load_model

SIZES = (1, 2, 3, 4, 8)
WAYS = ("random", "balanced", "different", "one", "same")
RESAMPLES = 2000


@dataclass(frozen=True)
class Setting:
    """What a model is given at test.

    Args:
        size: pictures of the album.
        expressions: how they are chosen.
        true_neutral: whether a true neutral picture is given too.
    """

    size: int
    expressions: str = "random"
    true_neutral: bool = False

    @property
    def name(self) -> str:
        """E.g. `4 random + true neutral`."""
        album = f"{self.size} {self.expressions}" if self.size else "query alone"
        return f"{album} + true neutral" if self.true_neutral else album


def settings(table: FaceTable) -> Iterator[Setting]:
    """All that there can be: no setting twice, none larger than the data."""
    assert table.albums is not None
    yield Setting(0)
    yield Setting(0, true_neutral=True)
    sizes = [size for size in SIZES if size <= table.albums.available.max()]
    for size in sizes:
        for way in WAYS:
            if has_album(replace(table.albums, test_size=size, test_expressions=way), size):
                yield Setting(size, way)
        yield Setting(size, true_neutral=True)
    yield from (Setting(1, name) for name in table.classes)


def has_album(albums: Albums, size: int) -> bool:
    """Whether so many pictures are found for any sample."""
    samples = torch.arange(len(albums.samples)).numpy()
    return bool(((albums.test(samples) >= 0).sum(axis=1) == size).any())


def loaded(recipe: Recipe, registry: Registry) -> FaceTable:
    """The faces of a recipe with albums, those of another session where it asks for none."""
    album = recipe.album if recipe.album.source != "none" else AlbumConfig(source="other_session")
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    table = with_albums(load_faces(listing, recipe.image), recipe.model_copy(update={"album": album}))
    return align_references(table) if recipe.align_references else table


def answers(run: Run, table: FaceTable, registry: Registry) -> dict[Setting, Predictions]:
    """What the model of a run says in each setting."""
    recipe, saved = stored_recipe(run.folder / "recipe.yaml", registry), load_model(run.folder, registry)
    fold = int(recipe.split.fold)
    indices = table.labelled(split_samples(table.samples, recipe.split, recipe.seed, fold).test)
    found = {}
    for setting in settings(table):
        albums = replace(table.albums, seed=recipe.seed, test_size=setting.size, test_expressions=setting.expressions)  # type: ignore[type-var]
        found[setting] = predict(
            saved.model,
            replace(table, albums=albums),
            indices,
            flip=recipe.evaluation.flip,
            true_reference=setting.true_neutral,
            album=bool(setting.size),
            fold=fold,
        ).predictions
    return found


def figures(ours: dict[Trial, Predictions], theirs: dict[Trial, Predictions]) -> dict[str, Any]:
    """Accuracy, and its difference to that of another recipe on the same images in the same trials."""
    accuracy, interval = mean_of_trials(ours, RESAMPLES, seed=0)
    paired = paired_comparison(pair_up(ours, theirs), None, RESAMPLES, seed=0)
    return {
        "accuracy": accuracy,
        "interval": interval,
        "trials": len(ours),
        "difference": paired.difference,
        "difference_interval": paired.interval,
        "p": paired.p,
    }


def main() -> None:
    """Print a line for each recipe and setting, and write all of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("comparison", type=Path)
    parser.add_argument("recipes", nargs="*", help="names; default: all that compare with a reference")
    parser.add_argument("--against", required=True, help="the recipe with whose answers all are paired")
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    registry = discover()
    runs: dict[str, dict[Trial, Run]] = defaultdict(dict)
    for path in sorted(chosen.comparison.rglob("summary.json")):
        run = Run(path.parent)
        if run.summary.fold != "all":
            runs[run.summary.recipe][run.summary.seed, int(run.summary.fold)] = run
    against = {trial: run.predictions for trial, run in runs[chosen.against].items()}
    result: dict[str, dict[str, Any]] = {}
    for name in chosen.recipes or sorted(runs.keys() - {chosen.against}):
        first = next(iter(runs[name].values()))
        table = loaded(load_recipe(first.folder / "recipe.yaml", registry=registry, stored=True), registry)
        found: dict[Setting, dict[Trial, Predictions]] = defaultdict(dict)
        for trial, run in runs[name].items():
            for setting, predictions in answers(run, table, registry).items():
                found[setting][trial] = predictions
        result[name] = {setting.name: figures(ours, against) for setting, ours in found.items()}
        for setting, entry in result[name].items():
            low, high = entry["difference_interval"]
            print(
                f"{name:32} {setting:28} {100 * entry['accuracy']:5.1f} %  {100 * entry['difference']:+5.1f} "
                f"({100 * low:+.1f} to {100 * high:+.1f})  p {entry['p']:.3g}  {entry['trials']} trials",
                flush=True,
            )
        if chosen.output:
            chosen.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
