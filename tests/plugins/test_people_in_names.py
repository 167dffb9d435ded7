"""Who is in a picture by its name: all alphabets, nobody, and guesses that find no people."""

import unicodedata
from pathlib import Path

import pytest
from gcnet_datasets.files.class_folders import FolderConfig
from gcnet_datasets.files.manifest import ManifestConfig
from gcnet_datasets.files.people_in_names import MANY, NAME_BEGINS, found_person, with_plausible_people
from gcnet_datasets.files.references import with_other_neutral, with_own_neutral
from gcnet_datasets.files.sequences import SequencesConfig
from hypothesis import given, settings
from hypothesis import strategies as st

from gcnet_core.data.people import person_in_list, person_in_path, spelt_alike
from gcnet_core.plugin_api import Sample, UserError, true_references
from tests.plugins.trees import pictures, table

CLASSES = ("happy", "sad", "neutral")


def test_names_are_read_in_all_alphabets() -> None:
    names = ("Jürgen", "李雷", "Ольга", "محمد", "अमित", "นภา", "Nguyễn", "이수진", "Ζωή", "S05", "佐々木")
    for name in names:
        for form in ("NFC", "NFD"):
            for end in ("_1.png", "-happy.png", " 2.jpg", ".png"):
                found = found_person(NAME_BEGINS, unicodedata.normalize(form, name + end))
                assert found == (True, unicodedata.normalize("NFC", name)), (name, form, end)
    assert found_person(r"^(\w+?)_", "अमित_1.png") == (True, "अमित")  # patterns of users too
    assert found_person(NAME_BEGINS, "(1).png") == (False, None)
    assert found_person(r"^(?:(a)|b)", "b.png") == (True, None)


@given(st.text(st.characters(categories=["L", "N"], max_codepoint=0x2FFF), min_size=2, max_size=8))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_two_people_never_become_one(name: str) -> None:
    """What differs behind the first letter differs in the person, and nothing of a name is cut off."""
    whole = unicodedata.normalize("NFC", name)
    assert found_person(NAME_BEGINS, f"{name}-1.png") == (True, person_in_path(whole))


def test_words_for_nobody() -> None:
    for cell in ("", "  ", "nan", "NaN", "NA", "n/a", "None", "NULL", "-", "?", "Unknown", " unknown ", None):
        assert person_in_list(cell) is None, cell
    assert [person_in_list(cell) for cell in (" S01 ", "0", "Nan Li", "no")] == ["S01", "0", "Nan Li", "no"]
    assert [person_in_path(name) for name in ("NA", "-", "unknown", "NAN", "")] == ["NA", "-", None, None, None]
    assert person_in_list(unicodedata.normalize("NFD", "Zoë")) == "Zoë"


def test_one_name_in_several_spellings() -> None:
    assert spelt_alike(["S01", "s01", "S1", "001", "1", "S02", "2", "S3"]) == [
        ("001", "1", "S01", "S1", "s01"),
        ("2", "S02"),
    ]
    assert spelt_alike(["F01", "M01", "1", "f1"]) == [("F01", "f1")]  # 1 may be either
    assert spelt_alike(["anna b", "Anna B", "annab", "anna c"]) == [("Anna B", "anna b", "annab")]
    assert spelt_alike(["Zoë", unicodedata.normalize("NFD", "Zoë"), "Zoe"]) != []
    assert spelt_alike(["10", "1", "100", "S_1", "S_10", "a", "b"]) == []


@given(st.lists(st.integers(1, 500), min_size=1, unique=True), st.integers(0, 3))
@settings(derandomize=True, max_examples=100, deadline=None)
def test_numbers_with_zeros_before_them_are_the_same_numbers(numbers: list[int], zeros: int) -> None:
    names = [f"P{number}" for number in numbers] + [f"p{'0' * zeros}{number}" for number in numbers]
    assert len(spelt_alike(names)) == len(numbers)
    assert spelt_alike(names[: len(numbers)]) == []


def folders(root: Path, *stems: str, classes: tuple[str, ...] = CLASSES) -> FolderConfig:
    pictures(root, *(f"{name}/{stem.format(name)}.png" for name in classes for stem in stems))
    return FolderConfig(folder=str(root))


@pytest.mark.parametrize(
    ("stems", "why"),
    [
        (("{}_001", "{}_002"), "they begin with the expression, first"),
        (("{}1", "{}2"), "they begin with the expression, first"),
        (("Training_10", "PublicTest_20", "PrivateTest_30"), "a word for a picture or a part of the data"),
        (("0", "1", "2"), "they are bare numbers"),
        (("img001", "IMG 002"), "a word for a picture"),
        (("lab_1", "lab_2"), "all begin with lab"),
    ],
)
def test_a_guess_that_finds_no_people_gives_no_reference(tmp_path: Path, stems: tuple[str, ...], why: str) -> None:
    config = folders(tmp_path, *stems)
    assert {(sample.subject, sample.reference) for sample in config.samples()} == {(None, None)}
    (note,) = config.notes()
    assert why in note
    assert "no neutral face is a reference" in note
    assert "`data.subject`" in note


