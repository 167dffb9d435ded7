"""`gcnet report`: write the page of a run again."""

from pathlib import Path
from typing import Annotated

import typer

from gcnet_core.output.streams import tell


def command(
    run: Annotated[Path, typer.Argument(help="folder of a finished run or comparison")],
    baseline: Annotated[
        Path | None, typer.Option(help="run of a baseline on the same test images, shown beside this one")
    ] = None,
) -> None:
    """Write report.html and figures/ of a finished run or comparison.

    Example: gcnet report runs/vae_resnet/2026-01-31_12-00-00 --baseline runs/baselines/cnn_resnet/2026-01-31_12-05-00
    """
    from gcnet_core.plugin_api import discover
    from gcnet_core.recipe import changed_parts
    from gcnet_core.report import write_report
    from gcnet_core.report.comparison import write_comparison_report
    from gcnet_core.report.comparison.page import missing_notes as comparison_notes
    from gcnet_core.report.page import missing_notes
    from gcnet_core.runs import ComparisonFolder, Run
    from gcnet_core.runs.files import COMPARISON
    from gcnet_core.runs.intact import is_there

    if is_there(run / COMPARISON):
        if baseline:
            raise typer.BadParameter("a comparison shows all its recipes; leave it out", param_hint="--baseline")
        tell(write_comparison_report(run))
        _tell(run, comparison_notes(ComparisonFolder(run)))
        return
    tell(write_report(run, baseline))
    _tell(run, missing_notes(Run(run)))
    changed = changed_parts(Run(run).summary.parts, discover())
    if changed:
        tell(f"note: {run}: {changed}", err=True)


def _tell(run: Path, notes: list[str]) -> None:
    for note in notes:
        tell(f"note: {run}: {note}", err=True)
