"""What a part shares with all else in its process: settings of torch and numpy, random numbers, files, output."""

import contextlib
import gc
import io
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import CellType, FunctionType
from typing import Any
from unittest import mock

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from gcnet_core.testing.case import ContractError

WATCHED = {
    "socket.connect": "connects to the network",
    "subprocess.Popen": "starts a program",
    "os.system": "starts a program",
    "os.remove": "removes a file",
    "os.mkdir": "makes a folder",
    "os.rename": "renames a file",
}
"""Events of Python's audit that no computation needs, and how they are told."""


Setting = tuple[Callable[[], Any], Callable[[Any], Any] | None]
CUDNN = ("enabled", "benchmark", "deterministic", "allow_tf32")
VARIABLES = ("CUDA_VISIBLE_DEVICES", "CUBLAS_WORKSPACE_CONFIG", "OMP_NUM_THREADS", "PYTHONHASHSEED")

FILTERS = "the filters of warnings"
SETTINGS: dict[str, Setting] = {
    "the default dtype of torch": (torch.get_default_dtype, torch.set_default_dtype),
    "the default device of torch": (torch.get_default_device, torch.set_default_device),
    "whether torch computes gradients": (torch.is_grad_enabled, torch.set_grad_enabled),
    "torch's inference mode": (torch.is_inference_mode_enabled, None),
    "torch's autocast": (lambda: (torch.is_autocast_enabled("cpu"), torch.is_autocast_enabled("cuda")), None),
    "the dtype of torch's autocast": (
        lambda: torch.get_autocast_dtype("cpu"),
        partial(torch.set_autocast_dtype, "cpu"),
    ),
    "torch's detection of anomalies": (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
    "the threads of torch": (torch.get_num_threads, torch.set_num_threads),
    "the threads of OpenCV": (cv2.getNumThreads, cv2.setNumThreads),
    "torch.use_deterministic_algorithms": (
        torch.are_deterministic_algorithms_enabled,
        torch.use_deterministic_algorithms,
    ),
    "torch.set_float32_matmul_precision": (
        torch.get_float32_matmul_precision,
        torch.set_float32_matmul_precision,
    ),
    **{
        f"torch.backends.cudnn.{name}": (
            partial(getattr, torch.backends.cudnn, name),
            partial(setattr, torch.backends.cudnn, name),
        )
        for name in CUDNN
    },
    "the hooks of all torch modules": (lambda: _global_hooks(), None),
    "numpy.seterr": (np.geterr, lambda errors: np.seterr(**errors)),
    "the variables of the environment": (lambda: [os.environ.get(name) for name in VARIABLES], None),
    "logging": (lambda: (logging.root.level, logging.root.manager.disable, len(logging.root.handlers)), None),
    FILTERS: (lambda: list(warnings.filters), partial(setattr, warnings, "filters")),
    "the garbage collector": (gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
    "the running threads": (threading.active_count, None),
    "the current folder": (os.getcwd, os.chdir),
    "the answer to Ctrl-C": (lambda: signal.getsignal(signal.SIGINT), None),
    "sys.setrecursionlimit": (sys.getrecursionlimit, sys.setrecursionlimit),
    "sys.stdout": (lambda: sys.stdout, partial(setattr, sys, "stdout")),
    "sys.stderr": (lambda: sys.stderr, partial(setattr, sys, "stderr")),
}
"""Everything global that a part could set and that would change what others compute: how it is read and put back."""


def _global_hooks() -> int:
    tables = (value for name, value in vars(nn.modules.module).items() if name.startswith("_global_"))
    return sum(len(table) for table in tables if isinstance(table, dict))


def refuse_seeding(act: Callable[[], object], doing: str) -> None:
    """Stop if something sets the seed of a global random generator, so that what comes after no longer depends on it.

    Args:
        act: is done twice.
        doing: for the message.

    Raises:
        ContractError: naming the generator.
    """
    drawn = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)
        act()
        drawn.append({"torch": float(torch.rand(())), "numpy": np.random.random(), "Python": random.random()})
    fixed = [name for name, number in drawn[0].items() if number == drawn[1][name]]
    if fixed:
        raise ContractError(
            f"{doing} sets {fixed[0]}'s seed, which belongs to the recipe; make a generator of your own"
        )


@contextlib.contextmanager
def restored_settings() -> Iterator[list[str]]:
    """Put back what changed meanwhile, where that is possible; the names of it stand in the list at the end."""
    before = {name: read() for name, (read, _) in SETTINGS.items()}
    imported = len(sys.modules)
    changed: list[str] = []
    try:
        yield changed
    finally:
        for name, (read, put_back) in SETTINGS.items():
            if read() != before[name]:
                if name == FILTERS and len(sys.modules) > imported:
                    continue  # libraries set filters of their own when they are imported
                changed.append(name)
                if put_back is not None:
                    put_back(before[name])


@contextlib.contextmanager
def unchanged_settings(doing: str) -> Iterator[None]:
    """While it lasts, nothing global may change; what did is put back where that is possible.

    Args:
        doing: what happens meanwhile, for the message.

    Raises:
        ContractError: at its end, naming what changed.
    """
    with restored_settings() as changed:
        yield
    if changed:
        raise ContractError(f"{doing} changed {changed[0]}, which others share; leave it as it was")


def tensors_of(built: Any) -> dict[str, Tensor]:
    """All tensors of a part by name: parameters, buffers, and those that its modules keep as plain attributes."""
    if not isinstance(built, nn.Module):
        return {}
    named = {**dict(built.named_parameters()), **dict(built.named_buffers())}
    for place, module in built.named_modules():
        for name, value in vars(module).items():
            if isinstance(value, Tensor):
                named[f"{place}.{name}".removeprefix(".")] = value
    return named


def entries_of(built: nn.Module, deepest: int = 8) -> int:
    """How many entries all collections have that a part can reach: in attributes, its classes, and its own modules."""
    package = type(built).__module__.partition(".")[0]
    seen: set[int] = set()

    def count(thing: Any, depth: int) -> int:
        if id(thing) in seen or depth > deepest or isinstance(thing, Tensor | str | bytes):
            return 0
        seen.add(id(thing))
        inside: list[Any] = []
        if isinstance(thing, Mapping):
            inside = list(thing.values())
        elif isinstance(thing, list | tuple | set | frozenset | deque):
            inside = list(thing)
        elif isinstance(thing, FunctionType):
            inside = [thing.__defaults__, thing.__kwdefaults__, *_cells(thing)]
            return sum(count(value, depth + 1) for value in inside)
        elif isinstance(thing, nn.Module) or type(thing).__module__.partition(".")[0] == package:
            return count(getattr(thing, "__dict__", {}), depth + 1)
        return len(inside) + sum(count(value, depth + 1) for value in inside)

    own_modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == package]
    roots = [built, *(dict(vars(owner)) for owner in type(built).__mro__), *(vars(module) for module in own_modules)]
    return sum(count(root, 0) for root in roots)


