"""Questions: what a recipe asks of the options of a part, and what an answer to each must be."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from gcnet_core.errors import PluginError, UserError
from gcnet_core.plugin_api.config import DatasetConfig, DatasetInfo, PluginConfig
from gcnet_core.plugin_api.evidence import Evidence
from gcnet_core.plugin_api.guarded import guarded
from gcnet_core.plugin_api.recipe_info import ConfigIssue


def ask(origin: str, config: PluginConfig, question: str, *arguments: Any) -> Any:
    """Call a method of a part's options as a recipe does. Nothing that it does harms anybody else.

    Args:
        origin: the part as messages name it, see `Registered.origin`.
        config: its options.
        question: name of the method, one of `ANSWERS`.
        arguments: of the method.

    Returns:
        What it returned; a list of what it yielded.

    Raises:
        PluginError: if it raises, or returns something else than is expected.
        UserError: as it is raised where a data set reads files.
    """
    expected, fits = ANSWERS[question]
    package = type(config).__module__.partition(".")[0]
    passes = (UserError,) if isinstance(config, DatasetConfig) and question != "check" else ()
    if getattr(type(config), question) is DatasetConfig.info:
        raise PluginError(f"{origin} has no method `info`; expected one that returns {expected}")
    with guarded(origin.removeprefix("the "), package, f"{origin} fails in `{question}`: ", passes):
        answer = getattr(config, question)(*arguments)
        answer = list(answer) if isinstance(answer, Iterator) else answer
        fault = None if fits(answer) else f"{answer!r:.80}"
    if fault:
        raise PluginError(f"{origin} answers `{question}` by {fault}; expected {expected}")
    return answer


def _are_issues(answer: Any) -> bool:
    return isinstance(answer, Collection) and all(map(_is_issue, answer))


def _is_issue(entry: Any) -> bool:
    """A path that is a text alone would be taken for its letters."""
    if not isinstance(entry, ConfigIssue) or not isinstance(entry.path, tuple | list):
        return False
    return isinstance(entry.message, str) and bool(entry.message)


def _is_info(answer: Any) -> bool:
    if not isinstance(answer, DatasetInfo) or not isinstance(answer.folds, int):
        return False
    return isinstance(answer.classes, tuple | list) and all(isinstance(name, str) for name in answer.classes)


def _are_names(answer: Any) -> bool:
    return isinstance(answer, set | frozenset) and all(isinstance(name, str) for name in answer)


def _is_truth(answer: Any) -> bool:
    return isinstance(answer, bool)


def _is_evidence(answer: Any) -> bool:
    return isinstance(answer, Evidence) and isinstance(answer.text, str)


def _is_preparation(answer: Any) -> bool:
    return answer is None or isinstance(answer, dict)


NAMES, TRUTH = "a set of names", "True or False"
ANSWERS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "check": ("ConfigIssue objects with a path and a message, none if the part fits", _are_issues),
    "info": ("a DatasetInfo whose classes are names", _is_info),
    "evidence": ("an Evidence with a text", _is_evidence),
    "preparation": ("a dict, or None where nobody knows", _is_preparation),
    "available_outputs": (NAMES, _are_names),
    "parts_with_own_losses": (NAMES, _are_names),
    "trains_by_gradient": (TRUTH, _is_truth),
    "needs_true_reference": (TRUTH, _is_truth),
    "uses_album": (TRUTH, _is_truth),
}
"""By method, what is expected of its answer, for people, and whether an answer is that."""
