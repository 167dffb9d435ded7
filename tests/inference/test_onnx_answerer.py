"""An exported model answers without torch, and says so when a file is none."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import gcnet_core as gcnet
from gcnet_core.inference.onnx_answerer import open_onnx
from gcnet_core.plugin_api import UserError
from tests.inference.made_graph import CLASSES, SIZE, write_graph
from tests.runs import environment

HEAVY = (
    "torch",
    "torchvision",
    "timm",
    "diffusers",
    "safetensors",
    "sklearn",
    "skimage",
    "matplotlib",
    "pandas",
    "onnx",
)
WITHOUT = """
import sys

class Forbidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {heavy}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Forbidden())
from gcnet_core.cli import main
sys.argv = ["gcnet", *sys.argv[1:]]
main()
"""


def gcnet_without(*words: object, folder: Path) -> "subprocess.CompletedProcess[str]":
    """The command in a process that finds none of the heavy packages."""
    program = [sys.executable, "-c", WITHOUT.format(heavy=set(HEAVY)), *map(str, words)]
    return subprocess.run(program, cwd=folder, capture_output=True, text=True, env=environment())


def test_a_graph_answers_as_a_model_does(tmp_path: Path) -> None:
    model = gcnet.load(write_graph(tmp_path / "model.onnx"))
    assert model.classes == CLASSES
    dark, bright = np.zeros((SIZE, SIZE), np.uint8), np.full((SIZE, SIZE), 255, np.uint8)
    results = model.predict([dark, bright], faces="prepared")
    assert [face.label for face in results] == ["dark", "bright"]
    assert sum(results[0].probabilities.values()) == pytest.approx(1)
    assert results[0].distance is None


@pytest.mark.parametrize("words", [("--faces", "prepared"), ("--detector", "haar")], ids=["prepared", "found"])
def test_predict_needs_no_torch(words: tuple[str, ...], tmp_path: Path) -> None:
    write_graph(tmp_path / "model.onnx")
    cv2.imwrite(str(tmp_path / "picture.png"), np.full((64, 64, 3), 255, np.uint8))
    done = gcnet_without("predict", "model.onnx", "picture.png", "--format", "csv", *words, folder=tmp_path)
    assert done.returncode == (0 if "prepared" in words else 1), done.stderr
    assert done.stdout.splitlines()[0].startswith("file,")
    assert ("bright" if "prepared" in words else "no face found") in done.stdout.splitlines()[1]


def test_what_is_no_exported_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not written by `gcnet export`"):
        open_onnx(write_graph(tmp_path / "strange.onnx", described=False))
    (tmp_path / "damaged.onnx").write_bytes(b"model")
    with pytest.raises(UserError, match=r"damaged\.onnx: damaged"):
        open_onnx(tmp_path / "damaged.onnx")


def test_a_missing_onnxruntime_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UserError, match="pip install onnxruntime"):
        open_onnx(write_graph(tmp_path / "model.onnx"))


def test_references_are_refused_where_there_are_none(tmp_path: Path) -> None:
    answerer = open_onnx(write_graph(tmp_path / "model.onnx"))
    with pytest.raises(UserError, match="takes no calm pictures"):
        answerer.codes(np.zeros((1, 1, SIZE, SIZE), np.uint8), calm=True)
