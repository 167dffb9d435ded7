"""Engines: the contract, the same comparison by each, and kills of a comparison and of what runs its jobs."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from gcnet_engines.copied import packed, run_packed, unpack

from gcnet_core.comparison.engines import build_engine
from gcnet_core.interfaces import Ended, Task
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.testing import Case, Check, DoesNotApply, checks_of
from tests.conftest import made_once
from tests.in_process import jobs_in_process
from tests.plugins import fake_ray
from tests.runs import COMMAND, environment, gcnet, gcnet_killed

CNN = """
data: {type: synthetic_faces, subjects: 6, images_per_expression: 1}
image: {size: 32}
threads: 1
split: {folds: 2}
model: {type: cnn, encoder: {type: conv, channels: [8, 8], width: 16}, classifier: {type: linear}}
losses: {classification: {type: cross_entropy}}
training: {batch_size: 8, checkpoint_minutes: 0, stages: {joint: {epochs: EPOCHS}}}
evaluation: {bootstrap: 100}
report: {tsne: false}
"""
SLURM = ("--engine", "slurm", "--engine-set", "cluster=local")
RAY = ("--engine", "ray")
COPIED = (*RAY, "--engine-set", "files=copied")
WITH_RAY = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed: gcnet[ray]")
WITH_SLURM = pytest.mark.skipif(importlib.util.find_spec("submitit") is None, reason="submitit is not installed")


@pytest.mark.parametrize("check", checks_of("engine"), ids=lambda check: check.name)
def test_the_local_engine_keeps_the_contract(check: Check, registry: Registry) -> None:
    try:
        check.run(Case("engine", "local", registry=registry))
    except DoesNotApply as reason:
        pytest.skip(str(reason))


def words(folder: Path, epochs: int = 1) -> tuple[object, ...]:
    """A comparison of two jobs; its recipe is written into the folder."""
    (folder / "cnn.yaml").write_text(CNN.replace("EPOCHS", str(epochs)))
    return ("compare", folder / "cnn.yaml", "--output", folder / "out")


def figures(folder: Path) -> Any:
    """comparison.json without what is another by the clock."""

    def timeless(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: timeless(entry) for key, entry in value.items() if key not in ("seconds", "sha256")}
        return [timeless(entry) for entry in value] if isinstance(value, list) else value

    return timeless(json.loads((folder / "out" / "comparison.json").read_text()))


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the comparison by the local engine."""

    def run(folder: Path) -> None:
        with jobs_in_process():
            answer = gcnet(*words(folder))
        assert answer.returncode == 0, answer.stderr

    return made_once(tmp_path_factory, "by-local", run)


