"""Whatever a user hands over as a picture becomes pixels, or is refused with a reason."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from gcnet_core.inference.pictures import as_pictures, pixels_of
from gcnet_core.plugin_api import UserError

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 5, 3), dtype=np.uint8)
GREY = PIXELS[:, :, :1]


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (PIXELS, PIXELS),
        (GREY, GREY),
        (GREY[:, :, 0], GREY),
        (PIXELS / 255, PIXELS),
        ((PIXELS / 255).astype(np.float32), PIXELS),
        (PIXELS.astype(np.int64), PIXELS),
        (PIXELS.astype(np.float32), PIXELS),
        (np.dstack([PIXELS, GREY]), PIXELS),
        (torch.from_numpy(PIXELS).permute(2, 0, 1), PIXELS),
        (torch.from_numpy(PIXELS).permute(2, 0, 1).float().div(255).requires_grad_(), PIXELS),
        (torch.from_numpy(GREY[:, :, 0]), GREY),
        (Image.fromarray(PIXELS), PIXELS),
        (Image.fromarray(GREY[:, :, 0]), GREY),
        (Image.fromarray(PIXELS).convert("RGBA"), PIXELS),
    ],
)
def test_pixels_are_those_of_the_picture(image: object, expected: np.ndarray) -> None:
    found = pixels_of(image, "it")
    assert found.dtype == np.uint8
    assert np.array_equal(found, expected)


def test_a_pil_image_stands_upright() -> None:
    image = Image.fromarray(PIXELS)
    exif = image.getexif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    image.info["exif"] = exif.tobytes()
    assert np.array_equal(pixels_of(image, "it"), np.rot90(PIXELS, -1))


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (7, "it: int is no picture"),
        (None, "NoneType is no picture"),
        (np.zeros((4, 4, 2), np.uint8), r"shape \(4, 4, 2\)"),
        (np.zeros((0, 4), np.uint8), r"shape \(0, 4\)"),
        (torch.zeros(4, 5, 3), r"shape \(5, 3, 4\)|of a tensor"),
        (np.full((4, 4), -1.0), "values from -1 to -1"),
        (np.full((4, 4), np.nan), "values from nan to nan"),
        (np.full((4, 4), 300), "values up to 300"),
    ],
)
def test_what_is_no_picture_is_refused(image: object, told: str) -> None:
    if isinstance(image, torch.Tensor):
        image = image[:2]  # two channels
    with pytest.raises(UserError, match=told):
        pixels_of(image, "it")


def test_one_many_and_batches() -> None:
    batch = np.stack([PIXELS, PIXELS[::-1]])
    for images in (batch, list(batch), iter(batch), torch.from_numpy(batch.copy()).permute(0, 3, 1, 2)):
        first, second = as_pictures(images)
        assert (first.file, second.file) == ("image 0", "image 1")
        assert np.array_equal(second.pixels, PIXELS[::-1])  # type: ignore[arg-type]
    assert len(list(as_pictures(PIXELS))) == len(list(as_pictures(Image.fromarray(PIXELS)))) == 1


def test_paths_are_read_and_damaged_files_keep_their_place(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), PIXELS[:, :, ::-1])
    (tmp_path / "b.png").write_text("no picture")
    good, bad, missing = as_pictures([tmp_path / "a.png", str(tmp_path / "b.png"), tmp_path / "c.png"])
    assert np.array_equal(good.pixels, PIXELS)  # type: ignore[arg-type]
    assert not good.reason
    assert bad.pixels is None
    assert "b.png: not an image, or damaged" in bad.reason
    assert "c.png: cannot be read" in missing.reason
