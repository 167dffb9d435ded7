"""Promises of losses."""

from gcnet_core.testing.losses import minima

CHECKS = minima.CHECKS
