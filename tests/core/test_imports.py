"""Start-up is quick because nothing heavy is imported before it is needed."""

import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gcnet_core.cli.commands import COMMANDS, command_called
from tests.runs import commands

HEAVY = (
    "torch", "torchvision", "timm", "diffusers", "numpy", "cv2", "sklearn", "skimage", "scipy", "matplotlib", "pandas",
    "jinja2",
)  # fmt: skip
OLD = Path(__file__).parent / "old"
MAY_IMPORT: dict[str, tuple[tuple[str, ...], ...]] = {
    "": (
        ("--version",),
        ("recipes", "list"),
        ("recipes", "show", "vae_resnet"),
        ("recipes", "copy", "ar/vae_resnet", "copied.yaml"),
        ("recipes", "check", "vae_resnet", "ar/vae_resnet"),
        ("recipes", "schema"),
        ("plugins", "list"),
        ("plugins", "show", "generator/vae"),
        ("models", "list"),
        ("cache", "list"),
        ("cache", "clear"),
        ("compare", "nothing.yaml"),
        ("bench", "nothing.yaml"),
    ),
    "jinja2": (("plugins", "new", "mine"),),
    "numpy": (
        ("models", "show"),
        ("run", "nothing.yaml"),
        ("run", "vae_resnet", "--set", "training.batch_sizes=8"),
    ),
    "numpy cv2": (
        ("predict", "nothing.jpg"),
        ("calibrate", "nothing.jpg", "--output", "person.json"),
    ),
    "numpy cv2 matplotlib sklearn scipy jinja2": (("report", "run"),),
}
"""Commands that need no torch, mistakes among them, by the heavy packages that they may import."""
WITH_TORCH = {
    ("plugins", "check"), ("job",), ("evaluate",), ("export",), ("push",), ("serve",), ("data", "check"),
    ("data", "prepare"),
}  # fmt: skip
"""Commands that need torch for what they do, or share the reading of pictures with those."""


def test_the_heavy_ones_are_known_by_their_names() -> None:
    assert [name for name in HEAVY if importlib.util.find_spec(name) is None] == []


@pytest.mark.parametrize("allowed", MAY_IMPORT, ids=lambda allowed: allowed or "nothing")
def test_a_command_imports_only_what_it_needs(allowed: str, tmp_path: Path) -> None:
    shutil.copytree(OLD / "run", tmp_path / "run")
    assert imported_by_commands(MAY_IMPORT[allowed], tmp_path, allowed.split()) == {}


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    assert imported_by_commands([(*words, "--help") for words in commands()], tmp_path) == {}


def test_the_list_of_commands_waits_neither_for_the_options_of_parts_nor_for_any_command() -> None:
    ask = "import sys; sys.argv = ['gcnet', '--help']; from gcnet_core.cli import main"
    code = f"{ask}\ntry: main()\nexcept SystemExit: pass"
    assert imported_by(code, ("pydantic", "gcnet_core.plugin_api", "gcnet_core.cli.run"), last=True) == "[]"


def test_every_command_is_in_one_of_the_lists() -> None:
    looked_at = {words for allowed in MAY_IMPORT.values() for words in allowed}
    groups = {words[:-1] for words in commands() if words}
    for command in set(commands()) - groups:
        assert command in WITH_TORCH or any(words[: len(command)] == command for words in looked_at), command


@pytest.mark.parametrize("name", [name for name, summary in COMMANDS.items() if summary])
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    assert " ".join(command_called(name).help.split("\n\n")[0].split()) == COMMANDS[name]


@pytest.mark.parametrize(
    "code",
    [
        "import gcnet_core.plugin_api; gcnet_core.plugin_api.discover()",
        "import gcnet_core.recipe",
        "import gcnet_core.cli",
    ],
)
def test_nothing_heavy_is_imported(code: str) -> None:
    assert imported_by(code, HEAVY) == "[]"


def test_folders_of_runs_are_read_with_numpy_alone() -> None:
    read_run = f"run = Run(Path({str(OLD / 'run')!r})); run.summary, run.predictions, run.folds, run.epochs, run.arrays"
    code = f"from pathlib import Path; from gcnet_core.runs import Run; {read_run}"
    assert imported_by(code, tuple(name for name in HEAVY if name != "numpy")) == "[]"


def imported_by(code: str, names: tuple[str, ...], last: bool = False) -> str:
    """Which of some packages a program imports.

    Args:
        code: the program.
        names: of modules.
        last: whether the program prints something itself.
    """
    program = f"{code}\nimport sys; print([name for name in {names} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return answer.stdout.strip().splitlines()[-1] if last else answer.stdout.strip()


CALLS = f"""
import contextlib, io, json, sys
from gcnet_core.cli import main
known, found = set(), {{}}
for words in json.loads(sys.argv[1]):
    sys.argv = ["gcnet", *words]
    quiet = io.StringIO()
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):
        main()
    new = sorted(sys.modules.keys() & set({HEAVY}) - known)
    known.update(new)
    if new:
        found[" ".join(words)] = new
print(json.dumps(found))
"""


def imported_by_commands(
    calls: Sequence[Sequence[str]], folder: Path, allowed: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Which heavy packages commands import that they may not, by command; they run one after another in a process.

    Args:
        calls: the words after `gcnet`.
        folder: in which they run.
        allowed: heavy packages that they may import.
    """
    call = [sys.executable, "-c", CALLS, json.dumps(list(calls))]
    answer = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=True)
    found = {words: sorted(set(names) - set(allowed)) for words, names in json.loads(answer.stdout).items()}
    return {words: names for words, names in found.items() if names}
