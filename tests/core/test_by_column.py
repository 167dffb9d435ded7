"""Figures by a column: groups, the worst of them, intervals over people, and where columns come from."""

import json
from pathlib import Path

import numpy as np
import pytest
from gcnet_datasets.files.manifest import ManifestConfig

from gcnet_core.data.columns import column_values
from gcnet_core.data.manifest import write_manifest
from gcnet_core.evaluation.by_column import by_column
from gcnet_core.evaluation.calibration import expected_calibration_error
from gcnet_core.evaluation.groups import accuracies, groups_of
from gcnet_core.plugin_api import Sample, UserError
from gcnet_core.report.by_column import by_column_line, by_column_table
from gcnet_core.runs import Predictions
from tests.core.test_calibration import CLASSES
from tests.runs import SMALL, gcnet, write_recipe


def answers(right: list[bool], subjects: list[str]) -> Predictions:
    """Predictions of the class 0, surer where they are right."""
    labels = np.where(right, 0, 1)
    probabilities = np.where(np.array(right)[:, None], [0.8, 0.1, 0.1], [0.6, 0.3, 0.1])
    names = tuple(f"image-{number}" for number in range(len(right)))
    return Predictions(names, tuple(subjects), labels, probabilities, CLASSES)


def test_each_group_is_measured_on_its_own_and_the_worst_is_named() -> None:
    right = [True] * 36 + [False] * 4 + [True] * 20 + [False] * 20 + [False] * 5 + [True]
    values = ["female"] * 40 + ["male"] * 40 + ["other"] * 5 + [None]
    told = answers(right, [f"{value}-{number % 10}" for number, value in enumerate(values)])
    found = by_column(told, "sex", values, 1.0, 500, 0)
    assert list(found.groups) == ["female", "male", "other"]
    assert [group.accuracy for group in found.groups.values()] == [0.9, 0.5, 0.0]
    assert [group.images for group in found.groups.values()] == [40, 40, 5]
    assert [group.subjects for group in found.groups.values()] == [10, 10, 5]
    assert [group.small for group in found.groups.values()] == [False, False, True]
    assert (found.worst, found.best, found.unknown) == ("male", "female", 1)
    assert found.difference == pytest.approx(0.4)
    assert found.difference_interval is not None
    assert found.difference_interval.low < 0.4 < found.difference_interval.high
    for name, group in found.groups.items():
        rows = np.array([value == name for value in values])
        assert group.ece == pytest.approx(expected_calibration_error(told.probabilities[rows], told.labels[rows]))
    assert "do not show the same expressions" in by_column_line(found)  # 10 % are of class 1, there 50 %
    json.dumps(found.dump(), allow_nan=False)


def test_the_interval_of_a_difference_is_paired_where_the_same_people_are_in_both_groups() -> None:
    """Who is recognized differs by person, never by light: the groups are equal in every resample."""
    people = [number for number in range(20) for _ in range(4)]
    light = ["left", "right"] * 40
    right = [person % 2 == 0 for person in people]
    found = by_column(answers(right, [str(person) for person in people]), "lighting", light, 1.0, 500, 0)
    assert found.difference_interval == (0, 0)
    assert found.same_expressions
    group = found.groups["left"].accuracy_interval
    assert group is not None
    assert group.high - group.low > 0.2


def test_resamples_equal_those_of_an_explicit_loop() -> None:
    random = np.random.default_rng(1)
    units = [f"person {number}" for number in random.integers(0, 6, 40)]
    correct, groups = random.random(40) < 0.6, random.integers(-1, 3, 40)
    found = accuracies(units, correct, groups, 20, 7)
    order = list(dict.fromkeys(units))
    draws = np.random.default_rng(7).multinomial(len(order), np.full(len(order), 1 / len(order)), size=20)
    for resample, draw in zip(found, draws, strict=True):
        for group in range(3):
            drawn = [
                right
                for unit, right, place in zip(units, correct, groups, strict=True)
                for _ in range(draw[order.index(unit)])
                if place == group
            ]
            assert resample[group] == pytest.approx(np.mean(drawn) if drawn else np.nan, nan_ok=True)


