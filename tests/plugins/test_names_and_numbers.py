"""Folders as people have them: hidden files, odd names, two files of one name, what is no file; all is counted."""

import os
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from gcnet_datasets.files.bare_names import BareNames
from gcnet_datasets.files.class_folders import FolderConfig
from gcnet_datasets.files.dataset import FilesDataset
from gcnet_datasets.files.manifest import ManifestConfig
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.sets.expw import ExpWConfig
from gcnet_datasets.sets.fer2013 import FER2013Config
from gcnet_datasets.sets.jaffe import JAFFEConfig

from gcnet_core.data.folders import pictures_left_out
from gcnet_core.data.memory import check_fits
from gcnet_core.faces.photographs import list_photographs
from gcnet_core.inference.sources import find_sources
from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, LeftOut, MissingData, Registry, UserError
from tests.plugins.trees import picture, pictures, pixels, table

CONTEXT = BuildContext(Registry({}, {}, []), ImageConfig(size=16))
HIDDEN = ("happy/._S1.png", "happy/.DS_Store", ".ipynb_checkpoints/S1.png", "sad/Thumbs.db", "__MACOSX/happy/S1.png")


def class_folders(root: Path) -> Path:
    pictures(root, "happy/S1.png", "happy/S2.png", "sad/S1.png", "sad/S2.png")
    for name in HIDDEN:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")
    return root


def test_what_is_hidden_counts_nowhere(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "in")
    config = FolderConfig(folder=str(root))
    assert [sample.image for sample in config.samples()] == ["happy/S1.png", "happy/S2.png", "sad/S1.png", "sad/S2.png"]
    assert config.left_out() == tuple(LeftOut(name, "hidden", expected=True) for name in sorted(HIDDEN))
    assert len(list_photographs(root).samples) == 4
    assert len(find_sources([str(root)])) == 4
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in sorted(root.rglob("*")):
            archive.write(path, path.relative_to(root))
    assert len(Tree(tmp_path / "in.zip").pictures) == len(find_sources([str(tmp_path / "in.zip")])) == 4


def test_a_folder_below_a_hidden_one_is_not_hidden(tmp_path: Path) -> None:
    assert len(list_photographs(class_folders(tmp_path / ".cache" / "in")).samples) == 4


@pytest.mark.parametrize(
    "name",
    ["S0_#happy.png", "S0~%23.png", "S0[1].png", "S0_字.png", "S0_e\u0301.png", "S0\n.png", "S0" + "a" * 249 + ".png"],
)
def test_odd_names_are_read(tmp_path: Path, name: str) -> None:
    content = cv2.imencode(".png", np.full((6, 5), 99, np.uint8))[1].tobytes()
    for folder in ("happy", "sad"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(content)
    data = FilesDataset(FolderConfig(folder=str(tmp_path)), CONTEXT)
    assert [sample.image for sample in data.samples] == [f"happy/{name}", f"sad/{name}"]
    assert all((data.read(sample.image) == 99).all() for sample in data.samples)
    assert data.config.left_out() == ()


def test_everything_on_disk_is_counted_with_its_reason(tmp_path: Path) -> None:
    pictures(tmp_path, "happy/S1.png", "sad/S1.png")
    (tmp_path / "sad/scan").write_bytes((tmp_path / "sad/S1.png").read_bytes())
    (tmp_path / "sad/S3.HEIC").write_bytes(b"x")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "sad/S4.png").symlink_to("gone.png")
    os.mkfifo(tmp_path / "sad/S5.png")
    (tmp_path / "old.zip").write_bytes(b"PK and no more")
    config = FolderConfig(folder=str(tmp_path))
    assert {file.file: (file.reason, file.expected) for file in config.left_out()} == {
        "notes.txt": ("no picture: .txt", True),
        "old.zip": ("a damaged archive", False),
        "sad/S3.HEIC": ("a kind of picture that is not read: .heic", False),
        "sad/S4.png": ("a broken link", False),
        "sad/S5.png": ("a pipe", False),
        "sad/scan": ("a picture without suffix; give it one", False),
    }
    assert len(config.samples()) == 2
    left_out = pictures_left_out(tmp_path)  # of photographs
    assert [file.file for file in left_out] == ["sad/S3.HEIC", "sad/S4.png", "sad/S5.png"]


def test_links_that_lead_round_end(tmp_path: Path) -> None:
    pictures(tmp_path / "in", "happy/S1.png", "sad/S1.png")
    (tmp_path / "in/happy/up").symlink_to(tmp_path / "in")
    pictures(tmp_path / "elsewhere", "S2.png")
    (tmp_path / "in/calm").symlink_to(tmp_path / "elsewhere")
    assert Tree(tmp_path / "in").pictures == ("calm/S2.png", "happy/S1.png", "sad/S1.png")


def test_two_files_of_one_name_are_told_or_the_original_is_taken(tmp_path: Path) -> None:
    pictures(tmp_path, "image/origin/a.jpg", "image/thumbs/a.jpg")
    (tmp_path / "label.lst").write_text("a.jpg 0 1 1 4 4 90 3\n")
    config = ExpWConfig(folder=str(tmp_path))
    assert config.samples()[0].image == "image/origin/a.jpg#xywh=1,1,3,3"
    reason = "a picture of the same name lies in origin, which is taken"
    assert config.left_out() == (LeftOut("image/thumbs/a.jpg", reason),)
    names = BareNames(Tree(tmp_path))
    with pytest.raises(UserError, match=r"^list:7: image/origin/a\.jpg and image/thumbs/a\.jpg both bear this name"):
        names.get("a.jpg", "list:7")
    picture(tmp_path / "Jose\u0301.png")
    assert BareNames(Tree(tmp_path)).get("Jos\u00e9.png", "list:1") == "Jose\u0301.png"


