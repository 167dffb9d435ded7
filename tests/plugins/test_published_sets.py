"""Published data sets: each layout, with the traps that its users fall into."""

import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from gcnet_datasets import FILES
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.dataset import FilesDataset
from gcnet_datasets.files.sequences import SequencesConfig
from gcnet_datasets.sets.affectnet import AffectNetConfig
from gcnet_datasets.sets.ckextended import CKExtendedConfig
from gcnet_datasets.sets.ckplus import CKPlusConfig
from gcnet_datasets.sets.ckplus48 import CKPlus48Config
from gcnet_datasets.sets.expw import ExpWConfig
from gcnet_datasets.sets.jaffe import JAFFEConfig
from gcnet_datasets.sets.kdef import BLACK_BYTES, KDEFConfig
from gcnet_datasets.sets.mmi import MMIConfig
from gcnet_datasets.sets.muxspace import MuxspaceConfig
from gcnet_datasets.sets.oulu_casia import OuluCASIAConfig
from gcnet_datasets.sets.raf_db import RAFDBConfig
from gcnet_datasets.sets.rafd import RaFDConfig
from gcnet_datasets.sets.sfew import SFEWConfig

from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, MissingData, Registry, Sample, UserError, true_references
from tests.plugins.trees import csv_rows, picture, pictures, pixels, table, video

PUBLISHED = [(name, config) for name, config, _, _ in FILES if issubclass(config, PublishedConfig)]


def dataset(config: PublishedConfig, channels: int = 1) -> FilesDataset:
    return FilesDataset(config, BuildContext(Registry(), ImageConfig(channels=channels)))


def by_image(samples: list[Sample]) -> dict[str, Sample]:
    return {sample.image: sample for sample in samples}


@pytest.mark.parametrize(("name", "config"), PUBLISHED)
def test_another_tree_is_told_with_the_expected_one(name: str, config: type[PublishedConfig], tmp_path: Path) -> None:
    pictures(tmp_path, "holiday/beach.jpg", "holiday/sea.jpg", "notes/a.jpg")
    (tmp_path / ".DS_Store").write_bytes(b"")
    with pytest.raises(MissingData) as error:
        config(folder=str(tmp_path)).samples()
    text = str(error.value)
    assert "found holiday/ (2 files), notes/ (1 files)" in text
    assert config.layout in text
    with pytest.raises(MissingData, match="no such file or folder"):
        config(folder=str(tmp_path / "gone")).samples()
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(MissingData, match="not a zip file, or not all of it"):
        config(folder=str(tmp_path / "cut.zip")).samples()


@pytest.mark.parametrize(("name", "config"), PUBLISHED)
def test_where_the_data_come_from_is_known(name: str, config: type[PublishedConfig]) -> None:
    obtain = config(folder="x").instructions
    assert name == "sequences" or ("research" in obtain or "licence" in obtain)


def ckplus_tree(root: Path) -> Path:
    """Two labelled sequences, one without a label (an empty folder), one with files out of order."""
    for subject, sequence, frames in (("S005", "001", 5), ("S010", "002", 2), ("S010", "003", 4)):
        for frame in reversed(range(1, frames + 1)):
            name = f"{subject}_{sequence}_{frame:08}.png"
            picture(root / "cohn-kanade-images" / subject / sequence / name, 10 * frame)
    for subject, sequence, text in (("S005", "001", "   3.0000000e+00\n"), ("S010", "002", "   7.0000000e+00\n")):
        path = root / "Emotion" / subject / sequence / f"{subject}_{sequence}_00000005_emotion.txt"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (root / "Emotion" / "S010" / "003").mkdir()
    (root / "cohn-kanade-images" / "S005" / ".DS_Store").write_bytes(b"")
    return root


