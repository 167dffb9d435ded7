"""What the models and data sets of a recipe say of themselves, asked once; a fault in an answer is told at its part."""

from dataclasses import replace
from typing import Any

from gcnet_core.plugin_api import ConfigIssue, DatasetConfig, ModelConfig, PluginError, UserError
from gcnet_core.plugin_api.questions import ask
from gcnet_core.recipe.sections import Section, Sections

QUESTIONS: dict[type, tuple[str, ...]] = {
    ModelConfig: (
        "available_outputs",
        "parts_with_own_losses",
        "trains_by_gradient",
        "needs_true_reference",
        "uses_album",
    ),
    DatasetConfig: ("info",),
}


def answered(sections: Sections) -> tuple[Sections, list[ConfigIssue]]:
    """Ask the parts that are right.

    Args:
        sections: of the recipe by path.

    Returns:
        The sections with the answers, None for each that cannot be had; and the faults in answers.
    """
    faults: list[ConfigIssue] = []
    return {path: replace(section, answers=_answers(section, faults)) for path, section in sections.items()}, faults


def _answers(section: Section, faults: list[ConfigIssue]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for kind, questions in QUESTIONS.items():
        for question in questions if isinstance(section.config, kind) else ():
            answers[question] = None
            try:
                answers[question] = ask(section.origin, section.config, question)
            except PluginError as fault:
                faults.append(ConfigIssue(section.path, str(fault), absolute=True))
            except UserError:  # the data are elsewhere, which is no fault of the recipe
                continue
    return answers
