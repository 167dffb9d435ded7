"""From a validated recipe to a finished run folder."""

from gcnet_core.experiment.options import Options
from gcnet_core.experiment.run import run_recipe

__all__ = ["Options", "run_recipe"]
