"""Letters in figures and drawings: as they are where a font has them, else numbers with a legend, never empty boxes."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import ImageFont

from gcnet_core.inference.overlay.drawing import class_names, overlay
from gcnet_core.inference.results import FaceResult
from gcnet_core.output.drawn_names import drawn_names, legend_of
from gcnet_core.output.fonts import families, font_file
from gcnet_core.report import lettering
from gcnet_core.report.confusion import confusion_figure, recall_figure
from gcnet_core.report.embedding import embedding_figure
from gcnet_core.report.lettering import drawn, legend, set_letters
from gcnet_core.report.style import save
from gcnet_core.runs import Metrics

NO_FONT = "\U000f0000"
"""A letter that no font has."""


def metrics(classes: tuple[str, ...]) -> Metrics:
    count = len(classes)
    confusion = 4 * np.eye(count, dtype=int) + (count < 10)  # thousands of numbers would take long to draw
    share = {"accuracy": 0.5, "balanced_accuracy": 0.5, "macro_f1": 0.5}
    return Metrics.model_construct(
        classes=classes, confusion=confusion.tolist(), recall=dict.fromkeys(classes, 0.5), **share
    )


def test_names_are_drawn_as_they_are_or_numbered() -> None:
    names = ("happy", "", "a" * 60, "a" * 59, NO_FONT, "x\x1b", "(5)")
    shown = drawn_names(names, lambda name: NO_FONT not in name)
    assert shown[0] == "happy"
    assert shown[1] == "(2)"
    assert shown[2].endswith("… (3)")
    assert shown[5] == "x\\x1b"
    assert shown[6] == "(7)"  # not to be taken for the number of another
    assert len(set(shown)) == len(names)
    assert legend_of(names[:2], shown[:2]) == "(2)"
    assert legend_of(names, shown).count("aaa") > 1


def test_a_font_is_found_for_each_letter() -> None:
    assert families("Überraschung ✓") == ("DejaVu Sans",)
    assert families(NO_FONT) == ()  # a font that claims every letter and shows boxes does not count
    assert "DejaVu" in str(font_file("neutral"))
    assert font_file(NO_FONT) is None


def test_another_font_is_taken_where_the_usual_one_lacks_letters() -> None:
    lacking = "\u2a0d"  # matplotlib brings STIX, which has it
    chosen = families(f"a{lacking}")
    assert chosen[0] == "DejaVu Sans"
    assert len(chosen) == 2 or font_file(lacking) is not None


@pytest.mark.parametrize(
    "classes",
    [
        ("happy",),
        (NO_FONT, "a$b$c", "$", "قهر", "x" * 200, "<b>", ""),
        tuple(f"class {number}" for number in range(50)),
    ],
    ids=["one", "odd", "fifty"],
)
def test_figures_of_all_classes(classes: tuple[str, ...], tmp_path: Path) -> None:
    found = metrics(classes)
    points = np.random.default_rng(0).normal(size=(4 * len(classes), 2))
    labels = np.repeat(np.arange(len(classes)), 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # glyphs that are missing are warned of
        for number, figure in enumerate(
            (confusion_figure(found), recall_figure(found), embedding_figure(points, labels, classes, "$x$", None))
        ):
            picture = save(figure, tmp_path / f"{number}.png", "alt", "Caption.", classes)
            assert picture.caption == "Caption." + legend(classes)
            assert (tmp_path / f"{number}.txt").exists() == bool(legend(classes))


def test_other_letters_become_escapes(tmp_path: Path) -> None:
    figure = Figure()
    text = figure.text(0, 0, f"stage {NO_FONT} $a$")
    set_letters(figure)
    assert text.get_text() == "stage \\U000f0000 $a$"


def test_joined_letters_are_numbered_where_matplotlib_cannot_join_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lettering, "matplotlib_shapes", lambda: False)
    assert drawn(("قهر", "happy")) == ["(1)", "happy"]


def test_overlays_number_what_no_font_has() -> None:
    classes = ("happy", NO_FONT, "\x1b[31m")
    assert class_names(classes) == ("happy", "(2)", "\\x1b[31m")
    face = FaceResult("a.png", number=1, probabilities=dict(zip(classes, (0.1, 0.8, 0.1), strict=True)))
    assert overlay(np.zeros((40, 40, 3), dtype=np.uint8), [face]).any()
    assert isinstance(ImageFont.truetype(str(font_file("(2)")), 12), ImageFont.FreeTypeFont)
