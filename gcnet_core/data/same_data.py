"""Data fit what was stored of them; of other data, it is told what differs: people, images, labels, classes."""

from collections.abc import Iterator, Sequence

import numpy as np

from gcnet_core.plugin_api.samples import Sample
from gcnet_core.runs.trained_on import Images, first_names, number_of


def differences(then: Images, now: Images, samples: Sequence[Sample]) -> list[str]:
    """What is other than it was, in a few words each; nothing if the data are the same, under whatever file names.

    Args:
        then: the images as they were stored.
        now: as they are.
        samples: those of now.
    """
    return [] if then.fingerprint == now.fingerprint else list(_differences(then, now, samples))


def _differences(then: Images, now: Images, samples: Sequence[Sample]) -> Iterator[str]:
    added, gone = sorted({*now.people} - {*then.people}), sorted({*then.people} - {*now.people})
    for word, people in (("more", added), ("fewer", gone)):
        if people:
            yield f"{number_of(len(people), 'person', 'people')} {word} ({first_names(people)})"
    if then.classes != now.classes:
        yield f"the classes were {', '.join(then.classes)}, now {', '.join(now.classes)}"
    _, old, new = np.intersect1d(then.name, now.name, return_indices=True)
    more, fewer = len(now) - len(new), len(then) - len(old)
    if more:
        names = [samples[row].image for row in np.setdiff1d(np.arange(len(now)), new)]
        yield f"{number_of(more, 'image')} more (first: {first_names(names[:1])})"
    if fewer:
        yield f"{number_of(fewer, 'image')} fewer"
    yield from _same_names(then, now, old, new, samples)


def _same_names(
    then: Images, now: Images, old: np.ndarray, new: np.ndarray, samples: Sequence[Sample]
) -> Iterator[str]:
    """What differs in images that bear one name."""
    labels = [np.array((*images.classes, ""))[images.label[rows]] for images, rows in ((then, old), (now, new))]
    found = {
        "other pixels": then.content[old] != now.content[new],
        "another label": labels[0] != labels[1],
        "another person": then.person_hash[old] != now.person_hash[new],
        "another reference": then.reference[old] != now.reference[new],
        "other votes": then.votes[old] != now.votes[new],
    }
    for what, differs in found.items():
        rows = np.sort(new[differs])
        if len(rows):
            names = [samples[row].image for row in rows]
            yield f"{number_of(len(rows), 'image')} with {what} (first: {first_names(names[:1])})"
