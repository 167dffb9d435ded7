"""Promises of models."""

from gcnet_core.testing.models import answers, learning

CHECKS = (*answers.CHECKS, *learning.CHECKS)
