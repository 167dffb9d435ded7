"""Neutral pictures are moved onto their queries: known motions are found, and nothing else is changed."""

import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from gcnet_core.data.align import align_references, find_motion
from gcnet_core.data.faces import UNKNOWN, FaceTable, read_faces
from gcnet_core.plugin_api import ImageConfig, Sample
from tests.runs import SMALL, gcnet, write_recipe

SIZE = 48
CLASSES = ("neutral", "anger")


def texture(count: int = 2, seed: int = 0) -> torch.Tensor:
    """Smooth random pictures in [0.2, 0.8]."""
    coarse = torch.rand((count, 1, 8, 8), generator=torch.Generator().manual_seed(seed))
    return 0.2 + 0.6 * functional.interpolate(coarse, SIZE, mode="bicubic").clamp(0, 1)


def moved(images: torch.Tensor, degrees: float, scale: float, right: float, down: float) -> torch.Tensor:
    """Pictures turned, scaled, and shifted by pixels."""
    angle = math.radians(degrees)
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    motion = torch.tensor([[cosine, -sine, 2 * right / SIZE], [sine, cosine, 2 * down / SIZE]])
    grid = functional.affine_grid(motion.expand(len(images), 2, 3), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


@given(
    degrees=st.floats(-6, 6), scale=st.floats(0.9, 1.1), shift=st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
    gain=st.floats(0.6, 1.2), seed=st.integers(0, 5),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_a_known_motion_is_found_whatever_the_light(
    degrees: float, scale: float, shift: tuple[float, float], gain: float, seed: int
) -> None:
    reference = texture(seed=seed)
    query = (gain * moved(reference, degrees, scale, *shift) + 0.05).clamp(0, 1)
    motion, _ = find_motion(query, reference)
    angle = math.radians(degrees)
    cosine, sine = scale * math.cos(angle), scale * math.sin(angle)
    expected = torch.tensor([[cosine, -sine, 2 * shift[0] / SIZE], [sine, cosine, 2 * shift[1] / SIZE]])
    corners = torch.tensor([[-0.7, -0.7, 1.0], [0.7, 0.5, 1.0]])  # within what is looked at
    pixels = (motion - expected) @ corners.T * SIZE / 2
    assert pixels.abs().max() < 0.5


def test_flat_pictures_and_too_large_a_motion_are_left_alone() -> None:
    flat = torch.full((1, 1, SIZE, SIZE), 0.5)
    motion, better = find_motion(flat, texture(1))
    assert motion.isfinite().all()
    assert not better.any()
    _, better = find_motion(moved(texture(1), 0, 0.6, 0, 0), texture(1))
    assert not better.any()


def table(tmp_path: Path) -> FaceTable:
    """A neutral face, a query of the same session cut out otherwise, one of another session, and one of a stranger."""
    face, stranger = (texture(seed=seed)[0] for seed in (0, 1))
    pixels = {
        "neutral": face, "anger": moved(face[None], 3, 1.06, 1, -1)[0], "neutral2": moved(face[None], 0, 0.95, 0, 1)[0],
        "unknown": stranger,
    }  # fmt: skip
    samples = [
        Sample("neutral", "a", "neutral", reference="neutral", session="1"),
        Sample("anger", "a", "anger", reference="neutral", session="1"),
        Sample("neutral2", "a", "neutral", reference="neutral2", session="2"),
        Sample("unknown", "b", "anger"),
    ]

    def read(name: str) -> np.ndarray:
        return (255 * pixels[name][0].numpy()).round().astype(np.uint8)[:, :, None]

    return read_faces(samples, CLASSES, read, ImageConfig(size=SIZE, channels=1))


def error(faces: FaceTable, row: int, which: torch.Tensor) -> float:
    """Squared error between a sample's query and another picture of it, without the margin."""
    first, second = (faces.images[index].float()[:, 6:-6, 6:-6] / 255 for index in (faces.query[row], which[row]))
    return (first - second).square().mean().item()


def test_only_pictures_beside_the_query_are_moved(tmp_path: Path) -> None:
    before = table(tmp_path)
    after = align_references(before)
    assert torch.equal(after.query, before.query)
    assert torch.equal(after.images[: len(before.images)], before.images)
    assert after.reference[0] == before.query[0]  # its own reference stays itself
    assert after.reference[3] == UNKNOWN
    assert after.true_reference[3] == UNKNOWN
    assert error(after, 1, after.reference) < 0.1 * error(before, 1, before.reference)
    for row in range(3):  # each gets the picture of the other session, moved
        assert error(after, row, after.true_reference) < 0.1 * error(before, row, before.true_reference)


def test_a_table_without_references_is_what_it_was(tmp_path: Path) -> None:
    plain = read_faces(
        [Sample("x", None, "anger")], CLASSES, lambda name: np.zeros((8, 8, 1), np.uint8), ImageConfig(size=8)
    )
    assert align_references(plain) is plain


@pytest.mark.slow
def test_a_recipe_asks_for_it_and_an_evaluation_repeats_it(tmp_path: Path) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    lines = ["image,subject,expression,reference"]
    for subject in range(4):
        face = texture(1, seed=subject)
        for expression, picture in (("neutral", face), ("anger", moved(face, 2, 1.06, 1, -1))):
            cv2.imwrite(str(folder / f"{subject}{expression}.png"), (255 * picture[0, 0].numpy()).astype(np.uint8))
            lines.append(f"{subject}{expression}.png,{subject},{expression},{subject}neutral.png")
    (folder / "manifest.csv").write_text("\n".join(lines))
    text = SMALL.replace(
        "{type: synthetic_faces, subjects: 8, images_per_expression: 1}", f"{{type: manifest, folder: {folder}}}"
    )
    recipe = write_recipe(tmp_path, text.replace("size: 32", f"size: {SIZE}"))
    copies = {}
    for choice in ("false", "true"):
        done = gcnet("run", recipe, "--smoke", "--output", tmp_path / choice, "--set", f"align_references={choice}")
        assert done.returncode == 0, done.stderr
        again = gcnet("evaluate", tmp_path / choice, "--json")
        assert again.returncode == 0, again.stderr
        copies[choice] = (_copy((tmp_path / choice / "summary.json").read_text()), _copy(again.stdout))
    for before, after in zip(copies["false"], copies["true"], strict=True):
        assert after < 0.2 * before


def _copy(text: str) -> float:
    return float(json.loads(text)["generator"]["expressive"]["copy"]["mse"])
