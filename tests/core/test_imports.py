"""Start-up is quick because nothing heavy is imported before it is needed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "torchvision", "timm", "numpy", "cv2", "sklearn", "scipy", "matplotlib", "jinja2")


def test_the_heavy_ones_are_known_by_their_names() -> None:
    assert [name for name in HEAVY if importlib.util.find_spec(name) is None] == []


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
    old = Path(__file__).parent / "old"
    read_run = f"run = Run(Path({str(old / 'run')!r})); run.summary, run.predictions, run.folds, run.epochs, run.arrays"
    code = f"from pathlib import Path; from gcnet_core.runs import Run; {read_run}"
    assert imported_by(code, tuple(name for name in HEAVY if name != "numpy")) == "[]"


def imported_by(code: str, names: tuple[str, ...]) -> str:
    """Which of some packages a program imports."""
    program = f"{code}; import sys; print([name for name in {names} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return answer.stdout.strip()
