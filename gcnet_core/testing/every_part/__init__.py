"""Promises of every part, whatever its kind: first those of its registration, last its use in every way."""

from gcnet_core.testing.every_part import common, options, situations

FIRST = common.CHECKS
LAST = (*options.CHECKS, *situations.CHECKS)
