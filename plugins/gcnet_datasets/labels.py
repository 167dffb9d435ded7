"""Expression names: data sets spell them in many ways, gcnet in one."""

from collections.abc import Mapping

from gcnet_core.plugin_api import CANONICAL

_SYNONYMS = {
    "neutral": ("ne", "calm", "normal"),
    "anger": ("angry", "an"),
    "contempt": ("contemptuous", "co"),
    "disgust": ("disgusted", "di"),
    "fear": ("fearful", "afraid", "fe", "af"),
    "happiness": ("happy", "joy", "ha"),
    "sadness": ("sad", "sa"),
    "surprise": ("surprised", "su"),
}
CANONICAL_NAME = {name: name for name in CANONICAL}
for _name, _synonyms in _SYNONYMS.items():
    CANONICAL_NAME |= dict.fromkeys(_synonyms, _name)
"""Every spelling that is understood, in lower case, and the name that gcnet uses."""


def expression_name(text: str) -> str:
    """The canonical name of an expression; a name that is none of the eight stays as it is, in lower case."""
    name = text.strip().lower()
    return CANONICAL_NAME.get(name, name)


def folder_expression(folder: str, codes: Mapping[int, str]) -> str | None:
    """The expression of a folder that bears its number or its name; None for any other folder."""
    return codes.get(int(folder)) if folder.isdigit() else CANONICAL_NAME.get(folder.lower())
