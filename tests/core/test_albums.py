"""Albums: never the query, never another person, never a label; drawn by key alone."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gcnet_core.data.album_draws import Albums
from gcnet_core.data.albums import with_albums
from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.twins import BLOCK, twins
from gcnet_core.plugin_api import Registry, Sample, UserError, ordered_classes
from gcnet_core.recipe import Recipe, RecipeError, load_recipe
from gcnet_core.recipe.schema import AlbumConfig, EvaluationConfig

CLASSES = ("neutral", "anger", "fear")
SOURCES = ("other_session", "any")
COMPOSITIONS = ("random", "balanced", "one", "same", "different", *CLASSES)


def samples_of(people: int = 3, sessions: int = 2, times: int = 2) -> list[Sample]:
    """Each person with each expression, several times in each session; the neutral picture is the reference."""
    return [
        Sample(f"p{person}-{session}-{expression}-{time}", f"p{person}", expression, f"p{person}-{session}-neutral-0",
               session=str(session))
        for person in range(people)
        for session in range(sessions)
        for expression in CLASSES
        for time in range(times)
    ]  # fmt: skip


def table_of(samples: Sequence[Sample], images: torch.Tensor | None = None) -> FaceTable:
    """A table whose pictures are all different."""
    names = sorted({s.image for s in samples} | {s.reference for s in samples if s.reference})
    row = {name: index for index, name in enumerate(names)}
    pixels = np.random.default_rng(0).integers(0, 256, (len(names), 1, 8, 8), dtype=np.uint8)
    classes = ordered_classes([sample.expression for sample in samples])
    return FaceTable(
        samples=tuple(samples),
        classes=classes,
        images=torch.from_numpy(pixels) if images is None else images,
        query=torch.tensor([row[sample.image] for sample in samples]),
        reference=torch.tensor([row[sample.reference] if sample.reference else UNKNOWN for sample in samples]),
        true_reference=torch.full((len(samples),), UNKNOWN),
        label=torch.tensor([classes.index(sample.expression) for sample in samples]),
        votes=torch.zeros(len(samples), len(classes)),
    )


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    from gcnet_core.plugin_api import discover

    return load_recipe("vae_resnet", registry=discover())


def drawn(
    recipe: Recipe, table: FaceTable, evaluation: EvaluationConfig | None = None, seed: int = 0, **album: object
) -> Albums:
    """The albums of a table."""
    asked = recipe.model_copy(
        update={
            "album": AlbumConfig.model_validate({"source": "other_session", **album}),
            "evaluation": evaluation or EvaluationConfig(),
            "seed": seed,
        }
    )
    albums = with_albums(table, asked).albums
    assert albums is not None
    return albums


def training(albums: Albums, epoch: int = 0, rows: Sequence[int] | None = None) -> np.ndarray:
    chosen = np.arange(len(albums.samples)) if rows is None else np.array(rows)
    return albums.training(chosen, epoch, np.zeros_like(chosen))


def at_test(albums: Albums) -> np.ndarray:
    return albums.test(np.arange(len(albums.samples)))


@settings(max_examples=40, deadline=None)
@given(
    people=st.integers(2, 4), sessions=st.integers(2, 3), times=st.integers(1, 2), source=st.sampled_from(SOURCES),
    size=st.integers(1, 6), pictures=st.sampled_from(["queries", "references", "all"]),
    expressions=st.sampled_from(["random", "balanced", "one"]), seed=st.integers(0, 99),
)  # fmt: skip
def test_never_the_query_another_person_or_the_same_session(
    recipe: Recipe, people: int, sessions: int, times: int, source: str, size: int, pictures: str, expressions: str,
    seed: int,
) -> None:  # fmt: skip
    samples = samples_of(people, sessions, times)
    table = table_of(samples)
    albums = drawn(
        recipe, table, seed=seed, source=source, size=size, pictures=pictures, expressions=expressions, smallest=0
    )
    owner = {int(row): sample for sample, row in zip(samples, table.query, strict=True)}
    for rows in (training(albums), at_test(albums)):
        assert rows.shape == (len(samples), size)
        for sample, query, album in zip(samples, table.query, rows, strict=True):
            known = album[album != UNKNOWN]
            assert (album[len(known) :] == UNKNOWN).all()
            assert len(set(known)) == len(known)
            assert int(query) not in known
            for other in (owner[row] for row in known):
                assert other.subject == sample.subject
                assert source == "any" or other.session != sample.session
                assert pictures != "references" or other.image == other.reference


def test_draws_hang_on_their_key_alone(recipe: Recipe) -> None:
    samples = samples_of(people=4, times=3)
    albums = drawn(recipe, table_of(samples), source="any", size=6)
    whole = training(albums, epoch=2)
    order = np.random.default_rng(1).permutation(len(samples))
    assert np.array_equal(training(albums, 2, order), whole[order])
    assert np.array_equal(np.concatenate([training(albums, 2, [row]) for row in range(len(samples))]), whole)
    assert not np.array_equal(training(albums, epoch=3), whole)
    first, again = (albums.training(np.array([0]), 2, np.array([time])) for time in (0, 1))
    assert not np.array_equal(first, again)  # a sample that comes twice in an epoch
    other_seed = drawn(recipe, table_of(samples), source="any", size=6, seed=1)
    assert not np.array_equal(training(other_seed, epoch=2), whole)
    assert np.array_equal(at_test(albums), at_test(albums))
    fewer = drawn(recipe, table_of(samples[:18]), source="any", size=6)  # rows differ, names do not
    names = sorted({sample.image for sample in samples}), sorted({sample.image for sample in samples[:18]})
    for many, few in zip(at_test(albums)[:18], at_test(fewer), strict=True):
        assert [names[0][row] for row in many] == [names[1][row] for row in few]


@pytest.mark.parametrize("expressions", COMPOSITIONS)
def test_a_smaller_album_is_the_beginning_of_a_larger_one(recipe: Recipe, expressions: str) -> None:
    table = table_of(samples_of(times=3))
    sizes = [
        at_test(drawn(recipe, table, EvaluationConfig(album_size=size, album_expressions=expressions)))
        for size in range(9)
    ]
    for smaller, larger in zip(sizes, sizes[1:], strict=False):
        assert np.array_equal(larger[:, : smaller.shape[1]], smaller)


def test_sizes_in_training_lie_between_the_two_and_all_occur(recipe: Recipe) -> None:
    albums = drawn(recipe, table_of(samples_of(people=20)), source="any", size=5, smallest=2)
    sizes = Counter((training(albums) != UNKNOWN).sum(axis=1).tolist())
    assert set(sizes) == {2, 3, 4, 5}
    assert min(sizes.values()) > 0.15 * sum(sizes.values())
    assert ((at_test(albums) != UNKNOWN).sum(axis=1) == 5).all()


def test_what_an_album_consists_of_at_test(recipe: Recipe) -> None:
    samples = samples_of(times=3)
    table = table_of(samples)
    shown = {int(row): sample.expression for sample, row in zip(samples, table.query, strict=True)}

    def compositions(expressions: str, size: int = 3) -> list[tuple[str, list[str]]]:
        rows = at_test(drawn(recipe, table, EvaluationConfig(album_size=size, album_expressions=expressions)))
        named = [[shown[row] for row in album if row != UNKNOWN] for album in rows]
        return list(zip([sample.expression for sample in samples], named, strict=True))

    assert all(sorted(album) == sorted(CLASSES) for _, album in compositions("balanced"))
    assert all(set(Counter(album).values()) == {2} for _, album in compositions("balanced", 6))
    ones = [set(album) for _, album in compositions("one")]
    assert {len(found) for found in ones} == {1}
    assert set.union(*ones) == {*CLASSES}
    assert all(set(album) == {own} for own, album in compositions("same"))
    assert all(album and own not in album for own, album in compositions("different"))
    assert all(album == ["fear"] * 3 for _, album in compositions("fear"))
    mixed = Counter(len(set(album)) for _, album in compositions("random"))
    assert set(mixed) == {1, 2, 3} or set(mixed) == {2, 3}


def test_pictures_under_another_name_are_left_out(recipe: Recipe) -> None:
    samples = samples_of(people=2)
    table = table_of(samples)
    image = {sample.image: int(row) for sample, row in zip(samples, table.query, strict=True)}
    one, copy, same_session = image["p0-0-anger-0"], image["p0-1-fear-0"], image["p0-0-fear-0"]
    table.images[copy] = (0.8 * table.images[one].float() + 20).to(torch.uint8)  # darker, the same picture
    table.images[same_session] = table.images[one]
    albums = drawn(recipe, table, size=6)
    query = [sample.image for sample in samples].index("p0-0-anger-0")
    assert copy not in albums.candidates(query)
    assert len(albums.candidates(query)) == 5
    assert albums.twins_left_out == 4  # each of the three loses what it could have seen: 1, 2 and 1
    assert drawn(recipe, table_of(samples), size=6).twins_left_out == 0


def test_twins_equal_an_explicit_loop() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, 3, 6, 9), dtype=np.uint8)
    images[10:15] = np.clip(images[:5].astype(int) + rng.integers(-6, 7, images[:5].shape), 0, 255)
    images[[20, 25]] = 7
    people = {"a": np.arange(30), "b": np.arange(30, 40)}
    expected: dict[int, list[int]] = {}
    for rows in people.values():
        for one in rows:
            for other in rows:
                first, second = (images[row].mean(axis=0).ravel() for row in (one, other))
                constant = first.std() == 0 and second.std() == 0
                varied = first.std() > 0 and second.std() > 0
                if one != other and (constant or (varied and np.corrcoef(first, second)[0, 1] > 0.995)):
                    expected.setdefault(int(one), []).append(int(other))
    found = twins(torch.from_numpy(images), people)
    assert {row: others.tolist() for row, others in found.items()} == expected
    assert len(expected) >= 4


def test_twins_of_a_person_with_more_pictures_than_a_block() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (BLOCK + 40, 1, 4, 16), dtype=np.uint8)
    pixels[BLOCK + 30] = pixels[3]
    found = twins(torch.from_numpy(pixels), {"a": np.arange(len(pixels))})
    assert {row: others.tolist() for row, others in found.items()} == {3: [BLOCK + 30], BLOCK + 30: [3]}


def test_people_with_few_pictures_are_kept_or_left_out(recipe: Recipe) -> None:
    samples = [*samples_of(people=2), Sample("alone", "p9", "fear"), Sample("nobody", None, "fear", session="0")]
    table = table_of(samples)
    albums = drawn(recipe, table, size=4, smallest=2)
    everybody = np.arange(len(samples))
    assert (training(albums)[-2:] == UNKNOWN).all()
    assert albums.available.tolist() == [6] * 24 + [0, 0]
    asked = recipe.model_copy(update={"album": AlbumConfig(source="other_session", smallest=2)})
    assert len(with_albums(table, asked).with_album(everybody)) == 26
    strict = recipe.model_copy(update={"album": AlbumConfig(source="other_session", smallest=2, missing="leave_out")})
    assert with_albums(table, strict).with_album(everybody).tolist() == list(range(24))


@pytest.mark.parametrize(
    ("samples", "album", "message"),
    [
        (
            [Sample("a", None, "fear"), Sample("b", None, "anger")],
            {},
            "the data name no person. Name them in the column",
        ),
        (
            samples_of(sessions=1),
            {},
            "of 3 people is known in one session only .18 pictures name theirs.. `album.source: ",
        ),
        ([Sample("a", "x", "fear"), Sample("b", "x", "anger")], {}, "of 1 people no picture names its session"),
        ([Sample("a", "x", "fear"), Sample("b", "y", "anger")], {"source": "any"}, "each of 2 people has a single one"),
        (
            [Sample("a", "x", "fear"), Sample("b", "x", "anger")],
            {"source": "any", "pictures": "references"},
            "the data have none",
        ),
    ],
)
def test_data_that_can_give_no_albums_are_told(
    recipe: Recipe, samples: list[Sample], album: dict[str, object], message: str
) -> None:
    with pytest.raises(UserError, match=rf"none of {len(samples)} pictures has another one.*{message}"):
        drawn(recipe, table_of(samples), **album)


def test_a_composition_of_an_unknown_expression_is_told(recipe: Recipe) -> None:
    with pytest.raises(UserError, match="evaluation.album_expressions: joy is none of random.*anger, fear, neutral"):
        drawn(recipe, table_of(samples_of()), EvaluationConfig(album_expressions="joy"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("album: {source: any, size: 2, smallest: 3}", r"r.yaml:2:\d+: 3 is more than album.size, which is 2"),
        ("album:\n  source: any\n  smallest: 5", r"r.yaml:4:\d+: 5 is more than album.size, which is 4"),
        ("evaluation:\n  album_size: 2", r"r.yaml:3:\d+: there are no albums; say where they come from"),
        ("evaluation:\n  album_expressions: same", r"r.yaml:3:\d+: there are no albums"),
        (
            "data: {type: expw, folder: there}\nalbum:\n  source: any",
            r"r.yaml:4:\d+: expw does not say who is in its pictures",
        ),
        ("album:\n  source: others", r"r.yaml:3:\d+: "),
    ],
)
def test_mistakes_in_a_recipe_are_told_at_their_line(
    tmp_path: Path, registry: Registry, text: str, message: str
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(f"extends: vae_resnet\n{text}\n")
    with pytest.raises(RecipeError, match=message):
        load_recipe(path, registry=registry)


def test_the_old_word_for_other_sessions(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("extends: vae_resnet\nalbum: {source: other_sequence}\n")
    assert load_recipe(path, registry=registry).album.source == "other_session"


def test_what_is_fitted_sees_albums_as_training_chooses_them(recipe: Recipe) -> None:
    evaluation = EvaluationConfig(album_size=1, album_expressions="same")
    albums = drawn(recipe, table_of(samples_of()), evaluation, size=3, expressions="one")
    plain = drawn(recipe, table_of(samples_of()), size=3, expressions="one")
    assert not np.array_equal(at_test(albums), at_test(plain))
    assert np.array_equal(at_test(albums.as_in_training()), at_test(plain))


def test_a_neutral_frame_of_two_sessions_stands_in_no_album_of_other_sessions(recipe: Recipe) -> None:
    """Nobody knows of which of the two it is, so it might be of the query's own."""
    samples = [
        Sample(f"q{session}", "p", "anger", f"n{min(session, 2)}", session=str(session)) for session in (1, 2, 3)
    ]
    table = table_of(samples)
    names = sorted({sample.image for sample in samples} | {"n1", "n2"})
    albums = drawn(recipe, table, pictures="references")
    found = [[names[row] for row in albums.candidates(position)] for position in range(3)]
    assert found == [[], ["n1"], ["n1"]]


def test_a_reference_that_shows_an_expression_counts_as_that(recipe: Recipe) -> None:
    samples = [
        Sample("a", "p", "anger", "b", session="1"),
        Sample("b", "p", "anger", "a", session="2"),
        Sample("c", "p", "fear", "b", session="1"),
    ]
    albums = drawn(recipe, table_of(samples), EvaluationConfig(album_expressions="same"), pictures="references")
    assert [int((row != UNKNOWN).sum()) for row in at_test(albums)] == [1, 1, 0]
