"""Labels under other names, several data sets together, draws by weight, votes, and stand-ins for references."""

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from gcnet_core.data.faces import UNKNOWN, FaceTable, read_faces
from gcnet_core.data.load import list_samples
from gcnet_core.data.loader import draw_indices, sampling_weights, training_batches
from gcnet_core.data.pseudo_references import with_pseudo_references
from gcnet_core.data.randomness import keyed_generator
from gcnet_core.data.splits import split_samples
from gcnet_core.plugin_api import ImageConfig, Registry, Sample, UserError, relabel
from gcnet_core.recipe import RecipeError, load_recipe
from gcnet_core.recipe.schema import AugmentConfig, SplitConfig
from tests.plugins.trees import pictures

IMAGE = ImageConfig(size=8, channels=1)


def faces(samples: list[Sample], classes: tuple[str, ...] = ("neutral", "anger", "fear")) -> FaceTable:
    """Each image has one grey level: the number in its name."""
    return read_faces(samples, classes, lambda name: np.full((8, 8, 1), int(name), dtype=np.uint8), IMAGE)


def test_relabel_renames_merges_and_drops() -> None:
    samples = [Sample(str(index), "s", name) for index, name in enumerate(("smile", "anger", "fear", "contempt"))]
    left = relabel(samples, {"smile": "happiness", "anger": "negative", "fear": "negative", "contempt": None})
    assert [(sample.image, sample.expression) for sample in left] == [
        ("0", "happiness"), ("1", "negative"), ("2", "negative"),
    ]  # fmt: skip
    voted = Sample("5", None, "anger", votes=(("anger", 5.0), ("fear", 3.0), ("contempt", 2.0)))
    (merged,) = relabel([voted], {"anger": "negative", "fear": "negative", "contempt": None})
    assert merged.votes == (("negative", 8.0),)


def recipe_text(tmp_path: Path, data: str, more: str = "") -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(f"extends: baselines/cnn_resnet\nimage: {{size: 8}}\n{more}data:\n{data}\n", encoding="utf-8")
    return path


def two_folders(tmp_path: Path) -> str:
    pictures(tmp_path / "a", "angry/S1_1.png", "angry/S2_1.png", "neutral/S1_2.png", "neutral/S2_2.png")
    pictures(tmp_path / "b", "smile/S1_1.png", "smile/S9_1.png", "neutral/S1_2.png", "neutral/S9_2.png")
    return (
        f"  - {{type: folder, folder: {tmp_path / 'a'}}}\n"
        f"  - {{type: folder, folder: {tmp_path / 'b'}, weight: 2, train_only: true}}"
    )


def test_data_sets_of_a_list_are_joined_and_kept_apart(tmp_path: Path, registry: Registry) -> None:
    recipe = load_recipe(
        recipe_text(tmp_path, two_folders(tmp_path), "labels: {smile: happiness}\n"), registry=registry
    )
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    assert Counter(sample.expression for sample in listing.samples) == {"anger": 2, "neutral": 4, "happiness": 2}
    assert {sample.subject for sample in listing.samples} == {
        "folder-1:S1",
        "folder-1:S2",
        "folder-2:S1",
        "folder-2:S9",
    }
    assert [sample.weight for sample in listing.samples] == [1.0] * 4 + [2.0] * 4
    other = next(s for s in listing.samples if s.image == "folder-2:smile/S9_1.png")
    assert other.reference == "folder-2:neutral/S9_2.png"
    assert listing.read(other.image).mean() == 21
    for fold in (0, 1):
        split = split_samples(listing.samples, SplitConfig(folds=2), 0, fold)
        tested = {listing.samples[row].subject for row in split.test}
        assert len(tested) == 1
        assert tested < {"folder-1:S1", "folder-1:S2"}  # of the second set nobody is tested, everybody trains
        assert {listing.samples[row].image for row in split.train} >= {
            sample.image for sample in listing.samples if sample.train_only
        }


def test_faults_of_a_list_are_told_at_their_place(tmp_path: Path, registry: Registry) -> None:
    data = f"{two_folders(tmp_path)}\n  - {{type: folder, folder: x, subjects: 3}}\n  - {{type: foldr, folder: x}}"
    with pytest.raises(RecipeError) as error:
        load_recipe(recipe_text(tmp_path, data), registry=registry)
    assert "recipe.yaml:6:" in str(error.value)
    assert "unknown key subjects; did you mean subject?" in str(error.value)
    assert "recipe.yaml:7:" in str(error.value)
    assert "unknown dataset foldr; did you mean folder?" in str(error.value)
    everything = two_folders(tmp_path).replace("'}}", "'}").replace("a}", "a, train_only: true}")
    with pytest.raises(RecipeError, match="no data set is left to be tested"):
        load_recipe(recipe_text(tmp_path, everything), registry=registry)
    with pytest.raises(RecipeError, match=r"recipe\.yaml:3:.*the data have no class smil; did you mean smile\?"):
        load_recipe(recipe_text(tmp_path, two_folders(tmp_path), "labels: {smil: happiness}\n"), registry=registry)
    with pytest.raises(RecipeError, match="expected at least|at least 1"):
        load_recipe(recipe_text(tmp_path, "  []"), registry=registry)


