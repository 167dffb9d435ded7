"""Several recipes on the same folds and seeds: jobs side by side, then one table with paired tests."""

from gcnet_core.comparison.compare import CompareOptions, compare

__all__ = ["CompareOptions", "compare"]
