"""How long `gcnet predict model.onnx photograph` takes from command to answer in an environment without torch.

    python tests/benchmarks/without_torch.py model.onnx photograph.jpg [--folder DIR]

Makes a new environment with the packages that docs/export.md names (from the package index), and installs gcnet alone.
The time of `python -c "import torch"` with this Python stands beside it: seconds of a busy machine mean nothing alone.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter

ROOT = Path(__file__).parent.parent.parent
REPEATS = 5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("photograph", type=Path)
    parser.add_argument("--folder", type=Path, help="of the environment; one that is there is used again")
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp())
    python = environment(folder)
    found = run([python, "-c", "import importlib.util as u; print(u.find_spec('torch'))"], folder)
    assert found.strip() == "None", "torch is there"
    words = ["predict", given.model.resolve(), given.photograph.resolve(), "--format", "csv"]
    print(run([python.with_name("gcnet"), *words], folder))
    commands = {
        "gcnet predict": [python.with_name("gcnet"), *words],
        "import torch": [sys.executable, "-c", "import torch"],
    }
    for name, command in commands.items():
        wall, processor = zip(*(timed(command, folder) for _ in range(REPEATS)), strict=True)
        print(f"{name}: {median(wall):.2f} s, of the processor {median(processor):.2f} s")


def environment(folder: Path) -> Path:
    """The Python of an environment with gcnet and what it needs to predict with an exported model."""
    python = folder / "environment" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "environment", with_pip=False)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
        (packages,) = re.findall(
            r"^    pip install (numpy .*)$", (ROOT / "docs" / "export.md").read_text(), re.MULTILINE
        )
        run([*pip, "install", *packages.replace('"', "").split()], folder)
        run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT], folder)
        run([*pip, "install", "--no-deps", *folder.glob("gcnet-*.whl")], folder)
    return python


def timed(command: list[object], folder: Path) -> tuple[float, float]:
    """Seconds until a command has answered: on the wall, and of the processor."""
    before, begin = getrusage(RUSAGE_CHILDREN), perf_counter()
    run(command, folder)
    wall, after = perf_counter() - begin, getrusage(RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(command: list[object], folder: Path) -> str:
    """What a command prints, with nothing of this checkout on the path."""
    surroundings = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, env=surroundings)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


if __name__ == "__main__":
    main()
