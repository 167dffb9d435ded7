"""How many pictures the albums of a table hold, as a record and as a line for people."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from gcnet_core.data.albums import Albums
from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.runs import AlbumCounts

SOURCES = {"other_session": "another session", "any": "the same person"}


def albums_at_test(table: FaceTable, indices: Int[np.ndarray, "sample"]) -> AlbumCounts | None:
    """Albums that samples have at test; None where the recipe asks for none."""
    albums = table.albums
    if albums is None:
        return None
    have = (albums.test(indices) != UNKNOWN).sum(axis=1)
    return _counts(albums, indices, have, albums.test_size, albums.test_expressions)


def albums_in_training(table: FaceTable, indices: Int[np.ndarray, "sample"]) -> AlbumCounts | None:
    """The largest albums that samples may have in training; None where the recipe asks for none."""
    albums = table.albums
    if albums is None:
        return None
    have = np.minimum(albums.available[indices], albums.config.size)
    return _counts(albums, indices, have, albums.config.size, albums.config.expressions)


def counts_together(counts: Sequence[AlbumCounts | None]) -> AlbumCounts | None:
    """Albums of the folds of a cross-validation; None if a fold has none."""
    known = [entry for entry in counts if entry is not None]
    if not known or len(known) < len(counts):
        return None
    images = sum(entry.images for entry in known)
    sums = {name: sum(getattr(entry, name) for entry in known) for name in ("full", "fewer", "none", "twins_left_out")}
    return AlbumCounts(
        source=known[0].source,
        size=known[0].size,
        expressions=known[0].expressions,
        images=images,
        mean_pictures=sum(entry.images * entry.mean_pictures for entry in known) / images,
        largest=max(entry.largest for entry in known),
        **sums,
    )


def album_lines(table: FaceTable) -> list[str]:
    """What a user should know of the albums before training: of those in training, and at test if they are others."""
    labelled = table.labelled(np.arange(len(table)))
    training, test = albums_in_training(table, labelled), albums_at_test(table, labelled)
    if training is None or test is None:
        return []
    return [told(training)] if test == training else [told(training), f"at test {told(test)}"]


def told(counts: AlbumCounts) -> str:
    """What a user should know of the albums, on one line."""
    if not counts.size:
        return "album: none, the query alone"
    pictures = f"{counts.size} picture{'s' if counts.size > 1 else ''}"
    chosen = "" if counts.expressions == "random" else f", chosen by expression: {counts.expressions}"
    parts = [f"album: {pictures} of {SOURCES.get(counts.source, counts.source)}{chosen}"]
    if counts.full == counts.images:
        parts[0] += f", for each of {counts.images:,} images"
    else:
        parts.append(f"{counts.fewer:,} of {counts.images:,} images have fewer, {counts.none:,} none")
    if counts.largest < counts.size:
        parts.append(f"no person has {counts.size}; the largest album has {counts.largest}")
    if counts.twins_left_out:
        twins = "1 twin" if counts.twins_left_out == 1 else f"{counts.twins_left_out:,} twins"
        parts.append(f"{twins} of a query left out")
    return "; ".join(parts)


def _counts(
    albums: Albums,
    indices: Int[np.ndarray, "sample"],
    have: Int[np.ndarray, "sample"],
    size: int,
    expressions: str,
) -> AlbumCounts:
    return AlbumCounts(
        source=albums.config.source,
        size=size,
        expressions=expressions,
        images=len(indices),
        full=int(((have > 0) & (have >= size)).sum()),
        fewer=int(((have > 0) & (have < size)).sum()),
        none=int((have == 0).sum()),
        mean_pictures=float(have.mean()),
        largest=int(albums.available[indices].max()),
        twins_left_out=sum(albums.twins_of(int(sample)) for sample in indices),
    )
