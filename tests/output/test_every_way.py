"""One nasty name through every command: it comes out as text, exactly where data are kept, everywhere else visibly."""

import csv
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.data.manifest import write_manifest
from gcnet_core.output.cells import exact
from gcnet_core.output.markdown import code, markdown
from gcnet_core.plugin_api import Sample
from tests.conftest import made_once
from tests.in_process import jobs_in_process
from tests.runs import gcnet

NASTY = "=1[x]$a$<img src=x onerror=1>|`'\"\x1b[31m\u202e开"
FOLDER = "f[/x]"
RECIPE = """
data: {type: manifest, folder: FOLDER}
image: {size: 16}
threads: 1
split: {folds: 2}
model: {type: cnn, encoder: {type: conv, channels: [4], width: 4}, classifier: {type: linear}}
losses: {classification: {type: cross_entropy}}
training: {batch_size: 4, checkpoint_minutes: 0, stages: {all: {epochs: 1}}}
evaluation: {bootstrap: 100}
report: {tsne: false}
"""
FORMULA = re.compile(r"[=+\-@\t\r]")


class Tags(HTMLParser):
    """What a browser would do: tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def check_printed(text: str) -> None:
    """No control that a terminal obeys, and no name that lost its brackets."""
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "Traceback" not in text


def check_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    check_printed(text)
    for tag, attributes in Tags(text).found:
        assert not any(name.startswith("on") for name in attributes), (path, tag)
        assert tag != "script"
        source = attributes.get("src")
        assert source is None or source.startswith("data:")


def check_table(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for cell in (cell for row in rows for cell in row):
        number = re.fullmatch(r"[+-]?[\d.]+(e[+-]?\d+)?", cell)
        assert number or not FORMULA.match(cell), (path, cell)
    return [list(map(exact, row)) for row in rows]


def check_folder(folder: Path) -> None:
    """All that a command left."""
    for path in folder.rglob("*"):
        if path.suffix == ".html":
            check_page(path)
        elif path.suffix == ".csv":
            check_table(path)
        elif path.suffix == ".md":
            lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
            assert lines
            assert "<img" not in re.sub(r"\\<|`[^`]*`|(?s:^---.*?---)", "", path.read_text(encoding="utf-8"))
        elif path.suffix == ".log":
            check_printed(path.read_text(encoding="utf-8"))


def write_data(root: Path) -> Path:
    """Six people, two classes, one of them with the nasty name, which is a person and files too."""
    folder = root / FOLDER
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    samples = []
    for person in (NASTY, "b", "c", "d", "e", "f"):
        for label in ("happiness", NASTY):
            for shot in (1, 2):
                name = f"{person}{shot}{label}"[:60].replace("/", "_") + f"{shot}.png"
                coarse = random.integers(0, 256, (4, 4)).astype(np.uint8)
                (folder / name).write_bytes(cv2.imencode(".png", cv2.resize(coarse, (48, 48)))[1].tobytes())
                samples.append(Sample(image=name, subject=person, expression=label))
    write_manifest(folder / "manifest.csv", samples)
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data, a recipe, and its smoke run in `out[/y]`."""

    def make(root: Path) -> None:
        folder = write_data(root)
        (root / "r[a].yaml").write_text(RECIPE.replace("FOLDER", json.dumps(str(folder))))
        answer = gcnet("run", "r[a].yaml", "--smoke", "--output", "out[/y]", folder=root, painted=True)
        assert answer.returncode == 0, answer.stderr
        (root / "said.txt").write_text(answer.stdout + answer.stderr)

    return made_once(tmp_path_factory, "every-way", make)


def test_run(place: Path) -> None:
    said = (place / "said.txt").read_text()
    check_printed(said)
    assert "out[/y]" in said
    assert "<img src=x onerror=1>" in said
    assert "r[a]" in said
    check_folder(place / "out[/y]")
    rows = check_table(place / "out[/y]" / "predictions.csv")
    assert {row[2] for row in rows[1:]} == {"happiness", NASTY}
    assert f"p_{NASTY}" in rows[0]
    legend = (place / "out[/y]" / "figures" / "confusion.txt").read_text(encoding="utf-8")
    assert "开" in legend


