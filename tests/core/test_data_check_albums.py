"""`gcnet data check` and albums: what gives labels away is found, what does not is at chance."""

from pathlib import Path

import numpy as np
import pytest

from gcnet_core.data.albums import with_albums
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data_validation.albums import album_notes
from gcnet_core.data_validation.check import check_data
from gcnet_core.data_validation.finding import Finding
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import Recipe, load_recipe
from tests.core.test_data_check import face, write


def drawn(registry: Registry, *overrides: str) -> Recipe:
    """A recipe for drawn faces, one picture of each expression in a session."""
    small = ("image.size=16", "data.subjects=30", "data.images_per_expression=1")
    return load_recipe("vae_resnet", [*small, *overrides], registry)


def findings(recipe: Recipe, registry: Registry) -> dict[str, Finding]:
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    found, _ = check_data(listing, registry, recipe=recipe)
    return {finding.name: finding for finding in found.findings}


def notes(recipe: Recipe, registry: Registry) -> list[str]:
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    return album_notes(with_albums(load_faces(listing, recipe.image), recipe))


def test_the_rest_of_a_session_names_the_missing_expression(registry: Registry) -> None:
    recipe = drawn(registry, "album.source=any", "album.size=6", "album.smallest=6")
    finding = findings(recipe, registry)["album_tells_label"]
    assert finding.severity == "warning"
    assert finding.count == 210
    assert "expressions in training: 100.0%, chance 14.3%" in finding.text
    assert "expressions at test: 100.0%, chance 14.3%" in finding.text
    assert "`album.source: other_session`" in finding.text
    (note,) = notes(recipe, registry)
    assert note.startswith("albums give labels away")


@pytest.mark.parametrize("more", [(), ("data.expressions_per_session=4",)])
def test_another_session_is_at_chance(registry: Registry, more: tuple[str, ...]) -> None:
    recipe = drawn(registry, "data.sessions=2", "album.source=other_session", *more)
    found = findings(recipe, registry)
    assert "album_tells_label" not in found
    assert found["album_alone"].severity == "note"
    assert "pictures at test: " in found["album_alone"].text
    assert notes(recipe, registry) == []


def test_a_composition_by_labels_is_no_leak_of_the_recipe(registry: Registry) -> None:
    recipe = drawn(registry, "data.sessions=2", "album.source=other_session", "evaluation.album_expressions=same")
    assert "at test" not in findings(recipe, registry)["album_alone"].text


def test_without_albums_nothing_is_said(registry: Registry) -> None:
    assert not {"album_alone", "album_tells_label", "small_albums"} & findings(drawn(registry), registry).keys()
    assert notes(drawn(registry), registry) == []


def test_people_with_few_pictures_copies_and_data_without_people(tmp_path: Path, registry: Registry) -> None:
    import cv2

    rows = []
    for person, count in (("s1", 6), ("s2", 5), ("s3", 1)):
        for number in range(count):
            name, expression = f"{person}_{number}.png", ("anger", "fear")[number % 2]
            cv2.imwrite(str(tmp_path / name), face(len(rows)))
            rows.append([name, person, expression, "", "", "", ""])
    cv2.imwrite(str(tmp_path / "s1_5.png"), np.clip(face(0) * 0.9 + 10, 0, 255).astype(np.uint8))
    write(tmp_path, rows)
    (tmp_path / "r.yaml").write_text(
        f"extends: baselines/cnn_resnet\ndata: {{type: manifest, folder: {tmp_path}}}\n"
        "album: {source: any, size: 8}\n"
    )
    found = findings(load_recipe(tmp_path / "r.yaml", registry=registry), registry)
    assert (found["few_pictures"].count, found["few_pictures"].images) == (1, (("s3_0.png",),))
    assert found["small_albums"].count == 12
    assert "of 3 people; the most that anybody has is 5" in found["small_albums"].text
    assert found["album_twins"].count == 2
    other = load_recipe(tmp_path / "r.yaml", ["album.source=other_session"], registry)
    assert "of 3 people no picture names its session" in findings(other, registry)["no_albums"].text
    write(tmp_path, [[row[0], "", *row[2:]] for row in rows])
    nobody = findings(load_recipe(tmp_path / "r.yaml", registry=registry), registry)["no_albums"]
    assert nobody.severity == "error"
    assert "the data name no person" in nobody.text
