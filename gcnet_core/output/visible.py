"""Text without anything hidden: what a terminal would obey, or a reader could not see, is shown as an escape."""

import re

# Controls but tab and line feed; what turns the direction of writing; marks and separators that nobody sees; halves
# of characters, which stand for the bytes of a name that is not UTF-8. Joiners and direction marks that Persian,
# Arabic and Hebrew need are left.
HIDDEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
ENDS = re.compile("[\t\n]")


def visible(text: str) -> str:
    """A text of one or more lines with all that is hidden in it shown, as `\\x1b`.

    Args:
        text: anything, such as a message that names a file.
    """
    return HIDDEN.sub(_escape, text)


def one_line(text: str) -> str:
    """A name as one line: `visible`, and its tabs and line ends are shown too."""
    return ENDS.sub(_escape, visible(text))


def _escape(found: re.Match[str]) -> str:
    """The letter as Python and shells write it; of a name that is not UTF-8 the byte."""
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    named = {9: "\\t", 10: "\\n", 13: "\\r"}
    if code in named:
        return named[code]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
