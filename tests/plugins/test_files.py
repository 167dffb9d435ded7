"""Data sets in files: what is read, and what is said when something is wrong."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from gcnet_datasets.files.class_folders import FolderConfig
from gcnet_datasets.files.dataset import FilesDataset
from gcnet_datasets.files.manifest import ManifestConfig
from gcnet_datasets.sets.fer2013 import FER2013Config
from pydantic import ValidationError

from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, MissingData, RecipeInfo, Registry, UserError

HEADER = "image,subject,expression,reference,session,lighting,fold\n"


def write_image(path: Path, value: int = 100, colour: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((6, 5, 3) if colour else (6, 5), value, dtype=np.uint8)
    if colour:
        pixels[..., 0] = 10  # blue, in OpenCV's order
    assert cv2.imwrite(str(path), pixels)


def write_manifest(folder: Path, *rows: str) -> ManifestConfig:
    (folder / "manifest.csv").write_text(HEADER + "".join(row + "\n" for row in rows), encoding="utf-8")
    return ManifestConfig(folder=str(folder))


def test_manifest_is_read_as_written(tmp_path: Path) -> None:
    config = write_manifest(tmp_path, "a.png,s1,Happy,n.png,2,even,3", "b.png,,scream,,,,")
    happy, scream = config.samples()
    assert (happy.image, happy.subject, happy.expression) == ("a.png", "s1", "happiness")
    assert (happy.reference, happy.session, happy.lighting, happy.fold) == ("n.png", "2", "even", 3)
    assert (scream.subject, scream.reference, scream.fold) == (None, None, None)
    assert config.info().classes == ("happiness", "scream")
    assert config.info().references


def test_where_and_classes_select(tmp_path: Path) -> None:
    rows = ["a.png,s,anger,,,even,", "b.png,s,anger,,,left,", "c.png,s,fear,,,even,", "d.png,s,sad,,,even,"]
    config = write_manifest(tmp_path, *rows)
    chosen = config.model_copy(update={"where": {"lighting": ("even",)}, "classes": ("anger", "sadness")})
    assert [sample.image for sample in chosen.samples()] == ["a.png", "d.png"]


@pytest.mark.parametrize(
    ("rows", "update", "message"),
    [
        (["a.png,s,anger,,,,x"], {}, "manifest.csv:2: fold 'x' is not a number from 0"),
        (["a.png,s,,,,,"], {}, "manifest.csv:2: the cell expression is empty"),
        (["a.png,s,anger,,,,", "a.png,s,fear,,,,"], {}, "manifest.csv:3: a.png is already listed in line 2"),
        (["a.png,s,anger,,,,"], {"where": {"light": ("even",)}}, "manifest.csv:1: `where` names the column light"),
        (["a.png,s,anger,,,,"], {"where": {"lighting": ("even",)}}, "no row is left; check `where`"),
    ],
)
def test_a_faulty_manifest_says_where(tmp_path: Path, rows: list[str], update: dict, message: str) -> None:
    config = write_manifest(tmp_path, *rows).model_copy(update=update)
    with pytest.raises(UserError) as error:
        config.samples()
    assert message in str(error.value)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("file,label\na.png,anger\n")
    with pytest.raises(UserError, match=r"manifest.csv:1: no column image, expression; found file, label"):
        ManifestConfig(folder=str(tmp_path)).samples()


def test_a_missing_folder_says_what_to_put_where(tmp_path: Path) -> None:
    config = ManifestConfig(folder=str(tmp_path / "ar"), instructions="AR: ask its authors.")
    with pytest.raises(MissingData) as error:
        config.info()
    text = str(error.value)
    assert f"no such folder: {tmp_path / 'ar'}" in text
    assert "AR: ask its authors." in text
    assert "image,subject,expression,reference,session,lighting,fold" in text
    assert "--set data.folder=PATH" in text


def test_a_class_that_the_data_lack_is_a_misfit(tmp_path: Path) -> None:
    config = write_manifest(tmp_path, "a.png,s,anger,,,,", "b.png,s,fear,,,,")
    wrong = config.model_copy(update={"classes": ("angr", "fear")})
    (problem,) = wrong.check(RecipeInfo(ImageConfig()))
    assert problem.path == ("classes",)
    assert problem.message == "the data set has no class angr; did you mean anger?"
    assert list(config.check(RecipeInfo(ImageConfig()))) == []


def test_class_folders(tmp_path: Path) -> None:
    for name in ("neutral/S1_2.png", "neutral/S1_1.png", "Angry/S1_7.png", "Angry/S2_1.png", "Angry/notes.txt"):
        path = tmp_path / name
        write_image(path) if path.suffix == ".png" else path.write_text("no image")
    samples = {sample.image: sample for sample in FolderConfig(folder=str(tmp_path)).samples()}
    assert set(samples) == {"neutral/S1_2.png", "neutral/S1_1.png", "Angry/S1_7.png", "Angry/S2_1.png"}
    assert samples["Angry/S1_7.png"].subject == "S1"
    assert samples["Angry/S1_7.png"].expression == "anger"
    assert samples["Angry/S1_7.png"].reference == "neutral/S1_1.png"
    assert samples["Angry/S2_1.png"].reference is None


def test_a_folder_for_each_person(tmp_path: Path) -> None:
    for name in ("anna/anger/20240501_1.png", "anna/neutral/20240502_1.png", "bob/Happy/20240501_2.png"):
        write_image(tmp_path / name)
    samples = FolderConfig(folder=str(tmp_path), session=r"^(\d{8})_").samples()
    assert [(s.subject, s.expression, s.session) for s in samples] == [
        ("anna", "anger", "20240501"), ("anna", "neutral", "20240502"), ("bob", "happiness", "20240501"),
    ]  # fmt: skip
    assert samples[0].reference == "anna/neutral/20240502_1.png"
    assert samples[2].reference is None
    assert {sample.subject for sample in FolderConfig(folder=str(tmp_path), subject=None).samples()} == {None}
    with pytest.raises(UserError, match=r"20240501_1.png: the file name does not match data.session"):
        FolderConfig(folder=str(tmp_path), session=r"^day(\d)").samples()


def test_people_and_sessions_in_published_parts(tmp_path: Path) -> None:
    for name in ("train/anna/anger/1.png", "test/bob/happy/1.png"):
        write_image(tmp_path / name)
    samples = FolderConfig(folder=str(tmp_path)).samples()
    assert {(s.subject, s.expression, s.usage) for s in samples} == {
        ("anna", "anger", "train"), ("bob", "happiness", "test"),
    }  # fmt: skip


def test_the_paths_of_a_manifest_name_people_and_sessions_where_it_does_not(tmp_path: Path) -> None:
    rows = ["images/anna/d1_1.png,,anger,,,,", "images/bob/d2_1.png,eve,fear,,7,,", "c.png,,fear,,,,"]
    config = write_manifest(tmp_path, *rows)
    chosen = ManifestConfig(folder=config.folder, subject="^images/([^/]+)/", session=r"/d(\d)_")
    assert [(s.subject, s.session) for s in chosen.samples()] == [("anna", "1"), ("eve", "7"), (None, None)]
    assert [(s.subject, s.session) for s in config.samples()] == [(None, None), ("eve", "7"), (None, None)]
    with pytest.raises(ValidationError, match="needs a group in round brackets"):
        ManifestConfig(folder=config.folder, session="d1")


def test_class_folder_faults(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="no such folder"):
        FolderConfig(folder=str(tmp_path / "none")).samples()
    (tmp_path / "flat.png").write_bytes(b"")
    with pytest.raises(MissingData, match=r"no images in class folders; found flat\.png"):
        FolderConfig(folder=str(tmp_path)).samples()
    write_image(tmp_path / "anger" / "x1.png")
    with pytest.raises(UserError, match=r"x1\.png: the file name does not match data\.subject"):
        FolderConfig(folder=str(tmp_path), subject=r"^(S\d+)_").samples()
    with pytest.raises(ValidationError, match="needs a group in round brackets"):
        FolderConfig(folder=str(tmp_path), subject="S1")
    with pytest.raises(ValidationError, match="not a regular expression"):
        FolderConfig(folder=str(tmp_path), subject="(S1")


@pytest.mark.parametrize("channels", [1, 3])
def test_images_are_decoded_in_grey_or_rgb(tmp_path: Path, channels: int) -> None:
    write_image(tmp_path / "a.png", 100, colour=True)
    config = write_manifest(tmp_path, "a.png,s,anger,,,,")
    dataset = FilesDataset(config, BuildContext(Registry(), ImageConfig(channels=channels)))
    pixels = dataset.read("a.png")
    assert pixels.shape == (6, 5, channels)
    if channels == 3:
        assert tuple(pixels[0, 0]) == (100, 100, 10)  # red first


def test_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "anger").mkdir()
    for name, content in (("S1_a.png", b"no image"), ("S1_b.png", b"")):
        (tmp_path / "anger" / name).write_bytes(content)
    dataset = FilesDataset(FolderConfig(folder=str(tmp_path)), BuildContext(Registry(), ImageConfig()))
    for sample in dataset.samples:
        with pytest.raises(UserError, match=f"{sample.image}: not an image, or damaged"):
            dataset.read(sample.image)
    with pytest.raises(UserError, match=r"gone\.png: cannot be read"):
        dataset.read("gone.png")


def test_the_real_faces(faces: Path) -> None:
    peaks = ManifestConfig(folder=str(faces / "ckplus48"))
    assert peaks.info().classes == ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
    assert len(peaks.samples()) == 981
    even = ManifestConfig(folder=str(faces / "ar"), where={"lighting": ("even",)})
    assert even.info().classes == ("neutral", "anger", "scream", "smile")
    assert len(even.samples()) == 632
    assert len({sample.subject for sample in even.samples()}) == 79


def write_fer2013(root: Path) -> Path:
    """Two images of each part, below a folder of their own, with a file that is no image."""
    for number, part in enumerate(("Training", "PublicTest", "PrivateTest")):
        for name in ("angry", "happy"):
            write_image(root / "fer2013" / part / name / f"{part}_{number}.png", 40 + number)
    (root / "fer2013" / "readme.txt").write_text("no image")
    return root


def test_fer2013_is_read_zipped_or_not(tmp_path: Path) -> None:
    unpacked = write_fer2013(tmp_path / "unpacked")
    with zipfile.ZipFile(tmp_path / "fer2013.zip", "w") as archive:
        for path in unpacked.rglob("*"):
            archive.write(path, path.relative_to(unpacked))
    context = BuildContext(Registry({}, {}, []), ImageConfig(size=16))
    found = [FilesDataset(FER2013Config(folder=str(place)), context) for place in (unpacked, tmp_path / "fer2013.zip")]
    assert found[0].samples == found[1].samples
    assert [(sample.usage, sample.expression) for sample in found[0].samples] == [
        (usage, expression) for usage in ("test", "validation", "train") for expression in ("anger", "happiness")
    ]
    assert all(sample.subject is None and sample.reference is None for sample in found[0].samples)
    for sample in found[0].samples:
        assert (found[0].read(sample.image) == found[1].read(sample.image)).all()
    assert found[0].config.info().folds == 1


def test_a_half_unpacked_fer2013_is_told(tmp_path: Path) -> None:
    root = write_fer2013(tmp_path)
    (root / "fer2013" / "PrivateTest").rename(root / "fer2013" / "Private")
    with pytest.raises(MissingData, match=r"no images of the test part; found fer2013/ \(7 files\)\n(.*\n)?Expected"):
        FER2013Config(folder=str(root)).samples()
    (tmp_path / "broken.zip").write_bytes(b"PK but no more")
    with pytest.raises(MissingData, match="not a zip file"):
        FER2013Config(folder=str(tmp_path / "broken.zip")).samples()
    with pytest.raises(MissingData, match="no such file or folder"):
        FER2013Config(folder=str(tmp_path / "nowhere")).samples()
