"""A distribution built as a wheel and installed into a fresh environment, as a stranger would have it."""

import os
import site
import subprocess
import sys
import venv
from pathlib import Path


def installed(source: Path, folder: Path) -> Path:
    """Build the wheel of a distribution, install it into a new environment, and return that environment's Python.

    Torch and gcnet are seen where they are, which spares installing them once more.
    """
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheels, fresh = folder / "wheels", folder / "fresh"
    run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", wheels, source], folder)
    (wheel,) = wheels.iterdir()
    venv.create(fresh, with_pip=False)
    python = fresh / "bin" / "python"
    run([*pip, "--python", python, "install", "--no-deps", "--no-index", wheel], folder)
    (packages,) = fresh.glob("lib/python*/site-packages")
    visible = [f"import site; site.addsitedir({outer!r})\n" for outer in site.getsitepackages()]
    (packages / "outer.pth").write_text("".join(visible))
    return python


def run(command: list[object], folder: Path, expected: int = 0) -> str:
    """Run with nothing of this checkout on the path; return all that was printed, and show it if the end is another."""
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    answer = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True,
        env={**environment, "COLUMNS": "140", "NO_COLOR": "1"},
    )  # fmt: skip
    assert answer.returncode == expected, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr
