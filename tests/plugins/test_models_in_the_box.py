"""The models that come with gcnet: small, described, and able to answer."""

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from gcnet_core.inference.find_model import find_model, open_model
from gcnet_core.inference.recognizer import load
from gcnet_core.plugin_api import FoundModel, Registry, discover
from gcnet_core.plugin_api.model_spec import FILES
from gcnet_core.recipe import shipped_recipes
from gcnet_core.runs import read_record
from gcnet_core.runs.description import ModelDescription

MEGABYTES = 10
BOX = [model for model in discover().models.found if model.distribution == "gcnet"]


def description(model: FoundModel) -> ModelDescription:
    """What model.json says."""
    return read_record(model.spec.folder / "model.json", ModelDescription)


def test_there_is_a_model_that_answers_without_being_named(registry: Registry) -> None:
    assert find_model(None, registry).path in [model.spec.folder for model in BOX]


def test_all_of_them_are_small() -> None:
    sizes = [file.stat().st_size for model in BOX for file in model.spec.folder.iterdir()]
    assert sum(sizes) <= MEGABYTES * 1e6


@pytest.mark.parametrize("model", BOX, ids=lambda model: model.spec.name)
def test_a_model_says_where_it_is_from_and_what_it_may_be_used_for(model: FoundModel) -> None:
    card = (model.spec.folder / "README.md").read_text(encoding="utf-8")
    said = description(model)
    assert said.recipe in shipped_recipes()
    assert said.licence
    assert said.licence in card
    assert said.framing
    assert 0 < said.calibration["test_ece_after"] < 0.05
    assert said.calibration["test_ece_after"] <= said.calibration["test_ece_before"] + 1e-9
    for word in (said.recipe, "FER2013", *said.classes):
        assert word in card
    assert "/work" not in card + said.model_dump_json()
    assert {path.name for path in model.spec.folder.iterdir()} == {*FILES, "recipe.yaml"}


@pytest.mark.parametrize("model", BOX, ids=lambda model: model.spec.name)
def test_weights_are_stored_in_half_precision(model: FoundModel) -> None:
    with safe_open(model.spec.folder / "model.safetensors", "pt") as file:
        matrices = [file.get_tensor(name) for name in file.keys()]  # noqa: SIM118 (it is no mapping)
    assert {str(tensor.dtype) for tensor in matrices if tensor.ndim > 1} == {"torch.float16"}


@pytest.mark.parametrize("model", BOX, ids=lambda model: model.spec.name)
def test_a_model_answers_the_same_for_a_face_alone_and_among_others(model: FoundModel, registry: Registry) -> None:
    answerer = open_model(find_model(model.spec.name, registry), registry, "cpu")
    size = answerer.image.size
    faces = np.random.default_rng(0).integers(0, 256, (5, answerer.image.channels, size, size), dtype=np.uint8)
    together = answerer.answer(faces).probabilities
    assert np.allclose(together.sum(axis=1), 1, atol=1e-5)
    for row, face in enumerate(faces):
        assert np.allclose(answerer.answer(face[None]).probabilities[0], together[row], atol=1e-4)


@pytest.mark.data
def test_smiles_of_photographs_are_told_from_calm_faces(faces: Path) -> None:
    london = sorted((faces / "london").glob("*.jpg"))
    results = load().predict(london)
    assert [face.file for face in results] == [str(photograph) for photograph in london]
    wanted = ["happiness" if "smiling" in face.file else "neutral" for face in results]
    assert sum(face.label == label for face, label in zip(results, wanted, strict=True)) >= 10