def _cells(function: FunctionType) -> list[Any]:
    return [cell.cell_contents for cell in function.__closure__ or () if cell != CellType()]


class Watch:
    """Notes while it is entered what Python's audit tells of files, programs, network, and what is printed.

    Args:
        doing: what happens meanwhile, for the message.
    """

    _active: "Watch | None" = None
    _installed = False

    def __init__(self, doing: str) -> None:
        self.doing = doing
        self.seen: list[str] = []
        self._printed = io.StringIO()

    def __enter__(self) -> "Watch":
        if not Watch._installed:  # a hook of the audit stays for the life of the process
            sys.addaudithook(_note)
            Watch._installed = True
        self._patches = contextlib.ExitStack()
        self._patches.enter_context(contextlib.redirect_stdout(self._printed))
        # Python 3.11 tells its audit nothing of sleeping
        self._patches.enter_context(mock.patch("time.sleep", self._note_sleep))
        Watch._active = self
        return self

    def _note_sleep(self, seconds: float) -> None:
        self.seen.append("sleeps")

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        Watch._active = None
        self._patches.close()
        if error is not None:
            return
        if self._printed.getvalue():
            first = self._printed.getvalue().strip().splitlines()[:1]
            raise ContractError(f"{self.doing} prints {first}; use the module `logging`")
        if self.seen:
            raise ContractError(f"{self.doing} {self.seen[0]}; a part has no effect but what it returns")


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    watch = Watch._active
    if watch is None:
        return
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        path, mode = os.fsdecode(arguments[0]), str(arguments[1] or "")
        writes = set(mode) & set("wax+") or (not mode and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR))
        own = "__pycache__" in Path(path).parts or path.startswith("/dev/")
        if writes and not own:
            watch.seen.append(f"writes {path}")
    elif event in WATCHED and not any("__pycache__" in str(argument) for argument in arguments):
        watch.seen.append(WATCHED[event])
