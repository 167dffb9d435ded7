"""Promises of every part, whatever its kind: first those of its registration, last its use in every way."""

from gcnet_core.testing.check import Check
from gcnet_core.testing.every_part import common, options, situations

FIRST = common.CHECKS
VECTORS = ("encoder", "delta", "classifier", "decoder")
NETWORK = (*VECTORS, "generator", "reference", "join", "loss", "model")


def last(kind: str) -> tuple[Check, ...]:
    """The checks of a kind that come last."""
    networks = situations.OF_NETWORKS if kind in NETWORK else ()
    vectors = situations.OF_VECTORS if kind in VECTORS else ()
    return (*options.CHECKS, *situations.CHECKS, *networks, *vectors)
