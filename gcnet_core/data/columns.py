"""Columns: what is known of each sample, by the name that a manifest has for it, to group samples by."""

from collections.abc import Callable, Sequence

from gcnet_core.plugin_api import Sample, UserError
from gcnet_core.recipe.problems import suggestion

OWN: dict[str, Callable[[Sample], object]] = {
    "expression": lambda sample: sample.expression,
    "subject": lambda sample: sample.subject,
    "session": lambda sample: sample.session,
    "lighting": lambda sample: sample.lighting,
    "fold": lambda sample: sample.fold,
    "part": lambda sample: sample.usage,
    "intensity": lambda sample: sample.intensity,
    "source": lambda sample: sample.source,
}
"""Columns that gcnet itself knows; any other one is an attribute of the sample."""


def column_values(samples: Sequence[Sample], column: str) -> list[str | None]:
    """What a column says of each sample.

    Args:
        samples: at least one.
        column: one of OWN, or the name of an attribute.

    Returns:
        Texts in the order of the samples; None where nothing is known.

    Raises:
        UserError: if nothing is known of any sample; the text names the columns of which something is.
    """
    values = [_value(sample, column) for sample in samples]
    if any(values):
        return values
    names = [*OWN, *dict.fromkeys(name for sample in samples for name, _ in sample.attributes)]
    known = [name for name in names if any(_value(sample, name) for sample in samples)]
    raise UserError(f"--by {column}: these images have no such column; {suggestion(column, known)}")


def _value(sample: Sample, column: str) -> str | None:
    value = OWN[column](sample) if column in OWN else None
    if value is None:
        return dict(sample.attributes).get(column)
    return f"{value:g}" if isinstance(value, float) else str(value)
