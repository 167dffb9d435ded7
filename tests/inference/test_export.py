"""An exported model answers as the model does, alone and in batches, of unknown people and of known ones."""

import json
from pathlib import Path
from typing import Any

import jaxtyping
import numpy as np
import pytest
import torch

from gcnet_core.inference.export import Exported, export_onnx, export_torch
from gcnet_core.inference.graph_check import largest_difference
from gcnet_core.inference.known import enrolled
from gcnet_core.inference.onnx_answerer import open_onnx
from gcnet_core.inference.person import as_known
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.torch_answerer import TorchAnswerer
from gcnet_core.plugin_api import Registry, RunFailed, UserError
from gcnet_core.runs.description import ImageDescription, ModelDescription
from tests.inference.known_models import COMPARING, CONV, GENERATOR, answerer, some_faces

CNN = {"encoder": CONV, "classifier": {"type": "linear"}}


@pytest.fixture(autouse=True)
def exporter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the extra `onnx` brings; as for a user, shapes are not checked, because no graph holds such a check."""
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


def described(model: TorchAnswerer) -> ModelDescription:
    """A model.json, as far as an export needs it."""
    image = ImageDescription(**model.image.model_dump(), range=(0.0, 1.0))
    said = {"licence": "mit", "recipe": "test", "framing": {"eye_distance": 0.4}}
    return ModelDescription(classes=model.classes, image=image, class_counts=(1,) * 3, model={}, versions={}, **said)


def exported(model: TorchAnswerer, folder: Path, **options: Any) -> Exported:
    return export_onnx(model, described(model), folder / "model.onnx", **options)


@pytest.mark.slow
@pytest.mark.parametrize("at_rest", [False, True], ids=["as it is", "at rest"])
def test_a_model_that_compares(at_rest: bool, registry: Registry, tmp_path: Path) -> None:
    source = {"type": "album", "at_rest": at_rest}
    model = answerer(registry, flip=True, **COMPARING, generator=GENERATOR, reference=source)
    with torch.no_grad():  # a generator that does nothing yet would hide which code is which
        model.model.generator.last.weight.normal_(std=0.3)
    written = exported(model, tmp_path)
    assert written.description.difference.keys() == {
        "probabilities", "distance", "reference", "calm_code", "album_code",
    }  # fmt: skip
    assert written.description.calm_code == "query_code"
    assert written.description.album_code == ("reference_code" if at_rest else "query_code")
    graph = open_onnx(written.file)
    largest_difference(model, graph, some_faces(7, seed=3)).refuse("a model")
    pictures = [Picture("a.png", face.transpose(1, 2, 0)) for face in some_faces(3, seed=4)]
    people = [enrolled(who, None, pictures, calm=True) for who in (model, graph)]
    asked = some_faces(2, seed=5)
    one, other = (graph.answer(asked, as_known([person, None])) for person in people)
    assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
    assert not np.allclose(one.probabilities[0], graph.answer(asked).probabilities[0], atol=1e-4)  # it counts
    assert one.probabilities[1] == pytest.approx(graph.answer(asked).probabilities[1], abs=1e-5)


@pytest.mark.slow
def test_a_model_that_looks_at_the_query_alone(registry: Registry, tmp_path: Path) -> None:
    model = answerer(registry, "cnn", **CNN)
    model.temperature = 2.5
    written = exported(model, tmp_path)
    graph = open_onnx(written.file)
    assert (graph.classes, graph.temperature, graph.framing) == (model.classes, 2.5, {"eye_distance": 0.4})
    assert (graph.description.licence, graph.description.opset, graph.identity) == ("mit", 18, model.identity)
    asked = some_faces(5, seed=1)
    assert graph.answer(asked).probabilities == pytest.approx(model.answer(asked).probabilities, abs=1e-5)
    assert str(Path(__file__).parent.parent.parent).encode() not in written.file.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


@pytest.mark.slow
def test_a_program_of_torch_needs_no_gcnet(registry: Registry, tmp_path: Path) -> None:
    model = answerer(registry, "cnn", **CNN)
    written = export_torch(model, described(model), tmp_path / "model.pt2")
    extra = {"gcnet.json": ""}
    program = torch.export.load(written.file, extra_files=extra).module()
    asked = some_faces(4)
    (found,) = program(torch.from_numpy(asked))
    assert found.numpy() == pytest.approx(model.answer(asked).probabilities, abs=1e-6)
    assert json.loads(extra["gcnet.json"])["classes"] == list(model.classes)


@pytest.mark.slow
def test_int8_says_what_it_costs(registry: Registry, tmp_path: Path) -> None:
    from functools import partial

    from gcnet_core.inference.quantize import quantized

    model, asked = answerer(registry, "cnn", **CNN), some_faces(20, seed=1)
    labels = model.answer(asked).probabilities.argmax(axis=1)
    quantize = partial(quantized, calibration=some_faces(20, seed=2), asked=asked, labels=labels)
    written = exported(model, tmp_path, quantize=quantize)
    graph = open_onnx(written.file)
    changed = graph.description.quantized
    assert graph.description.precision == "int8"
    answers = graph.answer(asked).probabilities
    assert changed["accuracy_float32"] == 1
    assert changed["accuracy_int8"] == pytest.approx((answers.argmax(axis=1) == labels).mean())
    assert changed["other_labels"] == pytest.approx(1 - changed["accuracy_int8"])


def test_another_answer_than_the_models_is_refused(registry: Registry) -> None:
    model, other = answerer(registry, "cnn", **CNN), answerer(registry, "cnn", **CNN)
    other.temperature = 1.01
    with pytest.raises(RunFailed, match="answers otherwise than the model: probabilities by"):
        largest_difference(model, other, some_faces(4)).refuse("a model")
    other.temperature = float("nan")
    with pytest.raises(RunFailed, match="probabilities by nan"):
        largest_difference(model, other, some_faces(4)).refuse("a model")


def test_a_part_that_draws_at_random_is_refused(registry: Registry, tmp_path: Path) -> None:
    options = {**COMPARING, "generator": {"type": "diffusion", "channels": [8, 8]}}
    model = answerer(registry, **options)
    with pytest.raises(UserError, match="draws at random when it answers"):
        exported(model, tmp_path)
    assert not list(tmp_path.iterdir())
