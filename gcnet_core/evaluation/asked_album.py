"""The albums that `gcnet evaluate` is asked for, beside or in place of those of the recipe."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Int

from gcnet_core.data.albums import with_albums
from gcnet_core.data.faces import FaceTable
from gcnet_core.evaluation.album_counts import albums_at_test, told
from gcnet_core.plugin_api import ModelConfig, UserError
from gcnet_core.recipe import Recipe

Tell = Callable[[str], None]
"""Takes what a user should know before the figures."""


def album_overrides(recipe: Recipe, size: int | None, expressions: str | None) -> list[str]:
    """Changes of a recipe, as `--set` takes them, for albums that it does not speak of.

    Args:
        recipe: of the run.
        size: pictures of an album; 0: the query alone; None: as the recipe says.
        expressions: how they are chosen; None: as the recipe says.

    Returns:
        Also a source, where the recipe names none and pictures are asked for.
    """
    overrides = [] if size is None else [f"evaluation.album_size={size}"]
    if expressions is not None:
        overrides.append(f"evaluation.album_expressions={expressions}")
    if recipe.album.source != "none":
        return overrides
    return ["album.source=other_session", *overrides] if overrides and size != 0 else []


def asked_albums(table: FaceTable, recipe: Recipe, tell: Tell, *, needed: bool) -> FaceTable:
    """The table with the albums that a recipe asks for; without, where nobody in other data has any.

    Args:
        table: all faces.
        recipe: of the run, changed as the user asked.
        tell: takes what a user should know.
        needed: whether there is no figure without albums.

    Raises:
        UserError: if albums are needed and no sample has another picture.
    """
    try:
        return with_albums(table, recipe)
    except UserError as error:
        if needed:
            raise
        tell(f"note: {error}; the queries are answered alone")
        return table


def notes_before(
    table: FaceTable, indices: Int[np.ndarray, "sample"], recipe: Recipe, *, new_source: bool
) -> list[str]:
    """What to say of the albums before they are used.

    Args:
        table: all faces.
        indices: samples that are measured.
        recipe: of the run, changed as the user asked.
        new_source: whether the run's own recipe names no source.
    """
    counts = albums_at_test(table, indices)
    if counts is None:
        return []
    source = "note: the recipe names no source of albums; `--set album.source=any` takes other pictures than these"
    return [told(counts), source] if new_source else [told(counts)]


def note_after(model: ModelConfig, *, compares: bool) -> str:
    """What an album means to a model that was trained without; an empty text for one that was trained with albums.

    Args:
        model: its options.
        compares: whether it answers otherwise with an album.
    """
    if model.uses_album():
        return ""
    if not compares:
        return "note: this model compares the query with nothing, so that an album changes nothing"
    return "note: this model was trained without albums; `accuracy` is that of the query alone"
