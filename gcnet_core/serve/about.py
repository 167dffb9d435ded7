"""The page on what expression recognition can and cannot tell, made of the documentation."""

from functools import cache
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
TEXTS = (HERE / "limits.md", HERE.parents[1] / "docs" / "limits.md")
"""In an installed distribution, and in a checkout."""


@cache
def about_page() -> str:
    """The page as HTML, with the look of the first one."""
    from markdown_it import MarkdownIt

    text = next(path for path in TEXTS if path.is_file()).read_text(encoding="utf-8")
    title = next((line.lstrip("# ") for line in text.splitlines() if line.startswith("# ")), "About")
    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    frame = (HERE / "page" / "about.html").read_text(encoding="utf-8")
    return frame.replace("{title}", escape(title)).replace("{body}", body)
