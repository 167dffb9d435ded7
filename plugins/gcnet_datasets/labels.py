"""Expression names: data sets spell them in many ways, gcnet in one."""

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
CANONICAL_NAME = {name: name for name in CANONICAL} | {
    synonym: name for name, synonyms in _SYNONYMS.items() for synonym in synonyms
}
"""Every spelling that is understood, in lower case, and the name that gcnet uses."""


def expression_name(text: str) -> str:
    """The canonical name of an expression; a name that is none of the eight stays as it is, in lower case."""
    name = text.strip().lower()
    return CANONICAL_NAME.get(name, name)
