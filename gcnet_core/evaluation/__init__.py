"""Numbers: metrics with intervals, trials together, paired tests, and the quality of generated references."""

from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.evaluation.references import reference_errors
from gcnet_core.evaluation.trials import aggregate
from gcnet_core.runs.predictions import Predictions, concatenate

__all__ = ["Predictions", "aggregate", "classification_metrics", "concatenate", "reference_errors"]
