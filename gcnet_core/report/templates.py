"""Render a page: one look and one way to write numbers for all of them."""

import re
from typing import Any

from markupsafe import Markup, escape

from gcnet_core.output.visible import visible
from gcnet_core.report import text

FILTERS = (
    text.percent,
    text.percent_interval,
    text.points,
    text.points_interval,
    text.probability,
    text.small,
    text.count,
    text.duration,
    text.plural,
)


def with_code(sentence: str) -> Markup:
    """A sentence as HTML, what stands in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(visible(sentence)))))


def _shown(value: object) -> object:
    """What a page shows of a text: nothing hidden; tags and quotes are escaped after this."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def render(template: str, values: dict[str, Any]) -> str:
    """A page as HTML.

    Args:
        template: name of a file beside this one.
        values: all that it shows; one that is missing is an error.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("gcnet_core.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["code"] = with_code
    for function in FILTERS:
        environment.filters[function.__name__] = function
    return environment.get_template(template).render(**values)
