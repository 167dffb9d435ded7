"""What a machine can do at most: measured by products of matrices, which nothing in a network is faster than."""

import torch

from gcnet_core.benchmark.clock import wait_for
from gcnet_core.benchmark.timed_training import Moment

SIDE = {"cpu": 1024, "cuda": 8192}
REPEATS = 7


def peak_flops(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations per second in a large product of matrices, the best of some tries.

    Args:
        device: that multiplies, with as many threads as torch uses now.
        dtype: of the numbers.
    """
    side = SIDE.get(device.type, 4096)
    matrix = torch.rand((side, side), device=device).to(dtype)
    fastest = float("inf")
    for _ in range(REPEATS):
        wait_for(device)
        started = Moment.now()
        matrix @ matrix
        wait_for(device)
        fastest = min(fastest, (Moment.now() - started).undisturbed(device))
    return 2 * side**3 / fastest
