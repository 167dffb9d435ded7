"""What a model that compares a query with references cannot do without, for all such models alike."""

from collections.abc import Iterable

from gcnet_core.plugin_api.part import Part
from gcnet_core.plugin_api.recipe_info import ConfigIssue, RecipeInfo


def comparison_issues(
    info: RecipeInfo, *, reference: Part, join: Part, generator: Part | None, instead: str
) -> Iterable[ConfigIssue]:
    """Say what a recipe lacks that the reference or the join of its model needs.

    Args:
        info: of the recipe.
        reference: says with which pictures a query is compared.
        join: makes one of several.
        generator: of the model, if it has one.
        instead: what may stand in place of a reference that must be given.

    Returns:
        Problems, with paths relative to the model.
    """
    for name, part in (("reference", reference), ("join", join)):
        if generator is None and part.config.needs_generator():
            yield ConfigIssue((), f"the {name} `{part.type}` needs a generator; name one, or choose another `{name}`")
    if reference.config.needs_true_reference() and not info.references:
        yield ConfigIssue(("reference",), f"the data set has no references that could be given; use `{instead}`")
    elif getattr(reference.config, "true_neutral_prob", 0) and not info.references:
        yield ConfigIssue(
            ("reference", "true_neutral_prob"), "the data set has no references that could be given; leave it at 0"
        )
    if reference.config.uses_album():
        yield from album_issues(info, ("reference",))


def album_issues(info: RecipeInfo, path: tuple[str, ...] = ()) -> Iterable[ConfigIssue]:
    """Say that a model which wants albums has no source of them.

    Args:
        info: of the recipe.
        path: to the option that wants them, relative to the model.
    """
    if not info.album:
        yield ConfigIssue(
            path, "an album needs pictures; say where they come from, such as `album: {source: other_session}`"
        )
