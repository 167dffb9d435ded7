"""Start-up is quick because nothing heavy is imported before it is needed."""

import importlib.util
import subprocess
import sys

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
    program = f"{code}; import sys; print([name for name in {HEAVY} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
