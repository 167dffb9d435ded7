"""Every mistake in a recipe is told at its place, all at once, with what would be right. Golden texts.

Each file under errors/ is a wrong recipe; its comments give overrides (`# set:`), the folder that ${FOLDER} stands for
(`# data:`), and at the end the whole message. `GCNET_WRITE_GOLDEN=1 pytest tests/recipes/test_errors.py` writes the
messages into the files, to be read before they are committed.
"""

import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import load_recipe

FOLDER = Path(__file__).parent / "errors"
CASES = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "base")
MARK = "# message:\n"


def message_of(path: Path, registry: Registry, folder: Path) -> str:
    text = path.read_text(encoding="utf-8").split(MARK)[0]
    overrides = re.findall(r"^# set: (.*)$", text, re.MULTILINE)
    copy = folder / "recipes" / path.name  # without the message, which could change what a parser sees
    copy.parent.mkdir()
    for source in FOLDER.glob("*.yaml"):
        (copy.parent / source.name).write_text(source.read_text(encoding="utf-8").split(MARK)[0], encoding="utf-8")
    with pytest.raises(UserError) as error:
        load_recipe(copy, overrides, registry).data.config.info()
    return str(error.value).replace(f"{copy.parent}{os.sep}", "").replace(str(folder), "FOLDER")


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small data set of class folders without references, for those recipes that name one."""
    faces = tmp_path / "without_references"
    for expression in ("anger", "happiness"):
        (faces / expression).mkdir(parents=True)
        for subject in range(4):
            cv2.imwrite(str(faces / expression / f"s{subject}.png"), np.zeros((8, 8), np.uint8))


@pytest.mark.parametrize("case", CASES)
def test_message(case: str, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = FOLDER / f"{case}.yaml"
    text = path.read_text(encoding="utf-8")
    if data := re.search(r"^# data: (.*)$", text, re.MULTILINE):
        monkeypatch.setenv("FOLDER", str(tmp_path / data[1]))
    message = message_of(path, registry, tmp_path)
    golden = MARK + "".join(f"# {line}\n" for line in message.splitlines())
    if os.environ.get("GCNET_WRITE_GOLDEN"):
        path.write_text(text.split(MARK)[0] + golden, encoding="utf-8")
    assert path.read_text(encoding="utf-8").endswith(golden)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 35
