"""From a table of faces, or a listing that is not decoded into one, to what is stored of its images and their parts."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import UInt8, UInt64

from gcnet_core.data.content import content_of
from gcnet_core.data.faces import FaceTable, image_names
from gcnet_core.data.in_threads import in_threads
from gcnet_core.data.load import Listing
from gcnet_core.data.splits import Split
from gcnet_core.plugin_api import ordered_classes
from gcnet_core.plugin_api.samples import Sample
from gcnet_core.runs.trained_on import NOTHING, TEST, TRAIN, UNUSED, VALIDATION, Images, hash_of, hashes


def images_of(table: FaceTable) -> Images:
    """What is in a table of faces."""
    content = np.zeros(len(table.images), dtype=np.uint64) if table.content is None else table.content
    contents = np.append(content, np.uint64(NOTHING))  # UNKNOWN, -1, is the last
    return _images(table.samples, table.classes, contents[table.query.numpy()], contents[table.reference.numpy()])


def images_in(listing: Listing, classes: Sequence[str] = ()) -> Images:
    """What is in data sets whose images are read one after the other, and not kept.

    Args:
        listing: what they hold.
        classes: expression names in the order of the labels; default: those of the data.

    Raises:
        UserError: if a file's content is wrong.
    """
    names = image_names(listing.samples)
    read = in_threads(lambda name: content_of(listing.read(name)), names)
    found = dict(zip(names, (content for some in read for content in some), strict=True))

    def contents(named: Callable[[Sample], str | None]) -> UInt64[np.ndarray, "image"]:
        wanted = map(named, listing.samples)
        return np.fromiter((NOTHING if name is None else found[name] for name in wanted), dtype=np.uint64)

    return _images(
        listing.samples,
        classes or ordered_classes([sample.expression for sample in listing.samples]),
        contents(lambda sample: sample.image),
        contents(lambda sample: sample.reference),
    )


def parts_of(split: Split, images: int) -> UInt8[np.ndarray, "image"]:
    """The number of the part in which each image is."""
    part = np.full(images, UNUSED, dtype=np.uint8)
    for number, rows in ((TRAIN, split.train), (VALIDATION, split.validation), (TEST, split.test)):
        part[rows] = number
    return part


def _images(
    samples: Sequence[Sample],
    classes: Sequence[str],
    content: UInt64[np.ndarray, "image"],
    reference: UInt64[np.ndarray, "image"],
) -> Images:
    people = tuple(sorted({sample.subject for sample in samples if sample.subject is not None}))
    person, label = ({name: row for row, name in enumerate(names)} for names in (people, classes))
    votes = (NOTHING if sample.votes is None else hash_of(str(sorted(sample.votes))) for sample in samples)
    return Images(
        name=hashes(sample.image for sample in samples),
        content=content,
        reference=reference,
        label=np.fromiter((label.get(sample.expression, -1) for sample in samples), dtype=np.int16),
        person=np.fromiter((person.get(sample.subject or "", -1) for sample in samples), dtype=np.int32),
        votes=np.fromiter(votes, dtype=np.uint64),
        people=people,
        classes=tuple(classes),
    )