@pytest.mark.parametrize(
    "words",
    [
        ("data", "check", FOLDER, "--type", "manifest", "--detector", "none", "--output", "LEFT/page.html"),
        ("data", "check", FOLDER, "--type", "manifest", "--detector", "none", "--json"),
        ("report", "out[/y]"),
        ("evaluate", "out[/y]", "--split", "train", "--output", "LEFT/p.csv"),
        ("evaluate", "out[/y]", "--split", "train", "--by", "expression"),
        ("evaluate", "out[/y]", "--split", "train", "--json"),
        ("predict", "out[/y]", FOLDER, "--faces", "prepared"),
        ("predict", "out[/y]", FOLDER, "--faces", "prepared", "--format", "table"),
        ("predict", "out[/y]", FOLDER, "--faces", "prepared", "--output", "LEFT/p.csv", "--overlay", "LEFT/drawn"),
        ("predict", "out[/y]", FOLDER, "--faces", "prepared", "--output", "LEFT/p.json"),
        ("predict", "out[/y]", FOLDER, "--faces", "prepared", "--explain", "LEFT/why"),
        ("push", "out[/y]", "--licence", "=mit <b>|", "--name", NASTY, "--output", "LEFT/m"),
        ("models", "list"),
        ("recipes", "check", "r[a].yaml"),
        ("recipes", "check", "no[/such].yaml"),
        ("run", "r[a].yaml", "--output", "out[/y]"),
        ("evaluate", "no[/such]\x1b"),
    ],
    ids=lambda words: " ".join(words[:1] + words[-1:]),
)
def test_commands(place: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    answer = gcnet(*(word.replace("LEFT", str(tmp_path)) for word in words), folder=place)
    raw = words[0] == "predict" and "--output" not in words and "--format" not in words
    check_printed(answer.stderr if raw else answer.stdout + answer.stderr)  # rows are data, and exact
    assert answer.returncode in (0, 1, 2)
    check_folder(tmp_path)
    if "--json" in words:
        assert NASTY in json.dumps(json.loads(answer.stdout), ensure_ascii=False).replace("\\u001b", "\x1b").replace(
            '\\"', '"'
        )


def test_prepare(place: Path, tmp_path: Path) -> None:
    words = ("data", "prepare", FOLDER, tmp_path / "o[/z]", "--type", "manifest")
    boxes = ("--detector", "boxes", "--set", f"detector.file={tmp_path / 'boxes.csv'}")
    rows = check_table(place / FOLDER / "manifest.csv")
    with (tmp_path / "boxes.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "x", "y", "width", "height"])
        table.writerows([row[0], 8, 8, 32, 32] for row in rows[1:])
    answer = gcnet(*words, *boxes, folder=place)
    assert answer.returncode == 0, answer.stderr
    check_printed(answer.stdout + answer.stderr)
    check_folder(tmp_path / "o[/z]")
    prepared = check_table(tmp_path / "o[/z]" / "manifest.csv")
    assert NASTY in {row[1] for row in prepared}
    assert {row[0] for row in check_table(tmp_path / "o[/z]" / "faces.csv")[1:]} == {row[0] for row in rows[1:]}


def test_compare(place: Path, tmp_path: Path) -> None:
    text = (place / "r[a].yaml").read_text()
    (place / "=b|`$x$.yaml").write_text(text + "seed: 1\n")
    with jobs_in_process():
        answer = gcnet(
            "compare", "r[a].yaml", "=b|`$x$.yaml", "--smoke", "--folds", "0", "--output", tmp_path / "c[/w]",
            folder=place,
        )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    check_printed(answer.stdout + answer.stderr)
    assert "c[/w]" in answer.stdout
    check_folder(tmp_path / "c[/w]")
    lines = (tmp_path / "c[/w]" / "comparison.md").read_text(encoding="utf-8").splitlines()
    tables = list(blocks(lines))
    assert tables
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1


def blocks(lines: list[str]) -> Iterator[list[str]]:
    """Tables of a Markdown text."""
    block: list[str] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            block.append(line)
        elif block:
            yield block
            block = []


def test_markdown_shows_names_as_they_are() -> None:
    from markdown_it import MarkdownIt

    for name in (NASTY, "vae_resnet", "_x_ *y* ~~z~~ [a](b) `c` <b> &amp; \\ |", "``", "a`"):
        shown = MarkdownIt("commonmark").enable("table").render(f"| {markdown(name)} | {code(name)} |\n|---|---|\n")
        assert re.sub("<[^>]+>", "", shown).count("|") == 2 * name.count("|")
        assert set(re.findall("<(\\w+)", shown)) <= {"table", "thead", "tr", "th", "code"}
    assert markdown("vae_resnet") == "vae_resnet"