def test_a_group_of_one_person_has_no_interval_over_people_and_is_never_the_worst() -> None:
    right = [False] * 40 + [True] * 80
    subjects = ["one"] * 40 + [f"many-{number % 8}" for number in range(80)]
    values = ["x"] * 40 + ["y"] * 40 + ["z"] * 40
    found = by_column(answers(right, subjects), "session", values, 1.0, 200, 0)
    assert found.groups["x"].accuracy_interval is None
    assert found.groups["x"].small
    assert found.worst == "y"
    by_subject = by_column(answers(right, subjects), "subject", subjects, 1.0, 200, 0)
    assert by_subject.interval_over == "images"
    assert by_subject.groups["one"].accuracy_interval == (0, 0)


def test_many_numbers_become_quarters_and_names_stay() -> None:
    ages = [str(age) for age in range(18, 58)]
    names, groups = groups_of([*ages, None], numbers=True)
    assert names == ["18 to 27", "28 to 37", "38 to 47", "48 to 57"]
    assert np.bincount(groups[:-1]).tolist() == [10] * 4
    assert groups[-1] == -1
    assert groups_of(["10", "9", "10"], numbers=True)[0] == ["9", "10"]
    assert len(groups_of(ages, numbers=False)[0]) == 40
    assert groups_of(["b", "3", "a"], numbers=True)[0] == ["3", "a", "b"]


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    samples = [Sample("a.png", "s", "anger", attributes=(("sex", "male"),)), Sample("b.png", "t", "fear")]
    assert column_values(samples, "sex") == ["male", None]
    with pytest.raises(UserError, match=r"--by fold: .*expression, subject, sex"):
        column_values(samples, "fold")


def test_manifests_hand_on_every_column(tmp_path: Path) -> None:
    text = "image,expression,subject,age,sex,who\na.png,anger,s,31, female ,x\nb.png,fear,t,,,y\n"
    (tmp_path / "manifest.csv").write_text(text)
    samples = ManifestConfig(folder=str(tmp_path), columns={"session": "who"}).samples()
    assert [sample.attributes for sample in samples] == [(("age", "31"), ("sex", "female")), ()]
    again = tmp_path / "again"
    again.mkdir()
    write_manifest(again / "manifest.csv", samples)
    assert [sample.attributes for sample in ManifestConfig(folder=str(again)).samples()] == [
        sample.attributes for sample in samples
    ]


def test_the_table_shows_names_as_they_are() -> None:
    name = "[red]a\nb[/]"
    found = by_column(
        answers([True, False] * 40, [str(number) for number in range(80)]), name, ["x", name] * 40, 1.0, 100, 0
    )
    assert "[red]a b[/]" in str(by_column_table(found).title)
    assert "worst is" in by_column_line(found)


def test_the_command_tells_groups_apart(tmp_path: Path) -> None:
    text = SMALL.replace("epochs: 2", "epochs: 1")
    assert gcnet("run", write_recipe(tmp_path, text), "--output", tmp_path / "run").returncode == 0
    answer = gcnet("evaluate", tmp_path / "run", "--split", "train", "--by", "expression")
    assert answer.returncode == 0, answer.stderr
    assert "by expression" in answer.stdout
    assert "too few to judge" in answer.stdout
    found = json.loads(gcnet("evaluate", tmp_path / "run", "--split", "train", "--by", "subject", "--json").stdout)
    assert len(found["by"]["groups"]) == 6
    assert sum(group["images"] for group in found["by"]["groups"].values()) == found["images"]
    missing = gcnet("evaluate", tmp_path / "run", "--by", "age")
    assert missing.returncode == 2
    assert "--by age" in missing.stderr
