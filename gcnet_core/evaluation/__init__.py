"""Numbers: predictions, metrics with intervals, folds, and the quality of generated references."""

from gcnet_core.evaluation.folds import pooled_metrics
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.evaluation.predictions import Predictions, concatenate
from gcnet_core.evaluation.references import reference_errors

__all__ = ["Predictions", "classification_metrics", "concatenate", "pooled_metrics", "reference_errors"]
