"""What a finished run meets, held against what it was trained on: the stored parts hold, whatever the data are now.

The rule: an image belongs to a part by itself (pixels and name), else by its pixels, else by its person, else, where
nobody is known, by its name; if several parts claim it, the training has it first. What no part knows is new.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import Bool, UInt8, UInt64

from gcnet_core.plugin_api import UserError
from gcnet_core.runs.trained_on import (
    NEW,
    NOTHING,
    TEST,
    TRAIN,
    UNUSED,
    VALIDATION,
    Images,
    TrainedOn,
    first_names,
    hashes,
    number_of,
)

IN_ORDER = (TRAIN, VALIDATION, TEST, UNUSED)
"""Whoever claims an image first has it."""


def parts_of_own(stored: TrainedOn, met: Images) -> UInt8[np.ndarray, "image"]:
    """The part of each image of a run's own data, as they are now; NEW for what came into them since.

    Args:
        stored: with the run.
        met: the data now.
    """
    then = stored.images
    person = np.where(met.person >= 0, met.person_hash, np.uint64(NOTHING))
    name = np.where(met.person >= 0, np.uint64(NOTHING), met.name)  # of a known person other pictures may be new
    shown, twice = np.append(then.content, then.reference), np.append(stored.part, stored.part)
    claims = (
        (_both(then), stored.part, _both(met)),  # the very image: its own part, though a copy of it may be in another
        (shown, twice, met.content),
        (np.where(then.person >= 0, then.person_hash, np.uint64(NOTHING)), stored.part, person),
        (then.name, stored.part, name),
    )
    part = np.full(len(met), NEW, dtype=np.uint8)
    for known, of_known, asked in claims:
        part = np.where(part == NEW, _part_by(known, of_known, asked), part)
    return part


def seen_in_other(stored: TrainedOn, met: Images) -> Bool[np.ndarray, "image"]:
    """Which images of other data show what the model was trained or chosen on: copies, and all pictures of such people.

    A person is one of the training if any picture of hers is; by name alone only where the data share an image with
    those of the run, as S1 of one data set is not S1 of another.

    Args:
        stored: with the run.
        met: the other data.
    """
    seen = np.isin(met.content, stored.contents(TRAIN, VALIDATION))
    people = np.unique(met.person[seen])
    if np.isin(met.content, stored.contents(*IN_ORDER)).any():
        known = {*stored.people(TRAIN, VALIDATION)}
        by_name = [number for number, name in enumerate(met.people) if name in known]
        people = np.union1d(people, np.array(by_name, dtype=people.dtype))
    return seen | np.isin(met.person, people[people >= 0])


def tell_own(
    stored: TrainedOn, met: Images, part: UInt8[np.ndarray, "image"], wanted: int, tell: Callable[[str], None]
) -> None:
    """Say what of a run's own data is not as it was.

    Args:
        stored: with the run.
        met: the data now.
        part: of each image of them.
        wanted: number of the part that is measured.
        tell: takes each sentence.
    """
    new = part == NEW
    if new.any():
        tell(
            f"note: {_images(met, new)} came into the data after the training and {'is' if new.sum() == 1 else 'are'} "
            "left out; `--data` with these data measures whatever was not trained on"
        )
    then = stored.images
    lost = (stored.part == wanted) & ~np.isin(then.content, met.content) & ~np.isin(then.name, met.name)
    if lost.any():
        tell(f"note: {_images(then, lost)} {'is' if lost.sum() == 1 else 'are'} gone since the training")
    gone = sorted({*stored.people(wanted)} - {*met.people})
    if gone:
        tell(f"note: {len(gone):,} of the {len(stored.people(wanted)):,} people are gone ({first_names(gone)})")
    other = (part == wanted) & ~np.isin(_both(met), _both(stored.images))
    if other.any():
        tell(f"note: {_images(met, other)} {'is' if other.sum() == 1 else 'are'} not as at the training")
    relabelled = (part == wanted) & _relabelled(stored.images, met)
    if relabelled.any():
        tell(f"note: {_images(met, relabelled)} bear another label than at the training")


def tell_other(met: Images, seen: Bool[np.ndarray, "image"], name: str, run: Path, tell: Callable[[str], None]) -> None:
    """Say which images of other data are left out, because the model knows them.

    Raises:
        UserError: if none is left.
    """
    if seen.all():
        raise UserError(
            f"{name}: {run} was trained or chosen on all of it, {_images(met, seen)}; nothing is left to measure"
        )
    if seen.any():
        tell(f"note: {_images(met, seen)} in {name} left out: the model was trained or chosen on them")


def _relabelled(then: Images, met: Images) -> Bool[np.ndarray, "image"]:
    """Images that are as they were, but for their label."""
    _, old, new = np.intersect1d(_both(then), _both(met), return_indices=True)
    labels = [hashes((*images.classes, ""))[images.label[rows]] for images, rows in ((then, old), (met, new))]
    changed = np.zeros(len(met), dtype=bool)
    changed[new] = labels[0] != labels[1]
    return changed


def _images(images: Images, rows: Bool[np.ndarray, "image"]) -> str:
    """How many images, and whose."""
    people = images.whose(rows)
    whose = f" of {number_of(len(people), 'person', 'people')} ({first_names(people)})" if people else ""
    return f"{number_of(int(rows.sum()), 'image')}{whose}"


def _both(images: Images) -> UInt64[np.ndarray, "image"]:
    """One number for content and name together."""
    return images.content ^ (images.name * np.uint64(0x9E3779B97F4A7C15))


def _part_by(
    known: UInt64[np.ndarray, "stored"], part: UInt8[np.ndarray, "stored"], asked: UInt64[np.ndarray, "image"]
) -> UInt8[np.ndarray, "image"]:
    """The first part, in their order, of which a key is known; NEW if it is not."""
    order = np.lexsort((part, known))  # TRAIN is the lowest number
    keys, first = np.unique(known[order], return_index=True)
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    found = (keys[place] == asked) & (asked != NOTHING)
    return np.where(found, part[order][first[place]], NEW).astype(np.uint8)
