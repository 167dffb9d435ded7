"""Distributions built as wheels and installed into a fresh environment, as a stranger would have them."""

import os
import site
import subprocess
import sys
import venv
from pathlib import Path


def installed(folder: Path, *sources: Path) -> Path:
    """Build the wheels of distributions, install them into a new environment, and return that environment's Python.

    Torch and gcnet are seen where they are, which spares installing them once more.

    Args:
        folder: of the wheels and the environment.
        sources: folders of the distributions.
    """
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheels, fresh = folder / "wheels", folder / "fresh"
    run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, *sources], folder)
    venv.create(fresh, with_pip=False)
    python = fresh / "bin" / "python"
    run([*pip, "--python", python, "install", "--no-deps", "--no-index", *wheels.iterdir()], folder)
    (packages,) = fresh.glob("lib/python*/site-packages")
    visible = [f"import site; site.addsitedir({outer!r})\n" for outer in site.getsitepackages()]
    (packages / "outer.pth").write_text("".join(visible))
    return python


def run(command: list[object], folder: Path, expected: int = 0, given: str = "") -> str:
    """Run with nothing of this checkout on the path; return all that was printed, and show it if the end is another."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    answer = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, input=given,
        env={**environment, "COLUMNS": "140", "NO_COLOR": "1"},
    )  # fmt: skip
    assert answer.returncode == expected, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr
