"""`gcnet data check` and albums: what gives labels away is found, what does not is at chance."""

import zlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from gcnet_core.data.albums import with_albums
from gcnet_core.data.load import Listing
from gcnet_core.data_validation.albums import album_notes
from gcnet_core.data_validation.check import check_data
from gcnet_core.data_validation.finding import Finding
from gcnet_core.plugin_api import Registry, Sample
from gcnet_core.recipe import Recipe, load_recipe
from tests.core.test_albums import samples_of, table_of
from tests.core.test_data_check import face


def asking(registry: Registry, *overrides: str) -> Recipe:
    return load_recipe("vae_resnet", overrides, registry)


def read(name: str) -> np.ndarray:
    """A picture that hangs on its name alone; a `copy` is a darker one of what it is a copy of."""
    pixels = face(zlib.crc32(name.removeprefix("copy-").encode()), 16)[..., None]
    return (0.8 * pixels).astype(np.uint8) if name.startswith("copy-") else pixels


def findings(samples: Sequence[Sample], recipe: Recipe, registry: Registry) -> dict[str, Finding]:
    found, _ = check_data(Listing(tuple(samples), read), registry, recipe=recipe)
    return {finding.name: finding for finding in found.findings}


def notes(samples: Sequence[Sample], recipe: Recipe) -> list[str]:
    return album_notes(with_albums(table_of(samples), recipe))


def test_the_rest_of_a_session_names_the_missing_expression(registry: Registry) -> None:
    samples = samples_of(people=12, sessions=1, times=1)
    recipe = asking(registry, "album.source=any", "album.size=2", "album.smallest=2")
    finding = findings(samples, recipe, registry)["album_tells_label"]
    assert (finding.severity, finding.count) == ("warning", 36)
    assert "expressions in training: 100.0%, chance 33.3%" in finding.text
    assert "expressions at test: 100.0%, chance 33.3%" in finding.text
    assert "`album.source: other_session`" in finding.text
    (note,) = notes(samples, recipe)
    assert note.startswith("albums give labels away")


def test_another_session_is_at_chance(registry: Registry) -> None:
    samples = samples_of(people=12, sessions=2, times=1)
    recipe = asking(registry, "album.source=other_session")
    found = findings(samples, recipe, registry)
    assert "album_tells_label" not in found
    assert found["album_alone"].severity == "note"
    assert "pictures at test: " in found["album_alone"].text
    assert notes(samples, recipe) == []


def test_sequences_of_one_expression_each_tell_it_in_the_others(registry: Registry) -> None:
    samples = [
        replace(sample, session=sample.expression, reference=f"{sample.subject}-{sample.expression}-calm")
        for sample in samples_of(people=12, sessions=1, times=2)
    ]
    (note,) = notes(samples, asking(registry, "album.source=other_session"))
    assert "chance 33.3%" in note
    assert notes(samples, asking(registry, "album.source=other_session", "album.pictures=references")) == []


def test_a_composition_by_labels_at_test_is_no_leak(registry: Registry) -> None:
    samples = samples_of(people=12, sessions=2, times=1)
    recipe = asking(registry, "album.source=other_session", "evaluation.album_expressions=same")
    assert "at test" not in findings(samples, recipe, registry)["album_alone"].text


def test_without_albums_nothing_is_said(registry: Registry) -> None:
    samples = samples_of(people=3, sessions=1, times=1)
    said = {"album_alone", "album_tells_label", "small_albums", "few_pictures", "album_twins", "no_albums"}
    assert not said & findings(samples, asking(registry), registry).keys()
    assert notes(samples, asking(registry)) == []


def test_people_with_few_pictures_and_copies_are_counted(registry: Registry) -> None:
    samples = [
        Sample(f"{person}-{number}", person, ("anger", "fear")[number % 2])
        for person, count in (("s1", 6), ("s2", 5), ("s3", 1))
        for number in range(count)
    ]
    samples.append(Sample("copy-s2-0", "s2", "anger"))
    found = findings(samples, asking(registry, "album.source=any", "album.size=8"), registry)
    assert (found["few_pictures"].count, found["few_pictures"].images) == (1, (("s3-0",),))
    assert found["small_albums"].count == 13
    assert "of 3 people; the most that anybody has is 5" in found["small_albums"].text
    assert found["album_twins"].count == 2


@pytest.mark.parametrize(
    ("subject", "source", "message"),
    [("s", "other_session", "of 1 people no picture names its session"), (None, "any", "the data name no person")],
)
def test_data_that_can_give_no_albums(registry: Registry, subject: str | None, source: str, message: str) -> None:
    samples = [Sample(f"{number}", subject, ("anger", "fear")[number % 2]) for number in range(4)]
    finding = findings(samples, asking(registry, f"album.source={source}"), registry)["no_albums"]
    assert finding.severity == "error"
    assert message in finding.text
