"""Albums: which other pictures of a person may stand beside a query."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Int

from gcnet_core.data.album_draws import Albums, Pictures
from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.twins import twins
from gcnet_core.plugin_api import NEUTRAL, UserError
from gcnet_core.recipe import Recipe
from gcnet_core.recipe.schema import AlbumConfig


def with_albums(table: FaceTable, recipe: Recipe) -> FaceTable:
    """The table with the albums that a recipe asks for.

    Args:
        table: all faces.
        recipe: where pictures come from, how many, and the key by which they are drawn.

    Raises:
        UserError: if no sample has another picture, or no expression has the name that albums are to consist of.
    """
    config, evaluation = recipe.album, recipe.evaluation
    if config.source == "none":
        return table
    people = _people(table, config)
    albums = Albums(
        config=config,
        seed=recipe.seed,
        test_size=config.size if evaluation.album_size is None else evaluation.album_size,
        test_expressions=evaluation.album_expressions or config.expressions,
        samples=table.samples,
        query=table.query.numpy(),
        people=people,
        twins=twins(table.images, _rows(table, people)),
    )
    _check(albums)
    return replace(table, albums=albums)


def _people(table: FaceTable, config: AlbumConfig) -> dict[str, Pictures]:
    """The pictures of each person that may stand in albums, each once."""
    known = {int(row): sample for row, sample in zip(table.query, table.samples, strict=True)}
    found: dict[str, dict[int, tuple[str | None, str]]] = defaultdict(dict)
    for position, sample in enumerate(table.samples):
        if sample.subject is None:
            continue
        reference = int(table.reference[position])
        if config.pictures != "queries" and reference != UNKNOWN:
            shown = known.get(reference)
            session, expression = (shown.session, shown.expression) if shown else (sample.session, NEUTRAL)
            earlier = found[sample.subject].get(reference)
            if earlier and earlier[0] != session:
                session = None  # it serves two sessions, so nobody knows of which it is
            found[sample.subject][reference] = (session, expression)
        if config.pictures != "references":
            found[sample.subject][int(table.query[position])] = (sample.session, sample.expression)
    return {
        subject: Pictures(
            np.array(list(pictures), dtype=np.int64),
            np.array([session for session, _ in pictures.values()], dtype=object),
            np.array([expression for _, expression in pictures.values()], dtype=object),
        )
        for subject, pictures in found.items()
    }


def _rows(table: FaceTable, people: Mapping[str, Pictures]) -> dict[str, Int[np.ndarray, "picture"]]:
    """The pictures of each person, those that are only asked about among them."""
    rows = {subject: set(pictures.image.tolist()) for subject, pictures in people.items()}
    for position, sample in enumerate(table.samples):
        if sample.subject in rows:
            rows[sample.subject].add(int(table.query[position]))
    return {subject: np.array(sorted(found), dtype=np.int64) for subject, found in rows.items()}


def _check(albums: Albums) -> None:
    """Tell what can give no album at all."""
    if not albums.available.any():
        raise UserError(
            f"album: none of {len(albums.samples):,} pictures has another one for its album: {_why(albums)}"
        )
    shown = sorted({sample.expression for sample in albums.samples} | {NEUTRAL})
    words = ("random", "balanced", "one", "same", "different")
    if albums.test_expressions not in (*words, *shown):
        raise UserError(
            f"evaluation.album_expressions: {albums.test_expressions} is none of {', '.join(words)}, and no expression "
            f"of the data, which are {', '.join(shown)}"
        )


def _why(albums: Albums) -> str:
    """What the data lack, and what to do."""
    people = {sample.subject for sample in albums.samples if sample.subject is not None}
    if not people:
        return (
            "the data name no person. Name them in the column `subject` of a manifest, or by a folder for each person"
        )
    if not albums.people:
        return "`album.pictures: references` takes neutral references, and the data have none"
    sessions = sum(sample.session is not None for sample in albums.samples)
    anyhow = (
        "`album.source: any` takes any other picture; then see with `gcnet data check` whether albums give labels away"
    )
    if albums.config.source == "other_session" and not sessions:
        return f"of {len(people):,} people no picture names its session (in a manifest the column `session`). {anyhow}"
    if albums.config.source == "other_session":
        return (
            f"each of {len(people):,} people is known in one session only ({sessions:,} pictures name theirs). {anyhow}"
        )
    return f"each of {len(people):,} people has a single one"
