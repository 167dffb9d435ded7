"""Several processes that train one model together: each computes its part of every batch, all take the same steps.

Plain data parallelism: the gradient of a phase is added up over the processes before the step, whatever phases there
are. `torchrun` starts the processes, or `gcnet run --processes`; one alone is the first of one.
"""

import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import Tensor, distributed

from gcnet_core.interfaces.processes import PeerLost, process_count, sum_up
from gcnet_core.machine import LAUNCHED, started_together
from gcnet_core.plugin_api import UserError

LONGEST = timedelta(days=1)
"""For which the others wait while the first measures; a process that dies is noticed at once."""


@dataclass(frozen=True)
class Processes:
    """The processes of a training. What `any`, `sum`, `add_up`, `from_first` and `union` do is a meeting of all.

    Args:
        rank: of this one.
        count: of all.
        local_rank: among those on this machine.
        local_count: those on this machine.
    """

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    local_count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes and prints."""
        return self.rank == 0

    def any(self, *flags: bool) -> list[bool]:
        """Whether each flag is set in some process."""
        if self.count == 1:
            return list(flags)
        return sum_up(torch.tensor(flags, dtype=torch.uint8), largest=True).bool().tolist()

    def sum(self, *numbers: float) -> list[float]:
        """The sum of each number over all processes."""
        if self.count == 1:
            return list(numbers)
        return sum_up(torch.tensor(numbers, dtype=torch.float64)).tolist()

    def add_up(self, tensors: Sequence[Tensor]) -> None:
        """Add up tensors over all processes, in place, by one message."""
        if self.count == 1 or not tensors:
            return
        flat = sum_up(torch.cat([tensor.reshape(-1) for tensor in tensors]))
        parts = flat.split([tensor.numel() for tensor in tensors])
        for tensor, part in zip(tensors, parts, strict=True):
            tensor.copy_(part.view(tensor.shape))

    def from_first(self, value: Any = None) -> Any:
        """What the first process gives; what the others give is not looked at."""
        given = [value]
        if self.count > 1:
            try:
                distributed.broadcast_object_list(given, src=0, device=torch.device("cpu"))
            except RuntimeError as error:
                raise PeerLost("the first of the processes that train together ended") from error
        return given[0]

    def union(self, names: Sequence[str]) -> list[str]:
        """The names that some process has, in the order of the first, then of the others."""
        if self.count == 1:
            return list(names)
        everybody: list[Sequence[str]] = [()] * self.count
        distributed.all_gather_object(everybody, tuple(names))
        return list(dict.fromkeys(name for some in everybody for name in some))

    def device(self, chosen: torch.device) -> torch.device:
        """The device of this process: its own GPU where a GPU was chosen.

        Raises:
            UserError: if there are fewer GPUs than processes, or one was named.
        """
        if self.count == 1 or chosen.type != "cuda":
            return chosen
        if chosen.index is not None:
            raise UserError(f"--device {chosen}: names one GPU for {self.count} processes; give `cuda`")
        if self.local_count > torch.cuda.device_count():
            raise UserError(
                f"{self.local_count} processes need as many GPUs, and this machine has {torch.cuda.device_count()}; "
                "start fewer, or give --device cpu"
            )
        torch.cuda.set_device(self.local_rank)
        return torch.device("cuda", self.local_rank)

    @contextmanager
    def sharing_cores(self) -> Iterator[None]:
        """Inside, those on this machine share the threads that one alone would have."""
        threads = torch.get_num_threads()
        if self.local_count > 1:
            torch.set_num_threads(max(1, threads // self.local_count))
        yield
        if self.local_count > 1:
            torch.set_num_threads(threads)


ALONE = Processes()


@contextmanager
def joined() -> Iterator[Processes]:
    """Meet the other processes that torchrun, or `gcnet run --processes`, started for this training, if any.

    The first prints what is to be said, also of what all fail at; an error of another is told by the one that has it.
    """
    if process_count() > 1:  # joined before
        yield _here()
        return
    if started_together() == 1:
        yield ALONE
        return
    store, rank, count = next(distributed.rendezvous("env://", timeout=LONGEST))
    distributed.init_process_group(_backend(), store=store, rank=rank, world_size=count, timeout=LONGEST)
    try:
        with _silent() if rank else nullcontext():
            yield _here()
    except BaseException as error:
        if not _is_to_be_told(error, store, rank):
            sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (until this process ends)
        raise
    distributed.destroy_process_group()


def _here() -> Processes:
    rank, count = distributed.get_rank(), distributed.get_world_size()
    local = (int(os.environ.get(name, other)) for name, other in (("LOCAL_RANK", rank), ("LOCAL_WORLD_SIZE", count)))
    return Processes(rank, count, *local)


def _backend() -> str:
    """Tensors of the CPU by gloo, those of GPUs by NCCL where it is."""
    return "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and distributed.is_nccl_available() else "gloo"


@contextmanager
def _silent() -> Iterator[None]:
    """Notes and warnings are those of the first process, too."""
    logging.getLogger("gcnet").setLevel(logging.ERROR)
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _is_to_be_told(error: BaseException, store: distributed.Store, rank: int) -> bool:
    """Whether this process says why all end: the first that fails does."""
    if isinstance(error, KeyboardInterrupt):
        return rank == 0 and LAUNCHED not in os.environ
    try:
        return store.add("failed", 1) == 1
    except RuntimeError:  # the process that kept the store is gone, and has said why
        return not isinstance(error, PeerLost)
