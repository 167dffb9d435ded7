"""Pseudo-references: what a generator learns to make where the own neutral face is unknown. Training samples only."""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Int

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.randomness import keyed_generator
from gcnet_core.plugin_api import UserError


def with_pseudo_references(table: FaceTable, indices: Int[np.ndarray, "train"], policy: str, seed: int) -> FaceTable:
    """The table with a reference for each training sample that has none of its own.

    Args:
        table: all faces.
        indices: samples that train; nothing is taken from others.
        policy: what stands in, as the recipe's `missing_references` says.
        seed: key of the draw among other people.

    Returns:
        A table in which only references of training samples differ.

    Raises:
        UserError: if the training images hold nothing that could stand in.
    """
    unknown = indices[(table.reference[torch.as_tensor(indices)] == UNKNOWN).numpy()]
    if policy == "none" or not len(unknown):
        return table
    if policy == "lowest_intensity":
        return _with_references(table, unknown, _least_intense(table, indices, unknown))
    neutral = _neutral_images(table, indices)
    if not len(neutral):
        raise UserError(f"missing_references: {policy} needs neutral training images, and there are none")
    if policy == "mean_neutral":
        mean = table.images[torch.as_tensor(neutral)].float().mean(dim=0, keepdim=True).round().to(torch.uint8)
        extended = replace(table, images=torch.cat([table.images, mean]), content=None)  # the mean is in no file
        return _with_references(extended, unknown, np.full(len(unknown), len(table.images)))
    drawn = [keyed_generator(seed, "stand-in", int(row)).choice(neutral) for row in unknown]
    return _with_references(table, unknown, np.array(drawn))


def _with_references(
    table: FaceTable, unknown: Int[np.ndarray, "unknown"], images: Int[np.ndarray, "unknown"]
) -> FaceTable:
    reference = table.reference.clone()
    reference[torch.as_tensor(unknown)] = torch.as_tensor(images)
    return replace(table, reference=reference)


def _neutral_images(table: FaceTable, indices: Int[np.ndarray, "train"]) -> Int[np.ndarray, "neutral"]:
    """Image indices of neutral training queries and of known references of training samples."""
    index = torch.as_tensor(indices)
    references = table.reference[index]
    queries = table.query[index][table.neutral[index]]
    return torch.cat([queries, references[references != UNKNOWN]]).unique().numpy()


def _least_intense(
    table: FaceTable, indices: Int[np.ndarray, "train"], unknown: Int[np.ndarray, "unknown"]
) -> Int[np.ndarray, "unknown"]:
    """For each sample the image of its subject with the lowest intensity; UNKNOWN where no intensity is known."""
    weakest: dict[str, tuple[float, int]] = {}
    for row in indices:
        sample = table.samples[row]
        if sample.subject is not None and sample.intensity is not None:
            found = (sample.intensity, int(table.query[row]))
            weakest[sample.subject] = min(weakest.get(sample.subject, found), found)
    if not weakest:
        raise UserError(
            "missing_references: lowest_intensity needs to know intensities, and no training image has one; data sets "
            "of sequences have them"
        )
    nobody = (0.0, UNKNOWN)
    subjects = [table.samples[row].subject or "" for row in unknown]
    return np.array([weakest.get(subject, nobody)[1] for subject in subjects])