def test_ckplus_takes_the_last_frames_and_the_first_as_reference(tmp_path: Path) -> None:
    samples = CKPlusConfig(folder=str(ckplus_tree(tmp_path / "deep" / "er"))).samples()
    disgust = [sample for sample in samples if sample.subject == "S005"]
    assert [sample.image[-7:] for sample in disgust] == ["003.png", "004.png", "005.png"]
    assert {sample.reference for sample in disgust} == {"cohn-kanade-images/S005/001/S005_001_00000001.png"}
    assert [sample.intensity for sample in disgust] == [0.5, 0.75, 1.0]
    surprise = [sample for sample in samples if sample.subject == "S010"]
    assert len(surprise) == 1  # two frames: the first is the reference
    assert {sample.expression for sample in samples} == {"disgust", "surprise"}
    assert [(s.subject, s.fold) for s in (disgust[0], surprise[0])] == [("S005", 0), ("S010", 1)]
    with_neutral = CKPlusConfig(folder=str(tmp_path / "deep"), neutral=True, peaks=1).samples()
    assert Counter(sample.expression for sample in with_neutral) == {"neutral": 2, "disgust": 1, "surprise": 1}


def test_ckplus_is_read_from_its_zips(tmp_path: Path) -> None:
    tree = ckplus_tree(tmp_path / "tree")
    zips = tmp_path / "zips"
    zips.mkdir()
    for name, folder in (("extended-cohn-kanade-images.zip", "cohn-kanade-images"), ("Emotion_labels.zip", "Emotion")):
        with zipfile.ZipFile(zips / name, "w") as archive:
            for path in (tree / folder).rglob("*"):
                archive.write(path, path.relative_to(tree))
    unpacked, zipped = (dataset(CKPlusConfig(folder=str(root))) for root in (tree, zips))
    assert len(unpacked.samples) == len(zipped.samples) == 4
    for one, other in zip(unpacked.samples, zipped.samples, strict=True):
        assert (one.subject, one.expression, one.fold) == (other.subject, other.expression, other.fold)
        assert (unpacked.read(one.image) == zipped.read(other.image)).all()
        assert other.reference is not None
        assert zipped.read(other.reference).mean() == 10


def test_a_wrong_emotion_file_is_named(tmp_path: Path) -> None:
    path = next(ckplus_tree(tmp_path).glob("Emotion/S005/001/*.txt"))
    path.write_text("9.0000000e+00")
    with pytest.raises(UserError, match=r"00000005_emotion\.txt: '9\.0000000e\+00' is not the number of an expression"):
        CKPlusConfig(folder=str(tmp_path)).samples()


def test_ckplus48_reads_subject_and_sequence_from_names(tmp_path: Path) -> None:
    pictures(tmp_path, "happy/S010_004_00000017.png", "anger/S005_001_00000009.png", "anger/S005_001_00000010.png")
    config = CKPlus48Config(folder=str(tmp_path))
    assert all(sample.reference is None for sample in config.samples())
    assert "no true references" in config.notes()[0]
    pictures(tmp_path, "neutral/S010_002_00000001.png", "neutral/S005_001_00000001.png")
    config = CKPlus48Config(folder=str(tmp_path))  # options list their files once
    samples = by_image(config.samples())
    assert samples["anger/S005_001_00000009.png"].reference == "neutral/S005_001_00000001.png"
    assert samples["happy/S010_004_00000017.png"].reference == "neutral/S010_002_00000001.png"  # of another sequence
    assert samples["happy/S010_004_00000017.png"].fold == 1
    assert len(samples) == 3
    assert config.notes() == ()
    assert len(config.model_copy(update={"neutral": True}).samples()) == 5


def test_ckextended_warns_that_it_has_no_subjects(tmp_path: Path) -> None:
    rows = [
        f"{code},{pixels(10 + code)},{usage}"
        for code, usage in ((7, "Training"), (6, "PublicTest"), (0, "PrivateTest"))
    ]
    table(tmp_path / "ckextended.csv", "emotion,pixels,Usage", *rows)
    data = dataset(CKExtendedConfig(folder=str(tmp_path)))
    assert [(s.expression, s.usage) for s in data.samples] == [
        ("contempt", "train"), ("neutral", "validation"), ("anger", "test"),
    ]  # fmt: skip
    assert all(sample.subject is None for sample in data.samples)
    assert "no subjects" in data.config.notes()[0]
    assert data.read(data.samples[0].image).mean() == 17


