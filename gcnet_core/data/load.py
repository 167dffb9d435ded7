"""From the data section of a recipe to its samples, and to a table of faces."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.cache.images import Origin
from gcnet_core.data.faces import FaceTable, read_faces
from gcnet_core.data.pixels import checked_key, checked_read
from gcnet_core.interfaces.context import BuildContext
from gcnet_core.interfaces.dataset import Dataset
from gcnet_core.plugin_api import ImageConfig, LeftOut, Part, Registry, Sample, ordered_classes, relabel

SEPARATOR = ":"


@dataclass(frozen=True)
class Listing:
    """The samples of one or several data sets, and how an image of them is read.

    Args:
        samples: with the labels of the recipe; with several sets, names and subjects begin with the name of the set.
        read: `Dataset.read`, for images of all of them; a data set that gives no picture is told.
        notes: what the labels of the recipe leave out.
        origin: by which their images are known in the cache; None where nobody knows what they depend on.
    """

    samples: tuple[Sample, ...]
    read: Callable[[str], UInt8[np.ndarray, "height width channel"]]
    notes: tuple[str, ...] = ()
    origin: Origin | None = None


def list_samples(
    data: Sequence[Part], labels: Mapping[str, str | None], image: ImageConfig, registry: Registry
) -> Listing:
    """Build the data sets of a recipe and join their samples.

    Args:
        data: the chosen data sets.
        labels: other names for expressions.
        image: size and channels that the recipe asks for.
        registry: where the data sets' code is found.

    Raises:
        MissingData: if files are not where the recipe says.
        UserError: if a list or a name is wrong.
    """
    built: list[Dataset] = [BuildContext(registry, image).build(part) for part in data]
    notes = _dropped([sample for dataset in built for sample in dataset.samples], labels)
    if len(built) == 1:
        return Listing(tuple(relabel(built[0].samples, labels)), checked_read(built[0]), notes, _origin(data, built))
    sets = dict(zip(_names(data), built, strict=True))
    joined: list[Sample] = []
    for part, (name, dataset) in zip(data, sets.items(), strict=True):
        joined += [_of_set(sample, name, part) for sample in relabel(dataset.samples, labels)]
    readers = {name: checked_read(dataset) for name, dataset in sets.items()}

    def read(name: str) -> UInt8[np.ndarray, "height width channel"]:
        source, _, image_name = name.partition(SEPARATOR)
        return readers[source](image_name)

    return Listing(tuple(joined), read, notes, _origin(data, built))


def _origin(data: Sequence[Part], built: Sequence[Dataset]) -> Origin:
    """What the images of all data sets depend on; None if that of a single one is unknown."""

    def content() -> str | None:
        keys = [checked_key(dataset) for dataset in built]
        return None if None in keys else repr(keys)

    return Origin(content, ", ".join(map(_title, data)))


def _title(part: Part) -> str:
    """A data set for people, with the folder that it lies in."""
    folder = part.dump().get("folder")
    return f"{part.type} {folder}" if folder else part.type


def _dropped(samples: Sequence[Sample], labels: Mapping[str, str | None]) -> tuple[str, ...]:
    """A note that counts the images whose expression has the label null; none if there are none."""
    counts = Counter(sample.expression for sample in samples if labels.get(sample.expression, "") is None)
    listed = ", ".join(f"{name} ({count:,})" for name, count in counts.most_common())
    return (f"`labels` leaves out {counts.total():,} of {len(samples):,} images: {listed}.",) if counts else ()


def left_out(data: Sequence[Part]) -> tuple[LeftOut, ...]:
    """Files in the folders of data sets that no sample shows, each with the reason.

    Raises:
        MissingData: if files are not where the recipe says.
        UserError: if a list or a name is wrong.
    """
    return tuple(file for part in data for file in part.config.left_out())


def load_faces(
    listing: Listing,
    image: ImageConfig,
    classes: tuple[str, ...] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> FaceTable:
    """Decode the images of data sets, or take them from the cache.

    Args:
        listing: what they hold.
        image: size and channels to prepare.
        classes: expression names in the order of the labels; default: those of the data, in canonical order.
        progress: called with the number of images done and in all.

    Raises:
        UserError: if a file's content is wrong.
    """
    names = classes or ordered_classes([sample.expression for sample in listing.samples])
    return read_faces(listing.samples, names, listing.read, image, progress, listing.origin)


def _names(data: Sequence[Part]) -> list[str]:
    """One name for each data set: its type, numbered where a type comes twice."""
    counts, seen, names = Counter(part.type for part in data), Counter[str](), []
    for part in data:
        seen[part.type] += 1
        names.append(part.type if counts[part.type] == 1 else f"{part.type}-{seen[part.type]}")
    return names


def _of_set(sample: Sample, name: str, part: Part) -> Sample:
    """A sample whose image and subject cannot be taken for those of another set."""

    def prefixed(text: str | None) -> str | None:
        return None if text is None else f"{name}{SEPARATOR}{text}"

    return replace(
        sample,
        image=f"{name}{SEPARATOR}{sample.image}",
        subject=prefixed(sample.subject),
        reference=prefixed(sample.reference),
        source=name,
        train_only=part.config.train_only,
        weight=part.config.weight,
    )
