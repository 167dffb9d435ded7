"""What an album alone, without its query, tells of the label: a classifier that sees nothing else must be at chance.

In a data set with the same expressions for everybody the rest of a session names the one that is missing: the label.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float, Int
from torch import Tensor

from gcnet_core.data.album_draws import Albums
from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data_validation.image_stats import SIDE
from gcnet_core.evaluation.paired import subject_sums
from gcnet_core.evaluation.significance import holm, sign_flip_test
from gcnet_core.recipe.schema import BLIND

SAMPLES = 1500
"""Samples, of people drawn at random, that are enough to see a leak."""
FOLDS = 5


@dataclass(frozen=True)
class AlbumAlone:
    """What the albums of people tell who are not among those that a classifier learned from.

    Args:
        seen: what the classifier sees of an album.
        accuracy: share of queries whose label it names.
        chance: the same of a guess that is always the most frequent class.
        p: that the two differ so much by chance, by sign flips over people; corrected for the number of trials.
        images: how many queries.
    """

    seen: str
    accuracy: float
    chance: float
    p: float
    images: int

    @property
    def tells_label(self) -> bool:
        """Whether it is above chance."""
        return self.accuracy > self.chance and self.p < 0.05

    def __str__(self) -> str:
        return f"{self.seen}: {self.accuracy:.1%}, chance {self.chance:.1%}, p {self.p:.2g}"


def albums_alone(table: FaceTable, *, pictures: bool = False) -> list[AlbumAlone]:
    """Try to tell labels by albums, as they are in training and at test, with people held out.

    Args:
        table: with albums.
        pictures: not only by how many pictures of each expression an album holds, which is all that the best
            recognizer of expressions could see, but also by histograms of oriented gradients.
    """
    albums = table.albums
    rows = _some_people(table)
    labels = table.label.numpy()[rows]
    subjects = [table.samples[row].subject or "" for row in rows]
    if albums is None or len(set(subjects)) < 2 or len(set(labels)) < 2:
        return []
    drawn = {"in training": albums.training(rows, 0, np.zeros_like(rows))}
    if albums.test_size and albums.test_expressions in BLIND:
        drawn["at test"] = albums.test(rows)
    tried = []
    for when, album in drawn.items():
        tried.append(_tried(f"expressions {when}", _counts(albums, album), labels, subjects))
        if pictures:
            tried.append(_tried(f"pictures {when}", _gradients(table.images, album), labels, subjects))
    corrected = holm([entry.p for entry in tried])
    return [replace(entry, p=p or 0.0) for entry, p in zip(tried, corrected, strict=True)]


def _some_people(table: FaceTable) -> Int[np.ndarray, "sample"]:
    """Labelled samples of known people, of so many of them that there are enough."""
    of_person: dict[str, list[int]] = {}
    for row, sample in enumerate(table.samples):
        if sample.subject is not None and int(table.label[row]) != UNKNOWN:
            of_person.setdefault(sample.subject, []).append(row)
    names, chosen = sorted(of_person), list[int]()
    for position in np.random.default_rng(0).permutation(len(names)):
        if len(chosen) >= SAMPLES:
            break
        chosen += of_person[names[position]]
    return np.array(sorted(chosen), dtype=np.int64)


def _tried(seen: str, features: np.ndarray, labels: np.ndarray, subjects: Sequence[str]) -> AlbumAlone:
    """How well a support vector machine does on people whom it did not learn from."""
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    right, by_chance = np.zeros(len(labels), dtype=np.int64), np.zeros(len(labels), dtype=np.int64)
    folds = GroupKFold(min(FOLDS, len(set(subjects))))
    for train, test in folds.split(features, labels, subjects):
        most = np.bincount(labels[train]).argmax()
        machine: Any = make_pipeline(StandardScaler(), SVC())
        several = len(set(labels[train])) > 1
        guess = machine.fit(features[train], labels[train]).predict(features[test]) if several else most
        right[test], by_chance[test] = guess == labels[test], most == labels[test]
    sums, _ = subject_sums(subjects, right - by_chance)
    return AlbumAlone(seen, float(right.mean()), float(by_chance.mean()), sign_flip_test(sums, seed=0), len(labels))


def _counts(albums: Albums, rows: Int[np.ndarray, "sample picture"]) -> Int[np.ndarray, "sample expression"]:
    """How many pictures of each expression an album holds, and how many in all."""
    shown: dict[int, str] = {}
    for pictures in albums.people.values():
        shown.update(zip(pictures.image.tolist(), pictures.expression, strict=True))
    names = sorted(set(shown.values()))
    number = {row: names.index(name) for row, name in shown.items()}
    counts = np.zeros((len(rows), len(names) + 1), dtype=np.int64)
    for sample, album in enumerate(rows):
        for row in album[album != UNKNOWN]:
            counts[sample, number[int(row)]] += 1
    counts[:, -1] = counts.sum(axis=1)
    return counts


def _gradients(images: Tensor, rows: Int[np.ndarray, "sample picture"]) -> Float[np.ndarray, "sample feature"]:
    """Mean of the histograms of oriented gradients of the pictures of each album; zeros where it is empty."""
    side = (SIDE, SIDE)
    descriptor = cv2.HOGDescriptor(side, (16, 16), (16, 16), (8, 8), 9)
    if not (rows != UNKNOWN).any():
        return np.zeros((len(rows), 1))
    known, place = np.unique(rows[rows != UNKNOWN], return_inverse=True)
    described = np.stack([np.ravel(descriptor.compute(cv2.resize(images[int(row), 0].numpy(), side))) for row in known])
    sums = np.zeros((len(rows), described.shape[1]))
    np.add.at(sums, np.nonzero(rows != UNKNOWN)[0], described[place])
    return sums / (rows != UNKNOWN).sum(axis=1, keepdims=True).clip(min=1)
