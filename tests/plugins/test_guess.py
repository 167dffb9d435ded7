"""Which reader takes a folder: a wrong list is the answer, nonsense is refused, and the reason is told."""

import json
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from gcnet_datasets.files.class_folders import FolderConfig
from gcnet_datasets.files.levels import find_levels
from gcnet_datasets.sets.raf_db import CODES, RAFDBConfig
from hypothesis import given, settings

from gcnet_core.data.guess import NotLabelled, ReadAs, dataset_in, read_folder
from gcnet_core.data.manifest import PREPARATION
from gcnet_core.data.outline import outline
from gcnet_core.faces.source import pictures_in
from gcnet_core.plugin_api import MissingData, Registry, Sample, UserError
from tests.plugins.random_trees import read_as, trees, write_tree
from tests.plugins.trees import picture, pictures, table
from tests.runs import gcnet

ROWS = [f"images/{number}.png,S{number % 2},{name}" for number, name in enumerate(("neutral", "happy", "sad", "happy"))]
HEADER = "image,subject,expression"


def listed(root: Path, header: str = HEADER, rows: list[str] = ROWS) -> Path:
    """A folder with a list and the pictures that it names."""
    pictures(root, *(f"images/{number}.png" for number in range(4)))
    table(root / "manifest.csv", header, *rows)
    return root


def read(root: Path, registry: Registry) -> tuple[ReadAs, tuple[Sample, ...]]:
    part, read_as = read_folder(root, registry)
    return read_as, tuple(part.config.samples())


def class_folders(root: Path, pattern: str, people: int = 3) -> Path:
    """Photographs of some people with three expressions, as `{name}/{person}_{number}.png`."""
    names = [
        pattern.format(name=name, person=f"S{person}", number=number)
        for name in ("happy", "neutral", "sad") for person in range(people) for number in range(2)
    ]  # fmt: skip
    return pictures(root, *names)


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        (HEADER.replace(",", ";"), [row.replace(",", ";") for row in ROWS], r"manifest\.csv:1: .*image"),
        (f"{HEADER},fold", [f"{row},1.0" for row in ROWS], r"manifest\.csv:2: .*fold"),
        (HEADER, [*ROWS[:2], "images/2.png,S0"], r"manifest\.csv:4"),
        ("file,label", ["images/0.png,happy"], r"manifest\.csv:1: .*image"),
    ],
)
def test_a_list_that_is_there_and_wrong_is_the_answer(
    tmp_path: Path, registry: Registry, header: str, rows: list[str], message: str
) -> None:
    """Also beside class folders, which would be read without it."""
    class_folders(tmp_path, "{name}/{person}_{number}.png")
    assert dataset_in(tmp_path, registry).type == "folder"
    root = listed(tmp_path, header, rows)
    with pytest.raises(UserError, match=message) as error:
        read_folder(root, registry)
    assert not isinstance(error.value, MissingData | NotLabelled)
    with pytest.raises(UserError, match=message):
        pictures_in(str(root), registry)  # what is labelled by a wrong list is not cut out without labels
    assert dataset_in(root, registry, "folder").type == "folder"


def test_a_right_list_is_read_beside_a_foreign_one(tmp_path: Path, registry: Registry) -> None:
    """Names such as train.csv are those of many; they are a data set's own by what stands in them."""
    root = listed(tmp_path)
    for name in ("train.csv", "test.csv", "training.csv", "legend.csv", "train_labels.csv", "list.txt"):
        table(root / name, "epoch,loss", "1,0.5")
    read_as, samples = read(root, registry)
    assert (read_as.type, read_as.why, len(samples)) == ("manifest", "manifest.csv names its images", 4)


def test_a_published_list_that_is_wrong_is_the_answer(tmp_path: Path, registry: Registry) -> None:
    class_folders(tmp_path, "train/{name}/{person}_{number}.png")
    class_folders(tmp_path, "test/{name}/{person}_{number}.png")
    assert dataset_in(tmp_path, registry).type == "fer2013"
    table(tmp_path / "train.csv", "emotion;pixels", "3;0 0 0 0")
    with pytest.raises(UserError, match=r"train\.csv:1: .*emotion"):
        read_folder(tmp_path, registry)


