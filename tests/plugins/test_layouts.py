"""Further layouts and traps of data sets: copies beside archives, halves, other columns; nothing goes silently."""

import zipfile
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from gcnet_datasets.files.base import FilesConfig
from gcnet_datasets.files.class_folders import FolderConfig
from gcnet_datasets.files.manifest import ManifestConfig
from gcnet_datasets.files.sequence import in_order
from gcnet_datasets.files.sequences import SequencesConfig
from gcnet_datasets.sets.affectnet import AffectNetConfig
from gcnet_datasets.sets.ckplus import CODES, CKPlusConfig
from gcnet_datasets.sets.fer2013 import FER2013Config
from gcnet_datasets.sets.ferplus import FERPlusConfig
from gcnet_datasets.sets.kdef import BLACK_BYTES, KDEFConfig
from gcnet_datasets.sets.mmi import MMIConfig
from gcnet_datasets.sets.muxspace import MuxspaceConfig
from gcnet_datasets.sets.oulu_casia import OuluCASIAConfig
from gcnet_datasets.sets.raf_db import RAFDBConfig

from gcnet_core.data.guess import dataset_in
from gcnet_core.plugin_api import MissingData, Registry, UserError
from tests.plugins.test_published_sets import ckplus_tree, dataset, mmi_session
from tests.plugins.trees import picture, pictures, pixels, table, video


def classes(config: FilesConfig) -> set[str]:
    return {sample.expression for sample in config.samples()}


def all_classes_of_ckplus(root: Path) -> Path:
    """One labelled sequence of each expression, of one person each."""
    for number, _ in enumerate(CODES[1:], start=1):
        name = f"S{500 + number}"  # people whose pictures are in colour
        for frame in (1, 2, 3, 4):
            image = root / "cohn-kanade-images" / name / "001" / f"{name}_001_{frame:08}.png"
            picture(image, 10 * frame + number, colour=True)
        label = root / "Emotion" / name / "001" / f"{name}_001_00000004_emotion.txt"
        label.parent.mkdir(parents=True)
        label.write_text(f"   {number}.0000000e+00\n")
    return root


def test_ckplus_with_six_seven_and_eight_classes(tmp_path: Path) -> None:
    folder = str(all_classes_of_ckplus(tmp_path))
    seven = CKPlusConfig(folder=folder)
    assert classes(seven) == set(CODES[1:])
    assert len(seven.samples()) == 21
    assert classes(CKPlusConfig(folder=folder, neutral=True)) == set(CODES)
    basic = tuple(name for name in CODES[1:] if name != "contempt")
    assert len(CKPlusConfig(folder=folder, classes=basic).samples()) == 18
    assert dataset(seven, channels=3).read(seven.samples()[0].image).shape[2] == 3
    assert seven.notes() == ("CK+: 7 labelled sequences with frames, of 327.",)


def test_ckplus_in_an_archive_beside_what_was_unpacked_counts_once(tmp_path: Path) -> None:
    once = CKPlusConfig(folder=str(ckplus_tree(tmp_path / "once"))).samples()
    tree = ckplus_tree(tmp_path / "twice")
    with zipfile.ZipFile(tree / "extended-cohn-kanade-images.zip", "w") as archive:
        for path in (tree / "cohn-kanade-images").rglob("*.png"):
            archive.write(path, path.relative_to(tree))
    twice = CKPlusConfig(folder=str(tree)).samples()
    assert [(s.subject, s.expression, s.intensity, s.image[-10:]) for s in once] == [
        (s.subject, s.expression, s.intensity, s.image[-10:]) for s in twice
    ]
    assert len({sample.reference for sample in twice}) == 2


def test_half_of_ckplus_is_told(tmp_path: Path) -> None:
    for gone, what in (
        ("Emotion", "frames, but no folder Emotion"),
        ("cohn-kanade-images", "labels, but no folder cohn"),
    ):
        root = ckplus_tree(tmp_path / gone)
        (root / gone).rename(tmp_path / f"away-{gone}")
        with pytest.raises(MissingData, match=what) as error:
            CKPlusConfig(folder=str(root)).samples()
        assert "Expected below" in str(error.value)


def test_frames_are_sorted_by_number() -> None:
    assert in_order(["a/10.png", "a/2.png", "a/1.png"]) == ["a/1.png", "a/2.png", "a/10.png"]
    assert in_order(["b/1.png", "a/1.png", "a/2.png", "b/2.png"]) == ["a/1.png", "a/2.png"]


