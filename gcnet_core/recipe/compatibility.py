"""Do the parts of a recipe fit together? Each part says so for itself; a few rules concern the recipe as a whole."""

from collections.abc import Iterator, Sequence

from gcnet_core.plugin_api import ConfigIssue, ImageConfig, LossConfig, PluginConfig, PluginError, RecipeInfo
from gcnet_core.plugin_api.questions import ask
from gcnet_core.recipe.answers import answered
from gcnet_core.recipe.data_rules import DATA_RULES, ListedData, listed_data
from gcnet_core.recipe.sections import Section, Sections
from gcnet_core.recipe.stage_rules import STAGE_RULES


def incompatibilities(sections: Sections) -> Iterator[ConfigIssue]:
    """All incompatibilities that can be told, even if some of the recipe is wrong.

    Args:
        sections: of the recipe by path; what involves those that are wrong is not judged.

    Returns:
        Problems with paths from the recipe's root.
    """
    sections, faults = answered(sections)
    yield from faults
    data = listed_data(sections)
    yield from parts_fit(sections, data)
    for rule in STAGE_RULES:
        yield from rule(sections)
    for data_rule in DATA_RULES:
        yield from data_rule(sections, data)


def parts_fit(sections: Sections, data: ListedData) -> Iterator[ConfigIssue]:
    """Each part is asked whether it can work in this recipe."""
    info = recipe_info(sections, data)
    image_is_wrong = ("image",) in sections and sections[("image",)].config is None
    for path, section in sections.items():
        for problem in _issues(section, info):
            place = problem.path if problem.absolute else (*path, *problem.path)
            if not (image_is_wrong and place[:1] == ("image",)):
                yield ConfigIssue(place, problem.message, absolute=True)


def _issues(section: Section, info: RecipeInfo) -> Sequence[ConfigIssue]:
    """Why a part does not fit; a fault in its answer is one."""
    if not isinstance(section.config, PluginConfig):
        return ()
    try:
        return list(ask(section.origin, section.config, "check", info))
    except PluginError as fault:
        return [ConfigIssue((), str(fault))]


def recipe_info(sections: Sections, data: ListedData) -> RecipeInfo:
    """What parts may ask about the recipe; what is not known is such that nobody complains."""
    image = sections.get(("image",))
    known = data.info
    album = sections.get(("album",))
    pseudo_references = sections[()].value.get("missing_references", "none") != "none"
    return RecipeInfo(
        (image and image.config) or ImageConfig(),
        classes=known.classes if known else (),
        references=known is None or known.references or pseudo_references,
        available_outputs=_available_outputs(sections),
        album=album is not None and (album.config is None or album.config.source != "none"),
    )


def _available_outputs(sections: Sections) -> frozenset[str]:
    """What the model computes; everything that any loss wants while the model cannot be judged."""
    model = sections.get(("model",))
    outputs: frozenset[str] | None = model.answers.get("available_outputs") if model else None
    if outputs is not None:
        return frozenset(outputs)
    losses = [section.model for path, section in sections.items() if path[:1] == ("losses",)]
    return frozenset[str]().union(*(loss.required_outputs for loss in losses if issubclass(loss, LossConfig)))
