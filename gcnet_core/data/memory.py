"""Where the images of a data set have room: on the device that trains, in memory, or neither."""

import torch

from gcnet_core.machine import available_memory
from gcnet_core.plugin_api import ImageConfig, UserError

SMALL = 64 * 2**20
"""Bytes up to which nobody asks how much memory there is."""
GPU_SHARE = 0.25
"""Of the free memory of a GPU; the rest is for the model, and for other jobs beside this one."""


def fits(size: int, device: torch.device) -> bool:
    """Whether images have room beside the model, so that none must be waited for.

    Args:
        size: bytes of all images.
        device: that trains.
    """
    if device.type == "cuda":
        return size <= GPU_SHARE * torch.cuda.mem_get_info(device)[0]
    free = available_memory() if size > SMALL else None
    return device.type == "cpu" and (free is None or size <= free)


def check_fits(images: int, image: ImageConfig) -> None:
    """Check that all images of a data set can be kept in memory, where they are in no cache.

    Args:
        images: how many there are.
        image: to which each is brought: one byte for each pixel of each channel.

    Raises:
        UserError: with what they need, what is free, and what lowers it.
    """
    needed = images * image.channels * image.size**2
    free = available_memory() if needed > SMALL else None
    if free is None or needed <= free:
        return
    smaller = int((free * 0.8 / images / image.channels) ** 0.5)
    grey = ", or image.channels to 1, grey" if image.channels > 1 else ""
    raise UserError(
        f"data: {images:,} images of {image.size} x {image.size} x {image.channels} bytes need {needed / 1e9:.1f} GB, "
        f"and {free / 1e9:.1f} GB of memory are free; lower image.size, to {smaller} for instance{grey}, "
        "or let them into the cache (GCNET_CACHE, GCNET_CACHE_GB)"
    )


def moved(tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    """A tensor on a device. A GPU copies it when it comes to that; nobody waits for it."""
    if device.type == "cuda" and tensor.device.type == "cpu":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
