"""FER2013 and FER+: one set of pictures, two sets of labels, in every form in which people have them."""

from collections import Counter
from pathlib import Path

import pytest
from gcnet_datasets.sets.fer2013 import FER2013Config
from gcnet_datasets.sets.ferplus import FERPlusConfig

from gcnet_core.data.guess import dataset_in
from gcnet_core.plugin_api import Registry, UserError
from tests.plugins.test_published_sets import dataset
from tests.plugins.trees import pictures, pixels, table

FER_ROWS = ("0,{a},Training", "3,{b},PublicTest", "6,{c},PrivateTest")


def test_fer2013_as_csv_with_blanks_in_the_header(tmp_path: Path) -> None:
    rows = [row.format(a=pixels(1), b=pixels(2), c=pixels(3)) for row in FER_ROWS]
    table(tmp_path / "plain" / "fer2013.csv", "emotion,pixels,Usage", *rows)
    swapped = [
        ",".join(f" {cell}" for cell in (row.split(",")[0], row.split(",")[2], row.split(",")[1])) for row in rows
    ]
    table(tmp_path / "icml" / "icml_face_data.csv", "emotion, Usage, pixels", *swapped)
    for name in ("plain", "icml"):
        data = dataset(FER2013Config(folder=str(tmp_path / name)))
        assert [(s.expression, s.usage) for s in data.samples] == [
            ("anger", "train"), ("happiness", "validation"), ("neutral", "test"),
        ]  # fmt: skip
        assert [data.read(sample.image).mean() for sample in data.samples] == [1, 2, 3]
    table(tmp_path / "bad" / "fer2013.csv", "emotion,pixels,Usage", f"9,{pixels(1)},Training")
    with pytest.raises(UserError, match=r"fer2013\.csv:2: emotion is 9, not 0 to 6"):
        FER2013Config(folder=str(tmp_path / "bad")).samples()


def test_fer2013_as_folders_of_copies_and_as_three_lists(tmp_path: Path) -> None:
    pictures(tmp_path / "copy", "train/angry/a.jpg", "train/neutral/b.jpg", "test/Neutral/c.jpg", "test/readme/d.jpg")
    found = FER2013Config(folder=str(tmp_path / "copy")).samples()
    assert {(s.expression, s.usage) for s in found} == {("anger", "train"), ("neutral", "train"), ("neutral", "test")}
    for part in ("train", "val", "test"):
        table(tmp_path / "lists" / f"{part}.csv", "emotion,pixels", f"1,{pixels(5)}")
    usages = [sample.usage for sample in FER2013Config(folder=str(tmp_path / "lists")).samples()]
    assert usages == ["train", "validation", "test"]


FERPLUS = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"


def ferplus_tree(root: Path) -> Path:
    votes = [
        "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0",  # neutral leads, 4 of 9 that count
        "Training,,0,0,0,0,0,0,0,0,0,10",  # no face, no name
        "PublicTest,fer0000002.png,0,9,1,0,0,0,0,0,0,0",
        "PrivateTest,fer0000003.png,0,0,0,0,0,0,0,0,6,4",  # unknown
        "PrivateTest,fer0000004.png,0,0,0,7,3,0,0,0,0,0",
        "PrivateTest,fer0000005.png,5,0,0,5,0,0,0,0,0,0",  # a tie
    ]
    table(root / "fer2013new.csv", FERPLUS, *votes)
    rows = [f"0,{pixels(10 + index)},{vote.split(',')[0]}" for index, vote in enumerate(votes)]
    table(root / "fer2013.csv", "emotion,pixels,Usage", *rows)
    return root


