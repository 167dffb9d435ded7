"""A batch whose references are cut out, moved and augmented when somebody asks for them, and never if nobody does."""

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import Tensor

from gcnet_core.interfaces.batch import Batch, each_picture

Make = Callable[[str], Tensor]
"""Makes the entry of a name."""


class LazyBatch(Batch):
    """A batch of which some pictures are not made yet; a model that looks at the query alone has none of them made.

    Args:
        make: how to make each entry that is not given, in float32 whatever the precision of the model is.
        entries: all others; the query is among them.
    """

    def __init__(self, make: Mapping[str, Make] = MappingProxyType({}), **entries: Tensor) -> None:
        object.__setattr__(self, "_make", make)
        for name, value in entries.items():
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Tensor:
        """Make an entry that is not there yet."""
        make: Make | None = vars(self).get("_make", {}).get(name)
        if make is None:
            raise AttributeError(f"{type(self).__name__} has no {name}")
        with torch.inference_mode(False), torch.autocast(self.query.device.type, enabled=False):
            made = make(name)
        object.__setattr__(self, name, made)
        return made

    def with_images(self, change: Callable[[Tensor], Tensor]) -> Batch:
        """The same batch with all kinds of pictures changed alike, those too that are not made yet."""

        def changed(name: str) -> Tensor:
            pictures = getattr(self, name)
            return each_picture(pictures, change) if name == "album" else change(pictures)

        return self.remade(changed, query=change(self.query))

    def to(self, device: torch.device, memory_format: torch.memory_format = torch.contiguous_format) -> Batch:
        """The same batch on a device; pictures that are not made yet are made where they are, and moved then."""
        moved = self.remade(
            lambda name: getattr(self, name).to(device),
            **{name: value.to(device) for name, value in self._given().items()},
        )
        return moved.with_images(lambda images: images.contiguous(memory_format=memory_format))

    def remade(self, make: Make, **entries: Tensor) -> "LazyBatch":
        """The same batch with another way to make what is not made yet, and other entries.

        Args:
            make: makes the entry of a name; it may take that of this batch.
            entries: in place of those that are given.
        """
        return LazyBatch(dict.fromkeys(self._make, make), **{**self._given(), **entries})

    def _given(self) -> dict[str, Tensor]:
        names = (entry.name for entry in dataclasses.fields(self))
        return {name: getattr(self, name) for name in names if name not in self._make}
