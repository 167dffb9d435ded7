"""Descriptors against explicit loops, the machine against scikit-learn, and whole runs."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from gcnet_classical.machine import Machine
from skimage.feature import hog
from sklearn.svm import SVC

from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.splits import split_samples
from gcnet_core.evaluation import Predictions
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import RecipeError, load_recipe
from tests.plugins.faces import make_context, make_part
from tests.runs import gcnet

SVM = """
data: {type: synthetic_faces, subjects: 8, images_per_expression: 1}
image: {size: 32}
threads: 1
split: {folds: 4}
model: {type: svm, encoder: {type: hog}}
training: {stages: {}}
evaluation: {bootstrap: 100}
report: {tsne: false}
"""


def samples(classes: int, count: int = 60, width: int = 5, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Overlapping clouds."""
    random = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % classes
    centres = torch.randn(classes, width, generator=random)
    return centres[labels] + 0.8 * torch.randn(count, width, generator=random), labels


@pytest.mark.parametrize("classes", [3, 4, 7])
@pytest.mark.parametrize("standardize", [False, True])
def test_the_machine_decides_as_scikit_learn(classes: int, standardize: bool) -> None:
    features, labels = samples(classes)
    machine = Machine(features.shape[1], classes)
    machine.fit(features, labels, c=10.0, gamma=None, standardize=standardize)
    scaled = (features - features.mean(0)) / features.std(0, correction=0) if standardize else features
    new, _ = samples(classes, seed=1)
    new_scaled = (new - features.mean(0)) / features.std(0, correction=0) if standardize else new
    reference = SVC(C=10, gamma="scale").fit(scaled.numpy(), labels.numpy())
    expected = reference.decision_function(new_scaled.numpy())
    np.testing.assert_allclose(machine(new).numpy(), expected, atol=2e-4)


def test_two_classes_keep_their_sign() -> None:
    features, labels = samples(2)
    machine = Machine(5, 2)
    machine.fit(features, labels, c=10.0, gamma=0.3, standardize=False)
    reference = SVC(C=10, gamma=0.3).fit(features.numpy(), labels.numpy())
    assert (machine(features).argmax(1).numpy() == reference.predict(features.numpy())).all()


def test_a_class_without_samples_is_never_the_answer() -> None:
    features, labels = samples(3)
    machine = Machine(5, 5)
    machine.fit(features, torch.tensor([0, 2, 4])[labels], c=10.0, gamma=None, standardize=False)
    answers = machine(features).argmax(1)
    assert set(answers.tolist()) <= {0, 2, 4}
    reference = SVC(C=10).fit(features.numpy(), np.array([0, 2, 4])[labels.numpy()])
    assert (answers.numpy() == reference.predict(features.numpy())).all()


def test_a_stored_machine_decides_the_same() -> None:
    features, labels = samples(4)
    machine, again = Machine(5, 4), Machine(5, 4)
    machine.fit(features, labels, c=10.0, gamma=None, standardize=True)
    again.load_state_dict(machine.state_dict())
    assert torch.equal(machine(features), again(features))


def faces(count: int, channels: int, size: int) -> torch.Tensor:
    """Noise as pictures."""
    return torch.rand(count, channels, size, size, generator=torch.Generator().manual_seed(0))


def test_hog_of_a_slope_points_down_the_slope(registry: Registry) -> None:
    """One cell, one block: every gradient has one direction, and the block's norm is 1."""
    encoder = make_part(make_context(registry, size=16), "encoder", "hog", cell=16, block=1)
    ramp = torch.linspace(0, 1, 16)
    across = encoder(ramp.expand(1, 1, 16, 16))[0]
    down = encoder(ramp.view(16, 1).expand(1, 1, 16, 16))[0]
    assert across.tolist() == pytest.approx([1, 0, 0, 0, 0, 0, 0, 0, 0], abs=1e-3)
    assert down.argmax() == 4  # 90 degrees lie in the middle of the bin from 80 to 100
    assert down.norm() == pytest.approx(1, abs=1e-3)


