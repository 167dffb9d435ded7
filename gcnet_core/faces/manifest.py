"""From the records of prepared faces to their manifest: the labels of the data set, the files of the crops."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gcnet_core.faces.record import FaceRecord
from gcnet_core.plugin_api import Sample


def crop_samples(samples: Sequence[Sample], records: Sequence[FaceRecord]) -> Iterator[Sample]:
    """Each crop of a labelled picture, with the labels of the picture.

    Args:
        samples: of the data set.
        records: of all its pictures.

    Returns:
        Samples whose images and references are files of crops; a reference in which no face was found is unknown.
    """
    crops: dict[str | None, list[str]] = defaultdict(list)
    for entry in records:
        if entry.crop:
            crops[entry.image].append(entry.crop)
    for sample in samples:
        reference = next(iter(crops.get(sample.reference, ())), None)
        for crop in crops.get(sample.image, ()):
            yield replace(sample, image=crop, reference=reference)
