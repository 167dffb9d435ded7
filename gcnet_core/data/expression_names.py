"""Expression names: data sets spell them in many ways, gcnet in one; a misspelling is never taken for the word."""

import difflib
import unicodedata
from collections.abc import Iterable, Mapping

from gcnet_core.plugin_api import CANONICAL

_SYNONYMS = {
    "neutral": ("ne", "calm", "normal", "neutrals", "neutrality"),
    "anger": ("angry", "an", "angers"),
    "contempt": ("contemptuous", "co"),
    "disgust": ("disgusted", "di", "disgusts"),
    "fear": ("fearful", "afraid", "scared", "fe", "af", "fears"),
    "happiness": ("happy", "joy", "joyful", "ha", "joys"),
    "sadness": ("sad", "sa"),
    "surprise": ("surprised", "su", "surprises"),
}
CANONICAL_NAME = {name: name for name in CANONICAL}
for _name, _synonyms in _SYNONYMS.items():
    CANONICAL_NAME |= dict.fromkeys(_synonyms, _name)
"""Every spelling that is understood, in lower case, and the name that gcnet uses."""
CLOSE = 0.75
"""How alike a misspelling and the word are at least, from 0 to 1: feer and fear are 0.75."""


def expression_name(text: str) -> str:
    """The canonical name of an expression; a name that is none of the eight stays as it is, in lower case.

    Blanks around and upper case do not count, nor how an accent is encoded.
    """
    name = unicodedata.normalize("NFC", text).strip().lower()
    return CANONICAL_NAME.get(name, name)


def known_expression(text: str) -> str | None:
    """The canonical name of one of the eight expressions; None for any other text."""
    return CANONICAL_NAME.get(expression_name(text))


def nearest_expression(text: str) -> str | None:
    """The expression whose name a text misspells, to ask whether it was meant; None where none is near."""
    words = [word for word in CANONICAL_NAME if len(word) > 2]
    near = difflib.get_close_matches(expression_name(text), words, n=1, cutoff=CLOSE)
    return CANONICAL_NAME[near[0]] if near else None


def unknown_classes(counts: Mapping[str, int]) -> str:
    """Names that are none of the eight expressions, with the number of images of each, and the word that is near.

    Args:
        counts: images by name.

    Returns:
        Such as `ahegao (6), suprise (6; surprise?)`.
    """
    return ", ".join(f"{name} ({count:,}{_hint(name)})" for name, count in sorted(counts.items()))


def misspelt(names: Iterable[str]) -> dict[str, str]:
    """Those of some names that are nearly the name of an expression, and that expression."""
    near = {name: nearest_expression(name) for name in names if known_expression(name) is None}
    return {name: right for name, right in near.items() if right is not None}


def _hint(name: str) -> str:
    near = nearest_expression(name)
    return f"; {near}?" if near else ""
