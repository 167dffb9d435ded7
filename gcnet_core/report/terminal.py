"""The table with which `gcnet run` and `gcnet evaluate` end."""

import json
from collections.abc import Mapping
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from gcnet_core.output.console import Console
from gcnet_core.output.visible import one_line
from gcnet_core.report.by_column import by_column_line, by_column_table
from gcnet_core.report.by_reference import compared_rows
from gcnet_core.report.text import count, duration, percent, percent_interval, plural, small
from gcnet_core.runs import Calibration, Evaluation, GeneratorErrors, Run, Summary
from gcnet_core.runs.files import REPORT, SUMMARY

HEADLINE = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1"}
"""Names of figures of `Metrics` as people read them."""


def summary_table(measured: Summary | Evaluation) -> Table:
    """The figures of a run, or of an evaluation, as a table."""
    test = measured.test
    title = f"{measured.recipe}, {_where(measured)}: {plural(test.images, 'image')}"
    if test.subjects:
        title += f" of {plural(test.subjects, 'subject')}"
    table = Table(title=one_line(title), title_style="bold", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column(f"95% interval over {test.interval_over}")
    for name, label in HEADLINE.items():
        value, interval = getattr(test, name), getattr(test, f"{name}_interval")
        table.add_row(label, Text(percent(value), "bold"), percent_interval(interval))
    table.add_row("chance", percent(test.chance), "always the most frequent expression")
    if measured.calibration:
        table.add_row(
            "calibration error", percent(measured.calibration.calibrated_ece), _temperature(measured.calibration)
        )
    if isinstance(measured, Summary) and measured.folds:
        over = f"{percent_interval(measured.mean_of_folds_interval)}, {plural(len(measured.folds), 'fold')}"
        table.add_row("mean of folds", percent(measured.mean_of_folds), over)
    given = measured.true_reference
    by_reference = compared_rows(measured.by_reference) if measured.album else []
    if given and not by_reference:
        note = f"{percent_interval(given.accuracy_interval)}, {plural(given.images, 'image')}"
        table.add_row("accuracy, given reference", percent(given.accuracy), note)
    if by_reference:
        table.add_section()
    for given_name, metrics in by_reference:
        note = f"{percent_interval(metrics.accuracy_interval)}, {plural(metrics.images, 'image')}"
        table.add_row(f"accuracy, {given_name}", percent(metrics.accuracy), note)
    table.add_section()
    for name, confused in zip(test.classes, test.confusion, strict=True):
        table.add_row(f"recall {one_line(name)}", percent(test.recall[name]), plural(sum(confused), "image"))
    if measured.generator:
        _add_generator(table, measured.generator)
    table.add_section()
    if isinstance(measured, Summary):
        _add_effort(table, measured)
    else:
        if measured.skipped:
            table.add_row("images left out", count(measured.skipped), "no class of the model, or no reference to give")
        if measured.seen:
            table.add_row("images left out", count(measured.seen), "they, or their people, were trained on")
    return table


def print_result(folder: Path, console: Console, as_json: bool = False) -> None:
    """Tell how a run ended.

    Args:
        folder: of a finished run.
        console: where the table goes.
        as_json: print summary.json to standard output instead.
    """
    summary = Run(folder).summary
    if as_json:
        print((folder / SUMMARY).read_text(encoding="utf-8"), end="")
        return
    console.print(summary_table(summary))
    if summary.status == "smoke":
        console.print("smoke run: a few steps only, the figures mean nothing", style="yellow")
    console.print(f"report {one_line(str(folder / REPORT))}", highlight=False, soft_wrap=True)


def print_evaluation(
    evaluation: Evaluation, console: Console, as_json: bool = False, read_as: Mapping[str, str] | None = None
) -> None:
    """Tell what an evaluation found.

    Args:
        evaluation: the figures.
        console: where the table goes.
        as_json: print them to standard output instead.
        read_as: how the folder of other data was read, for JSON.
    """
    if as_json:
        print(json.dumps({**evaluation.dump(), **({"read as": read_as} if read_as else {})}, indent=2))
        return
    console.print(summary_table(evaluation))
    if evaluation.by:
        console.print(by_column_table(evaluation.by))
        console.print(by_column_line(evaluation.by), highlight=False, soft_wrap=True)
    if not evaluation.same_crop:
        text = "note: the model learned from faces that were cut out in another way; see gcnet data prepare"
        console.print(text, style="yellow", highlight=False)


def _where(measured: Summary | Evaluation) -> str:
    if isinstance(measured, Evaluation):
        return measured.data
    return "all folds" if measured.fold == "all" else f"fold {measured.fold}"


def _temperature(calibration: Calibration) -> str:
    if calibration.temperature == 1:
        return "no temperature was fitted"
    return f"at temperature {calibration.temperature:.2f}; without {percent(calibration.ece)}"


def _add_generator(table: Table, generator: GeneratorErrors) -> None:
    table.add_section()
    for queries, errors in (("expressive", generator.expressive), ("all", generator.all)):
        if errors:
            note = f"copy of the query {small(errors.query_copy.mse)}, mean face {small(errors.mean_face.mse)}"
            table.add_row(f"reference MSE, {queries} queries", small(errors.generated.mse), note)


def _add_effort(table: Table, summary: Summary) -> None:
    parts = [f"{name} {count(value)}" for name, value in summary.parameters.items() if name != "total"]
    table.add_row("parameters", count(summary.parameters["total"]), ", ".join(parts))
    stages = [f"{name} {duration(value)}" for name, value in summary.seconds.items() if name != "total"]
    table.add_row("time", duration(summary.seconds["total"]), ", ".join(stages))
