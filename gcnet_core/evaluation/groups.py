"""Groups of images by what a column says of them, and their accuracies in resamples of the people."""

from collections.abc import Hashable, Sequence

import numpy as np
from jaxtyping import Bool, Float, Int

MOST = 8
"""Different numbers above which they are put into quarters."""
DRAWN = 1 << 22
"""Units that are drawn at a time."""


def groups_of(values: Sequence[str | None], *, numbers: bool) -> tuple[list[str], Int[np.ndarray, "sample"]]:
    """Put samples into groups.

    Args:
        values: of each sample; None where unknown.
        numbers: whether numbers among them are sizes, such as an age, rather than names: many different ones become
            four groups of about as many samples.

    Returns:
        Names of the groups in order, and the position of each sample's; -1 where unknown.
    """
    sizes = _sizes(values) if numbers else None
    if sizes is None:
        names = sorted({value for value in values if value is not None}, key=_in_order)
        position = {name: number for number, name in enumerate(names)}
        return names, np.array([-1 if value is None else position[value] for value in values])
    known = ~np.isnan(sizes)
    bounds = np.unique(np.quantile(sizes[known], [0.25, 0.5, 0.75]))
    quarter = np.searchsorted(bounds, sizes[known])
    present, place = np.unique(quarter, return_inverse=True)
    groups = np.full(len(sizes), -1)
    groups[known] = place
    inside = [sizes[groups == number] for number in range(len(present))]
    return [f"{sizes.min():g} to {sizes.max():g}" for sizes in inside], groups


def accuracies(
    units: Sequence[Hashable],
    correct: Bool[np.ndarray, "sample"],
    groups: Int[np.ndarray, "sample"],
    bootstrap: int,
    seed: int,
) -> Float[np.ndarray, "resample group"]:
    """Accuracy of each group in resamples; NaN where none of its images was drawn.

    Args:
        units: what is drawn or not, all its images at once: the subject of each sample.
        correct: whether each was recognized.
        groups: of each; -1 for none.
        bootstrap: number of resamples.
        seed: key of the resampling.
    """
    number = {unit: index for index, unit in enumerate(dict.fromkeys(units))}
    rows = np.array([number[unit] for unit in units])
    hits, sizes = np.zeros((2, len(number), groups.max() + 1))
    known = groups >= 0
    np.add.at(hits, (rows[known], groups[known]), correct[known])
    np.add.at(sizes, (rows[known], groups[known]), 1)
    random, found = np.random.default_rng(seed), []
    at_a_time = max(1, DRAWN // len(number))
    for start in range(0, bootstrap, at_a_time):
        size = min(at_a_time, bootstrap - start)
        draws = random.multinomial(len(number), np.full(len(number), 1 / len(number)), size=size)
        drawn = draws @ sizes
        found.append(np.divide(draws @ hits, drawn, out=np.full(drawn.shape, np.nan), where=drawn > 0))
    return np.concatenate(found)


def _sizes(values: Sequence[str | None]) -> Float[np.ndarray, "sample"] | None:
    """Many different numbers as such, NaN where unknown; None for anything else."""
    try:
        sizes = np.array([np.nan if value is None else float(value) for value in values])
    except ValueError:
        return None
    known = sizes[~np.isnan(sizes)]
    return sizes if np.isfinite(known).all() and len(np.unique(known)) > MOST else None


def _in_order(name: str) -> tuple[bool, float, str]:
    """Numbers by size, before texts."""
    try:
        return (False, float(name), name)
    except ValueError:
        return (True, 0.0, name)
