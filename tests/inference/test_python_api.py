"""gcnet from Python: the lines of the README, training with recipes as objects, and what notebooks show."""

import contextlib
import io
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gcnet_core as gcnet
from gcnet_core.experiment import python
from gcnet_core.inference.results import FaceResult, Results
from gcnet_core.recipe import dump_recipe
from tests.conftest import ROOT, made_once
from tests.core.test_imports import imported_by
from tests.runs import write_recipe

FEW = {
    "training.stages.generator.epochs": 1,
    "training.stages.encoder.epochs": 1,
    "training.stages.joint.epochs": 1,
    "report": {"tsne": False},
}
CLASSES = ("neutral", "anger", "happiness")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> gcnet.Run:
    """A run that was made from Python."""

    def train(folder: Path) -> None:
        made = gcnet.run(write_recipe(folder), FEW, output=folder / "run", device="cpu", quiet=True)
        assert made.folder == folder / "run"

    return gcnet.Run(made_once(tmp_path_factory, "python", train) / "run")


@contextlib.contextmanager
def no_output() -> Iterator[None]:
    """Nothing may be printed here."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        yield
    assert out.getvalue() + errors.getvalue() == ""


def first_lines(page: str) -> str:
    """The first block of a page that imports gcnet."""
    blocks = re.findall(r"(?:^    .*\n|^\n)+", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    found = next((block for block in blocks if "import gcnet_core as gcnet" in block), None)
    return textwrap.dedent(found) if found else pytest.skip(f"{page} has no such lines")


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_the_lines_of_the_page_work(
    page: str, run: gcnet.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As they stand there, with a small model in place of the one in the box, and a drawn face for a photograph."""
    pandas = pytest.importorskip("pandas")
    import cv2

    load = gcnet.load
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(gcnet, "load", lambda *_: load(run.folder, settings=["detector.type=none"]), raising=False)
    lines = first_lines(page)
    for name in re.findall(r'"([\w.]+\.jpg)"', lines):
        cv2.imwrite(name, np.full((40, 40, 3), 128, np.uint8))
    names: dict[str, Any] = {}
    exec(lines, names)
    table = names["results"].to_pandas()
    assert isinstance(table, pandas.DataFrame)
    assert names["results"][0].label in run.summary.classes
    assert set(run.summary.classes) < set(table.columns)
    assert names["results"][0].label in capsys.readouterr().out


def test_public_names_are_there_and_cost_nothing_before_they_are_used() -> None:
    assert all(hasattr(gcnet, name) for name in gcnet.__all__)
    assert set(gcnet.__all__) <= set(dir(gcnet))
    assert imported_by("import gcnet_core", ("torch", "cv2", "numpy", "pandas", "pydantic", "rich")) == "[]"
    reading = "import gcnet_core as gcnet; gcnet.load_recipe('vae_resnet'); gcnet.run"
    assert imported_by(reading, ("torch", "timm")) == "[]"
    with pytest.raises(AttributeError, match="no attribute recipes"):
        gcnet.recipes  # noqa: B018


def test_types_are_shipped() -> None:
    assert (ROOT / "gcnet_core" / "py.typed").is_file()


def test_recipes_are_changed_as_values_or_as_texts(tmp_path: Path) -> None:
    path = write_recipe(tmp_path)
    by_value = gcnet.load_recipe(path, {"training.batch_size": 4, "model.generator": {"type": "autoencoder"}})
    by_text = gcnet.load_recipe(path, ["training.batch_size=4", "model.generator.type=autoencoder"])
    assert isinstance(by_value, gcnet.Recipe)
    assert by_value.training.batch_size == 4
    assert dump_recipe(by_value) == dump_recipe(by_text)
    again = gcnet.load_recipe(by_value, {"seed": 3, "training.optimizer.learning_rate": 1e-5})
    assert (again.name, again.seed, again.training.batch_size) == (by_value.name, 3, 4)
    assert again.training.optimizer.learning_rate == 1e-5
    assert gcnet.load_recipe("vae_resnet").name == "vae_resnet"


def test_a_wrong_recipe_is_told_before_anything_is_made(tmp_path: Path) -> None:
    recipe = gcnet.load_recipe(write_recipe(tmp_path))
    with pytest.raises(gcnet.UserError, match=r"training.batch_sise"):
        gcnet.run(recipe, {"training.batch_sise": 4}, output=tmp_path / "run")
    changed = recipe.model_copy(update={"seed": -1})
    with pytest.raises(gcnet.UserError, match="-1"):
        gcnet.run(changed, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_run_answers_with_its_figures(run: gcnet.Run) -> None:
    assert run.summary.test.accuracy == run.predictions.correct.mean()
    assert repr(run).startswith("<Run small: accuracy ")
    assert gcnet.load(run.folder).classes == run.summary.classes


def test_quiet_is_quiet_and_notebooks_get_plain_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with no_output():
        gcnet.run(write_recipe(tmp_path), FEW, output=tmp_path / "quiet", smoke=True, quiet=True)
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")  # as notebooks set it
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        console = python._console(quiet=False)
        assert not console.is_jupyter
        with console.status("reading"):
            console.print("an epoch")
    assert out.getvalue() == "an epoch\n"


def test_notebooks_show_a_table_in_which_names_are_names() -> None:
    shares = {"<b>neutral": 0.7, "anger": 0.2, "happiness": 0.1}
    pixels = np.zeros((3, 8, 8), np.uint8)
    found = FaceResult("<script>alert(1)</script>.jpg", number=1, probabilities=shares, query=pixels, reference=pixels)
    none = FaceResult("empty & dark.jpg", reason="no face found <here>")
    page = Results([found, none], CLASSES)._repr_html_()
    assert "<script>" not in page
    assert "&lt;b&gt;neutral" in page
    assert "70%" in page
    assert page.count('<img src="data:image/png;base64,') == 2
    assert "empty &amp; dark.jpg" in page
    assert "no face found &lt;here&gt;" in page
    assert "and 10 more" in Results([none] * 60, CLASSES)._repr_html_()
