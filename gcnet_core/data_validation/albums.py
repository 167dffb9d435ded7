"""Findings about albums: people with few pictures, copies of a query in its own album, and labels that albums tell."""

from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool

from gcnet_core.data.album_draws import Albums
from gcnet_core.data.albums import with_albums
from gcnet_core.data.faces import FaceTable, read_faces
from gcnet_core.data_validation.album_alone import AlbumAlone, albums_alone
from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.image_stats import SIDE, ImageStats
from gcnet_core.plugin_api import ImageConfig, Sample, UserError, ordered_classes
from gcnet_core.recipe import Recipe
from gcnet_core.recipe.schema import AlbumConfig


def check_albums(samples: Sequence[Sample], stats: ImageStats, recipe: Recipe) -> Iterator[Finding]:
    """Findings about the albums of a recipe.

    Args:
        samples: of all its data sets.
        stats: of all their images.
        recipe: that asks for albums.
    """
    rows = {name: row for row, name in enumerate(stats.names)}
    small = ImageConfig(size=SIDE, channels=1)
    classes = ordered_classes([sample.expression for sample in samples])
    table = read_faces(samples, classes, lambda name: stats.thumbnails[rows[name]][..., None], small)
    try:
        table = with_albums(table, recipe)
    except UserError as error:
        yield Finding("no_albums", "error", str(error), len(samples))
        return
    assert table.albums is not None
    yield from _few(table.albums)
    yield from _twins(table.albums)
    yield from _alone(albums_alone(table, pictures=True), recipe.album)


def album_notes(table: FaceTable) -> list[str]:
    """What a run should say before it trains: that its albums give labels away, as far as that is quickly seen."""
    if table.albums is None:
        return []
    return [
        finding.text for finding in _alone(albums_alone(table), table.albums.config) if finding.severity == "warning"
    ]


def _alone(tried: Sequence[AlbumAlone], config: AlbumConfig) -> Iterator[Finding]:
    """Whether albums give labels away."""
    if not tried:
        return
    figures = "; ".join(map(str, tried))
    if any(entry.tells_label for entry in tried):
        text = (
            f"albums give labels away: without the query, a classifier that sees only its album names its label ("
            f"{figures}). Figures on them say little about faces{_cure(config)}"
        )
        yield Finding("album_tells_label", "warning", text, tried[0].images)
    else:
        text = f"albums alone, without the query, do not tell its label ({figures})"
        yield Finding("album_alone", "note", text, tried[0].images)


def _cure(config: AlbumConfig) -> str:
    """What may help."""
    cures = []
    if config.source == "any":
        cures.append("`album.source: other_session`, where each session holds the same expressions")
    if config.pictures != "references":
        cures.append("`album.pictures: references`, which are all neutral")
    return f"; try {', or '.join(cures)}" if cures else ""


def _few(albums: Albums) -> Iterator[Finding]:
    """Samples with fewer pictures than the recipe wants: too few to count, or than fit in."""
    smallest, largest = max(1, albums.config.smallest), max(albums.config.size, albums.test_size)
    below = albums.available < smallest
    yield from _fewer("few_pictures", albums, below, f"fewer than {smallest} (`album.smallest`)")
    yield from _fewer(
        "small_albums", albums, (albums.available < largest) & ~below, f"fewer than {largest} (`album.size`)"
    )


def _fewer(name: str, albums: Albums, few: Bool[np.ndarray, "sample"], what: str) -> Iterator[Finding]:
    found = [albums.samples[row] for row in np.flatnonzero(few)]
    people = {sample.subject for sample in found if sample.subject is not None}
    if found:
        text = (
            f"images whose person has {what} other pictures for an album, of {len(people):,} people; the most that "
            f"anybody has is {albums.available.max():,}"
        )
        yield Finding(name, "note", text, len(found), tuple((sample.image,) for sample in found))


def _twins(albums: Albums) -> Iterator[Finding]:
    """Copies of the query in its own album."""
    if albums.twins_left_out:
        text = "pictures are left out of albums because they show the query under another name (near-duplicates)"
        yield Finding("album_twins", "note", text, albums.twins_left_out)
