"""How threads and the wait policy change the speed of small networks on this machine.

Run `python tests/benchmarks/threads.py`. The wait policies alternate in separate processes; medians are printed.
"""

import json
import os
import statistics
import subprocess
import sys
import time

ROUNDS = 3
POLICIES = {
    "sleep": {"OMP_WAIT_POLICY": "PASSIVE"},
    "short": {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "1000"},  # what gcnet sets
    "spin": {"OMP_WAIT_POLICY": "ACTIVE"},
}
CASES = [(batch, size) for size in (48, 64) for batch in (1, 8, 32)]


def measure(threads: int, batch: int, size: int) -> float:
    """Median milliseconds of a forward and backward pass of resnet18 on grey images."""
    import timm
    import torch

    torch.set_num_threads(threads)
    model = timm.create_model("resnet18", in_chans=1, num_classes=7)
    images = torch.rand(batch, 1, size, size)
    seconds = []
    for _ in range(8):
        started = time.perf_counter()
        model(images).sum().backward()
        seconds.append(time.perf_counter() - started)
    return 1000 * statistics.median(seconds[2:])


def main() -> None:
    """Print a table of milliseconds."""
    from gcnet_core.training.resources import available_cores, choose_threads

    cores = available_cores()
    times: dict[tuple[str, int, int, int], list[float]] = {}
    for _ in range(ROUNDS):
        for policy, settings in POLICIES.items():
            for threads in sorted({1, cores}):
                answer = subprocess.run(
                    [sys.executable, __file__, str(threads)],
                    env={**os.environ, **settings},
                    capture_output=True,
                    text=True,
                    check=True,
                )
                for (batch, size), value in zip(CASES, json.loads(answer.stdout), strict=True):
                    times.setdefault((policy, threads, batch, size), []).append(value)
    print("milliseconds, median of", ROUNDS, "processes")
    print("size batch auto |", *(f"{policy} {threads}t" for policy, threads in sorted({k[:2] for k in times})))
    for batch, size in CASES:
        row = [statistics.median(times[*key, batch, size]) for key in sorted({k[:2] for k in times})]
        print(size, batch, choose_threads("auto", batch, size), "|", *(f"{value:.1f}" for value in row))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps([measure(int(sys.argv[1]), batch, size) for batch, size in CASES]))
    else:
        main()
