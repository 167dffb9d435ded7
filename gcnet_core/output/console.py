"""The console on which gcnet prints: text is text, whatever brackets, colons and controls it holds."""

from typing import Any

import rich.console
from rich.text import Text

from gcnet_core.output.streams import ESCAPED
from gcnet_core.output.visible import visible

NARROWEST = 20
"""Columns that a table has at least, also where a terminal says that it has none."""
PLAIN = str.maketrans({"–": "-", "−": "-", "—": "-", "×": "x", "…": "...", "✓": "+", "✗": "x"})
"""What gcnet itself prints, for terminals whose encoding lacks it."""


class Console(rich.console.Console):
    """A console of rich on which a string is never markup: styles are given by `style=` or a `Text`.

    Args:
        options: of rich's console.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "emoji": False, **options})
        if self.width < NARROWEST:
            self.width = NARROWEST

    def render_str(self, text: str, **options: Any) -> Text:
        """Every string comes by here: messages, titles and cells of tables."""
        text = visible(text)
        if not self.encoding.lower().startswith("utf"):
            known = text.translate(PLAIN).encode(self.encoding, ESCAPED)
            text = known.decode(self.encoding)
        return super().render_str(text, **options)
