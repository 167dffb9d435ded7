"""FaceTable: every image of a data set, decoded and prepared once, and batches cut from it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8, UInt64
from torch import Tensor

from gcnet_core.data.cache.entry import Pixels
from gcnet_core.data.cache.images import Origin, Prepared, cached_images
from gcnet_core.data.content import content_of
from gcnet_core.data.memory import check_fits
from gcnet_core.data.prepare import prepare
from gcnet_core.plugin_api import ImageConfig, PluginError, UserError
from gcnet_core.plugin_api.samples import NEUTRAL, Sample, true_references

if TYPE_CHECKING:  # albums are drawn from a table
    from gcnet_core.data.album_draws import Albums

BLOCK = 4096
"""Images that wait to be decoded, or to be taken, at a time: a million of them would fill the memory."""
UNKNOWN = -1
"""Row number of a reference that does not exist, and label of a sample outside the recipe's classes."""


@dataclass(frozen=True)
class FaceTable:
    """Samples with their pixels.

    Args:
        samples: as the data set lists them.
        classes: expression names in the order of the labels.
        images: all distinct images, 0 to 255; perhaps mapped from a file, so never to be written into.
        query: row of each sample's image.
        reference: row of each sample's reference, or UNKNOWN.
        true_reference: row of another picture of the subject's neutral face, or UNKNOWN.
        label: class of each sample, or UNKNOWN.
        votes: share of the raters' votes for each class.
        albums: which other pictures of a person stand beside a query; None where the recipe asks for none.
        content: of each image, see `content_of`; None in a table that was made by hand.
    """

    samples: tuple[Sample, ...]
    classes: tuple[str, ...]
    images: UInt8[Tensor, "image channel height width"]
    query: Int[Tensor, "sample"]
    reference: Int[Tensor, "sample"]
    true_reference: Int[Tensor, "sample"]
    label: Int[Tensor, "sample"]
    votes: Float[Tensor, "sample class"]
    albums: "Albums | None" = None
    content: UInt64[np.ndarray, "image"] | None = None

    def __len__(self) -> int:
        return len(self.samples)

    @cached_property
    def neutral(self) -> Tensor:
        """Which queries show a neutral face."""
        return torch.tensor([sample.expression == NEUTRAL for sample in self.samples]).to(self.images.device)

    def to(self, device: torch.device) -> "FaceTable":
        """The same table with its images and columns on a device, for batches that are made there."""
        columns = ("images", "query", "reference", "true_reference", "label", "votes")
        return replace(self, **{name: getattr(self, name).to(device) for name in columns})

    def class_counts(self, indices: Int[np.ndarray, "row"]) -> tuple[int, ...]:
        """Number of samples of each class among some indices."""
        labels = self.label[torch.as_tensor(indices)]
        return tuple(int((labels == index).sum()) for index in range(len(self.classes)))

    def labelled(self, indices: Int[np.ndarray, "row"]) -> Int[np.ndarray, "labelled"]:
        """Those samples whose expression is one of the classes."""
        return indices[(self.label[torch.as_tensor(indices)] != UNKNOWN).numpy()]

    def with_true_reference(self, indices: Int[np.ndarray, "row"]) -> Int[np.ndarray, "known"]:
        """Those samples for which another neutral picture of the subject exists."""
        return indices[(self.true_reference[torch.as_tensor(indices)] != UNKNOWN).numpy()]

    def with_album(self, indices: Int[np.ndarray, "row"]) -> Int[np.ndarray, "known"]:
        """Those samples that the recipe keeps: all, or with `missing: leave_out` those with pictures enough."""
        if self.albums is None or self.albums.config.missing == "keep":
            return indices
        return indices[self.albums.available[indices] >= self.albums.config.smallest]


