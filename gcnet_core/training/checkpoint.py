"""Checkpoints: written beside, synced, renamed, so that a kill leaves the old one or the new one, never half of one."""

import io
import shutil
from pathlib import Path
from typing import Any

import torch

from gcnet_core.files import write_bytes
from gcnet_core.plugin_api import UserError

FILE = "checkpoint/state.pt"


def save_checkpoint(run: Path, state: dict[str, Any]) -> None:
    """Save the state of training in a run folder."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_bytes(run / FILE, buffer.getvalue())


def load_checkpoint(run: Path) -> dict[str, Any] | None:
    """The last saved state on the CPU; None if the run has none yet.

    Raises:
        UserError: if the file is damaged.
    """
    path = run / FILE
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many kinds for a damaged file
        raise UserError(f"{path}: not a checkpoint of gcnet ({error}); delete it to train from the start") from error
    return state


def remove_checkpoint(run: Path) -> None:
    """Delete the checkpoint of a finished run; its weights are in model.safetensors."""
    folder = (run / FILE).parent
    if folder.is_dir():
        shutil.rmtree(folder)  # a killed write may have left half a file beside it
