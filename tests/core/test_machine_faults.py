"""Faults of the machine in whole runs: full disks, signals, devices, threads, two processes on one folder."""

import json
import shlex
import shutil
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest
import torch

from gcnet_core.cli.stopping import exit_code, how_to_go_on, on_stop, same_command, stoppable
from gcnet_core.locks import locked
from gcnet_core.machine import MOST_PER_CORE, available_cores, worker_count
from gcnet_core.plugin_api import UserError
from gcnet_core.training.resources import choose_device, choose_threads, usable_devices
from tests.conftest import made_once
from tests.core.full_disk import Disk, contents, leftovers
from tests.core.test_compare import CNN
from tests.runs import environment, gcnet, gcnet_killed, write_recipe

LONG = CNN.replace("encoder: null}", "encoder: null, joint: {epochs: 30}}")


def write_recipes(folder: Path, text: str = CNN) -> Path:
    write_recipe(folder)
    (folder / "cnn.yaml").write_text(text)
    return folder / "cnn.yaml"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing disturbed."""

    def train(folder: Path) -> None:
        answer = gcnet("run", write_recipes(folder), "--output", folder / "run")
        assert answer.returncode == 0, answer.stderr

    return made_once(tmp_path_factory, "undisturbed", train) / "run"


def test_a_full_disk_at_any_write_is_one_sentence_and_harms_nothing(whole: Path, tmp_path: Path) -> None:
    recipe, folder = whole.parent / "cnn.yaml", tmp_path / "run"
    failures = 0
    for full_from in count(1, step=4):  # tests/benchmarks/full_disk.py takes every write, and a disk that is full
        resume = ["--resume"] if (folder / "recipe.yaml").is_file() else []
        with Disk(full_from)():
            answer = gcnet("run", recipe, "--output", folder, *resume)
        if answer.returncode == 0:
            break
        failures += 1
        told = answer.stderr.splitlines()
        assert answer.returncode == 1
        assert told[0].startswith(str(folder))
        assert ": cannot be written: the disk is full (" in told[0]
        assert told[1].startswith("to go on: ")
        assert len(told) == 2
        assert not leftovers(tmp_path)
    assert failures > 3
    assert contents(folder) == contents(whole)


def test_sigterm_keeps_the_last_epoch_and_the_advice_works_as_it_is_printed(tmp_path: Path) -> None:
    recipe, folder = write_recipes(tmp_path, LONG), tmp_path / "it's $HOME"
    settings = ("--set", "training.checkpoint_minutes=60", "--set", "summary=with 'quotes' & $HOME")
    metrics = folder / "metrics.jsonl"
    code, errors = gcnet_killed(
        "run", recipe, *settings, "--output", folder, folder=tmp_path, by=signal.SIGTERM,
        when=lambda: metrics.is_file() and metrics.read_text().count("\n") >= 2,
    )  # fmt: skip
    assert code == 128 + signal.SIGTERM
    assert (folder / "checkpoint" / "state.pt").is_file()
    assert not leftovers(folder)
    advice = errors.splitlines()[-1].removeprefix("stopped; to go on: ")
    again = subprocess.run(advice, shell=True, cwd=tmp_path, env=environment(), capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    stages = [line.split()[1] for line in again.stdout.splitlines() if line.startswith("joint ")]
    assert len(stages) < 30, "it began anew"
    assert len(metrics.read_text().splitlines()) == 30
    assert gcnet("run", recipe, *settings, "--output", tmp_path / "whole").returncode == 0
    assert contents(folder) == contents(tmp_path / "whole")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_are_as_ctrl_c(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with stoppable():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert exit_code() == 128 + number
        assert how_to_go_on() is None
        on_stop(lambda: "gcnet run a")
        assert how_to_go_on() == "gcnet run a"
    assert signal.getsignal(number) is before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("gcnet run a.yaml", "run a.yaml --output 'the run' --resume"),
        ("gcnet run a.yaml --output old --set b='c d'", "run a.yaml --set 'b=c d' --output 'the run' --resume"),
        ("gcnet run --output=old --resume -- a.yaml", "run --resume --output 'the run' -- a.yaml"),
    ],
)
def test_the_advice_is_the_command_itself(words: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", shlex.split(words))
    advice = same_command(output=Path("the run"), resume=True)
    assert advice.endswith(f"gcnet {told}")
    monkeypatch.setattr(sys, "argv", ["/site/gcnet_core/cli/__main__.py", "compare", "a"])
    assert same_command() == f"{sys.executable} -m gcnet_core.cli compare a"


def test_a_run_that_was_killed_before_its_page_gets_it(whole: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(whole, tmp_path / "run")
    (folder / "report.html").unlink()
    (folder / "checkpoint").mkdir()
    assert gcnet("run", whole.parent / "cnn.yaml", "--output", folder, "--resume").returncode == 0
    assert (folder / "report.html").is_file()
    assert not (folder / "checkpoint").exists()


def test_a_fold_that_was_killed_before_its_page_gets_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    words = ("run", write_recipes(tmp_path), "--smoke", "--set", "split={fold: all, folds: 2}", "--output", folder)
    assert gcnet(*words).returncode == 0
    (folder / "summary.json").unlink()
    for page in (folder / "report.html", folder / "fold-1" / "report.html"):
        page.unlink()
    assert gcnet(*words, "--resume").returncode == 0
    assert len(list(folder.rglob("report.html"))) == 3


def test_two_processes_never_write_into_one_folder(tmp_path: Path) -> None:
    recipe, photographs = write_recipes(tmp_path), tmp_path / "photographs"
    photographs.mkdir()
    (photographs / "a.png").write_bytes(b"no picture")
    for words in (
        ("run", recipe, "--smoke", "--output"),
        ("compare", recipe, "--smoke", "--folds", "0", "--output"),
        ("data", "prepare", photographs),
    ):
        with locked(tmp_path / "out"):
            answer = gcnet(*words, tmp_path / "out")
        assert answer.returncode == 2
        assert answer.stderr.startswith(f"{tmp_path / 'out'}: process "), answer.stderr
        assert not (tmp_path / "out").exists()


DEVICES = ["cuda", "cuda:7", "mps", "meta", "xpu", "hpu", "vulkan", "nonsense", "cpu:3", "cpu:-1", "-"]


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_that_cannot_be_used_is_told_with_those_that_can(name: str) -> None:
    if name.partition(":")[0] in usable_devices():
        name = "cpu:3"
    with pytest.raises(UserError) as caught:
        choose_device(name)
    told = str(caught.value)
    assert told.startswith(f"--device {name}: ")
    assert "there is cpu alone" in told or "there are cpu, " in told
    assert len(told) < 300
    assert "\n" not in told


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_that_is_not_there_is_told_with_those_that_are() -> None:
    assert choose_device("cuda").type == "cuda"
    with pytest.raises(UserError, match=r"--device cuda:99: cannot be used \(.*\); there are cpu, cuda:0"):
        choose_device("cuda:99")


def test_threads_are_bounded_and_none_are_told() -> None:
    assert choose_threads(3, 64, 64) == 3
    assert choose_threads(100_000, 64, 64) == MOST_PER_CORE * available_cores() == worker_count(10**9)
    assert worker_count(None) == available_cores()
    for few in (0, -1):
        with pytest.raises(UserError, match=f"threads: {few} are too few"):
            choose_threads(few, 64, 64)


def test_the_memory_that_does_not_suffice_is_told_with_its_size(tmp_path: Path) -> None:
    recipe = write_recipes(tmp_path)
    huge = f"model.classifier={json.dumps({'type': 'mlp', 'hidden': [2_000_000_000]})}"
    answer = gcnet("run", recipe, "--smoke", "--output", tmp_path / "run", "--set", huge)
    assert answer.returncode in (1, 2), "the recipe may be refused for its size"
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "run").exists()