def mmi_session(root: Path, number: int, name: str, emotion: int, view: int, levels: list[int], size: tuple) -> None:
    folder = root / "mmi_download" / "Sessions" / str(number)
    video(folder / f"{name}.avi", levels, size)
    tags = f'<Metatag Name="Tilt" Value="5"/><Metatag Name="Emotion" Value="{emotion}"/>'
    (folder / f"{name}.xml").write_text(f"<Session>{tags}</Session>")
    (folder / f"{name}-oao_aucs.xml").write_text('<x><Metatag Name="Emotion" Value="1"/></x>')
    (folder / "session.xml").write_text(f'<session><track view="{view}"/></session>')


def test_mmi_takes_the_middle_of_videos(tmp_path: Path) -> None:
    levels = [10, 30, 50, 70, 90, 70, 50, 30, 10]
    mmi_session(tmp_path, 1, "S001-004", 4, 0, levels, (480, 64))
    mmi_session(tmp_path, 2, "S002-001", 6, 1, levels, (48, 64))
    mmi_session(tmp_path, 3, "S002-002", 3, 2, levels, (48, 64))
    mmi_session(tmp_path, 4, "S003-001", 30, 0, levels, (48, 64))  # another task
    mmi_session(tmp_path, 5, "S003-002", 1, 0, levels, (48, 64))
    pictures(tmp_path, "mmi_download/Sessions/6/S009-001.jpg")  # a session of stills
    data = dataset(MMIConfig(folder=str(tmp_path)))
    assert Counter(s.expression for s in data.samples) == {"happiness": 3, "surprise": 3, "fear": 3, "anger": 3}
    happy = [sample for sample in data.samples if sample.expression == "happiness"]
    assert [sample.image.split("#")[1] for sample in happy] == ["frame=3", "frame=4", "frame=5"]
    assert happy[0].reference is not None
    assert happy[0].reference.endswith("S001-004.avi#frame=0")
    assert abs(data.read(happy[1].image)[:, :32].mean() - 90) < 2  # the peak, not the neutral end
    assert abs(data.read(happy[0].reference)[:, :32].mean() - 10) < 2
    shapes = {sample.expression: data.read(sample.image).shape[:2] for sample in data.samples}
    assert shapes == {"happiness": (480, 64), "surprise": (64, 48), "fear": (48, 32), "anger": (64, 48)}
    turned = {s.expression: data.read(s.image) for s in data.samples if "frame=4" in s.image}
    assert turned["surprise"][-1].mean() > turned["surprise"][0].mean()  # right went down: clockwise
    assert turned["anger"][0].mean() > turned["anger"][-1].mean()  # right went up
    assert abs(turned["fear"].mean() - 140) < 2  # the frontal half


def test_oulu_casia_conditions_and_empty_folders(tmp_path: Path) -> None:
    for subject in ("P001", "P002"):
        for name in ("Anger", "Happiness"):
            frames = [f"{number:03}.jpeg" for number in range(5)]
            place = f"B_OriginalImg/B_OriginalImg/OriginalImg/VL/Strong/{subject}/{name}"
            pictures(tmp_path, *(f"{place}/{frame}" for frame in frames))
    pictures(tmp_path, "OriginalImg/NI/Strong/P001/Anger/000.jpeg", "OriginalImg/NI/Strong/P001/Anger/001.jpeg")
    pictures(
        tmp_path,
        "PreProcess Img/VL_Acropped/Strong/P001/Fear/000.jpeg",
        "PreProcess Img/VL_Acropped/Strong/P001/Fear/001.jpeg",
    )
    (tmp_path / "OriginalImg" / "VL" / "Strong" / "P003" / "Anger").mkdir(parents=True)
    config = OuluCASIAConfig(folder=str(tmp_path))
    samples = config.samples()
    assert len(samples) == 2 * 2 * 3
    assert {sample.reference[-8:] for sample in samples if sample.reference} == {"000.jpeg"}
    assert {(sample.subject, sample.fold) for sample in samples} == {("P001", 0), ("P002", 1)}
    assert config.notes() == (
        "Oulu-CASIA: 4 sequences hold frames, of 480.",
        "Folders without a frame, left out: OriginalImg/VL/Strong/P003/Anger.",
    )
    assert len(config.model_copy(update={"spectrum": "NI"}).samples()) == 1
    (cropped,) = config.model_copy(update={"version": "cropped"}).samples()
    assert cropped.expression == "fear"


