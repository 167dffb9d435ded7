"""Promises of data sets."""

from gcnet_core.testing.datasets import files, keys, listing, pictures

CHECKS = (*listing.CHECKS, *pictures.CHECKS, *files.CHECKS, *keys.CHECKS)