@pytest.mark.parametrize(
    ("pattern", "people"),
    [
        ("{name}/{person}_{number}.png", 3),
        ("my_faces/{name}/{person}_{number}.png", 3),
        ("a/b/c/{name}/{person}_{number}.png", 3),
        ("{name}/{person}/{number}.png", 3),
        ("{person}/{name}/{number}.png", 3),
        ("wrap/{person}/{name}/{number}.png", 3),
        ("wrap/{name}/{person}/{number}.png", 3),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_class_folders_at_any_depth_with_people_above_or_below(
    tmp_path: Path, registry: Registry, pattern: str, people: int, zipped: bool
) -> None:
    root = class_folders(tmp_path / "in", pattern)
    if zipped:
        with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
            for path in sorted(root.rglob("*.png")):
                archive.write(path, path.relative_to(root))
        root = tmp_path / "in.zip"
    read_as, samples = read(root, registry)
    assert (read_as.type, read_as.why) == ("folder", "3 of 3 class folders are expression words")
    assert Counter(sample.expression for sample in samples) == {"happiness": 6, "neutral": 6, "sadness": 6}
    assert {sample.subject for sample in samples} == {f"S{number}" for number in range(people)}


def test_parts_below_a_wrapping_folder_without_validation(tmp_path: Path, registry: Registry) -> None:
    class_folders(tmp_path, "set/train/{person}/{name}/{number}.png")
    class_folders(tmp_path, "set/test/{person}/{name}/{number}.png", people=1)
    samples = dataset_in(tmp_path, registry, "folder").config.samples()
    assert Counter(sample.usage for sample in samples) == {"train": 18, "test": 6}
    assert {sample.subject for sample in samples} == {"S0", "S1", "S2"}


def test_sequences_are_no_people_and_people_no_sequences(tmp_path: Path, registry: Registry) -> None:
    """Folders below the classes are people where the same ones lie below several."""
    pictures(tmp_path / "a", *(f"{name}_{frame}.png" for name in ("happy/S1_1/f", "sad/S1_2/f", "sad/S2_1/f")
                               for frame in range(5)))  # fmt: skip
    read_as, samples = read(tmp_path / "a", registry)
    assert (read_as.type, len(samples)) == ("sequences", 9)
    with pytest.raises(UserError, match="each of the 2 people, who are folders, would show one expression only"):
        read_folder(pictures(tmp_path / "b", *(f"{place}/{number}.png" for place in ("anna/happy", "bob/sad")
                                               for number in range(3))), registry)  # fmt: skip


@pytest.mark.parametrize(
    "names",
    [
        ["anna/1.png", "anna/2.png", "bob/1.png"],
        ["images/1.png", "images/2.png"],
        ["DATASET/train/a_1.png", "DATASET/train/a_2.png", "DATASET/test/a_3.png"],
        ["2024/may/1.png", "2024/june/2.png"],
    ],
)
def test_folders_without_an_expression_word_are_refused_with_both_trees(
    tmp_path: Path, registry: Registry, names: list[str]
) -> None:
    with pytest.raises(NotLabelled, match="no folder bears the name of an expression") as error:
        read_folder(pictures(tmp_path, *names), registry)
    text = str(error.value)
    assert f"Expected below {tmp_path}:\n  <expression>/<image>" in text
    assert f"Found:\n  {names[0].split('/')[0]}/ " in text
    assert "`--type folder`" in text
    assert dataset_in(tmp_path, registry, "folder").type == "folder"


def test_a_class_for_each_photograph_is_refused(tmp_path: Path, registry: Registry) -> None:
    root = pictures(tmp_path, "happy/1.png", "img_2/2.png", "img_3/3.png")
    with pytest.raises(UserError, match="each photograph would have a class of its own"):
        read_folder(root, registry)
    assert dataset_in(pictures(tmp_path / "own", "happy/me.png", "sad/me.png"), registry).type == "folder"


@pytest.mark.parametrize("parts", [("train", "test"), ("train", "val"), ("",)])
def test_numbers_never_decide_whose_the_data_are(tmp_path: Path, registry: Registry, parts: tuple[str, ...]) -> None:
    root = pictures(tmp_path, *(f"{part}/{code}/{number}.png".lstrip("/") for part in parts for code in range(7)
                                for number in range(2)))  # fmt: skip
    with pytest.raises(UserError, match="numbers_as_labels") as error:
        read_folder(root, registry)
    text = str(error.value)
    assert not isinstance(error.value, NotLabelled)
    assert "fer2013: 0 anger, 1 disgust, 2 fear" in text
    assert "affectnet: 0 neutral, 1 happiness, 2 sadness" in text
    assert 'labels: {"0": anger, ...}' in text
    with pytest.raises(UserError, match="numbers_as_labels"):
        pictures_in(str(root), registry)
    if parts == ("train", "test"):
        assert "`--type raf_db`" in text
        assert dataset_in(root, registry, "raf_db").type == "raf_db"


def test_numbers_with_the_counts_of_a_published_part_are_that_part(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {name: code for code, name in CODES.items()}
    monkeypatch.setattr(RAFDBConfig, "published", {"a small RAF-DB": counts})
    root = pictures(tmp_path, *(f"train/{code}/{number}.png" for code in CODES for number in range(code)))
    read_as, _ = read(root, registry)
    assert (read_as.type, "as many images as a small RAF-DB" in read_as.why) == ("raf_db", True)


def test_raf_db_by_the_lists_of_its_flat_copy(tmp_path: Path, registry: Registry) -> None:
    pictures(tmp_path, *(f"DATASET/{part}/{part}_0000{n}_aligned.jpg" for part in ("train", "test") for n in range(3)))
    for part in ("train", "test"):
        rows = [f"{part}_0000{number}_aligned.jpg,{number + 4}" for number in range(3)]
        table(tmp_path / f"{part}_labels.csv", "image,label", *rows)
    read_as, samples = read(tmp_path, registry)
    assert (read_as.type, read_as.why) == ("raf_db", "test_labels.csv and 1 more lists name its images")
    assert Counter((sample.usage, sample.expression) for sample in samples) == Counter(
        (usage, name) for usage in ("train", "test") for name in ("happiness", "sadness", "anger")
    )
    table(tmp_path / "test_labels.csv", "image,label", "test_00000_aligned.jpg,9")
    with pytest.raises(UserError, match=r"test_labels\.csv:2: label is 9, not 1 to 7"):
        read_folder(tmp_path, registry)


def test_photographs_stay_photographs_though_a_folder_lies_among_them(tmp_path: Path, registry: Registry) -> None:
    root = pictures(tmp_path, "a.jpg", "b.jpg", "holiday/c.jpg")
    found = pictures_in(str(root), registry)
    assert [sample.image for sample in found.listing.samples] == ["a.jpg", "b.jpg", "holiday/c.jpg"]
    assert {sample.expression for sample in found.listing.samples} == {""}
    assert found.read_as is not None
    assert found.read_as.type == "photographs"
    assert "no folder bears the name of an expression" in found.title
    trip = pictures(tmp_path / "trip", "happy/a.jpg", "b.jpg", "c.jpg")  # a place of this name, perhaps
    assert len(pictures_in(str(trip), registry).listing.samples) == 3
    with pytest.raises(UserError, match="2 pictures of 3 would be left out"):
        read_folder(trip, registry)


def test_pictures_beside_class_folders_are_told(tmp_path: Path, registry: Registry) -> None:
    root = class_folders(tmp_path, "{name}/{person}_{number}.png")
    pictures(root, "beside.png", "happy/old/S1_9.png")
    found = pictures_in(str(root), registry)
    assert {(file.file, file.reason) for file in found.left_out} == {
        ("beside.png", "lies beside the class folders"), ("happy/old/S1_9.png", "lies deeper than the class folders"),
    }  # fmt: skip


def test_hidden_folders_are_no_classes(tmp_path: Path) -> None:
    pictures(tmp_path, "happy/a_1.png", "sad/a_2.png", ".ipynb_checkpoints/a_1-checkpoint.png", "happy/._a_1.png")
    assert {sample.expression for sample in FolderConfig(folder=str(tmp_path)).samples()} == {"happiness", "sadness"}


def prepared(root: Path, *expressions: str) -> Path:
    rows = []
    for number, expression in enumerate(expressions):
        picture(root / "images" / f"{number}.png")
        rows.append(f"images/{number}.png,,{expression}")
    (root / PREPARATION).write_text(json.dumps({"size": 6}))
    table(root / "manifest.csv", HEADER, *rows)
    return root


def test_what_prepare_wrote_is_read_as_what_it_is(tmp_path: Path, registry: Registry) -> None:
    read_as, samples = read(prepared(tmp_path / "labelled", "happy", "sad"), registry)
    assert (read_as.type, len(samples)) == ("manifest", 2)
    assert read_as.why == "manifest.csv names its images, as `gcnet data prepare` wrote it"
    unlabelled = prepared(tmp_path / "unlabelled", "", "")
    with pytest.raises(UserError, match="2 faces that `gcnet data prepare` cut out of photographs without labels"):
        read_folder(unlabelled, registry)
    with pytest.raises(UserError, match="without labels"):
        dataset_in(unlabelled, registry, "manifest")
    (unlabelled / "manifest.csv").unlink()
    with pytest.raises(UserError, match="`gcnet data prepare` has not finished here"):
        read_folder(unlabelled, registry)


def test_one_wrong_name_is_told_where_nothing_else_can_be_read(tmp_path: Path, registry: Registry) -> None:
    root = class_folders(tmp_path, "{name}/{person}_{number}.png")
    (root / "sad" / "S1_1.avi").write_bytes(b"no video")
    assert dataset_in(root, registry).type == "folder"


def test_levels_of_an_empty_tree() -> None:
    assert find_levels([]).placed == ()
    assert find_levels(["a.png"]).left_out == {"a.png": "lies beside the class folders"}


def test_an_outline_is_two_levels_deep(tmp_path: Path) -> None:
    pictures(tmp_path, "a/x/1.png", "a/x/2.png", "a/y/z/3.png", "b.png", ".hidden/c.png")
    assert outline(tmp_path) == "  a/ 3 files: x/ (2), y/ (1)\n  b.png"
    assert outline(tmp_path / "nowhere") == "  nothing"


@settings(max_examples=25, derandomize=True, deadline=None, database=None)
@given(tree=trees)
def test_random_trees_are_read_whole_or_refused(registry: Registry, tree: dict[str, bytes]) -> None:
    """No part crashes, and every file is used or left out; tests/benchmarks/guessed_trees.py looks at thousands."""
    with tempfile.TemporaryDirectory() as folder:
        assert read_as(write_tree(Path(folder) / "data", tree), registry)


def gcnet_prints(*words: str) -> list[str]:
    answer = gcnet(*words)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_the_reader_and_the_reason_are_the_first_line(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "in", "{name}/{person}_{number}.png")
    for path in root.rglob("*.png"):  # so small a picture as those of trees shows no face
        picture(path, size=(16, 16))
    first = f"{root}, read as folder: 3 of 3 class folders are expression words"
    page = ("--output", str(tmp_path / "page.html"), "--detector", "none")
    assert gcnet("data", "check", str(root), *page).stdout.splitlines()[0] == first
    told = json.loads(gcnet("data", "check", str(root), *page, "--json").stdout)["read as"]
    assert told == {"type": "folder", "why": "3 of 3 class folders are expression words"}
    out = (str(tmp_path / "out"), "--detector", "none")
    assert gcnet_prints("data", "prepare", str(root), *out)[0] == first
    again = json.loads(gcnet("data", "prepare", str(root), *out, "--json").stdout)
    assert (again["read as"], again["left out"], again["faces"]) == (told, {}, 18)
