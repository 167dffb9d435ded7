"""The table with which `gcnet run` and `gcnet evaluate` end."""

import json
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gcnet_core.report.text import count, duration, percent, percent_interval, plural, small

HEADLINE = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1"}
"""Names of the figures of `classification_metrics` as people read them."""


def summary_table(summary: dict[str, Any]) -> Table:
    """The figures of a run, or of an evaluation, as a table.

    Args:
        summary: summary.json, or what an evaluation found: `recipe`, `data` and `test`, the others if there are any.
    """
    test = summary["test"]
    title = f"{summary['recipe']}, {_where(summary)}: {plural(test['images'], 'image')}"
    if test["subjects"]:
        title += f" of {plural(test['subjects'], 'subject')}"
    table = Table(title=escape(title), title_style="bold", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column(f"95% interval over {test['interval_over']}")
    for name, label in HEADLINE.items():
        table.add_row(label, f"[bold]{percent(test[name])}[/]", percent_interval(test[f"{name}_interval"]))
    table.add_row("chance", percent(test["chance"]), "always the most frequent expression")
    if "mean_of_folds" in summary:
        over = f"{percent_interval(summary['mean_of_folds_interval'])}, {plural(len(summary['folds']), 'fold')}"
        table.add_row("mean of folds", percent(summary["mean_of_folds"]), over)
    given = summary.get("true_reference")
    if given:
        note = f"{percent_interval(given['accuracy_interval'])}, {plural(given['images'], 'image')}"
        table.add_row("accuracy, given reference", percent(given["accuracy"]), note)
    table.add_section()
    for name, confused in zip(test["classes"], test["confusion"], strict=True):
        table.add_row(f"recall {escape(name)}", percent(test["recall"][name]), plural(sum(confused), "image"))
    _add_generator(table, summary.get("generator"))
    _add_effort(table, summary)
    return table


def _where(summary: dict[str, Any]) -> str:
    if "data" in summary:
        return str(summary["data"])
    return "all folds" if summary["fold"] == "all" else f"fold {summary['fold']}"


def print_result(folder: Path, console: Console, as_json: bool = False) -> None:
    """Tell how a run ended.

    Args:
        folder: of a finished run.
        console: where the table goes.
        as_json: print summary.json to standard output instead.
    """
    text = (folder / "summary.json").read_text(encoding="utf-8")
    if as_json:
        print(text, end="")
        return
    summary = json.loads(text)
    console.print(summary_table(summary))
    if summary.get("status") == "smoke":
        console.print("smoke run: a few steps only, the figures mean nothing", style="yellow")
    console.print(f"report {folder / 'report.html'}", highlight=False, soft_wrap=True)


def _add_generator(table: Table, generator: dict[str, Any] | None) -> None:
    if not generator:
        return
    table.add_section()
    for queries in ("expressive", "all"):
        errors = generator[queries]
        if errors:
            note = f"copy of the query {small(errors['copy']['mse'])}, mean face {small(errors['mean_face']['mse'])}"
            table.add_row(f"reference MSE, {queries} queries", small(errors["generated"]["mse"]), note)


def _add_effort(table: Table, summary: dict[str, Any]) -> None:
    table.add_section()
    if "parameters" in summary:
        parts = [f"{name} {count(value)}" for name, value in summary["parameters"].items() if name != "total"]
        table.add_row("parameters", count(summary["parameters"]["total"]), ", ".join(parts))
    if "seconds" in summary:
        stages = [f"{name} {duration(value)}" for name, value in summary["seconds"].items() if name != "total"]
        table.add_row("time", duration(summary["seconds"]["total"]), ", ".join(stages))
    if summary.get("skipped"):
        table.add_row("images left out", count(summary["skipped"]), "no class of the model, or no reference to give")
