"""Samples, splits, the decode-once cache and per-sample augmentation."""

from gcnet_core.data.samples import CANONICAL, NEUTRAL, Sample, given_references, ordered_classes

__all__ = ["CANONICAL", "NEUTRAL", "Sample", "given_references", "ordered_classes"]