def test_the_engine_ray_gives_the_same_by_the_calls_that_it_makes(
    local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for engine in (RAY, COPIED):
        folder = tmp_path / engine[-1].replace("=", "-")
        folder.mkdir()
        with monkeypatch.context() as patched, jobs_in_process():
            patched.setitem(sys.modules, "ray", fake_ray)
            answer = gcnet(*words(folder), *engine)
        assert answer.returncode == 0, answer.stderr
        assert figures(folder) == figures(local)
        assert sorted(path.name for path in (folder / "out/cnn/seed-0").iterdir()) == [
            "fold-0", "fold-0.log", "fold-0.yaml", "fold-1", "fold-1.log", "fold-1.yaml",
        ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "engine",
    [pytest.param(SLURM, marks=WITH_SLURM), pytest.param(RAY, marks=WITH_RAY), pytest.param(COPIED, marks=WITH_RAY)],
    ids=("slurm", "ray", "ray-copied"),
)
def test_the_same_comparison_by_each_engine(engine: tuple[str, ...], local: Path, tmp_path: Path) -> None:
    answer = gcnet(*words(tmp_path), *engine)
    assert answer.returncode == 0, answer.stderr
    assert figures(tmp_path) == figures(local)
    assert not (tmp_path / "out/cnn/seed-0/submitit").exists()


@pytest.mark.slow
@WITH_SLURM
def test_submitted_jobs_outlive_a_killed_comparison_and_are_waited_for(tmp_path: Path) -> None:
    arguments = (*words(tmp_path, epochs=60), *SLURM)
    folds = [tmp_path / f"out/cnn/seed-0/fold-{fold}" for fold in (0, 1)]
    gcnet_killed(*arguments, folder=tmp_path, when=lambda: all((fold / "checkpoint").is_dir() for fold in folds))
    answer = gcnet(*arguments)
    assert answer.returncode == 0, answer.stderr
    for fold in folds:
        assert fold.with_suffix(".log").read_text().count("run folder") == 1, "it was begun twice"


@pytest.mark.slow
@WITH_RAY
def test_a_job_whose_worker_dies_is_begun_again_and_goes_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, *map(str, words(tmp_path, epochs=60)), *RAY, "--folds", "0"], env=environment(), cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    fold = tmp_path / "out/cnn/seed-0/fold-0"
    while not (fold / "checkpoint").is_dir():
        assert process.poll() is None
        time.sleep(0.05)
    (job,) = [pid for pid, line in command_lines() if str(fold) in line and " job " in line]
    parent = int(Path(f"/proc/{job}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(parent, signal.SIGKILL)
    assert process.wait() == 0
    assert fold.with_suffix(".log").read_text().count("run folder") == 2, "it should have gone on elsewhere"
    epochs = [json.loads(line)["epoch"] for line in (fold / "metrics.jsonl").read_text().splitlines()]
    assert epochs == list(range(1, 61)), "an epoch was lost, or stands there twice"


def command_lines() -> list[tuple[int, str]]:
    """Number and command of each process that runs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append((int(path.parent.name), path.read_bytes().replace(b"\0", b" ").decode(errors="replace")))
        except OSError:  # it has ended
            continue
    return found


def test_a_copied_task_brings_back_its_run_and_adds_to_its_log(tmp_path: Path) -> None:
    seed = tmp_path / "seed-0"
    (seed / "fold-0").mkdir(parents=True)
    (seed / "fold-0" / "kept.txt").write_text("of an earlier attempt")
    (seed / "fold-0.yaml").write_text("nothing: true\n")
    (seed / "fold-0.log").write_text("earlier\n")
    task = Task("task", ("job", "seed-0/fold-0.yaml"), Path("seed-0/fold-0.log"), Path("seed-0/fold-0"),
                (Path("seed-0/fold-0.yaml"),), tmp_path)  # fmt: skip
    package = packed(task)
    shutil.rmtree(seed / "fold-0")
    with jobs_in_process():
        ended = unpack(run_packed(package), task)
    assert (ended.task, ended.code) == (task, 2)
    assert (seed / "fold-0" / "kept.txt").read_text() == "of an earlier attempt"
    log = (seed / "fold-0.log").read_text()
    assert log.startswith("earlier\n")
    assert "unknown key nothing" in log


def test_a_machine_without_the_folder_is_told(tmp_path: Path, registry: Registry) -> None:
    task = Task("task", ("--version",), Path("a.log"), Path("a"), directory=tmp_path / "gone")
    (ended,) = build_engine(registry).run([task], 1)
    assert isinstance(ended, Ended)
    assert f"has no folder {tmp_path / 'gone'}, where the comparison was started" in ended.reason


@pytest.mark.parametrize(
    ("engine", "settings", "message"),
    [
        ("lokal", (), "--engine lokal: unknown engine lokal; did you mean local?"),
        ("local", ("cors=2",), "--engine-set cors=2: unknown key cors; did you mean cores?"),
        ("local", ("cores",), "--engine-set cores: expected KEY=VALUE"),
        ("local", ("cores=0",), "--engine-set cores=0: "),
        ("slurm", (), "there is no Slurm here (srun is not found)"),
        ("ray", (), "the engine ray needs ray, which is missing: pip install 'gcnet[ray]'"),
    ],
)
def test_mistakes_are_told_at_their_option(
    engine: str, settings: tuple[str, ...], message: str, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "slurm":
        pytest.importorskip("submitit")
        monkeypatch.setenv("PATH", "")
    with nullcontext() if engine != "ray" else monkeypatch.context() as patched:
        if patched:
            patched.setitem(sys.modules, "ray", None)
        with pytest.raises(UserError) as told:
            build_engine(registry, engine, settings)
    assert message in str(told.value)


def test_workers_are_auto_or_a_number(tmp_path: Path) -> None:
    answer = gcnet("compare", "vae_resnet", "--workers", "many", folder=tmp_path)
    assert answer.returncode == 2
    assert "'many' is neither `auto` nor a number of at least 1" in " ".join(answer.stderr.replace("│", " ").split())


def test_the_engine_is_named_in_one_place_alone(registry: Registry) -> None:
    with pytest.raises(UserError, match="--engine-set type=ray: which engine runs the jobs is said by --engine"):
        build_engine(registry, "local", ["type=ray"])
