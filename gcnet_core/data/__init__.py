"""Splits, the decode-once table of faces, and batches with per-sample augmentation."""

from gcnet_core.plugin_api.samples import Sample

__all__ = ["Sample"]
