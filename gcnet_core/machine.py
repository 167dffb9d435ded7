"""What this process may use of its machine; no torch."""

import os
from pathlib import Path

from gcnet_core.errors import UserError

JOB = "GCNET_JOB"
"""Environment variable of a job of a comparison: it ends with its standard input, a pipe from there."""
LAUNCHED = "GCNET_LAUNCHED"
"""Environment variable of a process of `gcnet run --processes`: what ends all of them is told by the one that began."""
MOST_PER_CORE = 16
"""Threads, where somebody asks for very many: a machine that cannot start them ends the process."""


def available_cores() -> int:
    """Cores that this process may use: affinity and the container's quota, not what the machine has."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = Path("/sys/fs/cgroup/cpu.max")
    if quota.is_file():
        limit, period = quota.read_text().split()
        if limit != "max":
            cores = min(cores, max(1, int(limit) // int(period)))
    return cores


def started_together() -> int:
    """How many processes torchrun, or `gcnet run --processes`, started for one run, on all machines; this is one.

    Raises:
        UserError: if the environment says something that torchrun does not.
    """
    text = os.environ.get("WORLD_SIZE") or "1"
    if text == "1":
        return 1
    missing = [name for name in ("RANK", "MASTER_ADDR", "MASTER_PORT") if not os.environ.get(name)]
    if missing or not text.isdigit():
        raise UserError(
            f"WORLD_SIZE={text} is set, as torchrun does for processes that train together, but "
            f"{'not ' + ', '.join(missing) if missing else 'it is no number'}; unset it, or start by torchrun"
        )
    return int(text)


def worker_count(wanted: int | None) -> int:
    """How many threads look at pictures at a time; more than a few for each core only cost memory.

    Args:
        wanted: None: one for each core.
    """
    return min(wanted or available_cores(), MOST_PER_CORE * available_cores())


def available_memory() -> int | None:
    """Bytes that this process may still take before others are pushed out; None where nobody says so."""
    try:
        import resource  # not on Windows

        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
        limit = Path("/sys/fs/cgroup/memory.max")
        if limit.is_file() and limit.read_text().strip() != "max":
            cached = Path("/sys/fs/cgroup/memory.stat").read_text().split()
            taken = int(Path("/sys/fs/cgroup/memory.current").read_text())
            free = min(free, int(limit.read_text()) - taken + int(cached[cached.index("inactive_file") + 1]))
        allowed = resource.getrlimit(resource.RLIMIT_AS)[0]  # `ulimit -v`
        if allowed != resource.RLIM_INFINITY:
            taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            free = min(free, allowed - taken)
        return free
    except (ImportError, OSError, StopIteration, ValueError, IndexError):
        return None
