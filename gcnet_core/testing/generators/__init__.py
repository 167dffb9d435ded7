"""Promises of generators."""

from gcnet_core.testing.generators import effects, estimates, learning, pictures, robustness, storing, terms

CHECKS = (
    *pictures.CHECKS, *terms.CHECKS, *estimates.CHECKS, *effects.CHECKS, *learning.CHECKS, *storing.CHECKS,
    *robustness.CHECKS,
)  # fmt: skip