def read_faces(
    samples: Sequence[Sample],
    classes: Sequence[str],
    read: Callable[[str], UInt8[np.ndarray, "height width channel"]],
    image: ImageConfig,
    progress: Callable[[int, int], None] = lambda done, total: None,
    origin: Origin | None = None,
) -> FaceTable:
    """Decode and prepare each image of a data set once, or take all of them from the cache.

    Args:
        samples: rows of the table.
        classes: expression names in the order of the labels; samples of other expressions get the label UNKNOWN.
        read: `Dataset.read`.
        image: size and channels to prepare.
        progress: called with the number of images done and in all.
        origin: by which the images are known in the cache; None: they are decoded now and kept nowhere.

    Raises:
        UserError: if files are not images, naming the first; or if all images fit neither into memory nor the cache.
    """
    names = image_names(samples)
    cached = cached_images(origin, names, image, lambda: prepared(names, read, image, progress)) if origin else None
    pixels = cached or _in_memory(prepared(names, read, image, progress), len(names), image)
    progress(len(names), len(names))
    row = {name: index for index, name in enumerate(names)}

    def indices(wanted: Iterable[str | None]) -> Tensor:
        return torch.tensor([UNKNOWN if name is None else row[name] for name in wanted], dtype=torch.long)

    number = {name: index for index, name in enumerate(classes)}
    return FaceTable(
        samples=tuple(samples),
        classes=tuple(classes),
        images=pixels.images,
        query=indices(sample.image for sample in samples),
        reference=indices(sample.reference for sample in samples),
        true_reference=indices(true_references(samples)),
        label=torch.tensor([number.get(sample.expression, UNKNOWN) for sample in samples], dtype=torch.long),
        votes=_votes(samples, number),
        content=pixels.content,
    )


def prepared(
    names: Sequence[str],
    read: Callable[[str], UInt8[np.ndarray, "height width channel"]],
    image: ImageConfig,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Prepared:
    """Decode and prepare images, in the order of their names; several are decoded at a time.

    Args:
        names: of the images.
        read: `Dataset.read`.
        image: size and channels to prepare.
        progress: called with the number of images done and in all.

    Raises:
        UserError: if some cannot be read, with their number, when all others are done.
    """
    unreadable: list[UserError] = []

    def one(name: str) -> tuple[UInt8[np.ndarray, "channel height width"], int] | None:
        try:
            pixels = read(name)
        except PluginError:  # a fault of the data set, not of the image
            raise
        except UserError as error:
            unreadable.append(error)
            return None
        return prepare(pixels, image), content_of(pixels)

    with ThreadPoolExecutor() as pool:  # OpenCV decodes and resizes without holding Python's lock
        for start in range(0, len(names), BLOCK):
            for index, found in enumerate(pool.map(one, names[start : start + BLOCK]), start=start + 1):
                if found is not None:
                    yield found
                progress(index, len(names))
    if unreadable:
        first = min(map(str, unreadable))
        raise UserError(
            f"{len(unreadable):,} of {len(names):,} images cannot be read; `gcnet data check` names them all: "
            f"take them out, or replace them. The first is {first}"
        )


def _in_memory(found: Prepared, count: int, image: ImageConfig) -> Pixels:
    check_fits(count, image)
    images = torch.empty((count, image.channels, image.size, image.size), dtype=torch.uint8)
    content = np.zeros(count, dtype=np.uint64)
    for row, (pixels, known) in enumerate(found):
        images[row], content[row] = torch.from_numpy(pixels), known
    return Pixels(images, content)


def image_names(samples: Sequence[Sample]) -> list[str]:
    """All images of some samples, references too, each once, sorted."""
    queries = {sample.image for sample in samples}
    references = {sample.reference for sample in samples if sample.reference}
    return sorted(queries | references)


def _votes(samples: Sequence[Sample], number: Mapping[str, int]) -> Float[Tensor, "sample class"]:
    """Shares that add up to 1; zeros for a sample outside the classes. Votes for other classes do not count."""
    shares = np.zeros((len(samples), len(number)), dtype=np.float32)
    for row, sample in enumerate(samples):
        if sample.expression not in number:
            continue
        votes = sample.votes or ((sample.expression, 1.0),)
        for expression, count in votes:
            if expression in number:
                shares[row, number[expression]] += count
    found = torch.from_numpy(shares)
    return found / found.sum(dim=1, keepdim=True).clamp(min=1e-12)
