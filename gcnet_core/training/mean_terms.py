"""Means of loss terms over the steps of an epoch."""

from collections import defaultdict
from collections.abc import Mapping


class MeanTerms:
    """The mean of each loss term of one phase so far; `steps` counts those too in which there was nothing to learn."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = defaultdict(float)
        self.steps = 0

    def add(self, terms: Mapping[str, float]) -> None:
        """Add the terms of a step."""
        for name, value in terms.items():
            self.sums[name] += value

    def means(self) -> dict[str, float]:
        """The mean of each term, in the order in which they first came."""
        return {name: value / self.steps for name, value in self.sums.items()}
