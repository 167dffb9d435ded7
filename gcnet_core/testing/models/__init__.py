"""Promises of models."""

from gcnet_core.testing.models import albums, answers, learning

CHECKS = (*answers.CHECKS, *albums.CHECKS, *learning.CHECKS)