def test_oulu_casia_in_two_copies_counts_once(tmp_path: Path) -> None:
    frames = [f"VL/Strong/P001/Anger/{number:03}.jpeg" for number in range(5)]
    for copy in ("B_OriginalImg/B_OriginalImg/OriginalImg", "OriginalImg"):
        pictures(tmp_path / copy, *frames)
    samples = OuluCASIAConfig(folder=str(tmp_path)).samples()
    assert [sample.image[-8:] for sample in samples] == ["002.jpeg", "003.jpeg", "004.jpeg"]
    assert [sample.intensity for sample in samples] == [0.5, 0.75, 1.0]


def test_sequences_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    pictures(tmp_path, *(f"happy/S05_2/{number}.png" for number in range(1, 13)), "anger/S06_1/1.png")
    (tmp_path / "anger" / "S07_1").mkdir()
    config = SequencesConfig(folder=str(tmp_path))
    assert [sample.image for sample in config.samples()] == [f"happy/S05_2/{number}.png" for number in (10, 11, 12)]
    empty, short = config.notes()
    assert empty == "Folders without a frame, left out: anger/S07_1."
    assert short.endswith("no peak, so they give no sample: anger/S06_1.")
    broken = tmp_path / "anger" / "S08_1.avi"
    video(broken, [10, 20, 30])
    broken.write_bytes(broken.read_bytes()[:40])
    with pytest.raises(UserError, match=r"S08_1\.avi: not a video that OpenCV can read"):
        SequencesConfig(folder=str(tmp_path)).samples()


def test_mmi_videos_that_are_broken_and_sessions_of_stills_are_told(tmp_path: Path) -> None:
    mmi_session(tmp_path, 1, "S001-004", 4, 0, [10, 50, 10], (480, 64))
    pictures(tmp_path, "mmi_download/Sessions/6/S009-001.jpg")
    config = MMIConfig(folder=str(tmp_path))
    assert config.notes() == ("MMI: sessions of still images, left out: mmi_download/Sessions/6.",)
    mmi_session(tmp_path, 2, "S002-004", 4, 0, [10, 50, 10], (480, 64))
    (tmp_path / "mmi_download" / "Sessions" / "2" / "S002-004.avi").write_bytes(b"RIFF")
    with pytest.raises(UserError, match=r"S002-004\.avi: not a video"):
        config.samples()


def test_mmi_frames_that_others_cut_out(tmp_path: Path) -> None:
    pictures(tmp_path / "MMI" / "imgs", "S050_003_001.png", "S050_003_030.png", "S050_003_031.png", "S002_001_040.png")
    listed = tmp_path / "MMI" / "list" / "list.txt"
    listed.parent.mkdir()
    listed.write_text("S050_003_030.png 3\nS050_003_031.png 3\nS002_001_040.png 0\n")
    samples = MMIConfig(folder=str(tmp_path)).samples()
    assert [(s.subject, s.session, s.expression, s.fold) for s in samples] == [
        ("S050", "003", "happiness", 1), ("S050", "003", "happiness", 1), ("S002", "001", "anger", 0),
    ]  # fmt: skip
    assert [sample.reference for sample in samples] == [*["MMI/imgs/S050_003_001.png"] * 2, None]
    listed.write_text("S050_003_030.png 7\n")
    with pytest.raises(UserError, match=r"list\.txt:1: 'S050_003_030\.png 7' is not like"):
        MMIConfig(folder=str(tmp_path)).samples()
    listed.write_text("S050_003_099.png 3\n")
    with pytest.raises(UserError, match=r"list\.txt:1: no picture S050_003_099\.png"):
        MMIConfig(folder=str(tmp_path)).samples()


def test_fer2013_as_the_challenge_gave_it_away_counts_once(tmp_path: Path) -> None:
    rows = [f"0,{pixels(1)},Training", f"3,{pixels(2)},PublicTest", f"6,{pixels(3)},PrivateTest"]
    table(tmp_path / "icml_face_data.csv", "emotion,pixels,Usage", *rows)
    table(tmp_path / "train.csv", "emotion,pixels", f"0,{pixels(1)}")
    table(tmp_path / "test.csv", "pixels", pixels(2))  # without labels
    samples = FER2013Config(folder=str(tmp_path)).samples()
    assert [sample.usage for sample in samples] == ["train", "validation", "test"]