def test_jaffe_fields_are_not_mixed_up(tmp_path: Path) -> None:
    names = ["NA.SA1.205.tiff", "NA.NE1.201.tiff", "NA.NE2.202.tiff", "NM.AN1.104.tiff", "KA.FE1.45.jpg"]
    pictures(tmp_path / "jaffe", *names)
    (tmp_path / "jaffe" / "README.txt").write_text("ratings")
    samples = by_image(JAFFEConfig(folder=str(tmp_path)).samples())
    found = {name.removeprefix("jaffe/"): (s.subject, s.expression) for name, s in samples.items()}
    assert found == {
        "NA.SA1.205.tiff": ("NA", "sadness"),
        "NA.NE1.201.tiff": ("NA", "neutral"),
        "NA.NE2.202.tiff": ("NA", "neutral"),
        "NM.AN1.104.tiff": ("NM", "anger"),
        "KA.FE1.45.jpg": ("KA", "fear"),
    }
    assert samples["jaffe/NA.SA1.205.tiff"].reference == "jaffe/NA.NE1.201.tiff"
    assert samples["jaffe/NA.NE1.201.tiff"].reference == "jaffe/NA.NE2.202.tiff"  # never itself
    assert samples["jaffe/NM.AN1.104.tiff"].reference is None


def test_kdef_codes_by_position(tmp_path: Path) -> None:
    names = [
        "AF01/AF01AFS.JPG",
        "AF01/AF01NES.JPG",
        "BF01/BF01HAS.JPG",
        "BF01/BF01NES.JPG",
        "AF31/AF31V.JPG",
        "AF01/AF01SAHL.JPG",
    ]
    pictures(tmp_path / "KDEF", *names)
    pictures(tmp_path / "AKDEF", "FAFHR.JPG", "FAHR.JPG")
    black = tmp_path / "KDEF" / "AM01" / "AM01ANS.JPG"
    picture(black, 0)
    black.write_bytes(black.read_bytes().ljust(BLACK_BYTES, b"\0"))
    samples = by_image(KDEFConfig(folder=str(tmp_path)).samples())
    assert {name: (s.subject, s.session, s.expression) for name, s in samples.items()} == {
        "KDEF/AF01/AF01AFS.JPG": ("F01", "A", "fear"),
        "KDEF/AF01/AF01NES.JPG": ("F01", "A", "neutral"),
        "KDEF/BF01/BF01HAS.JPG": ("F01", "B", "happiness"),
        "KDEF/BF01/BF01NES.JPG": ("F01", "B", "neutral"),
    }
    assert samples["KDEF/BF01/BF01HAS.JPG"].reference == "KDEF/BF01/BF01NES.JPG"
    turned = KDEFConfig(folder=str(tmp_path), angles=("HL",)).samples()
    assert {(s.subject, s.expression) for s in turned} == {("F31", "sadness"), ("F01", "sadness")}


def test_rafd_names_with_something_before(tmp_path: Path) -> None:
    names = [
        "cropped_151_159_Rafd090_01_Caucasian_female_angry_frontal.jpg",
        "Rafd090_01_Caucasian_female_neutral_frontal.jpg",
        "Rafd090_01_Caucasian_female_neutral_left.jpg",
        "Rafd090_18_Kid_male_contemptuous_left.jpg",
        "Rafd180_18_Caucasian_male_happy_left.jpg",
    ]
    pictures(tmp_path, *names)
    samples = by_image(RaFDConfig(folder=str(tmp_path)).samples())
    assert {(s.subject, s.expression) for s in samples.values()} == {
        ("01", "anger"), ("01", "neutral"), ("18", "contempt"),
    }  # fmt: skip
    assert samples[names[0]].reference == names[1]
    assert samples[names[3]].reference is None
    assert len(samples) == 4  # not the profile
    assert (samples[names[0]].session, samples[names[0]].lighting) == ("frontal", "90 degrees")


