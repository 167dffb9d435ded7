"""How one person performs an expression on one occasion: never all of it, never only it."""

from dataclasses import astuple

import numpy as np

from gcnet_datasets.synthetic.expressions import PROTOTYPES, ActionUnits

LAPSE = 0.06
"""Probability that an action unit of an expression stays away."""

RESTLESSNESS = 0.03
"""Mean activity of every action unit that no expression asks for: no face is quite still."""


def sample_action_units(rng: np.random.Generator, expression: str, intensity: float) -> ActionUnits:
    """Draw one performance of an expression.

    Args:
        rng: source of randomness; the same number of draws is taken for every expression.
        expression: one of `EXPRESSIONS`.
        intensity: strength, 0 (nothing) to 1 (full-blown).

    Returns:
        The prototype times the intensity, each action unit varied by itself and some missing, plus restlessness.

    Raises:
        KeyError: for an unknown expression.
    """
    prototype = np.array(astuple(PROTOTYPES[expression]))
    count = len(prototype)
    strength = intensity * rng.uniform(0.65, 1.2, count) * (rng.random(count) > LAPSE)
    unrest = rng.exponential(RESTLESSNESS, count).clip(max=4 * RESTLESSNESS)
    activity = prototype * strength + (1 - prototype) * unrest
    return ActionUnits(*activity.tolist())
