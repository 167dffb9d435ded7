"""Accuracy against the size and the composition of the album at test, of the models of a comparison.

Run `python tests/benchmarks/album_curve.py COMPARISON RECIPE... --against RECIPE [--output FILE]` with the folder of
`gcnet compare --keep-models`. Each model is asked again, with 0 to 8 pictures of different composition, with a true
neutral and with both. Every answer is paired with that of the model of `--against` in the same trial, and with that of
the first recipe in the same setting.
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
from gcnet_core.inference.predict import predict
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
    for name in table.classes:
        if has_album(replace(table.albums, test_size=1, test_expressions=name), 1):
            yield Setting(1, name)


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


def paired(ours: dict[Trial, Predictions], theirs: dict[Trial, Predictions]) -> dict[str, Any]:
    """The difference to other answers to the same images in the same trials."""
    figures = paired_comparison(pair_up(ours, theirs), None, RESAMPLES, seed=0)
    return {"difference": figures.difference, "interval": figures.interval, "p": figures.p}


def finished(comparison: Path) -> dict[str, dict[Trial, Run]]:
    """The runs of a comparison by recipe and trial."""
    runs: dict[str, dict[Trial, Run]] = defaultdict(dict)
    for path in sorted(comparison.rglob("summary.json")):
        run = Run(path.parent)
        if run.summary.fold != "all":
            runs[run.summary.recipe][run.summary.seed, int(run.summary.fold)] = run
    return runs


def main() -> None:
    """Print a line for each recipe and setting, and write all of them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("comparison", type=Path)
    parser.add_argument("recipes", nargs="+", help="names of those whose models are asked")
    parser.add_argument("--against", required=True, help="the recipe with whose own answers all are paired")
    parser.add_argument("--output", type=Path)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    registry = discover()
    runs = finished(chosen.comparison)
    against = {trial: run.predictions for trial, run in runs[chosen.against].items()}
    result: dict[str, dict[str, Any]] = {}
    earlier: dict[Setting, dict[Trial, Predictions]] = {}
    for name in chosen.recipes:
        first = next(iter(runs[name].values()))
        table = loaded(load_recipe(first.folder / "recipe.yaml", registry=registry, stored=True), registry)
        found: dict[Setting, dict[Trial, Predictions]] = defaultdict(dict)
        for trial, run in runs[name].items():
            for setting, predictions in answers(run, table, registry).items():
                found[setting][trial] = predictions
        result[name] = {}
        for setting, ours in found.items():
            accuracy, interval = mean_of_trials(ours, RESAMPLES, seed=0)
            entry = {"accuracy": accuracy, "interval": interval, "trials": len(ours), "against": paired(ours, against)}
            entry["first"] = paired(ours, earlier[setting]) if setting in earlier else None
            result[name][setting.name] = entry
            print(line(name, setting.name, entry), flush=True)
        earlier = earlier or found
    if chosen.output:
        chosen.output.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def line(name: str, setting: str, entry: dict[str, Any]) -> str:
    """A row for people."""
    told = [f"{name:24} {setting:28} {100 * entry['accuracy']:5.1f} %  {entry['trials']} trials"]
    for key in ("against", "first"):
        if entry[key]:
            low, high = entry[key]["interval"]
            difference = f"{100 * entry[key]['difference']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
            told.append(f"{key} {difference} p {entry[key]['p']:.3g}")
    return "  ".join(told)


if __name__ == "__main__":
    main()