def test_a_pattern_of_the_user_is_believed(tmp_path: Path) -> None:
    folders(tmp_path, "Training_10", "PublicTest_20")
    config = FolderConfig(folder=str(tmp_path), subject=r"_(\d+)\.")
    assert {sample.subject for sample in config.samples()} == {"10", "20"}
    assert all(sample.reference for sample in config.samples())
    assert config.notes() == ()
    with pytest.raises(UserError, match=r"does not match data\.subject"):
        FolderConfig(folder=str(tmp_path), subject="^(S)").samples()


def test_a_guess_that_finds_people_is_told(tmp_path: Path) -> None:
    config = folders(tmp_path, "Jürgen-1", "Ольга-2", "(3)")
    references = {sample.subject: sample.reference for sample in config.samples()}
    assert references == {"Jürgen": "neutral/Jürgen-1.png", "Ольга": "neutral/Ольга-2.png", None: None}
    (note,) = config.notes()
    assert "People are guessed from the beginnings of file names: 2, first Jürgen, Ольга" in note
    assert "the neutral face of each is the reference" in note
    by_folder = pictures(tmp_path / "people", "NA/happy/1.png", "NA/neutral/2.png", "unknown/happy/3.png")
    config = FolderConfig(folder=str(by_folder))
    assert {sample.subject for sample in config.samples()} == {"NA", None}
    assert config.notes() == ()


def test_people_with_very_many_images_are_none() -> None:
    samples = [Sample(f"happy/a_{number}.png", "a", "happiness") for number in range(MANY + 1)]
    samples.append(Sample("sad/b_1.png", "b", "sadness"))
    left, note = with_plausible_people(samples)
    assert {sample.subject for sample in left} == {None}
    assert "1,001 begin with a" in note


def test_sequences_have_people_of_all_alphabets(tmp_path: Path) -> None:
    pictures(
        tmp_path, *(f"happy/Jürgen_1/{frame}.png" for frame in (1, 2)), *(f"sad/李雷_2/{frame}.png" for frame in (1, 2))
    )
    assert {sample.subject for sample in SequencesConfig(folder=str(tmp_path)).samples()} == {"Jürgen", "李雷"}


HEADER = "image,subject,expression,reference,session,lighting,fold"


def test_nobody_in_a_list_is_counted_and_told(tmp_path: Path) -> None:
    rows = ("a.png, S1 ,happy,,,,", "b.png,nan,sad,,,,", "c.png,NA,sad,,,,", "d.png,NA,sad,,,,", "e.png,,sad,,,,")
    table(tmp_path / "manifest.csv", HEADER, *rows)
    config = ManifestConfig(folder=str(tmp_path))
    assert [sample.subject for sample in config.samples()] == ["S1", None, None, None, None]
    assert config.notes() == ("manifest.csv: the subject 'NA' (2), 'nan' (1) counts as nobody.",)
    (tmp_path / "preparation.json").write_text("{}")  # gcnet wrote the list: NA is a person of JAFFE
    written = ManifestConfig(folder=str(tmp_path))
    assert [sample.subject for sample in written.samples()] == ["S1", None, "NA", "NA", None]


def test_a_row_that_comes_twice(tmp_path: Path) -> None:
    table(tmp_path / "manifest.csv", HEADER, "a.png,s,happy,,,,", "b.png,s,sad,,,,", "a.png, s,Happiness,,,,")
    config = ManifestConfig(folder=str(tmp_path))
    assert [sample.image for sample in config.samples()] == ["a.png", "b.png"]
    assert config.notes() == ("manifest.csv: 1 rows say the same as another; each counts once.",)
    for row, what in (
        ("a.png,s,sad,,,,", "expression is happiness, not sadness"),
        ("a.png,t,happy,,,,", "subject is s, not t"),
    ):
        table(tmp_path / "manifest.csv", HEADER, "a.png,s,happy,,,,", row)
        with pytest.raises(UserError, match=rf"manifest\.csv:3: a\.png is already listed in line 2, where its {what}"):
            ManifestConfig(folder=str(tmp_path)).samples()


def test_a_neutral_face_of_nobody_is_nobodys_reference() -> None:
    samples = [
        Sample("1", None, "neutral", session="x"), Sample("2", None, "anger", session="x"), Sample("3", "a", "anger"),
        Sample("4", "a", "neutral"), Sample("5", None, "neutral", session="y"),
    ]  # fmt: skip
    for given_to in (with_own_neutral, with_other_neutral):
        references = {sample.image: sample.reference for sample in given_to(samples)}
        assert [references[image] for image in "125"] == [None, None, None]
        assert references["3"] == "4"
    own = [Sample(image, None, "neutral", image, session) for image, session in (("1", "x"), ("2", "y"))]
    assert true_references(own) == (None, None)  # the other is perhaps somebody else
