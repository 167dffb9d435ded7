"""The command line: exit codes 0, 1 and 2, no traceback, JSON where a script reads, examples that exist."""

import json
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.runs import SMALL, commands, gcnet, gcnet_process, write_recipe

COMMANDS = commands()


def test_the_list_of_commands_is_not_empty() -> None:
    assert {(), ("run",), ("plugins",), ("plugins", "new"), ("plugins", "check"), ("data", "prepare")} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(command: tuple[str, ...]) -> None:
    answer = gcnet(*command, "--help")
    assert answer.returncode == 0
    assert f"Example: {' '.join(('gcnet', *command))}" in answer.stdout


def test_version() -> None:
    from gcnet_core import __version__

    assert gcnet("--version").stdout == f"gcnet {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "vae_resnt"), "vae_resnt: no such file, and no shipped recipe of that name; did you mean vae_resnet?"),
        (("run", "vae_resnet", "--set", "sede=1"), "--set sede=1: unknown key sede; did you mean seed?"),
        (("run", "vae_resnet", "--plugin", "nowhere.py"),
         "--plugin nowhere.py: FileNotFoundError: no such file: nowhere.py"),
        (("run", "vae_resnet", "--device", "quantum"), "--device quantum"),
        (("run", "vae_resnet", "--resume", "--output", "nowhere"),
         "--resume: nowhere holds no run; leave out --resume to begin one"),
        (("run", "vae_resnet", "--set", "data.subjects=6", "--output", "gcnet_core"),
         "--output gcnet_core: already holds something; give a new folder"),
        (("evaluate", "nowhere"), "nowhere: no finished run here"),
        (("report", "nowhere"), "nowhere: no finished run here"),
        (("recipes", "show", "nothing"), "nothing: no such file, and no shipped recipe of that name; there are: "),
        (("plugins", "show", "vea"), "no part is called vea; did you mean vae?"),
        (("run", "ar/vae_resnet", "--set", "data.folder=nowhere"), "no such folder: nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_bad_input_is_exit_code_2_and_no_traceback(arguments: tuple[str, ...], message: str) -> None:
    answer = gcnet(*arguments)
    assert answer.returncode == 2
    assert message in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert not (ROOT / "nowhere").exists()


STARTS = [(sys.executable, "-m", "gcnet_core.cli"), (Path(sys.executable).with_name("gcnet"),)]


@pytest.mark.parametrize("start", STARTS, ids=["module", "script"])
def test_the_true_command_ends_with_its_exit_code_and_no_traceback(start: tuple[object, ...], tmp_path: Path) -> None:
    """In processes of their own, as a shell starts them; all other tests call the same `main` in this one."""
    bad = gcnet_process("run", "vae_resnt", start=start)
    assert bad.returncode == 2
    assert "did you mean vae_resnet?" in bad.stderr
    assert "Traceback" not in bad.stderr
    fine = gcnet_process("recipes", "check", write_recipe(tmp_path), start=start)
    assert (fine.returncode, fine.stderr) == (0, "")
    assert fine.stdout == f"{tmp_path / 'small.yaml'}: ok\n"


def test_unknown_options_are_exit_code_2() -> None:
    assert gcnet("run", "vae_resnet", "--outptu", "x").returncode == 2


def test_every_recipe_error_is_told_at_once(tmp_path: Path) -> None:
    path = write_recipe(tmp_path, SMALL.replace("batch_size: 8", "batch_siez: 8").replace("conv,", "cnov,"))
    answer = gcnet("recipes", "check", path)
    assert answer.returncode == 2
    assert [line.split(": ", 1)[1] for line in answer.stderr.splitlines()] == [
        "unknown encoder cnov; did you mean conv?",
        "unknown decoder cnov; did you mean conv?",
        "unknown key batch_siez; did you mean batch_size?",
    ]
    assert all(re.match(rf"{re.escape(str(path))}:\d+:\d+: ", line) for line in answer.stderr.splitlines())
    found = json.loads(gcnet("recipes", "check", path, "--json").stdout)
    assert [problem["line"] for problem in found[0]["problems"]] == [9, 12, 19]


def test_check_says_ok_for_every_shipped_recipe() -> None:
    names = [row["name"] for row in json.loads(gcnet("recipes", "list", "--json").stdout)]
    assert "vae_resnet" in names
    answer = gcnet("recipes", "check", *names)
    assert answer.returncode == 0
    assert all(f"{name}: ok" in answer.stdout for name in names)


def test_missing_data_are_no_fault_of_the_recipe_but_noted() -> None:
    answer = gcnet("recipes", "check", "ar/vae_resnet", "--set", "data.folder=nowhere")
    assert answer.returncode == 0
    assert "note: no such folder: nowhere" in answer.stdout


def test_a_shown_recipe_can_be_run(tmp_path: Path) -> None:
    shown = gcnet("recipes", "show", "vae_resnet", "--set", "seed=3")
    (tmp_path / "mine.yaml").write_text(shown.stdout)
    again = gcnet("recipes", "show", tmp_path / "mine.yaml", "--set", "name=vae_resnet")
    assert again.stdout == shown.stdout
    assert json.loads(gcnet("recipes", "show", "vae_resnet", "--json").stdout)["model"]["type"] == "gcnet"


@pytest.mark.parametrize("name", ["vae_resnet", "baselines/cnn_resnet"])
def test_a_copied_recipe_says_the_same(name: str, tmp_path: Path) -> None:
    assert gcnet("recipes", "copy", name, tmp_path / "mine.yaml").returncode == 0
    mine = gcnet("recipes", "show", tmp_path / "mine.yaml", "--set", f"name={name}").stdout
    assert mine == gcnet("recipes", "show", name).stdout
    assert (tmp_path / "mine.yaml").read_text().startswith("#")
    again = gcnet("recipes", "copy", name, tmp_path / "mine.yaml")
    assert again.returncode == 2
    assert "exists already" in again.stderr


def test_plugins_are_listed_and_shown() -> None:
    listed = json.loads(gcnet("plugins", "list", "--json").stdout)
    names = {(part["kind"], part["name"]) for part in listed["parts"]}
    assert {("generator", "vae"), ("generator", "autoencoder"), ("encoder", "timm"), ("model", "cnn")} <= names
    assert listed["broken"] == []
    assert "variational autoencoder" in gcnet("plugins").stdout
    shown = json.loads(gcnet("plugins", "show", "generator/vae", "--json").stdout)[0]
    assert shown["options"]["latent"] == {"default": 128, "meaning": "length of the bottleneck vector"}
    assert "kl_weight = 0.1" in gcnet("plugins", "show", "vae").stdout


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    printed = gcnet("recipes", "schema").stdout
    written = gcnet("recipes", "schema", "--output", tmp_path / "schema.json")
    assert (written.returncode, written.stderr) == (0, "")
    assert written.stdout.startswith(
        f"wrote {tmp_path / 'schema.json'}; a recipe begins with the line: # yaml-language"
    )
    assert json.loads(printed) == json.loads((tmp_path / "schema.json").read_text())
