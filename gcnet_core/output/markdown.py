"""Names in Markdown: one line, shown as they are, in tables too."""

import re

from gcnet_core.output.visible import one_line

# An underscore within a word is one, and a colon makes a link only before slashes.
SPECIAL = re.compile(r"[\\`*\[\]<>|#~$&{}]|(?<![^\W_])_|_(?![^\W_])|:(?=//)")


def markdown(text: str) -> str:
    """A name that Markdown shows as it is.

    Args:
        text: anything; line ends and controls become visible.
    """
    return SPECIAL.sub(r"\\\g<0>", one_line(text))


def sentence(text: str) -> str:
    """Words of an author, who may use Markdown, as one line without HTML."""
    return one_line(" ".join(text.split())).replace("<", "\\<")


def code(text: str) -> str:
    """A name as code, in backticks that end at no other one; in tables too."""
    line = one_line(text).replace("|", "\\|")
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"
