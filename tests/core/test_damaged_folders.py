"""Files of run folders that are damaged: told by name, never a traceback, never taken for what gcnet wrote."""

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
import torch
from safetensors.torch import load_file, save_file

from gcnet_core import storage
from gcnet_core.experiment.init_from import init_from
from gcnet_core.inference.sharing.model_folder import copy_model_folder
from gcnet_core.plugin_api import Registry, RunFailed, UserError
from gcnet_core.runs import EpochLog, Run, read_record, write_record, write_summary
from gcnet_core.runs.description import ModelDescription
from gcnet_core.runs.files import ANALYSIS, METRICS, PREDICTIONS, RECIPE, SUMMARY
from gcnet_core.runs.intact import digest_of
from gcnet_core.storage import load_model, save_model
from gcnet_core.training.checkpoint import load_checkpoint, save_checkpoint
from tests.benchmarks.damaged_folders import damages, flipped, unsigned
from tests.core.fake_run import edit_json, write_fake_run
from tests.core.test_init_from import TwoParts
from tests.core.test_run_folders import fake_comparison
from tests.plugins.faces import make_context
from tests.runs import gcnet

READ: dict[str, Callable[[Run], object]] = {
    SUMMARY: lambda run: run.summary,
    RECIPE: lambda run: run.recipe,
    METRICS: lambda run: run.epochs,
    PREDICTIONS: lambda run: run.predictions,
    ANALYSIS: lambda run: run.arrays,
}
ENCODER = {"type": "conv", "channels": [4], "width": 4}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run with the checksums of its files."""
    run = write_fake_run(tmp_path_factory.mktemp("runs") / "whole", images=14, epochs=1)
    write_summary(run, Run(run).summary)
    return run


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be damaged."""
    return shutil.copytree(whole, tmp_path / "run")


@pytest.fixture
def model(registry: Registry, tmp_path: Path) -> Path:
    """The folder of a model."""
    context = make_context(registry)
    part = registry.part("model", "cnn", {"encoder": ENCODER, "classifier": {"type": "linear"}})
    (tmp_path / "model").mkdir()
    save_model(tmp_path / "model", context.build(part), part, context)
    return tmp_path / "model"


@pytest.mark.parametrize("name", sorted(READ.keys() - {RECIPE}))
def test_every_flipped_bit_of_a_run_is_told(name: str, run: Path) -> None:
    random, content = Random(name), (run / name).read_bytes()
    before = Run(run).summary
    for _ in range(60):
        (run / name).write_bytes(flipped(content, random))
        try:
            found = READ[name](Run(run))
        except UserError as error:
            told = str(error)
        else:
            assert found == before, "only the key of the checksum itself may be another one"
            continue
        assert str(run / name) in told


def test_every_flipped_bit_of_a_model_is_told(model: Path, registry: Registry) -> None:
    for name in ("model.safetensors", "model.json"):
        random, content = Random(name), (model / name).read_bytes()
        before = load_model(model, registry).description
        for _ in range(60):
            (model / name).write_bytes(flipped(content, random))
            try:
                found = load_model(model, registry).description
            except UserError as error:
                told = str(error)
            else:
                assert (name, found) == ("model.json", before)
                continue
            assert str(model / name) in told or "checksum in model.json" in told
        (model / name).write_bytes(content)


def test_every_flipped_bit_of_a_checkpoint_is_told(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, {"model": {"weight": torch.arange(64.0)}, "position": {"step": 3}})
    path, random = tmp_path / "checkpoint" / "state.pt", Random(0)
    content = path.read_bytes()
    assert torch.equal((load_checkpoint(tmp_path) or {})["model"]["weight"], torch.arange(64.0))
    places = [*range(100), *(random.randrange(len(content)) for _ in range(300))]  # the header whole
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1 << random.randrange(8)
        path.write_bytes(changed)
        with pytest.raises(
            UserError, match=r"state\.pt: not a checkpoint of gcnet .*; delete it to train from the start"
        ):
            load_checkpoint(tmp_path)


