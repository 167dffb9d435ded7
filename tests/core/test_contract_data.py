"""The contract kit passes the shipped data sets, and honest ones of others; each of its checks catches its fault."""

import os
from pathlib import Path
from typing import Any

import pytest

from gcnet_core.plugin_api import Registry, discover
from gcnet_core.testing import Case, checks_of, run_checks
from gcnet_core.testing.datasets.files import is_the_same_in_another_process, says_what_it_holds_at_once
from gcnet_core.testing.environment.fresh_process import hash_seed_with_other_order
from tests.benchmarks.contract_faults.dataset import FAULTS, GOOD, NEEDED
from tests.plugins.test_fer_sets import ferplus_tree
from tests.plugins.test_published_sets import ckplus_tree, mmi_session
from tests.plugins.trees import picture, pictures, pixels, table, video

IN_PROCESSES = {is_the_same_in_another_process.name, says_what_it_holds_at_once.name}
"""Checks that start Python anew, which takes seconds."""

CAUGHT: dict[str, tuple[str, ...]] = {  # by check, names of faults in tests/benchmarks/contract_faults/dataset.py
    "describes_its_source": ("notes as a text", "codes the other way round", "published without numbers"),
    "lists_samples": ("no samples", "subject with a blank", "absolute names", "upper case", "votes in a dict"),
    "names_each_picture_once": ("all listed twice",),
    "says_what_it_holds": ("alphabetical classes", "claims references", "forgets folds"),
    "has_neutral_references_of_the_same_person": ("an expressive reference", "another person's reference"),
    "keeps_people_in_one_fold": ("a person in two folds", "folds from 1"),
    "has_votes_for_its_labels": ("votes by another name", "columns shifted"),
    "labels_as_its_names_say": ("labels shifted",),
    "reads_pictures": ("floats", "ones and zeros", "channels first", "one picture is a float"),
    "reads_the_same_again": ("noise", "one buffer", "augmented by torch"),
    "reads_in_threads": ("state between threads", "one thread alone"),
    "refuses_unknown_names": ("unknown names are black", "unknown names are a KeyError"),
    "shows_what_it_names": ("one picture for all",),
    "leaves_the_process_as_it_is": ("seeds numpy", "prints"),
    "lists_the_same_every_time": ("drawn order", "order of the file system", "samples change when read"),
    "is_the_same_in_another_process": ("order of a set of people",),
    "says_what_it_holds_at_once": ("info decodes",),
    "says_what_is_missing": ("missing files are a traceback", "missing files without advice"),
    "has_another_key_when_pictures_change": (
        *("a key without an option", "a key of names alone", "a key that is a number", "another key each time"),
    ),
    "moves_with_its_folder": ("a damaged file is a traceback", "writes an index"),
}


@pytest.fixture
def case_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a case of the source of a plugin; the files that it needs are there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for path, text in NEEDED.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    def make(name: str, source: str) -> Case:
        file = tmp_path / f"{name}.py"
        file.write_text(source)
        return Case("dataset", "part", registry=discover([str(file)]))

    return make


@pytest.mark.parametrize("name", GOOD)
def test_honest_data_sets_of_others_pass(case_of: Any, name: str) -> None:
    assert faults(case_of(f"data_good_{name}", GOOD[name])) == []


@pytest.mark.parametrize(("check", "fault"), [(check, fault) for check, names in CAUGHT.items() for fault in names])
def test_a_fault_is_caught_by_its_check(case_of: Any, check: str, fault: str) -> None:
    number, (_, good, text, replacement) = next(entry for entry in enumerate(FAULTS) if entry[1][0] == fault)
    assert text in GOOD[good]
    case = case_of(f"data_fault_{number}", GOOD[good].replace(text, replacement))
    (chosen,) = (entry for entry in checks_of("dataset") if entry.name == check)
    result = list(run_checks(case, [chosen]))[-1]
    assert result.outcome == "broken", result


def test_there_is_a_fault_for_every_check() -> None:
    own = {check.name for check in checks_of("dataset")} - {check.name for check in checks_of("delta")}
    assert own <= CAUGHT.keys() | {check.name for check in checks_of("no kind")}


def faults(case: Case, without: set[str] = frozenset()) -> list[tuple[str, str | None]]:  # type: ignore[assignment]
    chosen = [check for check in checks_of("dataset") if check.name not in {*without, "is_registered_without_torch"}]
    return [(result.check.name, result.fault) for result in run_checks(case, chosen) if result.fault]