def test_ferplus_votes(tmp_path: Path) -> None:
    data = dataset(FERPlusConfig(folder=str(ferplus_tree(tmp_path))))
    assert [(s.expression, s.usage, s.votes) for s in data.samples] == [
        ("happiness", "validation", (("happiness", 9.0),)),
        ("sadness", "test", (("sadness", 7.0), ("anger", 3.0))),
    ]
    assert data.read(data.samples[1].image).mean() == 14  # the row of the same number
    most = FERPlusConfig(folder=str(tmp_path), rule="plurality").samples()
    assert [sample.expression for sample in most] == ["neutral", "happiness", "sadness"]
    alone = FERPlusConfig(folder=str(tmp_path), single_votes=True).samples()
    assert alone[0].votes == (("happiness", 9.0), ("surprise", 1.0))


def test_fer2013_counts(faces: Path) -> None:
    counts = Counter(s.usage for s in FER2013Config(folder=str(faces / "fer2013.zip")).samples())
    assert counts == {"train": 28709, "validation": 3589, "test": 3589}


def test_the_votes_of_ferplus_replace_the_labels_of_fer2013(tmp_path: Path, registry: Registry) -> None:
    ferplus_tree(tmp_path)
    assert dataset_in(tmp_path, registry).type == "ferplus"
    assert dataset_in(tmp_path, registry, "fer2013").type == "fer2013"
    (tmp_path / "fer2013.csv").rename(tmp_path / "icml_face_data.csv")  # whose columns bear blanks
    text = (tmp_path / "icml_face_data.csv").read_text().replace("emotion,pixels,Usage", "emotion, pixels, Usage")
    (tmp_path / "icml_face_data.csv").write_text(text)
    assert dataset_in(tmp_path, registry).type == "ferplus"
    left_out, older = FERPlusConfig(folder=str(tmp_path)).notes()
    assert left_out == (
        "FER+: 4 rows are left out: 2 without a majority, 1 without a name, 1 called unknown by most raters."
    )
    assert "icml_face_data.csv holds older labels of the same pictures" in older
    assert FERPlusConfig(folder=str(tmp_path)).left_out() == ()


def test_ferplus_and_fer2013_that_contradict_each_other(tmp_path: Path) -> None:
    ferplus_tree(tmp_path)
    lines = (tmp_path / "fer2013.csv").read_text().splitlines()
    for changed, message in (
        ([*lines[:4], lines[4].replace("PrivateTest", "PublicTest"), *lines[5:]],
         r"fer2013new\.csv:5: Usage is PrivateTest, but .*fer2013\.csv:5 says PublicTest"),
        (lines[:-2], r"fer2013new\.csv:6: the other list has no such row, its last is .*fer2013\.csv:5"),
        ([*lines, lines[-1]], r"fer2013\.csv:8: the other list has no such row, its last is .*fer2013new\.csv:7"),
    ):  # fmt: skip
        (tmp_path / "fer2013.csv").write_text("\n".join(changed) + "\n")
        with pytest.raises(UserError, match=message):
            FERPlusConfig(folder=str(tmp_path)).samples()
    without = [",".join(line.split(",")[:2]) for line in lines]  # a list of pixels without parts
    (tmp_path / "fer2013.csv").write_text("\n".join(without) + "\n")
    assert len(FERPlusConfig(folder=str(tmp_path)).samples()) == 2
    votes = (tmp_path / "fer2013new.csv").read_text().replace("0,9,1,", "0,nine,1,")
    (tmp_path / "fer2013new.csv").write_text(votes)
    with pytest.raises(UserError, match=r"fer2013new\.csv:4: votes are whole numbers"):
        FERPlusConfig(folder=str(tmp_path)).samples()


def test_two_pictures_of_one_name_beside_the_votes_of_ferplus(tmp_path: Path) -> None:
    (ferplus_tree(tmp_path) / "fer2013.csv").unlink()
    pictures(tmp_path, "a/fer0000002.png", "a/fer0000004.png", "b/fer0000004.png")
    with pytest.raises(
        UserError, match=r"fer2013new\.csv:6: a/fer0000004\.png and b/fer0000004\.png both bear this name"
    ):
        FERPlusConfig(folder=str(tmp_path)).samples()
