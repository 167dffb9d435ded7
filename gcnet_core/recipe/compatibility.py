"""Do the parts of a recipe fit together? Each part says so for itself; a few rules concern the recipe as a whole."""

from collections.abc import Iterator

from gcnet_core.plugin_api import ConfigIssue, ImageConfig, LossConfig, ModelConfig, PluginConfig, RecipeInfo
from gcnet_core.recipe.data_rules import DATA_RULES, ListedData, listed_data
from gcnet_core.recipe.sections import Sections
from gcnet_core.recipe.stage_rules import STAGE_RULES


def incompatibilities(sections: Sections) -> Iterator[ConfigIssue]:
    """All incompatibilities that can be told, even if some of the recipe is wrong.

    Args:
        sections: of the recipe by path; what involves those that are wrong is not judged.

    Returns:
        Problems with paths from the recipe's root.
    """
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
        config = section.config
        for problem in config.check(info) if isinstance(config, PluginConfig) else ():
            place = problem.path if problem.absolute else (*path, *problem.path)
            if not (image_is_wrong and place[:1] == ("image",)):
                yield ConfigIssue(place, problem.message, absolute=True)


def recipe_info(sections: Sections, data: ListedData) -> RecipeInfo:
    """What parts may ask about the recipe; what is not known is such that nobody complains."""
    image = sections.get(("image",))
    known = data.info
    pseudo_references = sections[()].value.get("missing_references", "none") != "none"
    return RecipeInfo(
        (image and image.config) or ImageConfig(),
        classes=known.classes if known else (),
        references=known is None or known.references or pseudo_references,
        available_outputs=_available_outputs(sections),
    )


def _available_outputs(sections: Sections) -> frozenset[str]:
    """What the model computes; everything that any loss wants while the model cannot be judged."""
    model = sections.get(("model",))
    if model and isinstance(model.config, ModelConfig):
        return model.config.available_outputs()
    losses = [section.model for path, section in sections.items() if path[:1] == ("losses",)]
    return frozenset[str]().union(*(loss.required_outputs for loss in losses if issubclass(loss, LossConfig)))
