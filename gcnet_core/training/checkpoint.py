"""Checkpoints: written beside, synced, renamed, so that a kill leaves the old one or the new one, never half of one."""

import io
import shutil
import time
from pathlib import Path
from typing import Any

import torch

from gcnet_core.files import write_bytes
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.files import CHECKPOINT
from gcnet_core.training.trainer import Trainer


class CheckpointWriter:
    """Saves the state of a trainer at the end of each stage, and of an epoch when some minutes have passed.

    Args:
        run: folder of the run.
        minutes: between two checkpoints within a stage.
    """

    def __init__(self, run: Path, minutes: float) -> None:
        self.run, self.seconds = run, 60 * minutes
        self.saved_at = time.monotonic()

    def end_epoch(self, trainer: Trainer) -> None:
        """Save the state if it is time."""
        if trainer.stage_done or time.monotonic() - self.saved_at >= self.seconds:
            save_checkpoint(self.run, trainer.state_dict())
            self.saved_at = time.monotonic()


def resume(trainer: Trainer, run: Path) -> None:
    """Put a new trainer where the last checkpoint of a run was; without one it stays at the start.

    Raises:
        UserError: if the checkpoint is damaged, of another recipe, or does not fit the model.
    """
    state = load_checkpoint(run)
    if state is None:
        return
    try:
        trainer.load_state_dict(state)
    except UserError as error:
        raise UserError(f"{run / CHECKPOINT}: {error}; delete it to train from the start") from error
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise UserError(
            f"{run / CHECKPOINT}: does not fit this version of gcnet or of a plugin ({reason}); "
            "delete it to train from the start"
        ) from error


def save_checkpoint(run: Path, state: dict[str, Any]) -> None:
    """Save the state of training in a run folder."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_bytes(run / CHECKPOINT, buffer.getvalue())


def load_checkpoint(run: Path) -> dict[str, Any] | None:
    """The last saved state on the CPU; None if the run has none yet.

    Raises:
        UserError: if the file is damaged.
    """
    path = run / CHECKPOINT
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UserError(f"{path}: not a checkpoint of gcnet ({reason}); delete it to train from the start") from error
    return state


def remove_checkpoint(run: Path) -> None:
    """Delete the checkpoint of a finished run; its weights are in model.safetensors."""
    folder = (run / CHECKPOINT).parent
    if folder.is_dir():
        shutil.rmtree(folder)  # a killed write may have left half a file beside it
