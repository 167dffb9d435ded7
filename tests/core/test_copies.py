"""Copies of tested images are not trained on where the recipe says so, nor are constant ones."""

import numpy as np
import pytest
import torch

from gcnet_core.data.copies import without_copies
from gcnet_core.data.faces import FaceTable, read_faces
from gcnet_core.data.splits import Split, split_samples
from gcnet_core.plugin_api import ImageConfig, Sample
from gcnet_core.recipe.schema import SplitConfig

PARTS = {"train": 6, "validation": 2, "test": 3}


def table_of(pictures: dict[str, np.ndarray], size: int = 16, channels: int = 1) -> FaceTable:
    """One sample for each picture; the part that it belongs to stands before the dash of its name."""
    samples = [
        Sample(name, None, "anger" if row % 2 else "fear", usage=name.partition("-")[0])  # type: ignore[arg-type]
        for row, name in enumerate(pictures)
    ]
    return read_faces(samples, ("anger", "fear"), pictures.__getitem__, ImageConfig(size=size, channels=channels))


@pytest.fixture
def pictures() -> dict[str, np.ndarray]:
    """Pictures of noise, none like another."""
    random = np.random.default_rng(0)
    return {
        f"{part}-{number}": random.integers(20, 200, (16, 16, 1), dtype=np.uint8)
        for part, count in PARTS.items()
        for number in range(count)
    }


def kept(pictures: dict[str, np.ndarray], size: int = 16, channels: int = 1) -> tuple[list[str], Split, str]:
    """Names of the training images that are left, the split, and what is said."""
    table = table_of(pictures, size, channels)
    split, left_out = without_copies(table, split_samples(table.samples, SplitConfig(scheme="official"), 0, 0))
    return [table.samples[row].image for row in split.train], split, str(left_out)


def test_nothing_is_left_out_where_nothing_is_alike(pictures: dict[str, np.ndarray]) -> None:
    names, split, said = kept(pictures)
    assert names == [f"train-{number}" for number in range(6)]
    assert (len(split.validation), len(split.test)) == (2, 3)
    assert said.startswith("0 training images")


@pytest.mark.parametrize(("size", "channels"), [(16, 1), (64, 1), (16, 3)])
def test_copies_of_both_held_out_parts_are_left_out(pictures: dict[str, np.ndarray], size: int, channels: int) -> None:
    brighter = np.clip(pictures["test-1"].astype(int) * 1.1 + 9, 0, 255).astype(np.uint8)
    pictures |= {"train-0": pictures["validation-1"], "train-2": brighter, "train-4": pictures["train-5"]}
    names, split, said = kept(pictures, size, channels)
    assert names == ["train-1", "train-3", "train-4", "train-5"]
    assert (len(split.validation), len(split.test)) == (2, 3)
    assert said.startswith("2 training images that are nearly equal")
    assert "and 0 constant" in said


def test_constant_images_are_left_out_of_training_alone(pictures: dict[str, np.ndarray]) -> None:
    flat = np.full((16, 16, 1), 77, dtype=np.uint8)
    names, split, said = kept(pictures | {"train-3": flat, "train-4": flat + 1, "test-0": flat})
    assert names == ["train-0", "train-1", "train-2", "train-5"]
    assert len(split.test) == 3
    assert said.startswith("0 training images")
    assert "and 2 constant" in said


def test_the_count_is_that_of_an_explicit_search(pictures: dict[str, np.ndarray]) -> None:
    random = np.random.default_rng(1)
    for number in range(4):  # copies with a little noise, of which some pass the threshold
        noise = random.normal(0, 2 * number, (16, 16, 1))
        pictures[f"train-{number}"] = np.clip(pictures["test-0"] + noise, 0, 255).astype(np.uint8)
    held_out = [pictures[name] for name in pictures if not name.startswith("train")]
    expected = [
        name
        for name in pictures
        if name.startswith("train")
        and all(np.corrcoef(pictures[name].ravel(), other.ravel())[0, 1] <= 0.995 for other in held_out)
    ]
    assert 2 < len(expected) < 6
    assert kept(pictures)[0] == expected


def test_which_queries_are_neutral_is_counted_once() -> None:
    table = table_of({"train-0": np.zeros((16, 16, 1), dtype=np.uint8)})
    assert table.neutral is table.neutral
    assert torch.equal(table.neutral, torch.tensor([False]))
