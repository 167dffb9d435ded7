"""Where training is, in numbers."""

from dataclasses import dataclass, field


@dataclass
class Position:
    """What the state of training holds beside tensors.

    Args:
        stage: index of the running stage.
        epoch: epochs done in this stage.
        total_epochs: epochs done in all stages.
        step: optimiser steps done in all stages.
        seconds: spent in each stage, by name.
        best_accuracy: on validation subjects so far; -1 before the first measurement.
    """

    stage: int = 0
    epoch: int = 0
    total_epochs: int = 0
    step: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    best_accuracy: float = -1.0

    def end_epoch(self, stage: str, seconds: float) -> None:
        """Count an epoch of the running stage, whose name is `stage`."""
        self.epoch += 1
        self.total_epochs += 1
        self.seconds[stage] = self.seconds.get(stage, 0.0) + seconds
