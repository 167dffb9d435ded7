"""`gcnet data check`: sequences that a split cut, files that end early, labels in the order of another data set."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.data.guess import dataset_in
from gcnet_core.data.load import list_samples
from gcnet_core.data_validation.check import check_data
from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.labels import check_labels
from gcnet_core.data_validation.parts import classes_by_part, missing_classes
from gcnet_core.data_validation.sequences import frame_of
from gcnet_core.plugin_api import ImageConfig, Registry, Sample
from gcnet_core.recipe.schema import SplitConfig
from gcnet_core.report.templates import with_code
from tests.core.test_data_check import face, write


def found(folder: Path, registry: Registry) -> dict[str, Finding]:
    listing = list_samples([dataset_in(folder, registry, "manifest")], {}, ImageConfig(channels=3), registry)
    return {finding.name: finding for finding in check_data(listing, registry)[0].findings}


def frames(folder: Path, name: str, key: int, *rows: tuple[str, str]) -> list[list[str]]:
    """A sequence that moves a little from frame to frame, and its rows with subject and fold."""
    written = []
    for number, (subject, fold) in enumerate(rows, start=7):
        moved = np.clip(face(key) + face(1000 + 10 * key + number) * 0.15, 0, 255).astype(np.uint8)
        image = f"{name}_{number:08}.png"
        cv2.imwrite(str(folder / image), moved)
        written.append([image, subject, "anger", "", "", "", fold])
    return written


def test_a_sequence_in_two_folds_is_found_where_only_names_tell(tmp_path: Path, registry: Registry) -> None:
    cut = frames(tmp_path, "S010_004", 1, ("", "0"), ("", "1"), ("", "0"))
    whole = frames(tmp_path, "S010_005", 2, ("", "1"), ("", "1"), ("", "1"))
    strangers = []  # im_0007.png and im_0008.png are photographs of two people
    for key in (7, 8):
        cv2.imwrite(str(tmp_path / f"im_{key:04}.png"), face(50 + key))
        strangers.append([f"im_{key:04}.png", "", "anger", "", "", "", str(key % 2)])
    write(tmp_path, [*cut, *whole, *strangers])
    finding = found(tmp_path, registry)["cut_sequences"]
    assert (finding.severity, finding.count) == ("error", 1)
    assert finding.images == (("S010_004_00000007.png", "S010_004_00000008.png"),)
    assert "first S010_004 (S010_004_00000007.png and S010_004_00000008.png)" in finding.text


def test_a_sequence_under_two_people_is_found(tmp_path: Path, registry: Registry) -> None:
    write(tmp_path, frames(tmp_path, "clip", 1, ("clip7", ""), ("clip8", "")))
    assert found(tmp_path, registry)["cut_sequences"].count == 1
    write(tmp_path, frames(tmp_path, "clip", 1, ("clip", ""), ("clip", "")))
    assert "cut_sequences" not in found(tmp_path, registry)


def test_what_names_tell_of_frames() -> None:
    assert frame_of("anger/S010_004_00000017.png") == ("S010_004", 17)
    assert frame_of("P001/Anger/003.jpeg") == ("P001/Anger", 3)
    assert frame_of("S035-004.avi#frame=12&rotate=90") == ("S035-004.avi", 12)
    assert frame_of("fer2013.csv#row=17") is None
    assert frame_of("anna.png") is None


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_files_that_end_early_are_found(suffix: str, tmp_path: Path, registry: Registry) -> None:
    for key, name in enumerate(("whole", "padded", "cut")):
        cv2.imwrite(str(tmp_path / f"{name}{suffix}"), face(key, 96))
    cut, padded = tmp_path / f"cut{suffix}", tmp_path / f"padded{suffix}"
    cut.write_bytes(cut.read_bytes()[: int(cut.stat().st_size * 0.7)])
    padded.write_bytes(padded.read_bytes() + bytes(100))
    write(tmp_path, [[f"{name}{suffix}", "s1", "anger", "", "", "", ""] for name in ("whole", "padded", "cut")])
    finding = found(tmp_path, registry)["unreadable"]
    assert (finding.count, finding.images) == (1, ((f"cut{suffix}",),))
    assert "the file ends before its picture does; copy or download it again" in finding.text


def test_a_small_picture_inside_a_jpeg_does_not_hide_that_it_is_cut() -> None:
    from gcnet_core.data.cut_off import is_cut_off

    small, large = (cv2.imencode(".jpg", face(size, size))[1].tobytes() for size in (16, 96))
    inside = b"Exif\0\0" + small
    with_preview = large[:2] + b"\xff\xe1" + (len(inside) + 2).to_bytes(2, "big") + inside + large[2:]
    assert not is_cut_off(with_preview)
    assert is_cut_off(with_preview[:-20])


def labelled(counts: dict[str, int], usage: str | None = None) -> list[Sample]:
    return [
        Sample(f"{usage}/{name}/{number}.png", None, name, usage=usage)  # type: ignore[arg-type]
        for name, count in counts.items()
        for number in range(count)
    ]


def shifted(samples: list[Sample], registry: Registry) -> list[str]:
    return [finding.text for finding in check_labels(samples, registry) if finding.name == "shifted_labels"]


NUMBERS_OF_FER2013 = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")
PRIVATE = dict(zip(NUMBERS_OF_FER2013, (491, 55, 528, 879, 594, 416, 626), strict=True))


def test_numbers_read_in_the_order_of_the_alphabet(registry: Registry) -> None:
    """FER2013 has neutral = 6; folders sort it to 4, and many copies mix the two up."""
    wrong = dict(zip(sorted(PRIVATE), PRIVATE.values(), strict=True))
    (text,) = shifted(labelled(wrong, "test"), registry)
    assert "the counts of PrivateTest of FER2013 (`fer2013`)" in text
    assert "neutral is sadness, sadness is surprise, surprise is neutral" in text
    assert "as if numbers in the order of `fer2013` were read in the order of the alphabet" in text
    assert "`labels: {neutral: sadness, sadness: surprise, surprise: neutral}`" in text


def test_swapped_classes_numbers_and_a_part_of_the_data(registry: Registry) -> None:
    swapped = {**PRIVATE, "anger": PRIVATE["fear"], "fear": PRIVATE["anger"]}
    (text,) = shifted([*labelled(swapped, "test"), *labelled({"anger": 9, "fear": 3}, "train")], registry)
    assert "anger is fear, fear is anger; put right by" in text
    (text,) = shifted(labelled({str(code): PRIVATE[name] for code, name in enumerate(NUMBERS_OF_FER2013)}), registry)
    assert "0 is anger, 1 is disgust, 2 is fear, 3 is happiness, 4 is sadness, 5 is surprise, 6 is neutral" in text


def test_right_names_raise_no_alarm(registry: Registry) -> None:
    published = {
        what: counts
        for name in registry.names("dataset")
        for what, counts in getattr(registry.get("dataset", name).config, "published", {}).items()
    }
    assert len(published) >= 10
    for what, counts in published.items():
        if sum(counts.values()) < 50_000:
            assert shifted(labelled(dict(counts)), registry) == [], what
            one_less = {name: count - (count > 400) for name, count in counts.items()}
            assert shifted(labelled(one_less), registry) == [], what
    assert shifted(labelled({"anger": 10, "fear": 10, "happiness": 10, "sadness": 10, "neutral": 10}), registry) == []


def test_a_list_is_taken_before_a_folder_that_bears_no_expression(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "images").mkdir()
    for key, name in enumerate(("neutral", "smile")):
        cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), face(key))
    write(tmp_path, [[f"images/{name}.png", "s1", name, "", "", "", ""] for name in ("neutral", "smile")])
    assert dataset_in(tmp_path, registry).type == "manifest"


def test_classes_are_counted_by_part_and_fold() -> None:
    samples = [
        Sample("1", "a", "anger", fold=0), Sample("2", "a", "fear", fold=0), Sample("3", "b", "anger", fold=10),
        Sample("4", "c", "fear", fold=2),
    ]  # fmt: skip
    by_part = classes_by_part(samples)
    assert list(by_part) == ["fold 0", "fold 2", "fold 10"]
    assert by_part["fold 0"] == {"anger": 1, "fear": 1}
    (finding,) = missing_classes(by_part)
    assert (finding.severity, finding.count) == ("note", 2)
    assert "fold 2 has no anger, fold 10 has no fear" in finding.text
    parts = [Sample("1", None, "anger", usage="test"), Sample("2", None, "anger", usage="train")]
    assert list(classes_by_part(parts)) == ["train", "test"]


def test_folds_that_a_recipe_draws_are_counted() -> None:
    samples = [Sample(f"{person}{name}", str(person), name) for person in range(6) for name in ("anger", "fear")]
    by_part = classes_by_part(samples, SplitConfig(folds=3), seed=1)
    assert by_part == {f"drawn fold {fold}": {"anger": 2, "fear": 2} for fold in range(3)}
    assert classes_by_part([Sample("1", None, "anger")], SplitConfig(folds=3)) == {}  # nobody is known


def test_backticks_are_code_on_a_page() -> None:
    assert with_code("use `labels` <here>") == "use <code>labels</code> &lt;here&gt;"
