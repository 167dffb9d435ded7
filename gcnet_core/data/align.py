"""Neutral pictures moved onto their queries, for faces that were not cut out alike.

Lucas and Kanade's method with compositional steps (Baker and Matthews, Lucas-Kanade 20 years on, 2004), for all pairs
at once: OpenCV's search takes ten times as long, and every job of a comparison would wait for it.
"""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn import functional

from gcnet_core.data.faces import UNKNOWN, FaceTable

STEPS = 10
CHUNK = 512
LARGEST_SCALE = 1.25
"""Beyond, or below its inverse, a match is taken for a mistake."""
DAMPING = 1e-2
"""Share of the mean curvature that is added to each; without it flat pictures would take wild steps."""


def align_references(table: FaceTable) -> FaceTable:
    """The table with each neutral picture moved, turned and scaled onto the query it belongs to.

    Only the two pictures of a pair are looked at, no label and no other sample, so it may be done before the split.

    Args:
        table: all faces.

    Returns:
        A table in which only references and true references differ.
    """
    with_reference, reference_pairs = _pairs(table.query, table.reference)
    with_true, true_pairs = _pairs(table.query, table.true_reference)
    pairs, pair_of_sample = torch.cat([reference_pairs, true_pairs]).unique(dim=0, return_inverse=True)
    if not len(pairs):
        return table
    moved = torch.cat([_moved(table.images[part[:, 0]], table.images[part[:, 1]]) for part in pairs.split(CHUNK)])
    rows = len(table.images) + pair_of_sample
    reference, true_reference = table.reference.clone(), table.true_reference.clone()
    reference[with_reference] = rows[: len(reference_pairs)]
    true_reference[with_true] = rows[len(reference_pairs) :]
    content = table.content
    if content is not None:  # what was moved is still the picture that it was
        content = np.append(content, content[pairs[:, 1].numpy()])
    images = torch.cat([table.images, moved])
    return replace(table, images=images, reference=reference, true_reference=true_reference, content=content)


def find_motion(
    query: Float[Tensor, "pair 1 height width"], reference: Float[Tensor, "pair 1 height width"]
) -> tuple[Float[Tensor, "pair 2 3"], Bool[Tensor, "pair"]]:
    """The rotation, scale and shift that lay each reference onto its query.

    Brightness and contrast play no part. Looked at is the face without its margins and its lowest quarter, which
    expressions move most.

    Args:
        query: in [0, 1].
        reference: in [0, 1].

    Returns:
        Matrices as `torch.nn.functional.affine_grid` takes them, and where they make the pictures more alike.
    """
    count, _, height, width = query.shape
    mask = torch.zeros(height, width)
    mask[height // 12 : 3 * height // 4, width // 8 : width - width // 8] = 1
    y, x = torch.meshgrid(_positions(height), _positions(width), indexing="ij")
    target, source = _standardized(_smooth(query), mask), _smooth(reference)
    motion = torch.eye(3).repeat(count, 1, 1)
    for _ in range(STEPS):
        seen = _standardized(_warped(source, motion[:, :2]), mask)
        down, right = torch.gradient(seen[:, 0], dim=(1, 2))
        down, right = down * height / 2, right * width / 2  # per unit of the grid, which spans [-1, 1]
        slopes = torch.stack([right * x + down * y, down * x - right * y, right, down], dim=1).flatten(2)
        weighted = slopes * mask.flatten()
        curvature = weighted @ slopes.mT
        damping = DAMPING * curvature.diagonal(dim1=1, dim2=2).mean(dim=1) + torch.finfo(curvature.dtype).eps
        pull = weighted @ (target - seen).flatten(1).unsqueeze(2)
        change = torch.linalg.solve(curvature + damping.view(-1, 1, 1) * torch.eye(4), pull)[:, :, 0].clamp(-0.1, 0.1)
        motion = motion @ _similarity(change)
    found = motion[:, :2]
    before = (target * _standardized(source, mask) * mask).sum(dim=(1, 2, 3))
    after = (target * _standardized(_warped(source, found), mask) * mask).sum(dim=(1, 2, 3))
    size = found[:, :, :2].det().clamp(min=0).sqrt()
    return found, (after > before) & (size < LARGEST_SCALE) & (size > 1 / LARGEST_SCALE)


def _pairs(query: Int[Tensor, "sample"], other: Int[Tensor, "sample"]) -> tuple[Tensor, Tensor]:
    """Samples whose other picture is known and is not the query itself, and the rows of both pictures."""
    samples = ((other != UNKNOWN) & (other != query)).nonzero()[:, 0]
    return samples, torch.stack([query[samples], other[samples]], dim=1)


def _similarity(change: Float[Tensor, "pair 4"]) -> Float[Tensor, "pair 3 3"]:
    """Matrices of small changes of scale, angle and place."""
    scale, turn, right, down = change.unbind(dim=1)
    rows = [1 + scale, -turn, right, turn, 1 + scale, down]
    matrix = torch.eye(3).repeat(len(change), 1, 1)
    matrix[:, :2] = torch.stack(rows, dim=1).view(-1, 2, 3)
    return matrix


def _moved(query: Tensor, reference: Tensor) -> Tensor:
    motion, better = find_motion(_grey(query), _grey(reference))
    moved = _warped(reference.float(), motion).round().clamp(0, 255).to(torch.uint8)
    return torch.where(better.view(-1, 1, 1, 1), moved, reference)


def _grey(images: Tensor) -> Tensor:
    return images.float().mean(dim=1, keepdim=True) / 255


def _positions(count: int) -> Float[Tensor, "position"]:
    """Centres of pixels, in [-1, 1]."""
    return (2 * torch.arange(count) + 1) / count - 1


def _smooth(images: Tensor) -> Tensor:
    return functional.avg_pool2d(functional.pad(images, (1, 1, 1, 1), mode="replicate"), kernel_size=3, stride=1)


def _warped(images: Tensor, motion: Tensor) -> Tensor:
    grid = functional.affine_grid(motion, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _standardized(images: Tensor, mask: Tensor) -> Tensor:
    """With mean 0 and standard deviation 1 under the mask."""
    weights = mask / mask.sum()
    centred = images - (images * weights).sum(dim=(1, 2, 3), keepdim=True)
    return centred / ((centred.square() * weights).sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()