def test_two_cameras_at_one_moment_are_one_session_of_rafd(tmp_path: Path) -> None:
    moments = [(shown, gaze) for shown in ("angry", "neutral") for gaze in ("frontal", "left")]
    names = [
        f"Rafd{angle}_01_Caucasian_female_{shown}_{gaze}.jpg" for angle in ("045", "090") for shown, gaze in moments
    ]
    pictures(tmp_path, *names)
    samples = RaFDConfig(folder=str(tmp_path), angles=(45, 90)).samples()
    for sample in samples:
        assert sample.reference == sample.image.replace("angry", "neutral")
    for sample, given in zip(samples, true_references(samples), strict=True):
        gaze = "left" if "frontal" in sample.image else "frontal"
        assert given is not None
        assert given.endswith(f"neutral_{gaze}.jpg")


def test_raf_db_list_and_numbered_folders(tmp_path: Path) -> None:
    root = tmp_path / "RAF" / "basic"
    pictures(
        root / "Image", "aligned/train_00001_aligned.jpg", "aligned/test_0001_aligned.jpg", "original/train_00001.jpg"
    )
    (root / "EmoLabel").mkdir()
    listed = root / "EmoLabel" / "list_patition_label.txt"
    listed.write_text("train_00001.jpg 5\ntest_0001.jpg 7\n")
    found = RAFDBConfig(folder=str(tmp_path)).samples()
    assert [(s.expression, s.usage) for s in found] == [("sadness", "train"), ("neutral", "test")]
    with pytest.raises(UserError, match=r"list_patition_label\.txt:2: no picture test_0001 in a folder original"):
        RAFDBConfig(folder=str(tmp_path), pictures="original").samples()
    listed.write_text("train_00001.jpg 0\n")
    with pytest.raises(UserError, match=r"list_patition_label\.txt:1: 'train_00001\.jpg 0' is not like"):
        RAFDBConfig(folder=str(tmp_path)).samples()
    pictures(tmp_path / "kaggle" / "DATASET", "train/1/a.jpg", "test/6/b.jpg")
    found = RAFDBConfig(folder=str(tmp_path / "kaggle")).samples()
    assert {(s.expression, s.usage) for s in found} == {("surprise", "train"), ("anger", "test")}


AFFECTNET = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal"


def test_affectnet_lists_leave_out_what_is_no_expression(tmp_path: Path) -> None:
    root = tmp_path / "Manually_Annotated" / "Manually_Annotated_Images"
    picture(root / "103" / "a.JPG", 50, (40, 40))
    picture(root / "103" / "b.png", 60, (40, 40))
    rows = ["103/a.jpg,5,6,20,10,1;2,3,0.1,0.2", "103/b.png,0,0,9,9,1;2,9,-2,-2", "103/gone.jpg,0,0,9,9,1;2,10,-2,-2"]
    table(tmp_path / "training.csv", AFFECTNET, *rows)
    table(tmp_path / "validation.csv", AFFECTNET, "103/b.png,0,0,9,9,1;2,7,0,0")
    data = dataset(AffectNetConfig(folder=str(tmp_path)))
    assert [(s.expression, s.usage) for s in data.samples] == [("surprise", "train"), ("contempt", "test")]
    assert data.read(data.samples[0].image).shape == (10, 20, 1)
    whole = dataset(AffectNetConfig(folder=str(tmp_path), crop=False))
    assert whole.read(whole.samples[0].image).shape == (40, 40, 1)