def test_affectnet_in_class_folders_and_without_a_picture(tmp_path: Path) -> None:
    pictures(
        tmp_path / "kaggle", "train_class/0/a.jpg", "train_class/6/b.jpg", "val_class/7/c.jpg", "val_class/8/d.jpg"
    )
    found = AffectNetConfig(folder=str(tmp_path / "kaggle")).samples()
    assert {(s.expression, s.usage) for s in found} == {("neutral", "train"), ("anger", "train"), ("contempt", "test")}
    pictures(tmp_path / "names", "train/Happy/a.jpg", "val/anger/b.png", "val/misc/c.png")
    assert classes(AffectNetConfig(folder=str(tmp_path / "names"))) == {"happiness", "anger"}
    annotation = tmp_path / "new" / "train_set" / "annotations" / "5_exp.npy"
    annotation.parent.mkdir(parents=True)
    np.save(annotation, np.array("3"))
    with pytest.raises(UserError, match=r"5_exp\.npy: no picture train_set/images/5\.jpg"):
        AffectNetConfig(folder=str(tmp_path / "new")).samples()
    seven = ("neutral", "anger")
    assert classes(AffectNetConfig(folder=str(tmp_path / "kaggle"), classes=seven)) == set(seven)


def test_ferplus_as_its_own_script_prepares_it(tmp_path: Path) -> None:
    for part in ("Train", "Valid", "Test"):
        pictures(tmp_path / "data" / f"FER2013{part}", f"fer{part}.png", f"none{part}.png")
        votes = [f'fer{part}.png,"(0, 0, 48, 48)",1,0,0,0,8,1,0,0,0,0', f'none{part}.png,"(0, 0, 48, 48)",{"0," * 9}10']
        (tmp_path / "data" / f"FER2013{part}" / "label.csv").write_text("\n".join(votes) + "\n")
    samples = FERPlusConfig(folder=str(tmp_path)).samples()
    assert {(s.image[-8:], s.expression, s.usage) for s in samples} == {
        ("rain.png", "anger", "train"), ("alid.png", "anger", "validation"), ("Test.png", "anger", "test"),
    }  # fmt: skip
    (tmp_path / "data" / "FER2013Test" / "label.csv").write_text("ferTest.png,1,0\n")
    with pytest.raises(UserError, match=r"label\.csv:1: not like `fer0000000\.png"):
        FERPlusConfig(folder=str(tmp_path)).samples()


def test_raf_db_in_folders_with_names(tmp_path: Path) -> None:
    pictures(tmp_path / "raf-db", "train/Sad/a.jpg", "valid/7/b.jpg", "valid/0/c.jpg")
    found = RAFDBConfig(folder=str(tmp_path)).samples()
    assert {(s.expression, s.usage) for s in found} == {("sadness", "train"), ("neutral", "test")}


def test_black_files_of_kdef_are_told(tmp_path: Path) -> None:
    pictures(tmp_path, "AF01/AF01AFS.JPG")
    black = tmp_path / "AM01" / "AM01ANS.JPG"
    picture(black, 0)
    black.write_bytes(black.read_bytes().ljust(BLACK_BYTES, b"\0"))
    assert KDEFConfig(folder=str(tmp_path)).notes() == (
        "KDEF: files that show nothing but black, left out: AM01/AM01ANS.JPG.",
    )


def test_both_misnamed_files_of_kdef(tmp_path: Path) -> None:
    pictures(tmp_path, "AF31/AF31V.JPG", "AM31/AM31H.JPG", "AF31/AF31NEHL.JPG", "AM31/AM31NEHR.JPG")
    samples = KDEFConfig(folder=str(tmp_path), angles=("HL", "HR")).samples()
    found = {sample.image: (sample.expression, sample.reference) for sample in samples}
    assert found["AF31/AF31V.JPG"] == ("sadness", "AF31/AF31NEHL.JPG")
    assert found["AM31/AM31H.JPG"] == ("surprise", "AM31/AM31NEHR.JPG")


def test_the_short_list_of_muxspace_and_the_jaffe_pictures_beside_it(tmp_path: Path) -> None:
    pictures(tmp_path, "images/a.jpg", "images/b.jpg", "test/KA.AN1.39.tiff.jpg")
    table(tmp_path / "data" / "legend.csv", "user.id,image,emotion", "1,a.jpg,HAPPINESS", "1,b.jpg,anger")
    table(tmp_path / "data" / "500_picts_satz.csv", "user.id,image,emotion", "1,b.jpg,sad", end="\r")
    short = MuxspaceConfig(folder=str(tmp_path), file="500_picts_satz.csv").samples()
    assert [(sample.image, sample.expression) for sample in short] == [("images/b.jpg", "sadness")]
    assert {sample.image for sample in MuxspaceConfig(folder=str(tmp_path)).samples()} == {
        "images/a.jpg", "images/b.jpg",
    }  # fmt: skip


