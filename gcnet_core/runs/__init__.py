"""What the folders of runs and comparisons hold: names, formats, typed records, readers. Nothing imports torch."""

from gcnet_core.runs.comparison import Comparison
from gcnet_core.runs.epochs import EpochLog
from gcnet_core.runs.metrics import (
    AlbumCounts,
    Calibration,
    EstimateErrors,
    GeneratorErrors,
    Given,
    Metrics,
    ReferenceErrors,
)
from gcnet_core.runs.predictions import Predictions, concatenate
from gcnet_core.runs.reader import ComparisonFolder, Run, read_arrays
from gcnet_core.runs.record import FORMAT, Interval, Record, read_record, read_values, write_record
from gcnet_core.runs.summary import EpochMetrics, Evaluation, SplitCounts, Summary, write_summary

__all__ = [
    "FORMAT",
    "AlbumCounts",
    "Calibration",
    "Comparison",
    "ComparisonFolder",
    "EpochLog",
    "EpochMetrics",
    "EstimateErrors",
    "Evaluation",
    "GeneratorErrors",
    "Given",
    "Interval",
    "Metrics",
    "Predictions",
    "Record",
    "ReferenceErrors",
    "Run",
    "SplitCounts",
    "Summary",
    "concatenate",
    "read_arrays",
    "read_record",
    "read_values",
    "write_record",
    "write_summary",
]
