"""Expression names as folders bear them: a name, or the number that a data set gives it."""

from collections.abc import Mapping

from gcnet_core.data.expression_names import CANONICAL_NAME, expression_name, known_expression

__all__ = ["CANONICAL_NAME", "expression_name", "folder_expression", "known_expression"]


def folder_expression(folder: str, codes: Mapping[int, str]) -> str | None:
    """The expression of a folder that bears its number or its name; None for any other folder."""
    return codes.get(int(folder)) if folder.isdecimal() else known_expression(folder)
