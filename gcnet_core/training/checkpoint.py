"""Checkpoints: written beside, synced, renamed, so that a kill leaves the old one or the new one, never half of one.

A file begins with the checksum of all that follows: torch reads flipped bits without a word.
"""

import hashlib
import io
import shutil
import time
from pathlib import Path
from typing import Any

import torch

from gcnet_core.files import write_bytes
from gcnet_core.interfaces.processes import PeerLost
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.files import CHECKPOINT
from gcnet_core.runs.intact import is_there
from gcnet_core.training.trainer import Trainer

MAGIC = b"gcnet checkpoint sha256:"
"""How a checkpoint begins; 64 hexadecimal digits and a line end follow, then what torch wrote."""
OLD_MAGIC = b"PK"
"""How one of gcnet 0.5 and older begins, which is that of torch alone."""
KEEPING = 20
"""States are kept in memory so seldom that it takes a twentieth of the time of training at most."""


class CheckpointWriter:
    """Saves the state of a trainer at the end of each stage, and of an epoch when some minutes have passed.

    A context manager: if Ctrl-C, a signal, or the end of another process ends training, the last epoch whose state is
    in memory is saved.

    Args:
        run: folder of the run.
        minutes: between two checkpoints within a stage.
    """

    def __init__(self, run: Path, minutes: float) -> None:
        self.run, self.seconds = run, 60 * minutes
        self.saved_at = self.kept_at = time.monotonic()
        self.kept: bytes | None = None
        self.cost = 0.0

    def __enter__(self) -> "CheckpointWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt | PeerLost) and self.kept is not None:
            write_bytes(self.run / CHECKPOINT, self.kept)

    def end_epoch(self, trainer: Trainer) -> None:
        """Save the state if it is time, or keep it in memory, unless that would slow down very short epochs."""
        now = time.monotonic()
        if trainer.stage_done or now - self.saved_at >= self.seconds:
            save_checkpoint(self.run, trainer.state_dict())
            self.saved_at, self.kept = time.monotonic(), None
        elif now - self.kept_at >= KEEPING * self.cost:
            self.kept = serialized(trainer.state_dict())
            self.kept_at = time.monotonic()
            self.cost = self.kept_at - now


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
    write_bytes(run / CHECKPOINT, serialized(state))


def serialized(state: dict[str, Any]) -> bytes:
    """The content of a checkpoint."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getbuffer()
    return b"".join((_header(content), content))


def load_checkpoint(run: Path) -> dict[str, Any] | None:
    """The last saved state on the CPU; None if the run has none yet.

    Raises:
        UserError: if the file is damaged.
    """
    path = run / CHECKPOINT
    if not is_there(path):
        return None
    try:
        return deserialized(path.read_bytes())
    except Exception as error:  # torch raises many kinds for a damaged file
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UserError(f"{path}: not a checkpoint of gcnet ({reason}); delete it to train from the start") from error


def deserialized(content: bytes) -> dict[str, Any]:
    """The state that a checkpoint holds, on the CPU."""
    state: dict[str, Any] = torch.load(io.BytesIO(_content(content)), map_location="cpu", weights_only=True)
    return state


def _content(checkpoint: bytes) -> memoryview:
    """What torch wrote, if it is all there as it was."""
    written = memoryview(checkpoint)
    if bytes(written[: len(OLD_MAGIC)]) == OLD_MAGIC:
        return written
    length = len(_header(b""))
    header, content = bytes(written[:length]), written[length:]
    if not header.startswith(MAGIC):
        raise ValueError("it begins otherwise")
    if header != _header(content):
        raise ValueError("damaged: its content is not what gcnet wrote, by its checksum")
    return content


def _header(content: bytes | memoryview) -> bytes:
    return MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n"


def remove_checkpoint(run: Path) -> None:
    """Delete the checkpoint of a finished run; its weights are in model.safetensors."""
    folder = (run / CHECKPOINT).parent
    if folder.is_dir():
        shutil.rmtree(folder)  # a killed write may have left half a file beside it
