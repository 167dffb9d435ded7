"""Several processes on one run: the same weights as one, whatever is trained; all end together; one writes."""

import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gcnet_core.data.augment import AugmentConfig
from gcnet_core.data.loader import smallest_batch, training_batches
from gcnet_core.experiment.launch import _free_port, _variables, check_processes
from gcnet_core.machine import started_together
from gcnet_core.plugin_api import UserError
from gcnet_core.runs import Run
from gcnet_core.training.checkpoint import load_checkpoint
from gcnet_core.training.processes import Processes
from gcnet_core.training.step_batches import StepBatches
from tests.conftest import ROOT
from tests.core.together import CASES, RECIPE
from tests.core.toy import toy_recipe, toy_table
from tests.runs import environment, gcnet_killed, gcnet_process

TOLERANCE = {"cnn, bfloat16": 2e-2, "cnn, adam": 2e-3}
"""bfloat16 rounds each batch norm otherwise; AdamW makes whole steps of gradients that are rounding alone."""


def started(folder: Path, count: int) -> list["subprocess.Popen[str]"]:
    """So many processes, which write what they find into a folder with the recipe."""
    port = _free_port()
    command = [sys.executable, "-m", "tests.core.together", str(folder)]
    environments = [{**environment(), **_variables(rank, count, port)} for rank in range(count)]
    return [subprocess.Popen(command, cwd=ROOT, env=each, stderr=subprocess.PIPE, text=True) for each in environments]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """What one process finds, and what two find."""
    folder = tmp_path_factory.mktemp("together")
    (folder / "small.yaml").write_text(RECIPE)
    processes = [*started(folder, 1), *started(folder, 2)]
    errors = [process.communicate()[1] for process in processes]
    assert not any(process.returncode for process in processes), errors
    return torch.load(folder / "1.pt"), torch.load(folder / "2.pt")


@pytest.mark.parametrize("name", CASES)
def test_two_processes_are_one(found: tuple[dict[str, Any], dict[str, Any]], name: str) -> None:
    one, two = found[0][name], found[1][name]
    tolerance = TOLERANCE.get(name, 2e-5)
    for key, weight in one["weights"].items():
        assert torch.allclose(weight, two["weights"][key], rtol=tolerance, atol=tolerance), (key, name)
    for alone, shared in zip(one["metrics"], two["metrics"], strict=True):
        for phase, terms in alone["losses"].items():
            assert shared["losses"][phase] == pytest.approx(terms, rel=100 * tolerance, abs=tolerance)
        assert alone["validation_accuracy"] == pytest.approx(shared["validation_accuracy"])
        if name not in TOLERANCE:
            assert alone["train_accuracy"] == pytest.approx(shared["train_accuracy"])


def test_something_was_learned(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    for name in CASES:
        *_, before, last = [epoch["losses"]["main"]["total"] for epoch in found[0][name]["metrics"]]
        assert abs(before - last) > 1e-3, name


def test_rows_are_gathered_with_their_gradients(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    one, two = (each["meetings"] for each in found)
    for name in ("gathered", "flags", "gradient", "none"):
        assert torch.allclose(one[name].double(), two[name].double()), name
    assert len(two["none"]) == 2


def test_batch_norm_is_that_of_all_rows(found: tuple[dict[str, Any], dict[str, Any]]) -> None:
    one, two = (each["meetings"]["norm"] for each in found)
    for name, value in one.items():
        assert torch.allclose(value, two[name], rtol=1e-4, atol=1e-5), name


def test_one_writes_and_prints(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(RECIPE)
    answer = gcnet_process("run", "small.yaml", "--processes", 2, "--smoke", "--output", "run", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("run folder") == answer.stdout.count("joint 1/1") == 1
    assert "2 processes" in answer.stdout
    assert Run(tmp_path / "run").summary.status == "smoke"


def test_a_stopped_run_goes_on_with_another_number_of_processes(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(RECIPE)
    words = ("run", "small.yaml", "--set", "training.stages.joint.epochs=4", "--output", "run")
    metrics = tmp_path / "run" / "metrics.jsonl"

    def begun() -> bool:
        return metrics.is_file() and metrics.read_text().count("\n") > 1

    code, errors = gcnet_killed(*words, "--processes", 2, folder=tmp_path, when=begun, by=signal.SIGTERM)
    assert code == 128 + signal.SIGTERM
    assert errors.count("to go on") == 1
    assert "--processes 2" in errors
    state = load_checkpoint(tmp_path / "run")
    assert state is not None
    assert gcnet_process(*words, "--resume", folder=tmp_path).returncode == 0
    assert len(Run(tmp_path / "run").epochs) == 5


FAULTY = """
import os
from gcnet_core.plugin_api import ComponentSpec, LossConfig, hookimpl
from gcnet_core.interfaces import Loss

class FaultyConfig(LossConfig):
    required_outputs = frozenset({"logits"})

class Faulty(Loss):
    calls = 0
    def forward(self, output, batch):
        self.calls += 1
        if self.calls == 4 and os.environ["RANK"] == "1":
            raise ArithmeticError("the second process meets what the first does not")
        return output.logits.square().mean()

@hookimpl
def gcnet_components():
    return [ComponentSpec("loss", "faulty", FaultyConfig, "faulty:Faulty", "fails in one process")]
"""


def test_all_end_when_one_fails_and_its_reason_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(RECIPE)
    (tmp_path / "faulty.py").write_text(FAULTY)
    answer = gcnet_process(
        "run", "small.yaml", "--processes", 2, "--plugin", "faulty.py", "--set", "losses.bad={type: faulty}",
        folder=tmp_path,
    )  # fmt: skip
    assert answer.returncode == 2
    assert answer.stderr.count("the second process meets") == 1
    assert "Traceback" not in answer.stderr


def test_a_batch_needs_an_image_for_each_process() -> None:
    batches = partial(StepBatches, toy_recipe(batch_size=4), toy_table(9), np.arange(9), torch.device("cpu"), None)
    batches(Processes(0, 3))
    with pytest.raises(UserError, match="5 processes share each batch, and there is one of 3 images; start 3 at most"):
        batches(Processes(0, 5))


@pytest.mark.parametrize("count", range(4, 30))
@pytest.mark.parametrize(("size", "accumulate"), [(4, 1), (4, 2), (5, 3)])
def test_parts_of_batches_are_the_batches(count: int, size: int, accumulate: int) -> None:
    def batches(part: tuple[int, int]) -> list[list[int]]:
        found = training_batches(
            toy_table(count), np.arange(count), size, AugmentConfig(), 0, 0, None, accumulate, part=part
        )
        return [batch.sample.tolist() for group in found for batch in group]

    first, second = batches((0, 2)), batches((1, 2))
    assert [[*these, *those] for these, those in zip(first, second, strict=True)] == batches((0, 1))
    assert min(map(len, batches((0, 1)))) == smallest_batch(count, size, accumulate)


def test_processes_are_not_started_within_torchrun(monkeypatch: pytest.MonkeyPatch) -> None:
    check_processes(2)
    for name, value in _variables(0, 4, 1).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match="torchrun has started"):
        check_processes(2)


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"WORLD_SIZE": "2", "RANK": "0"}, "but not MASTER_ADDR, MASTER_PORT; unset it, or start by torchrun"),
        ({"WORLD_SIZE": "abc", "RANK": "0", "MASTER_ADDR": "x", "MASTER_PORT": "1"}, "but it is no number"),
    ],
)
def test_half_of_what_torchrun_sets_is_told(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=told):
        started_together()
