"""Cells of tables: whatever people write comes back exactly, and no spreadsheet computes it."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcnet_core.data.manifest import read_manifest, write_manifest
from gcnet_core.evaluation import Predictions
from gcnet_core.faces.record import FaceRecord, from_csv, to_csv
from gcnet_core.inference.results import COLUMNS, FaceResult, Results, columns
from gcnet_core.output.cells import CsvTable, exact, safe
from gcnet_core.plugin_api import Sample

LETTERS = st.characters() | st.characters(categories=["Cs"]) | st.sampled_from("'=+-@\t\r\n\\ud8f0c,\"\0.1e5;＝")
TEXTS = st.text(LETTERS, max_size=12) | st.from_regex(r"'*[=+-]?[0-9.]*e?\\*ud[89a-f][0-9]{2}", fullmatch=True)
NAMES = st.lists(TEXTS.filter(str.strip), min_size=2, max_size=4, unique=True)
QUICK = settings(max_examples=100, deadline=None, derandomize=True)


@QUICK
@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=4))
def test_every_text_comes_back_from_a_file(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    table = CsvTable(file)
    for row in rows:
        table.write(row)
    written = file.getvalue().encode("utf-8")
    cells = list(csv.reader(io.TextIOWrapper(io.BytesIO(written), encoding="utf-8", newline="")))
    assert [list(map(exact, row)) for row in cells] == rows


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx", "\n=1", "＝1+1", "'=1"])
def test_formulas_get_an_apostrophe(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-1.5", "+3", "-.5e-7", "", "happy", "'happy'", "a=b", "C:\\uploads\\x.png", "开心"])
def test_numbers_and_usual_names_stay(text: str) -> None:
    assert safe(text) == text
    assert exact(text) == text


def test_a_name_that_is_not_utf8_can_be_written() -> None:
    name = b"S\xff=.png".decode("utf-8", "surrogateescape")
    assert safe(name) == "S\\udcff=.png"
    assert exact(safe(name)) == name


@QUICK
@given(NAMES)
def test_predictions_come_back(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    count = len(names)
    labels = np.arange(count)
    given = Predictions(tuple(names), tuple(reversed(names)), labels, np.eye(count), tuple(names), labels)
    path = tmp_path_factory.mktemp("rows") / "predictions.csv"
    given.write_csv(path)
    found = Predictions.read_csv(path)
    assert (found.images, found.subjects, found.classes) == (given.images, given.subjects, given.classes)
    assert (found.labels == labels).all()


@QUICK
@given(st.lists(TEXTS, min_size=1, max_size=4, unique=True), TEXTS)
def test_records_of_faces_come_back(tmp_path_factory: pytest.TempPathFactory, names: list[str], reason: str) -> None:
    records = [FaceRecord(name, f"{name}.png", x=-1.5, reason=reason) for name in names]
    path = tmp_path_factory.mktemp("faces") / "faces.csv"
    path.write_bytes(to_csv(records, header=True).encode("utf-8"))
    assert from_csv(path) == records


@QUICK
@given(NAMES, st.dictionaries(st.sampled_from(["=sex", "-age", "'@x"]), st.sampled_from(["=1", "-3", "'=", "a"])))
def test_a_manifest_comes_back(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], attributes: dict[str, str]
) -> None:
    samples = [
        Sample(image=name, subject=name, expression=name, attributes=tuple(attributes.items())) for name in names
    ]
    path = tmp_path_factory.mktemp("list") / "manifest.csv"
    write_manifest(path, samples)
    found = list(read_manifest(path, {}, {}, lambda name: name))
    assert [(sample.image, sample.expression, sample.attributes) for sample in found] == [
        (sample.image, sample.expression, sample.attributes) for sample in samples
    ]


def test_a_record_that_a_kill_cut_off_within_a_name_is_left_out(tmp_path: Path) -> None:
    text = to_csv([FaceRecord("a.png"), FaceRecord("b\nc.png")], header=True)
    (tmp_path / "faces.csv").write_bytes(text[: text.index("\nc.png") + 1].encode())
    assert [entry.image for entry in from_csv(tmp_path / "faces.csv")] == ["a.png"]


def test_classes_that_are_called_like_columns_hide_none() -> None:
    classes = ("label", "x", "p_x", "happy")
    assert columns(classes) == ("p_label", "p_x", "p_p_x", "happy")
    shares = dict(zip(classes, (0.1, 0.2, 0.3, 0.4), strict=True))
    answered, failed = Results([FaceResult("a", probabilities=shares), FaceResult("b")], classes).to_rows()
    assert answered["label"] == "happy"
    assert [answered[name] for name in columns(classes)] == list(shares.values())
    assert list(answered) == list(failed)
    assert set(answered) == {*COLUMNS, *columns(classes)}
