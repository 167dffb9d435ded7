"""Findings about people and labels: in `gcnet data check`, and before a run trains on them."""

from pathlib import Path

import pytest
from gcnet_datasets.files.class_folders import FolderConfig
from gcnet_datasets.labels import folder_expression

from gcnet_core.data.expression_names import CANONICAL_NAME, expression_name, misspelt, nearest_expression
from gcnet_core.data.load import Listing, list_samples
from gcnet_core.data_validation.before_training import notes_before_training
from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.labels import check_labels, check_names
from gcnet_core.data_validation.people import check_people
from gcnet_core.data_validation.who import MANY, check_who
from gcnet_core.plugin_api import CANONICAL, Registry, Sample, UserError
from gcnet_core.recipe import Recipe, load_recipe
from tests.plugins.trees import pictures
from tests.runs import gcnet


def people(*pairs: str, times: int = 1) -> list[Sample]:
    """A sample for each `person expression`."""
    each = [pair.split(" ") for pair in pairs for _ in range(times)]
    return [Sample(f"{row}.png", who or None, name) for row, (who, name) in enumerate(each)]


def found(samples: list[Sample]) -> dict[str, Finding]:
    return {finding.name: finding for finding in check_who(samples)}


def test_people_as_they_should_be_give_no_finding() -> None:
    assert found(people("a happiness", "a sadness", "b happiness", "b sadness")) == {}
    assert found(people("a happiness", "b sadness", "b anger", " happiness", times=2)) == {}
    assert found(people(" happiness", " sadness")) == {}
    assert found([]) == {}


@pytest.mark.parametrize(
    ("samples", "name", "severity", "text"),
    [
        (people("happy happiness", "sad sadness", times=3), "person_is_class", "error", "first happy, sad"),
        (people("x happiness", "y sadness", times=3), "person_is_class", "error", "leave the person unknown"),
        (
            people("a happiness", "b happiness", "c sadness", times=2),
            "one_expression_each",
            "warning",
            "knows the label",
        ),
        (people("img happiness", "img sadness"), "one_person", "warning", "of one person, img"),
        (people("a happiness", "b happiness", "c sadness"), "own_person_each", "note", "person of its own"),
    ],
)
def test_people_who_are_perhaps_none(samples: list[Sample], name: str, severity: str, text: str) -> None:
    (finding,) = found(samples).values()
    assert (finding.name, finding.severity) == (name, severity)
    assert text in finding.text


def test_people_with_very_many_images_and_in_several_spellings() -> None:
    many = found([*people("a happiness", times=MANY), *people("a sadness", "b happiness", "b sadness")])
    assert list(many) == ["many_images_of_a_person"]
    assert f"first a ({MANY + 1:,})" in many["many_images_of_a_person"].text
    alike = found(people("S01 happiness", "S01 sadness", "s1 happiness", "s1 sadness", "1 sadness"))[
        "people_spelt_alike"
    ]
    assert (alike.severity, alike.count) == ("warning", 3)
    assert "first '1' = 'S01' = 's1'" in alike.text


def test_references_of_others_and_of_other_faces() -> None:
    samples = [
        Sample("a1", "a", "neutral", reference="a1"),
        Sample("a2", "a", "happiness", reference="a1"),
        Sample("b1", "b", "happiness", reference="a1"),
        Sample("b2", "b", "sadness", reference="b1"),
        Sample("c1", None, "sadness", reference="elsewhere"),
    ]
    findings = {finding.name: finding for finding in check_people(samples)}
    others, expressive = findings["references_of_others"], findings["expressive_references"]
    assert (others.severity, others.images) == ("error", (("b1", "a1"),))
    assert (expressive.severity, expressive.images) == ("warning", (("b2", "b1"),))
    assert not {"references_of_others", "expressive_references"} & {f.name for f in check_people(samples[:2])}


def test_people_of_two_data_sets_are_two() -> None:
    joined = [
        Sample(f"{source}:{row}", f"{source}:{who}", expression, source=source)
        for source, who in (("a", "S1"), ("b", "s01"), ("b", "S2"))
        for row, expression in enumerate(("happiness", "sadness"))
    ]
    assert found(joined) == {}
    happy = [Sample(f"a:{row}", f"a:{('sad', 'happy')[row % 2]}", ("sadness", "happiness")[row % 2], source="a")
             for row in range(8)]  # fmt: skip
    assert list(found(happy)) == ["person_is_class"]


