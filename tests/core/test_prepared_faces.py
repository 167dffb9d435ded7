"""How faces were cut out goes with the model, and is compared when it meets others."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import load_recipe
from tests.runs import SMALL, gcnet, write_recipe

CROP = {
    "detector": {"type": "none", "rotations": [], "min_confidence": 0.0},
    "size": 32,
    "detector_version": "whole picture",
}


def faces(folder: Path, crop: dict[str, object] | None) -> Path:
    """Eight people with three expressions."""
    folder.mkdir()
    rows = ["image,subject,expression,reference"]
    for subject in range(8):
        for number, expression in enumerate(("neutral", "anger", "fear")):
            name = f"{subject}-{number}.png"
            pixels = np.random.default_rng((subject, number)).integers(0, 256, (32, 32), dtype=np.uint8)
            cv2.imwrite(str(folder / name), pixels)
            rows.append(f"{name},{subject},{expression},{subject}-0.png")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    if crop:
        (folder / "preparation.json").write_text(json.dumps(crop))
    return folder


def recipe_of(*folders: Path) -> str:
    sets = ", ".join(f"{{type: manifest, folder: {folder}}}" for folder in folders)
    text = SMALL.replace("data: {type: synthetic_faces, subjects: 8, images_per_expression: 1}", f"data: [{sets}]")
    assert text != SMALL
    return text


def test_the_crop_is_saved_with_the_model_and_compared(tmp_path: Path) -> None:
    mine, other = faces(tmp_path / "mine", CROP), faces(tmp_path / "other", {**CROP, "size": 48})
    recipe = write_recipe(tmp_path, recipe_of(mine))
    run = tmp_path / "run"
    assert gcnet("run", recipe, "--output", run, "--smoke").returncode == 0
    assert json.loads((run / "model.json").read_text())["preparation"] == CROP
    same = gcnet("evaluate", run)
    assert same.returncode == 0, same.stderr
    assert "cut out in another way" not in same.stdout
    assert "cut out in another way" in gcnet("evaluate", run, "--data", other).stdout


@pytest.mark.parametrize(("second", "noted"), [(CROP, False), ({**CROP, "size": 48}, True), (None, True)])
def test_sets_that_were_cut_out_in_different_ways_are_noted(
    registry: Registry, tmp_path: Path, second: dict[str, object] | None, noted: bool
) -> None:
    folders = faces(tmp_path / "mine", CROP), faces(tmp_path / "other", second)
    recipe = load_recipe(write_recipe(tmp_path, recipe_of(*folders)), registry=registry)
    assert any("cut out in different ways" in note for note in recipe.notes()) == noted
    assert recipe.preparation() == (None if noted else CROP)