def test_affectnet_annotation_files_of_text_or_numbers(tmp_path: Path) -> None:
    for part, number, value in (
        ("train_set", 0, np.array("6")),
        ("train_set", 7, np.array(8)),
        ("val_set", 1, np.array(1)),
    ):
        picture(tmp_path / part / "images" / f"{number}.jpg")
        path = tmp_path / part / "annotations" / f"{number}_exp.npy"
        path.parent.mkdir(exist_ok=True)
        np.save(path, value)
    found = AffectNetConfig(folder=str(tmp_path)).samples()
    assert {(s.image, s.expression, s.usage) for s in found} == {
        ("train_set/images/0.jpg", "anger", "train"), ("val_set/images/1.jpg", "happiness", "test"),
    }  # fmt: skip


def test_sfew_counts_a_zip_beside_its_folder_once(tmp_path: Path) -> None:
    names = [
        "Train/Train_Aligned_Faces/Angry/Airheads_000519240_00000005.png",
        "Val/Val_Aligned_Faces_new/Sad/Juno_0_1.png",
    ]
    pictures(tmp_path, *names)
    pictures(tmp_path, "Test/Test_Aligned_Faces/Unknown_1_2.png")
    with zipfile.ZipFile(tmp_path / "Train" / "Train_Aligned_Faces.zip", "w") as archive:
        archive.write(tmp_path / names[0], names[0].removeprefix("Train/"))
    samples = SFEWConfig(folder=str(tmp_path)).samples()
    assert {(s.expression, s.session, s.usage) for s in samples} == {
        ("anger", "Airheads", "train"), ("sadness", "Juno", "test"),
    }  # fmt: skip


def test_expw_boxes_are_top_left_right_bottom(tmp_path: Path) -> None:
    picture(tmp_path / "data" / "image" / "origin" / "angry_1.jpg", 80, (60, 50))
    (tmp_path / "data" / "label").mkdir()
    listed = tmp_path / "data" / "label" / "label.lst"
    listed.write_text("angry_1.jpg 0 10 20 45 30 88.5 0\nangry_1.jpg 1 0 0 9 9 20.0 6\n")
    data = dataset(ExpWConfig(folder=str(tmp_path)))
    assert [(s.expression, s.subject) for s in data.samples] == [("anger", "angry_1.jpg"), ("neutral", "angry_1.jpg")]
    assert data.read(data.samples[0].image).shape == (20, 25, 1)  # rows 10 to 30, columns 20 to 45
    assert len(ExpWConfig(folder=str(tmp_path), confidence=50).samples()) == 1
    listed.write_text("angry_1.jpg 0 10 20 45 30 88.5 9\n")
    with pytest.raises(UserError, match=r"label\.lst:1: not `name face_id"):
        ExpWConfig(folder=str(tmp_path)).samples()


def test_muxspace_spellings_repeats_and_people(tmp_path: Path) -> None:
    names = ["Aaron_Peirsol_0001.jpg", "Aaron_Peirsol_0002.jpg", "img_77.jpg", "twice.jpg"]
    pictures(tmp_path / "images", *names)
    rows = [
        "1,Aaron_Peirsol_0001.jpg,HAPPINESS", "1,Aaron_Peirsol_0002.jpg,neutral", "2,Aaron_Peirsol_0002.jpg,NEUTRAL",
        "1,img_77.jpg,sad", "1,twice.jpg,anger", "2,twice.jpg,fear",
    ]  # fmt: skip
    table(tmp_path / "data" / "legend.csv", "user.id,image,emotion", *rows, end="\r")  # old line ends
    samples = by_image(MuxspaceConfig(folder=str(tmp_path)).samples())
    assert {name: (s.subject, s.expression, s.reference) for name, s in samples.items()} == {
        "images/Aaron_Peirsol_0001.jpg": ("Aaron_Peirsol", "happiness", "images/Aaron_Peirsol_0002.jpg"),
        "images/Aaron_Peirsol_0002.jpg": ("Aaron_Peirsol", "neutral", None),
        "images/img_77.jpg": ("img_77", "sadness", None),
    }
    assert "neutral 1" in MuxspaceConfig(folder=str(tmp_path)).notes()[0]


