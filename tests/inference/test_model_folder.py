"""What is shared of a run: complete, half as large, without a path of the machine that trained it; and the hub."""

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import numpy as np
import pytest
import torch
from huggingface_hub import ModelCard
from huggingface_hub.errors import LocalTokenNotFoundError

import gcnet_core as gcnet
from gcnet_core.inference.find_model import find_model
from gcnet_core.inference.sharing.half_precision import halved
from gcnet_core.inference.sharing.model_folder import write_model_folder
from gcnet_core.inference.sharing.trial_faces import trial_faces
from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, ModelSpec, Registry, UserError
from gcnet_core.storage import load_model, save_model
from tests.core.fake_run import CLASSES, edit_json, write_fake_run
from tests.runs import gcnet as command

ENCODER = {"type": "conv", "channels": [8, 8], "width": 16}
FILES = ["README.md", "model.json", "model.safetensors", "recipe.yaml"]


@pytest.fixture(scope="module")
def run(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, with the weights of a small network and a recipe that names a file of this machine."""
    folder = write_fake_run(tmp_path_factory.mktemp("runs") / "small", generator=False)
    part = registry.part("model", "cnn", {"encoder": ENCODER, "classifier": {"type": "linear"}})
    context = BuildContext(registry, ImageConfig(size=48), CLASSES, (1,) * 7)
    torch.manual_seed(0)
    said = {"recipe": "small", "flip": True, "temperature": 1.5, "calibration": {"test_ece_after": 0.02}}
    save_model(folder, context.build(part), part, context, said)
    (folder / "recipe.yaml").write_text("name: small\ndata: {type: fer2013, folder: /home/anna/fer2013.zip}\n")
    return folder


def test_a_shared_model_is_complete_and_answers_as_before(run: Path, registry: Registry, tmp_path: Path) -> None:
    written = write_model_folder(run, tmp_path / "faces", name="faces", licence="mit", registry=registry)
    assert sorted(path.name for path in written.folder.iterdir()) == FILES
    assert {path.stat().st_mode & 0o777 for path in written.folder.iterdir()} == {0o644}
    assert ModelSpec("faces", written.folder, "a model", "mit").folder  # a plugin may bring it
    assert written.precision == "float16"
    assert (
        written.folder.joinpath("model.safetensors").stat().st_size < 0.6 * (run / "model.safetensors").stat().st_size
    )
    faces = list(trial_faces(ImageConfig(size=48), 6)[:, 0])
    before, after = (gcnet.load(folder).predict(faces, faces="prepared") for folder in (run, written.folder))
    for one, other in zip(before, after, strict=True):
        assert one.label == other.label
        assert one.probabilities == pytest.approx(other.probabilities, abs=0.005)
    assert next(load_model(written.folder, registry).model.parameters()).dtype == torch.float32


def test_what_the_model_says_of_itself_is_kept(run: Path, registry: Registry, tmp_path: Path) -> None:
    write_model_folder(run, tmp_path / "faces", name="faces", licence="mit", registry=registry)
    says = json.loads((tmp_path / "faces" / "model.json").read_text())
    expected = {"flip": True, "temperature": 1.5, "calibration": {"test_ece_after": 0.02}, "licence": "mit"}
    assert {key: says[key] for key in expected} == expected
    assert says["precision"] == "float16"
    text = "".join((tmp_path / "faces" / name).read_text() for name in ("README.md", "model.json", "recipe.yaml"))
    assert "/home/anna" not in text
    assert "folder: fer2013.zip" in text


def test_the_card_is_one_of_the_hub(run: Path, registry: Registry, tmp_path: Path) -> None:
    licence = "research only: *no* | business"
    write_model_folder(run, tmp_path / "faces", name="my faces", licence=licence, registry=registry)
    card = ModelCard.load(tmp_path / "faces" / "README.md")
    assert (card.data.license, card.data.license_name) == ("other", licence)
    assert card.data.pipeline_tag == "image-classification"
    assert [result.metric_type for result in card.data.eval_results] == ["accuracy", "balanced_accuracy", "macro_f1"]
    accuracy = json.loads((run / "summary.json").read_text())["test"]["accuracy"]
    assert card.data.eval_results[0].metric_value == pytest.approx(accuracy)
    assert f"| Accuracy | {100 * accuracy:.1f} % |" in card.content
    assert "gcnet predict my-faces photographs/" in card.content
    assert "FER2013" in card.content
    assert not re.search(r"\{[{%]", card.content)


def test_weights_that_half_precision_would_change_stay(run: Path, registry: Registry, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    huge = tmp_path / "huge"
    write_model_folder(run, huge, name="huge", licence="mit", registry=registry)
    for name in ("summary.json",):
        (huge / name).write_bytes((run / name).read_bytes())
    weights = {name: value.float() for name, value in load_file(run / "model.safetensors").items()}
    kernel = max(weights, key=lambda name: weights[name].dim())
    weights[kernel] = weights[kernel] * 1e7  # more than float16 can hold
    save_file(weights, huge / "model.safetensors")
    edit_json(huge / "model.json", weights_sha256=None)
    written = write_model_folder(huge, tmp_path / "kept", name="huge", licence="mit", registry=registry)
    assert written.precision == "float32"
    kept = load_file(tmp_path / "kept" / "model.safetensors")
    assert all(torch.equal(kept[name], value) for name, value in weights.items())


def test_only_kernels_and_matrices_are_halved() -> None:
    weights = {"kernel": torch.ones(2, 2), "norm": torch.ones(2), "count": torch.ones(2, 2, dtype=torch.int64)}
    assert [value.dtype for value in halved(weights).values()] == [torch.float16, torch.float32, torch.int64]


def test_a_folder_with_other_things_is_left_alone(run: Path, registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(UserError, match="holds other things than a model"):
        write_model_folder(run, tmp_path, name="faces", licence="mit", registry=registry)


def test_trial_faces_are_pictures_and_always_the_same() -> None:
    faces = trial_faces(ImageConfig(size=32, channels=3), 6)
    assert (faces.shape, faces.dtype) == ((6, 3, 32, 32), np.uint8)
    assert np.array_equal(faces, trial_faces(ImageConfig(size=32, channels=3), 6))
    smooth, noise = faces[3:].astype(float), faces[:3].astype(float)
    assert np.abs(np.diff(smooth)).mean() < np.abs(np.diff(noise)).mean() / 3


class FakeHub:
    """Remembers what was brought to it."""

    def __init__(self, logged_in: bool = True) -> None:
        self.logged_in, self.calls = logged_in, {}  # type: ignore[var-annotated]

    def __call__(self) -> "FakeHub":
        return self

    def whoami(self) -> dict[str, str]:
        if not self.logged_in:
            raise LocalTokenNotFoundError("no token")
        return {"name": "anna"}

    def create_repo(self, repo_id: str, **options: Any) -> SimpleNamespace:
        self.calls["create"] = {"repo_id": repo_id, **options}
        return SimpleNamespace(__str__=lambda: repo_id)

    def upload_folder(self, **options: Any) -> None:
        self.calls["upload"] = {
            **options,
            "files": sorted(path.name for path in Path(options["folder_path"]).iterdir()),
        }


def test_push_uploads_where_a_user_is_logged_in(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = FakeHub()
    monkeypatch.setattr(huggingface_hub, "HfApi", hub)
    done = command("push", run, "anna/faces", "--licence", "mit", "--private", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert hub.calls["create"] == {"repo_id": "anna/faces", "private": True, "exist_ok": True}
    assert hub.calls["upload"]["files"] == FILES
    assert sorted(hub.calls["upload"]["allow_patterns"]) == FILES
    assert "faces: 0." in done.stdout


def test_push_does_nothing_where_nobody_is_logged_in(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub, "HfApi", FakeHub(logged_in=False))
    done = command("push", run, "anna/faces", "--licence", "mit", folder=tmp_path)
    assert done.returncode == 2
    assert "hf auth login" in done.stderr
    assert not list(tmp_path.iterdir())


def test_push_only_writes_without_a_name_on_the_hub(run: Path, tmp_path: Path) -> None:
    assert "licence" in command("push", run, folder=tmp_path).stderr
    done = command("push", run, "--licence", "mit", "--output", "shared", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    again = command("push", "shared", "--output", "copy", folder=tmp_path)
    assert again.returncode == 0, again.stderr
    for name in FILES:
        assert (tmp_path / "copy" / name).read_bytes() == (tmp_path / "shared" / name).read_bytes()


def test_a_model_of_the_hub_is_fetched(run: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def fetch(repo_id: str, **options: Any) -> str:
        asked.update(options, repo_id=repo_id)
        return str(run)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    place = find_model("hf://anna/faces", registry)
    assert (place.path, asked["repo_id"]) == (run, "anna/faces")
    assert sorted(asked["allow_patterns"]) == FILES