def test_too_few_labels_are_told(tmp_path: Path, registry: Registry) -> None:
    labels = "labels: {anger: null, smile: null}\n"
    with pytest.raises(RecipeError, match="fewer than two classes are left: neutral"):
        load_recipe(recipe_text(tmp_path, two_folders(tmp_path), labels), registry=registry)


def test_draws_follow_the_weights() -> None:
    rows = np.arange(10, 30)
    weights = np.where(rows < 15, 3.0, 1.0)  # 5 of weight 3 and 15 of weight 1: 10 draws for each group
    counts = Counter[int]()
    for epoch in range(50):
        drawn = draw_indices(rows, weights, keyed_generator(0, epoch))
        assert len(drawn) == len(rows)
        often = Counter(drawn.tolist())
        counts.update(often)
        assert all(often[row] in (2, 2, 1, 3) for row in range(10, 15))  # 2 on average, never far from it
        assert max(often[row] for row in range(15, 30)) <= 1
    assert abs(sum(counts[row] for row in range(10, 15)) / 50 - 10) < 0.5
    assert sorted(draw_indices(rows, None, keyed_generator(1))) == list(rows)


def test_the_balanced_sampler_draws_classes_alike() -> None:
    samples = [Sample(str(100 + index), f"s{index}", "anger" if index < 4 else "neutral") for index in range(40)]
    table, rows = faces(samples), np.arange(40)
    assert sampling_weights(table, rows, balanced=False) is None
    weights = sampling_weights(table, rows, balanced=True)
    assert weights is not None
    drawn = draw_indices(rows, weights, keyed_generator(0))
    labels = Counter(table.label[torch.as_tensor(drawn)].tolist())
    assert abs(labels[1] - 20) <= 1
    batches = [batch for (batch,) in training_batches(table, rows, 8, AugmentConfig(), 0, 0, weights)]
    twice = {}
    for batch in batches:
        for sample, query in zip(batch.sample.tolist(), batch.query, strict=True):
            assert sample not in twice or not torch.equal(twice[sample], query)  # another augmentation each time
            twice[sample] = query
    assert len(twice) < len(drawn)


def test_votes_are_shares() -> None:
    samples = [
        Sample("0", "a", "anger", votes=(("anger", 3.0), ("fear", 1.0), ("surprise", 4.0))),
        Sample("1", "b", "fear"),
        Sample("2", "c", "surprise", votes=(("surprise", 2.0), ("fear", 1.0))),
    ]
    votes = faces(samples).votes
    assert torch.allclose(votes, torch.tensor([[0, 0.75, 0.25], [0, 0, 1], [0, 0, 0]]))


def people() -> list[Sample]:
    return [
        Sample("10", "a", "anger", reference="11"),
        Sample("20", "b", "neutral"),
        Sample("30", "c", "fear", intensity=1.0),
        Sample("40", "c", "fear", intensity=0.25),
        Sample("50", "d", "anger"),
        Sample("60", "e", "neutral"),  # not a training sample
    ]


def level(table: FaceTable, row: int) -> float | None:
    index = int(table.reference[row])
    return None if index == UNKNOWN else float(table.images[index].float().mean())


def test_stand_ins_come_from_training_images_only() -> None:
    table, rows = faces(people()), np.arange(5)
    assert with_pseudo_references(table, rows, "none", 0) is table
    mean = with_pseudo_references(table, rows, "mean_neutral", 0)
    assert [level(mean, row) for row in range(6)] == [11, 16, 16, 16, 16, None]  # mean of 11 and 20, rounded to even
    others = with_pseudo_references(table, rows, "other_people", 0)
    assert level(others, 0) == 11
    assert {level(others, row) for row in range(1, 5)} <= {11.0, 20.0}
    weakest = with_pseudo_references(table, rows, "lowest_intensity", 0)
    assert [level(weakest, row) for row in range(6)] == [11, None, 40, 40, None, None]
    assert torch.equal(table.reference, faces(people()).reference)  # the table itself is as it was


def test_stand_ins_that_cannot_be_made_are_told() -> None:
    samples = [dataclasses.replace(sample, intensity=None, reference=None) for sample in people()]
    with pytest.raises(UserError, match="needs to know intensities"):
        with_pseudo_references(faces(samples), np.arange(5), "lowest_intensity", 0)
    with pytest.raises(UserError, match="needs neutral training images, and there are none"):
        with_pseudo_references(faces(samples), np.array([0, 2, 3]), "mean_neutral", 0)