def shipped(root: Path) -> dict[str, dict[str, Any]]:
    """Made-up trees of the published layouts, as options of the data sets that read them."""

    def at(name: str, *files: str) -> Path:
        return pictures(root / name, *files)

    mmi_session(root / "mmi", 1, "S001-004", 4, 0, [10, 30, 90, 30, 10], (48, 64))
    mmi_session(root / "mmi", 2, "S002-001", 6, 1, [10, 30, 90, 30, 10], (48, 64))
    codes = ((7, "Training"), (6, "PublicTest"), (0, "PrivateTest"))
    table(
        root / "ckextended" / "ckextended.csv", "emotion,pixels,Usage", *(f"{c},{pixels(9 + c)},{u}" for c, u in codes)
    )
    table(root / "fer2013" / "fer2013.csv", "emotion,pixels,Usage", *(f"{c % 7},{pixels(9 + c)},{u}" for c, u in codes))
    raf = at("raf_db", "basic/Image/aligned/train_00001_aligned.jpg", "basic/Image/aligned/test_0001_aligned.jpg")
    (raf / "basic" / "EmoLabel").mkdir()
    labels = "train_00001.jpg 5\ntest_0001.jpg 7\n"
    (raf / "basic" / "EmoLabel" / "list_patition_label.txt").write_text(labels)
    picture(root / "expw" / "data" / "image" / "origin" / "angry_1.jpg", 80, (60, 50))
    expw = "angry_1.jpg 0 10 20 45 30 88.5 0\nangry_1.jpg 1 0 0 9 9 20.0 6\n"
    (root / "expw" / "data" / "label").mkdir()
    (root / "expw" / "data" / "label" / "label.lst").write_text(expw)
    at("muxspace", "images/Aaron_Peirsol_0001.jpg", "images/Aaron_Peirsol_0002.jpg", "images/img_77.jpg")
    mux = ("1,Aaron_Peirsol_0001.jpg,HAPPINESS", "1,Aaron_Peirsol_0002.jpg,neutral", "1,img_77.jpg,sad")
    table(root / "muxspace" / "data" / "legend.csv", "user.id,image,emotion", *mux)
    video(root / "sequences" / "anger" / "S07_1.avi", [10, 40, 80])
    at("manifest", "a.png", "b.png", "c.png")
    rows = ("a.png,s1,anger,b.png,0,anger=3;neutral=1", "b.png,s1,neutral,b.png,0,", "c.png,s2,anger,,1,")
    table(root / "manifest" / "manifest.csv", "image,subject,expression,reference,fold,votes", *rows)
    sequences = [f"OriginalImg/VL/Strong/{place}" for place in ("P001/Anger", "P001/Fear", "P002/Anger")]
    rafd = "Rafd090_01_Caucasian_female"
    folders = {
        "manifest": root / "manifest",
        "folder": at("folder", "anger/s1_1.png", "neutral/s1_2.png", "happy/s2_1.png", "neutral/s2_2.png"),
        "sequences": at("sequences", *(f"happy/S05_2/{number}.png" for number in range(1, 6))),
        "ckplus": ckplus_tree(root / "ckplus"),
        "ckplus48": at(
            "ckplus48", "happy/S010_004_00000017.png", "anger/S005_001_00000009.png", "neutral/S005_001_00000001.png"
        ),
        "ckextended": root / "ckextended",
        "mmi": root / "mmi",
        "oulu_casia": at("oulu", *(f"{place}/{number:03}.jpeg" for place in sequences for number in range(4))),
        "jaffe": at("jaffe", "NA.SA1.205.tiff", "NA.NE1.201.tiff", "NA.NE2.202.tiff", "NM.AN1.104.tiff"),
        "kdef": at("kdef", "KDEF/AF01/AF01AFS.JPG", "KDEF/AF01/AF01NES.JPG", "KDEF/BF01/BF01HAS.JPG"),
        "rafd": at("rafd", f"{rafd}_angry_frontal.jpg", f"{rafd}_neutral_frontal.jpg"),
        "fer2013": root / "fer2013",
        "ferplus": ferplus_tree(root / "ferplus"),
        "raf_db": raf,
        "affectnet": at("affectnet", "train/0/a.jpg", "train/6/b.jpg", "val/1/c.jpg"),
        "sfew": at(
            "sfew",
            "Train/Train_Aligned_Faces/Angry/Airheads_000519240_00000005.png",
            "Val/Val_Aligned_Faces_new/Sad/Juno_0_1.png",
        ),
        "expw": root / "expw",
        "muxspace": root / "muxspace",
    }
    return {"synthetic_faces": {"subjects": 2}, **{name: {"folder": str(folder)} for name, folder in folders.items()}}


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return shipped(tmp_path_factory.mktemp("trees"))


def test_there_is_a_tree_for_every_shipped_data_set(trees: dict[str, dict[str, Any]], registry: Registry) -> None:
    assert set(trees) == set(registry.names("dataset"))


@pytest.mark.parametrize("name", discover().names("dataset"))
def test_shipped_data_sets_keep_every_promise(name: str, trees: dict[str, dict[str, Any]], registry: Registry) -> None:
    assert faults(Case("dataset", name, trees[name], registry), set() if name == "jaffe" else IN_PROCESSES) == []


@pytest.mark.parametrize("name", ["ckplus", "ckplus48", "mmi", "sequences"])
def test_with_neutral_frames_as_samples_too(name: str, trees: dict[str, dict[str, Any]], registry: Registry) -> None:
    assert faults(Case("dataset", name, {**trees[name], "neutral": True}, registry), IN_PROCESSES) == []


def test_missing_files_are_skipped_with_what_to_put_where(registry: Registry, tmp_path: Path) -> None:
    case = Case("dataset", "ckplus", {"folder": str(tmp_path / "gone")}, registry)
    results = {result.check.name: result for result in run_checks(case)}
    assert [result.fault for result in results.values() if result.fault] == []
    assert "cohn-kanade-images/S005/001" in results["is_of_its_kind"].reason
    assert results["says_what_is_missing"].outcome == "kept"
    assert {results[name].outcome for name in ("lists_samples", "reads_pictures")} == {"skipped"}


def test_sets_are_in_another_order_under_the_chosen_hash_seed() -> None:
    import json
    import subprocess
    import sys

    groups = [["neutral", "anger", "happiness"], ["s1", "s2"]]
    seed = hash_seed_with_other_order(groups)
    program = f"import json; print(json.dumps([list(set(group)) for group in {groups}]))"
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    there = json.loads(subprocess.check_output([sys.executable, "-c", program], env=environment))
    assert all(one != list(set(group)) for one, group in zip(there, groups, strict=True))