def test_a_checkpoint_of_an_older_version_is_read(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()
    torch.save({"position": {"step": 3}}, tmp_path / "checkpoint" / "state.pt")
    assert load_checkpoint(tmp_path) == {"position": {"step": 3}}


@pytest.mark.parametrize("old", [False, True], ids=["with checksums", "of an older version"])
@pytest.mark.parametrize("name", READ)
def test_no_damage_of_a_run_ends_in_a_traceback(name: str, old: bool, run: Path) -> None:
    if old:
        unsigned(run)
    kept = shutil.copytree(run, run.with_name("kept"))
    harmless = {"gone", "last byte gone"} if name == SUMMARY else {"gone"}  # a line end
    others = [kept / other for other in READ if other != name]
    for what, damage in damages(kept / name, others, Random(name)):
        damage(run / name)
        try:
            READ[name](Run(run))
        except UserError as error:
            told = str(error)
        else:
            told = name
            assert old or name == RECIPE or what in harmless, f"{what} was taken for good"
        assert name in told
        shutil.rmtree(run)
        shutil.copytree(kept, run)


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_no_damage_of_a_model_ends_in_a_traceback(name: str, model: Path, registry: Registry) -> None:
    kept = shutil.copytree(model, model.with_name("kept"))
    for what, damage in damages(kept / name, [kept / ("model.json" if name != "model.json" else "model.safetensors")],
                                Random(name)):  # fmt: skip
        if (name, what) == ("model.json", "last byte gone"):  # a line end
            continue
        damage(model / name)
        for opened in (lambda: load_model(model, registry), lambda: copy_model_folder(model, model.with_name("copy"))):
            with pytest.raises(UserError, match="model.json|model.safetensors") as told:
                opened()
            assert len(str(told.value)) < 900, what
        shutil.rmtree(model)
        shutil.copytree(kept, model)


def test_commands_tell_damage_and_end_with_2(run: Path) -> None:
    (run / PREDICTIONS).write_text((run / PREDICTIONS).read_text().replace("fold-0", "fold-1", 1))
    answer = gcnet("report", run)
    assert answer.returncode == 2
    assert f"{run / PREDICTIONS}: damaged or changed: its content is not what gcnet wrote" in answer.stderr
    assert "take it away: the report is drawn without it" in answer.stderr
    edit_json(run / SUMMARY, files={})  # on purpose
    assert gcnet("report", run).returncode == 0


@pytest.mark.parametrize("old", [False, True], ids=["with checksums", "of an older version"])
def test_a_report_says_what_it_was_drawn_without(old: bool, run: Path) -> None:
    if old:
        unsigned(run)
    for name in (METRICS, PREDICTIONS, ANALYSIS):
        (run / name).unlink()
    answer = gcnet("report", run)
    page = (run / "report.html").read_text()
    assert answer.returncode == 0, answer.stderr
    for name in (METRICS, PREDICTIONS, ANALYSIS):
        assert f"note: {run}: {name} is missing or empty" in answer.stderr
        assert f"{name} is missing or empty" in page
    assert "Curves of" not in page
    assert "Recall of each expression" in page


def test_a_comparison_without_its_pictures_is_drawn_and_says_so(tmp_path: Path) -> None:
    save_file({}, tmp_path / "pictures.safetensors")
    digest = digest_of(tmp_path / "pictures.safetensors")
    shown = fake_comparison().model_copy(update={"files": {"pictures.safetensors": digest}})
    write_record(tmp_path / "comparison.json", shown)
    assert gcnet("report", tmp_path).returncode == 0
    (tmp_path / "pictures.safetensors").write_bytes(b"")
    answer = gcnet("report", tmp_path)
    assert answer.returncode == 2
    assert "pictures.safetensors: damaged or changed" in answer.stderr
    (tmp_path / "pictures.safetensors").unlink()
    answer = gcnet("report", tmp_path)
    assert answer.returncode == 0
    assert "pictures.safetensors is missing" in answer.stderr
    assert "pictures.safetensors is missing" in (tmp_path / "report.html").read_text()


def test_an_empty_course_of_training_is_told(run: Path) -> None:
    unsigned(run)
    (run / METRICS).write_text("")
    assert f"{METRICS} is missing or empty, so the curves of training cannot be shown" in gcnet("report", run).stderr


@pytest.mark.parametrize("content", [b'{"stage": 3}\n', b"\xff\xfe", b"[" * 10_000])
def test_a_damaged_course_is_told_before_training_goes_on(content: bytes, tmp_path: Path) -> None:
    log = EpochLog(tmp_path / METRICS)
    log.path.write_bytes(content)
    with pytest.raises(UserError, match=r"metrics\.jsonl.*; take the file away to go on without the curves so far"):
        log.truncate(1)
    log.path.unlink()
    log.truncate(1)
    assert log.read() == []


def test_a_recipe_that_was_edited_is_a_note(run: Path) -> None:
    (run / RECIPE).write_text((run / RECIPE).read_text() + "# the data lie elsewhere today\n")
    answer = gcnet("report", run)
    assert answer.returncode == 0
    assert f"note: {run}: {RECIPE} was changed after the training" in answer.stderr


def test_weights_that_are_no_numbers_are_told(model: Path, registry: Registry) -> None:
    weights = load_file(model / "model.safetensors")
    name = next(name for name, value in weights.items() if value.dim() > 1)
    for strange in (math.nan, math.inf, -math.inf):
        weights[name].view(-1)[-1] = strange
        save_file(weights, model / "model.safetensors")
        edit_json(model / "model.json", weights_sha256=None)
        with pytest.raises(UserError, match="model.safetensors: .* holds weights that are no finite numbers"):
            load_model(model, registry)


def test_a_model_of_no_numbers_is_not_written(registry: Registry, tmp_path: Path) -> None:
    context = make_context(registry)
    part = registry.part("model", "cnn", {"encoder": ENCODER, "classifier": {"type": "linear"}})
    built = context.build(part)
    next(built.parameters()).data.fill_(math.nan)
    with pytest.raises(RunFailed, match="no finite numbers; lower the learning rate"):
        save_model(tmp_path, built, part, context)
    assert not list(tmp_path.iterdir())


def test_a_kill_between_weights_and_description_leaves_no_model(
    model: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = load_model(model, registry)
    monkeypatch.setattr(storage, "versions", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_model(model, saved.model, saved.part, make_context(registry))
    with pytest.raises(UserError, match="no trained model here"):
        load_model(model, registry)


def test_an_edited_description_is_told_and_taken_without_its_checksum(model: Path, registry: Registry) -> None:
    path = model / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "licence": "mine"}))
    with pytest.raises(UserError, match="who changed it on purpose takes its line `sha256` out"):
        load_model(model, registry)
    edit_json(path)
    assert load_model(model, registry).description.licence == "mine"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=7, sort_keys=True))  # a layout is no content
    assert read_record(path, ModelDescription).licence == "mine"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"PK\x03\x04" + bytes(100), "a zip, as torch.save writes"),
        (b"\x80\x02}q\x00.", "a pickle, which gcnet never reads"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
        (b"<html>not found</html>", "a page of HTML"),
        ((2**62).to_bytes(8, "little") + b"{}", "a damaged or foreign one"),
        (bytes(5), "a damaged or foreign one"),
    ],
)
def test_foreign_weights_are_told_with_what_they_are(content: bytes, found: str, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(UserError) as told:
        init_from(TwoParts(), {"encoder": str(tmp_path)})
    assert str(told.value).startswith(f"training.init_from.encoder: {tmp_path / 'model.safetensors'}: expected weights")
    assert found in str(told.value)


def test_weights_to_begin_with_are_held_against_their_checksum_and_must_be_numbers(tmp_path: Path, model: Path) -> None:
    weights = bytearray((model / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (model / "model.safetensors").write_bytes(weights)
    with pytest.raises(UserError, match="damaged or changed: its content is not what gcnet wrote"):
        init_from(TwoParts(), {"encoder": str(model)})
    old = TwoParts()
    old.encoder.weight.data[0, 0] = math.nan
    save_file(old.state_dict(), tmp_path / "model.safetensors")
    with pytest.raises(UserError, match=r"training.init_from.encoder: .* no finite numbers"):
        init_from(TwoParts(), {"encoder": str(tmp_path / "model.safetensors")})
    init_from(TwoParts(), {"classifier": str(tmp_path / "model.safetensors")})  # of what is taken
