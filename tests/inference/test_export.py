"""An exported model answers as the model does, alone and in batches, of unknown people and of known ones.

Exports run in processes of their own: shapes are checked in this one, and no graph holds such a check.
"""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gcnet_core.inference.known.known import enrolled
from gcnet_core.inference.known.person import as_known
from gcnet_core.inference.onnx_answerer import open_onnx
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.sharing.graph import exported
from gcnet_core.inference.sharing.graph_check import largest_difference
from gcnet_core.inference.torch_answerer import TorchAnswerer
from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, Registry, RunFailed, UserError
from gcnet_core.storage import load_model, save_model
from tests.inference.known_models import CLASSES, COMPARING, CONV, GENERATOR, answerer, some_faces
from tests.runs import gcnet, gcnet_process

CNN = {"encoder": CONV, "classifier": {"type": "linear"}}


def write_model(folder: Path, registry: Registry, kind: str, options: dict[str, Any], **said: Any) -> TorchAnswerer:
    """A model in a folder; its generator does something, or nobody could tell which code is which."""
    context = BuildContext(registry, ImageConfig(size=32), CLASSES)
    part = registry.part("model", kind, options)
    torch.manual_seed(0)
    model = context.build(part)
    if "generator" in options:
        torch.nn.init.normal_(model.generator.last.weight, std=0.3)
    folder.mkdir()
    save_model(folder, model, part, context, {"licence": "mit", "framing": {"eye_distance": 0.4}, **said})
    return TorchAnswerer(load_model(folder, registry), "a model")


def export(folder: Path, *words: object, needs: str = "onnxscript") -> dict[str, Any]:
    """What `gcnet export` says of the file that it writes."""
    pytest.importorskip(needs)
    done = gcnet_process("export", folder, "--json", *words, folder=folder.parent)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.mark.slow
def test_a_model_that_compares(registry: Registry, tmp_path: Path) -> None:
    source = {"type": "album", "at_rest": True}
    options = {**COMPARING, "generator": GENERATOR, "reference": source}
    model = write_model(tmp_path / "run", registry, "gcnet", options, flip=True, temperature=2.5)
    said = export(tmp_path / "run", "--output", "model.onnx")
    assert list(said["difference"]) == ["probabilities", "distance", "reference", "calm_code", "album_code"]
    assert (said["calm_code"], said["album_code"]) == ("query_code", "reference_code")
    graph = open_onnx(tmp_path / "model.onnx")
    assert (graph.classes, graph.temperature, graph.framing) == (CLASSES, 2.5, {"eye_distance": 0.4})
    assert (graph.description.licence, graph.description.opset, graph.identity) == ("mit", 18, model.identity)
    largest_difference(model, graph, some_faces(7, seed=3)).refuse("a model")
    pictures = [Picture("a.png", face.transpose(1, 2, 0)) for face in some_faces(3, seed=4)]
    people = [enrolled(who, None, pictures, calm=True) for who in (model, graph)]
    asked = some_faces(2, seed=5)
    one, other = (graph.answer(asked, as_known([person, None])) for person in people)
    alone = graph.answer(asked)
    assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
    assert not np.allclose(one.probabilities[0], alone.probabilities[0], atol=1e-4)  # what is known counts
    assert one.probabilities[1] == pytest.approx(alone.probabilities[1], abs=1e-5)
    assert str(Path(__file__).parents[2]).encode() not in (tmp_path / "model.onnx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.onnx", "run"]


@pytest.mark.slow
def test_a_program_of_torch_needs_no_gcnet(registry: Registry, tmp_path: Path) -> None:
    model = write_model(tmp_path / "run", registry, "cnn", CNN)
    export(tmp_path / "run", "--format", "torch", "--output", "model.pt2", needs="torch")
    extra = {"gcnet.json": ""}
    program = torch.export.load(tmp_path / "model.pt2", extra_files=extra).module()
    asked = some_faces(4)
    (found,) = program(torch.from_numpy(asked))
    assert found.numpy() == pytest.approx(model.answer(asked).probabilities, abs=1e-6)
    assert json.loads(extra["gcnet.json"])["classes"] == list(CLASSES)


@pytest.mark.slow
def test_int8_says_what_it_costs(registry: Registry, tmp_path: Path) -> None:
    import cv2

    write_model(tmp_path / "run", registry, "cnn", CNN)
    (tmp_path / "faces").mkdir()
    for number, face in enumerate(some_faces(12)):
        cv2.imwrite(str(tmp_path / "faces" / f"{number:02}.png"), face[0])
    said = export(tmp_path / "run", "--int8", "--faces", "faces", "--output", "model.onnx")
    graph = open_onnx(tmp_path / "model.onnx")
    assert graph.description.precision == said["precision"] == "int8"
    assert set(said["quantized"]) == {"faces", "probability", "other_labels", "megabytes_float32"}
    assert (said["quantized"]["faces"], graph.description.quantized) == (6, said["quantized"])
    assert graph.answer(some_faces(3)).probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_another_answer_than_the_models_is_refused(registry: Registry) -> None:
    model, other = answerer(registry, "cnn", **CNN), answerer(registry, "cnn", **CNN)
    other.temperature = 1.5
    with pytest.raises(RunFailed, match="answers otherwise than the model: probabilities by"):
        largest_difference(model, other, some_faces(4)).refuse("a model")
    other.temperature = float("nan")
    with pytest.raises(RunFailed, match="probabilities by nan"):
        largest_difference(model, other, some_faces(4)).refuse("a model")


def test_a_part_that_draws_at_random_is_refused(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    model = answerer(registry, **COMPARING, generator=GENERATOR)
    monkeypatch.setattr(type(model.model.generator.config), "tags", frozenset({"stochastic"}))
    with pytest.raises(UserError, match="draws at random when it answers"):
        exported(model)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--output", "model.bin"], r"knows a model by \.onnx"),
        (["--output", "run"], "is a folder"),
        (["--format", "torch", "--int8", "--output", "model.pt2"], "for --format onnx alone"),
        (["--int8", "--output", "model.onnx"], "give a folder of prepared faces with --faces"),
    ],
)
def test_bad_input_is_said_before_any_work(words: list[str], told: str, registry: Registry, tmp_path: Path) -> None:
    write_model(tmp_path / "run", registry, "cnn", CNN)
    done = gcnet("export", "run", *words, folder=tmp_path)
    assert done.returncode == 2
    assert not done.stdout
    assert re.search(told, done.stderr), done.stderr
