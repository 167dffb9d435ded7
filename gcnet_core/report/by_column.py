"""The table of `gcnet evaluate --by`."""

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from gcnet_core.output.visible import one_line
from gcnet_core.report.text import count, percent, percent_interval, plural, points, points_interval
from gcnet_core.runs.by_column import ByColumn


def by_column_table(found: ByColumn) -> Table:
    """A row for each group; small ones are marked."""
    table = Table(title=f"by {_told(found.column)}", title_style="bold", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("")
    for heading in ("images", "accuracy"):
        table.add_column(heading, justify="right")
    table.add_column(f"95% over {found.interval_over}")
    for heading in ("balanced", "calibration error"):
        table.add_column(heading, justify="right")
    table.add_column("")
    marks = {found.worst: "worst", found.best: "best"}
    for name, group in found.groups.items():
        figures = (percent(group.balanced_accuracy), percent(group.ece))
        interval = percent_interval(group.accuracy_interval)
        mark = "too few to judge" if group.small else marks.get(name, "")
        table.add_row(_told(name), count(group.images), percent(group.accuracy), interval, *figures, mark)
    return table


def by_column_line(found: ByColumn) -> Text:
    """Which group is recognized worst, as a sentence."""
    unknown = f"; of {plural(found.unknown, 'image')} it is not known" if found.unknown else ""
    if found.worst is None or found.best is None:
        return Text(f"no two groups have 30 images of two people, so none is called the worst{unknown}")
    mixed = not found.same_expressions and found.column != "expression"
    reason = "; the groups do not show the same expressions, which alone makes them differ" if mixed else ""
    return Text.assemble(
        "worst is ",
        (_told(found.worst), "bold"),
        f", {points(-(found.difference or 0))} points from {_told(found.best)} "
        f"(95% {points_interval([-bound for bound in reversed(found.difference_interval or ())])}){unknown}{reason}",
    )


def _told(name: str) -> str:
    return one_line(" ".join(name.split()))