def test_spellings_of_expressions() -> None:
    for text, name in (
        ("Happy ", "happiness"), ("SCARED", "fear"), (" joy", "happiness"), ("Surprises", "surprise"),
        ("Calm", "neutral"),
    ):  # fmt: skip
        assert expression_name(text) == name
    assert set(CANONICAL_NAME.values()) == set(CANONICAL)
    assert folder_expression("³", {3: "fear"}) is None
    assert folder_expression(" Sad ", {}) == "sadness"


def test_a_misspelling_is_never_taken_for_the_word() -> None:
    near = {
        "Supprise": "surprise",
        "neutrl": "neutral",
        "hapiness": "happiness",
        "angrry": "anger",
        "contemp": "contempt",
    }
    for word, right in near.items():
        assert nearest_expression(word) == right
        assert expression_name(word) == word.lower()
    for word in ("smile", "wink", "1", "", "scream", "pain", "喜"):
        assert nearest_expression(word) is None, word
    assert misspelt(["fear", "feer", "wink", "joy"]) == {"feer": "fear"}


def test_findings_on_names_of_classes() -> None:
    samples = people("a surprise", "a suprise", "b wink", "b 3", times=2)
    findings = {finding.name: finding for finding in check_names(samples)}
    assert {name: finding.severity for name, finding in findings.items()} == {
        "numbers_as_labels": "error", "misspelt_labels": "warning", "other_labels": "note",
    }  # fmt: skip
    assert (
        "suprise (2; surprise?); if these are meant, `labels: {suprise: surprise}`" in findings["misspelt_labels"].text
    )
    assert "suprise" not in findings["other_labels"].text


def test_votes_against_a_label(registry: Registry) -> None:
    votes = (("anger", 3.0), ("fear", 7.0))
    samples = [
        Sample("1", "a", "anger", votes=votes), Sample("2", "a", "fear", votes=votes),
        Sample("3", "b", "sadness", votes=votes), Sample("4", "b", "sadness", votes=()),
    ]  # fmt: skip
    (finding,) = (finding for finding in check_labels(samples, registry) if finding.name == "votes_against_label")
    assert (finding.severity, finding.images) == ("note", (("1",), ("3",)))


def a_recipe(tmp_path: Path, registry: Registry, more: str = "") -> Recipe:
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"extends: baselines/cnn_resnet\nimage: {{size: 8}}\n{more}"
        f"data: {{type: folder, folder: {tmp_path / 'faces'}}}\n",
        encoding="utf-8",
    )
    return load_recipe(path, registry=registry)


def test_what_labels_leave_out_is_counted(tmp_path: Path, registry: Registry) -> None:
    pictures(tmp_path / "faces", *(f"{name}/{who}_1.png" for name in ("happy", "sad", "wink") for who in ("a", "b")))
    recipe = a_recipe(tmp_path, registry, "labels: {wink: null}\n")
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    assert listing.notes == ("`labels` leaves out 2 of 6 images: wink (2).",)
    assert list(notes_before_training(listing, recipe)) == list(listing.notes)


def test_a_run_says_what_is_serious_and_refuses_people_who_are_classes(tmp_path: Path, registry: Registry) -> None:
    pictures(tmp_path / "faces", "happy/a_1.png", "sad/a_1.png", "happy/b_1.png", "sad/b_1.png")
    recipe = a_recipe(tmp_path, registry)

    def notes(samples: list[Sample]) -> list[str]:
        return list(notes_before_training(Listing(tuple(samples), lambda name: None), recipe))  # type: ignore[arg-type]

    assert notes(people("a happiness", "a sadness", "b happiness", "b sadness")) == []
    (spelt,) = notes(people("a happiness", "a sadness", "A happiness", "A sadness"))
    assert "'A' = 'a'" in spelt
    with pytest.raises(UserError, match="data: the people are the classes"):
        notes(people("x happiness", "y sadness", times=4))


def test_the_command_says_it(tmp_path: Path) -> None:
    names = [f"{part}/{name}/{number}.png" for part in ("train", "test") for name in ("Angry", "Sad", "Suprise", "Wink")
             for number in (1, 2)]  # fmt: skip
    pictures(tmp_path / "set", *names)
    answer = gcnet("data", "check", tmp_path / "set", "--type", "fer2013", "--json", "--detector", "none")
    assert "8 pictures are left out" in answer.stdout
    assert "suprise (4; surprise?), wink (4)" in answer.stdout
    assert FolderConfig(folder=str(tmp_path / "set")).info().classes == ("anger", "sadness", "suprise", "wink")
