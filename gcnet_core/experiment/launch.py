"""One run by several processes of this machine: what `torchrun --standalone` does, with its ends and its messages.

No torch: the processes that are started import it, and find each other by the variables that torchrun sets.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from gcnet_core.machine import JOB, LAUNCHED, started_together
from gcnet_core.output.streams import tell
from gcnet_core.plugin_api import UserError

GRACE = 5.0
"""Seconds that the others have to fail for the same reason, or because one is gone, before they are stopped."""
PATIENCE = 60.0
"""Seconds that they have to keep what they did when they are stopped."""


def check_processes(count: int) -> None:
    """See that so many processes can be started from here.

    Raises:
        UserError: if they cannot.
    """
    if os.name == "nt":
        raise UserError("--processes: not on Windows; leave it out, or use WSL")
    if started_together() > 1:
        raise UserError(
            f"--processes {count}: torchrun has started the processes already; leave --processes out, or torchrun"
        )


@contextmanager
def member() -> Iterator[bool]:
    """Meet the other processes of a run, if it has several; whether this one is the first, which writes and prints."""
    if started_together() == 1:
        yield True
        return
    from gcnet_core.training.processes import joined

    with joined() as processes:
        yield processes.is_first


def launch(words: Sequence[str], count: int) -> int:
    """Run a command of gcnet in several processes that work together; if one fails, all end.

    Each is a job whose standard input is a pipe from here: it ends with it, see `cli/stopping.py`, so none outlives
    this process. Signals of the terminal reach this process alone.

    Args:
        words: of the command, without `gcnet`.
        count: of processes.

    Returns:
        The exit code: 0 if all are done, 2 if the input is to blame, else 1.
    """
    port = _free_port()
    started: list[subprocess.Popen[bytes]] = []
    try:
        for rank in range(count):
            started.append(
                subprocess.Popen(
                    [sys.executable, "-m", "gcnet_core.cli", *words],
                    stdin=subprocess.PIPE,
                    env={**os.environ, **_variables(rank, count, port)},
                    start_new_session=True,
                )
            )
        while _running(started) and not any(process.returncode for process in started):
            time.sleep(0.05)
        last = time.monotonic() + GRACE
        while _running(started) and time.monotonic() < last:
            time.sleep(0.05)
        codes = [process.returncode for process in started]
    finally:
        _end(started)
    for rank, code in enumerate(codes):
        if code is not None and code < 0:
            tell(f"process {rank} of {count} was ended by {signal.Signals(-code).name}; the run ends with it", err=True)
    return 2 if 2 in codes else int(any(code != 0 for code in codes))


def _running(started: Sequence["subprocess.Popen[bytes]"]) -> bool:
    return None in [process.poll() for process in started]


def _end(started: Sequence["subprocess.Popen[bytes]"]) -> None:
    """End those that still run: the pipe that each reads ends."""
    last = time.monotonic() + PATIENCE
    try:
        for process in started:
            if process.stdin is not None:
                process.stdin.close()
        for process in started:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, last - time.monotonic()))
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()


def _variables(rank: int, count: int, port: int) -> dict[str, str]:
    """What tells a process its place, and the others; gloo would look for the address of this machine by its name."""
    loopback = "lo0" if sys.platform == "darwin" else "lo"
    return {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "RANK": str(rank),
        "WORLD_SIZE": str(count),
        "LOCAL_RANK": str(rank),
        "LOCAL_WORLD_SIZE": str(count),
        "TORCH_CPP_LOG_LEVEL": os.environ.get(
            "TORCH_CPP_LOG_LEVEL", "ERROR"
        ),  # it would print where in C++ a peer was lost
        "GLOO_SOCKET_IFNAME": os.environ.get("GLOO_SOCKET_IFNAME", loopback),
        JOB: "1",
        LAUNCHED: "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