def test_a_second_suffix_of_jaffe(tmp_path: Path) -> None:
    pictures(tmp_path, "KA.AN1.39.tiff.bmp", "KA.NE1.26.bmp", "KL.HA1.158.tiff.bmp", "KL.NE1.155.jpg")
    (tmp_path / "KA.AN1.39.txt").write_text("x")
    found = {
        sample.image: (sample.subject, sample.expression) for sample in JAFFEConfig(folder=str(tmp_path)).samples()
    }
    assert found["KA.AN1.39.tiff.bmp"] == ("KA", "anger")
    assert len(found) == 4


def test_a_single_list_is_a_source(tmp_path: Path) -> None:
    rows = [
        f"{label},{pixels(40 + label)},{part}" for part in ("Training", "PublicTest", "PrivateTest") for label in (0, 3)
    ]
    listed = table(tmp_path / "fer2013.csv", "emotion,pixels,Usage", *rows)
    with pytest.raises(MissingData, match=r"fer2013\.csv: a list of something else"):  # not its own, but wrong
        ManifestConfig(folder=str(listed)).samples()
    data = FilesDataset(FER2013Config(folder=str(listed)), CONTEXT)
    assert [sample.image for sample in data.samples] == [f"fer2013.csv#row={row}" for row in range(6)]
    assert (data.read("fer2013.csv#row=1") == 43).all()
    picture(tmp_path / "in/a.png", 9)
    listed = table(tmp_path / "mine.csv", "image,expression", "in/a.png,happy", "in/b.png,sad")
    data = FilesDataset(ManifestConfig(folder=str(listed)), CONTEXT)
    assert (data.read("in/a.png") == 9).all()


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("fold", "²", "fold '²' is not a number from 0"),
        ("fold", "1.0", "fold '1.0' is not a number from 0"),
        ("x,y,w,h", "inf,1,2,2", "x is 'inf'"),
        ("x,y,w,h", "1,nan,2,2", "y is 'nan'"),
        ("x,y,w,h", "1,1,-2,2", "the box 1,1,-2,2 is empty"),
        ("x,y,w,h", "1,1,2,", "x, y, w, h are numbers (h is '')"),
        ("intensity", "1e400", "intensity is '1e400'"),
        ("votes", "anger=nan", "are not numbers of raters"),
    ],
)
def test_numbers_in_a_manifest_that_are_none(tmp_path: Path, column: str, cell: str, told: str) -> None:
    table(tmp_path / "manifest.csv", f"image,expression,{column}", f"a.png,happy,{cell}")
    with pytest.raises(UserError, match=r"manifest\.csv:2: ") as error:
        ManifestConfig(folder=str(tmp_path)).samples()
    assert told in str(error.value)


def test_a_cell_of_blanks_is_empty_and_a_file_may_bear_one(tmp_path: Path) -> None:
    header = "image, subject,expression , reference,fold,part,intensity,votes,x,y,w,h"
    blanks = " ,".join([""] * 9)
    picture(tmp_path / " n.png")
    table(tmp_path / "manifest.csv", header, f"a.png,  S1 , happy , n.png,{blanks}".rsplit(",", 1)[0])
    (sample,) = ManifestConfig(folder=str(tmp_path)).samples()
    assert (sample.subject, sample.expression, sample.reference) == ("S1", "happiness", " n.png")
    assert (sample.fold, sample.usage, sample.intensity, sample.votes, sample.image) == (
        None,
        None,
        None,
        None,
        "a.png",
    )
    table(tmp_path / "manifest.csv", "image,expression", "a.png, ")
    with pytest.raises(UserError, match=r"manifest\.csv:2: the cell expression is empty"):
        ManifestConfig(folder=str(tmp_path)).samples()


def test_a_rectangle_beyond_the_picture_is_told(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", size=(40, 40))
    table(tmp_path / "manifest.csv", "image,expression,x,y,w,h", "a.png,happy,-90,-90,20,20", "a.png,sad,-5,0,10,10")
    data = FilesDataset(ManifestConfig(folder=str(tmp_path)), CONTEXT)
    assert data.read(data.samples[1].image).shape == (10, 5, 1)
    with pytest.raises(UserError, match="the rectangle is outside the picture"):
        data.read(data.samples[0].image)


def test_images_that_do_not_fit_into_memory_are_told_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gcnet_core.data.memory.available_memory", lambda: 2_000_000_000)
    check_fits(35_887, ImageConfig(size=48, channels=1))
    with pytest.raises(UserError) as error:
        check_fits(35_887, ImageConfig(size=512, channels=3))
    assert str(error.value) == (
        "data: 35,887 images of 512 x 512 x 3 bytes need 28.2 GB, and 2.0 GB of memory are free; lower image.size, "
        "to 121 for instance, or image.channels to 1, grey, or let them into the cache (GCNET_CACHE, GCNET_CACHE_GB)"
    )
