"""Lightning's trainer with gcnet's network, losses and optimiser, on batches in memory; nothing else is switched on."""

import logging
import warnings
from collections.abc import Sequence

import pytorch_lightning as pl
import torch
from gcnet_side import now

from gcnet_core.benchmark.clock import wait_for
from gcnet_core.interfaces import Batch
from gcnet_core.training.phases import ActivePhase

logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", module="pytorch_lightning")


class LightningSide(pl.LightningModule):
    """Takes its steps by `fit`; its clock runs from the first batch to the last.

    Args:
        phase: of gcnet's trainer, with the network that moves, its losses and its optimiser.
        groups: batches in memory.
    """

    def __init__(self, phase: ActivePhase, groups: Sequence[Sequence[Batch]]) -> None:
        super().__init__()
        self.phase, self.groups = phase, groups
        self.moving = torch.nn.ModuleList(phase.modules)

    def steps(self, count: int) -> float:
        """Take some steps, and tell the seconds of one."""
        trainer = pl.Trainer(
            accelerator="auto", max_epochs=1, logger=False, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False, gradient_clip_val=1.0, log_every_n_steps=10,
        )  # fmt: skip
        trainer.fit(self, torch.arange(count))
        return self.seconds / count

    def training_step(self, number: torch.Tensor) -> torch.Tensor:
        (batch,) = self.groups[int(number) % len(self.groups)]
        loss = torch.stack(list(self.phase.loss(batch).values())).sum()
        self.log("loss", loss, batch_size=len(batch))
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return self.phase.optimizer

    def on_train_start(self) -> None:
        wait_for(self.device)
        self.began = now(self.device)

    def on_train_end(self) -> None:
        wait_for(self.device)
        self.seconds = now(self.device) - self.began