def test_sequences_of_frames_and_of_videos(tmp_path: Path) -> None:
    pictures(tmp_path, *(f"happy/S05_2/{number}.png" for number in range(1, 6)))
    video(tmp_path / "anger" / "S07_1.avi", [10, 40, 80, 40, 10])
    last = SequencesConfig(folder=str(tmp_path), peaks=2)
    assert {(s.subject, s.expression, s.image) for s in last.samples()} == {
        ("S05", "happiness", "happy/S05_2/4.png"),
        ("S05", "happiness", "happy/S05_2/5.png"),
        ("S07", "anger", "anger/S07_1.avi#frame=3"),
        ("S07", "anger", "anger/S07_1.avi#frame=4"),
    }
    middle = dataset(SequencesConfig(folder=str(tmp_path), peaks=1, apex="middle", neutral=True))
    peaks = {s.subject: s for s in middle.samples if s.expression != "neutral"}
    assert peaks["S05"].image == "happy/S05_2/3.png"
    assert abs(middle.read(peaks["S07"].image)[:, :32].mean() - 80) < 2
    assert sum(s.expression == "neutral" for s in middle.samples) == 2
    with pytest.raises(UserError, match=r"frame 9 cannot be decoded"):
        middle.read("anger/S07_1.avi#frame=9")
    with pytest.raises(UserError, match="the rectangle is outside the picture"):
        middle.read("happy/S05_2/1.png#xywh=50,50,4,4")


def test_the_official_ckplus_tree(faces: Path) -> None:
    data = dataset(CKPlusConfig(folder=str(faces / "ckplus_official")))
    assert len({(s.subject, s.session) for s in data.samples}) == 8
    assert len({s.subject for s in data.samples}) == 2
    assert len(data.samples) == 24
    assert data.read(data.samples[0].image).shape == (490, 640, 1)


def test_ckplus48_rules_equal_the_published_lists(faces: Path) -> None:
    """The rule for folds and references finds what the manifest, made from published lists, says."""
    listed = {row["image"]: row for row in csv_rows(faces / "ckplus48" / "manifest.csv")}
    samples = by_image(CKPlus48Config(folder=str(faces / "ckplus48")).samples())
    assert samples.keys() == listed.keys()
    assert all(sample.subject == listed[name]["subject"] for name, sample in samples.items())
    assert all(sample.expression == listed[name]["expression"] for name, sample in samples.items())
    same = sum(sample.reference == listed[name]["reference"] for name, sample in samples.items())
    assert same >= 981 - 27  # where a sequence has no first frame, any of the subject's may serve


def test_classes_that_a_published_set_does_not_have_are_named_and_counted(tmp_path: Path) -> None:
    pictures(tmp_path / "raf", "train/1/a.jpg", "train/9/b.jpg", "test/7/c.jpg", "test/Happpy/d.jpg")
    (note,) = RAFDBConfig(folder=str(tmp_path / "raf")).notes()
    assert "2 pictures are left out" in note
    assert "9 (1), happpy (1; happiness?)" in note
    pictures(tmp_path / "sfew", "Train/Train_Aligned_Faces/Angry/x_1.png", "Val/Val_Aligned_Faces/Sad/y_1.png")
    assert SFEWConfig(folder=str(tmp_path / "sfew")).notes() == ()
    pictures(tmp_path / "sfew", "Train/Train_Aligned_Faces/Feer/x_2.png", "holiday/beach/sea.png")
    (note,) = SFEWConfig(folder=str(tmp_path / "sfew")).notes()
    assert "1 pictures are left out" in note
    assert "feer (1; fear?)" in note


def test_rows_that_are_no_expression_are_counted(tmp_path: Path) -> None:
    root = tmp_path / "Manually_Annotated_Images"
    pictures(root, "1/a.png", "1/b.png", "6/c.png")
    rows = ["1/a.png,0,0,9,9,,1,0,0", "1/b.png,0,0,9,9,,10,0,0", "6/c.png,0,0,9,9,,9,0,0"]
    table(tmp_path / "training.csv", AFFECTNET, *rows)
    table(tmp_path / "validation.csv", AFFECTNET, rows[0])
    assert AffectNetConfig(folder=str(tmp_path)).notes() == (
        "AffectNet: 2 rows are left out: 1 with 10 (no face), 1 with 9 (uncertain).",
    )