def test_published_counts_add_up_to_the_published_totals(registry: Registry) -> None:
    totals = {
        "affectnet": [287_651], "ckplus": [327], "ckplus48": [981], "expw": [91_793], "raf_db": [12_271, 3_068],
        "fer2013": [35_887, 28_709, 3_589, 3_589, 7_178], "sfew": [891, 431],
    }  # fmt: skip
    for name in registry.names("dataset"):
        published = getattr(registry.get("dataset", name).config, "published", {})
        assert [sum(counts.values()) for counts in published.values()] == totals.get(name, []), name


def test_a_manifest_under_other_names_with_parts_boxes_and_intensity(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.arange(100, dtype=np.uint8).reshape(10, 10))
    header, row = "path,label,who,split,intensity,x,y,w,h,source", "a.png,Happy,ann,Training,0.5,2,3,4,5,web"
    table(tmp_path / "list.csv", header, row, "a.png,sad,bob,val,,,,,,web", "a.png,sad,bob,val,,1,1,2,2,film")
    columns = {"image": "path", "expression": "label", "subject": "who", "part": "split"}
    config = ManifestConfig(folder=str(tmp_path), file="list.csv", columns=columns, where={"source": ("web",)})
    data = dataset(config)
    assert [(s.image, s.expression, s.subject, s.usage, s.intensity) for s in data.samples] == [
        ("a.png#xywh=2,3,4,5", "happiness", "ann", "train", 0.5), ("a.png", "sadness", "bob", "validation", None),
    ]  # fmt: skip
    assert data.read(data.samples[0].image).shape == (5, 4, 1)
    for wrong, message in (
        ({"image": "file"}, r"list\.csv:1: `columns` names the column file; found path, label"),
        ({"picture": "path"}, "data.columns: picture is no column of a manifest"),
    ):
        with pytest.raises(UserError, match=message):
            ManifestConfig(folder=str(tmp_path), file="list.csv", columns=wrong).samples()
    for bad, message in (
        (row.replace("Training", "dev"), r"list\.csv:2: part 'dev' is not train, validation or test"),
        (row.replace("0.5", "much"), r"list\.csv:2: intensity and x, y, w, h are numbers"),
        (row.replace(",4,", ",,"), r"list\.csv:2: intensity and x, y, w, h are numbers"),
    ):
        table(tmp_path / "list.csv", header, bad)
        with pytest.raises(UserError, match=message):
            ManifestConfig(folder=str(tmp_path), file="list.csv", columns=columns).samples()


def test_class_folders_below_published_parts(tmp_path: Path) -> None:
    pictures(tmp_path, "train/happy/S1_1.png", "train/neutral/S1_2.png", "val/sad/S2_1.png", "Test/sad/S3_1.png")
    samples = FolderConfig(folder=str(tmp_path)).samples()
    assert Counter(sample.usage for sample in samples) == {"train": 2, "validation": 1, "test": 1}
    assert {sample.subject: sample.reference for sample in samples} == {
        "S1": "train/neutral/S1_2.png", "S2": None, "S3": None,
    }  # fmt: skip
    unknown = FolderConfig(folder=str(tmp_path), subject=None).samples()
    assert {(sample.subject, sample.reference) for sample in unknown} == {(None, None)}


def test_a_published_set_is_guessed_before_a_generic_one(tmp_path: Path, registry: Registry) -> None:
    names = [f"{part}/{name}/{part}_{number}.jpg" for part in ("train", "test") for name in ("angry", "neutral")
             for number in (1, 2)]  # fmt: skip
    pictures(tmp_path, *names)
    assert dataset_in(tmp_path, registry).type == "fer2013"
    assert dataset_in(tmp_path, registry, "folder").type == "folder"


def test_links_to_folders_are_followed(tmp_path: Path) -> None:
    pictures(tmp_path / "disk" / "1", "train/1/a.jpg", "test/6/b.jpg")
    root = tmp_path / "RAF"
    root.mkdir()
    (root / "basic").symlink_to(tmp_path / "disk" / "1")
    (tmp_path / "disk" / "1" / "back").symlink_to(root)
    samples = RAFDBConfig(folder=str(root)).samples()
    assert {sample.image for sample in samples} == {"basic/train/1/a.jpg", "basic/test/6/b.jpg"}
