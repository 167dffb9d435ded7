"""Faces to try a model with where no data are at hand: noise, and smooth pictures with the spectrum of photographs."""

import numpy as np

from gcnet_core.inference.answers import Prepared
from gcnet_core.plugin_api import ImageConfig


def trial_faces(image: ImageConfig, count: int = 64, seed: int = 0) -> Prepared:
    """Pictures as a model expects faces, half of them noise, half like photographs in all but what they show.

    Args:
        image: size and channels.
        count: how many, at least 2.
        seed: of the draw.
    """
    random = np.random.default_rng(seed)
    shape = (image.channels, image.size, image.size)
    noise = random.integers(0, 256, (count // 2, *shape), dtype=np.uint8)
    return np.concatenate([noise, _smooth(random.standard_normal((count - count // 2, *shape)))])


def _smooth(noise: np.ndarray) -> Prepared:
    """Noise whose amplitudes fall as 1/f, as those of photographs do, from the darkest to the brightest grey."""
    size = noise.shape[-1]
    across, down = np.fft.rfftfreq(size), np.fft.fftfreq(size)
    frequency = np.maximum(np.hypot(down[:, None], across[None]), 1 / size)
    smooth = np.fft.irfft2(np.fft.rfft2(noise) / frequency, s=noise.shape[-2:])
    smooth -= smooth.min(axis=(1, 2, 3), keepdims=True)
    smooth /= smooth.max(axis=(1, 2, 3), keepdims=True)
    return np.asarray((255 * smooth).round().astype(np.uint8))