def test_lbp_equals_explicit_loops(registry: Registry) -> None:
    """Four neighbours at distance one, in quarters of the face; the order of the patterns is scikit-image's own."""
    lbp = make_part(make_context(registry, size=12), "encoder", "lbp", points=4, radius=1, grid=2)
    image = faces(1, 1, 12)
    grey = np.pad((255 * image[0, 0]).round().numpy(), 1)  # nothing is as dark as what lies outside
    found = lbp(image)[0].view(4, 15).square()
    for region, (top, left) in enumerate([(0, 0), (0, 6), (6, 0), (6, 6)]):
        counts: dict[str, int] = {}
        for row in range(top + 1, top + 7):
            for column in range(left + 1, left + 7):
                around = [(0, 1), (-1, 0), (0, -1), (1, 0)]
                bits = [grey[row + down, column + right] >= grey[row, column] for down, right in around]
                changes = sum(bits[turn] != bits[turn - 1] for turn in range(4))
                pattern = "".join(map(str, map(int, bits))) if changes <= 2 else "not uniform"
                counts[pattern] = counts.get(pattern, 0) + 1
        expected = sorted(count / 36 for count in counts.values())
        assert sorted(share for share in found[region].tolist() if share) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["hog", "lbp"])
@pytest.mark.parametrize("channels", [1, 3])
def test_widths_are_told_and_faces_do_not_mix(name: str, channels: int, registry: Registry) -> None:
    encoder = make_part(make_context(registry, channels=channels), "encoder", name)
    pictures = faces(3, channels, 32)
    codes = encoder(pictures)
    assert codes.shape == (3, encoder.width)
    assert torch.equal(codes[1:2], encoder(pictures[1:2]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("model.encoder.cell=20", "2 cells of 20 pixels do not fit into images of 32"),
        ("model.reference=generated", "the reference `generated` needs a generator"),
        ("training.stages={joint: {epochs: 1}}", "gradients move nothing in this model, so it has no stages"),
    ],
)
def test_misfits_are_told(change: str, message: str, tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "svm.yaml"
    path.write_text(SVM)
    with pytest.raises(RecipeError, match=message):
        load_recipe(path, [change], registry)


def test_a_network_still_needs_a_stage(registry: Registry) -> None:
    with pytest.raises(RecipeError, match="no stage is left"):
        load_recipe("baselines/cnn_resnet", ["training.stages.joint=null"], registry)


def by_hand(path: Path, reference: str, registry: Registry) -> list[str]:
    """What scikit-image and scikit-learn say about the test samples of a recipe, without gcnet's model."""
    recipe = load_recipe(path, registry=registry)
    table = load_faces(list_samples(recipe.data_sets, recipe.labels, recipe.image, registry), recipe.image)
    split = split_samples(table.samples, recipe.split, recipe.seed, 0)

    def describe(images: np.ndarray) -> np.ndarray:
        options = {"pixels_per_cell": (8, 8), "cells_per_block": (2, 2), "block_norm": "L2-Hys"}
        return np.stack([hog(image, **options) for image in images[:, 0] / 255.0])

    def features(rows: np.ndarray, step: int) -> np.ndarray:
        query = describe(table.images[table.query[rows]].numpy()[..., ::step])
        if reference == "none":
            return query
        rest = describe(table.images[table.true_reference[rows]].numpy()[..., ::step])
        return np.hstack([query - rest, query])

    training = np.vstack([features(split.train, 1), features(split.train, -1)])
    machine = SVC(C=10).fit(training, np.tile(table.label[split.train].numpy(), 2))
    answers = machine.decision_function(features(split.test, 1)).argmax(axis=1)
    return [table.classes[machine.classes_[answer]] for answer in answers]


@pytest.mark.parametrize("reference", ["none", "true_neutral", "generated"])
def test_a_whole_run(reference: str, tmp_path: Path, registry: Registry) -> None:
    text = SVM.replace("{type: hog}", "{type: hog}, reference: " + reference)
    if reference == "generated":
        text = text.replace("reference: generated", "reference: generated, generator: {type: autoencoder, channels: 4}")
        text = text.replace("{stages: {}}", "{batch_size: 8, stages: {generator: {epochs: 1, losses: [generative]}}}")
        text += "losses: {generative: {type: l2, weight: 100}}\n"
    (tmp_path / "svm.yaml").write_text(text)
    answer = gcnet("run", tmp_path / "svm.yaml", "--output", tmp_path / "run")
    assert answer.returncode == 0, answer.stderr
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    if reference != "generated":
        found = Predictions.read_csv(tmp_path / "run" / "predictions.csv")
        assert [found.classes[answer] for answer in found.predicted] == by_hand(
            tmp_path / "svm.yaml", reference, registry
        )
    assert (summary["generator"] is not None) == (reference == "generated")
    assert (summary["true_reference"] is not None) == (reference != "none")
    again = gcnet("evaluate", tmp_path / "run", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["test"]["confusion"] == summary["test"]["confusion"]
