"""The tables of a comparison as rows of text, the same on the terminal, in Markdown and on the page."""

from gcnet_core.report.comparison.by_reference import by_reference_table
from gcnet_core.report.comparison.cross_dataset import cross_dataset_matrix, cross_dataset_table
from gcnet_core.report.comparison.table import Table, with_interval
from gcnet_core.report.text import (
    ABSENT,
    count,
    duration,
    percent,
    points,
    points_interval,
    probability,
    small,
)
from gcnet_core.runs import Comparison, GeneratorErrors

FIGURES = {
    "mean_of_folds": "mean of folds",
    "accuracy": "accuracy, pooled",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro F1",
}
"""Shares with an interval, as people read them."""


def all_tables(measured: Comparison) -> list[Table]:
    """The tables of a comparison: recipes, recalls, pairs, other data, failures; those that have rows.

    Args:
        measured: comparison.json.
    """
    tables = [
        recipe_table(measured),
        by_reference_table(measured),
        effort_table(measured),
        recall_table(measured),
        pair_table(measured),
        balanced_table(measured),
        cross_dataset_matrix(measured),
        cross_dataset_table(measured),
        failure_table(measured),
    ]
    return [table for table in tables if table.rows]


def recipe_table(measured: Comparison) -> Table:
    """Recognition of each recipe with 95 % intervals over subjects."""
    return Table(
        "Recognition, with 95% intervals over subjects",
        ["recipe", *FIGURES.values(), "given"],
        [
            [
                entry.name + ("" if entry.jobs == entry.planned else f", {entry.jobs} of {entry.planned} jobs"),
                *(with_interval(getattr(entry, name), getattr(entry, f"{name}_interval")) for name in FIGURES),
                percent(entry.true_reference),
            ]
            for entry in measured.recipes
        ],
    )


def effort_table(measured: Comparison) -> Table:
    """Quality of generated references, size and time of each recipe."""
    return Table(
        "Generated references of expressive queries, size and time",
        ["recipe", "reference MSE", "MSE of copy", "MSE of mean face", "SSIM", "parameters", "time of job"],
        [
            [
                entry.name,
                *_reference_cells(entry.generator),
                count(entry.parameters),
                duration(entry.seconds),
            ]
            for entry in measured.recipes
        ],
    )


def recall_table(measured: Comparison) -> Table:
    """Recall of each expression."""
    names = list(dict.fromkeys(name for entry in measured.recipes for name in entry.classes))
    return Table(
        "Recall of each expression",
        ["recipe", *names],
        [[entry.name, *(percent(entry.recall.get(name)) for name in names)] for entry in measured.recipes],
    )


def pair_table(measured: Comparison) -> Table:
    """Paired tests on the same images."""
    return Table(
        "Paired differences of accuracy in points, on the same images of the same trials",
        [
            "first minus second",
            "images",
            "difference (95%)",
            "p (Holm)",
            "p, folds",
            "effect size",
            "right alone",
        ],
        [
            [
                f"{pair.first} − {pair.second}",
                count(pair.images),
                f"{points(pair.difference)} ({points_interval(pair.interval)})",
                f"{probability(pair.p)} ({probability(pair.p_corrected)})",
                probability(pair.p_folds),
                ABSENT if pair.effect_size is None else f"{pair.effect_size:+.2f}",
                ABSENT if pair.only_first is None else f"{pair.only_first}:{pair.only_second}",
            ]
            for pair in measured.pairs
        ],
    )


def balanced_table(measured: Comparison) -> Table:
    """The same tests of the mean recall, where expressions are not alike frequent."""
    return Table(
        "Paired differences of balanced accuracy in points",
        ["first minus second", "difference (95%)", "p (Holm)"],
        [
            [
                f"{pair.first} − {pair.second}",
                f"{points(pair.balanced_difference)} ({points_interval(pair.balanced_interval)})",
                f"{probability(pair.p_balanced)} ({probability(pair.p_balanced_corrected)})",
            ]
            for pair in measured.pairs
            if pair.balanced_interval  # comparisons of an older gcnet lack it
        ],
    )


def failure_table(measured: Comparison) -> Table:
    """Jobs without a result."""
    rows = [[failure.job, failure.reason, failure.log] for failure in measured.failures]
    return Table("Failed jobs, which no figure contains", ["job", "reason", "log"], rows)


def markdown(measured: Comparison) -> str:
    """All tables in Markdown."""
    return "\n".join(table.markdown() for table in all_tables(measured))


def _reference_cells(generator: GeneratorErrors | None) -> list[str]:
    errors = generator.telling if generator else None
    if not errors:
        return [ABSENT] * 4
    estimates = (errors.generated, errors.query_copy, errors.mean_face)
    return [*(small(estimate.mse) for estimate in estimates), small(errors.generated.ssim)]
