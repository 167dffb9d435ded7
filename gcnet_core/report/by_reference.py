"""What a model was given beside the query, in words."""

from collections.abc import Mapping

from gcnet_core.runs import AlbumCounts, Given, Metrics

GIVEN: dict[Given, str] = {
    "query": "query alone",
    "album": "album",
    "true_neutral": "true neutral",
    "all": "all",
}


def compared_rows(by_reference: Mapping[Given, Metrics]) -> list[tuple[str, Metrics]]:
    """What was given, in words, and figures; nothing where there is only one such thing."""
    if len(by_reference) < 2:
        return []
    return [(GIVEN[name], metrics) for name, metrics in by_reference.items()]


def album_caption(album: AlbumCounts | None) -> str:
    """How many pictures an album had; an empty text where there was none."""
    if album is None or not album.size:
        return ""
    return (
        f"Pictures of an album: {album.size} wanted, {album.mean_pictures:.3g} on average; {album.none:,} of "
        f"{album.images:,} images have none."
    )
