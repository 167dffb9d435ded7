"""Preparation of images: channels, squaring, size."""

import numpy as np
import pytest

from gcnet_core.data.prepare import prepare
from gcnet_core.plugin_api import ImageConfig


def picture(height: int, width: int, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8)


def test_an_image_of_the_right_form_is_not_changed() -> None:
    pixels = picture(32, 32, 3)
    assert np.array_equal(prepare(pixels, ImageConfig(size=32, channels=3)), pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("resize_mode", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("shape", [(20, 30), (30, 20), (50, 90), (31, 32)])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_shape_becomes_the_wanted_one(resize_mode: str, shape: tuple[int, int], channels: int) -> None:
    for source in (1, 3):
        prepared = prepare(picture(*shape, source), ImageConfig(size=32, channels=channels, resize_mode=resize_mode))
        assert prepared.shape == (channels, 32, 32)
        assert prepared.dtype == np.uint8


def test_crop_takes_the_middle_and_pad_repeats_the_border() -> None:
    pixels = picture(8, 16)
    cropped = prepare(pixels, ImageConfig(size=8, resize_mode="crop"))
    assert np.array_equal(cropped[0], pixels[:, 4:12, 0])
    padded = prepare(pixels, ImageConfig(size=16, resize_mode="pad"))[0]
    assert np.array_equal(padded[4:12], pixels[:, :, 0])
    assert (padded[:4] == pixels[0, :, 0]).all()
    assert (padded[12:] == pixels[-1, :, 0]).all()


def test_halving_averages_areas() -> None:
    pixels = picture(16, 16)
    halved = prepare(pixels, ImageConfig(size=8))[0].astype(float)
    blocks = pixels[:, :, 0].reshape(8, 2, 8, 2).astype(float).mean(axis=(1, 3))
    assert np.abs(halved - blocks).max() <= 0.5


def test_grey_of_colour_is_luma() -> None:
    pixels = np.zeros((8, 8, 3), dtype=np.uint8)
    pixels[..., 1] = 200  # green
    assert abs(int(prepare(pixels, ImageConfig(size=8))[0, 0, 0]) - round(0.587 * 200)) <= 1
