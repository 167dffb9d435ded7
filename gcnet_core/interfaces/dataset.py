"""Dataset: a list of samples and a way to read an image by its name."""

from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import UInt8

from gcnet_core.interfaces.buildable import Buildable
from gcnet_core.interfaces.context import BuildContext
from gcnet_core.plugin_api import DatasetConfig
from gcnet_core.plugin_api.samples import Sample


class Dataset(Buildable, ABC):
    """Labelled faces. Subclasses set `samples` in their constructor.

    Args:
        config: the options of the recipe.
        context: image size and channels that the recipe asks for.

    Raises:
        MissingData: if files are not where the recipe says.
        UserError: if a file's content is wrong; the text names file and line.
    """

    samples: tuple[Sample, ...]

    def __init__(self, config: DatasetConfig, context: BuildContext) -> None:
        self.config = config
        self.image = context.image

    def check_built(self) -> None:
        """Raise if `samples` is not set, or holds something else."""
        samples = getattr(self, "samples", None)
        if not isinstance(samples, tuple | list):
            raise ValueError(f"its `samples` is {type(samples).__name__}; the constructor must set a tuple of Sample")
        strange = next((sample for sample in samples if not isinstance(sample, Sample)), None)
        if strange is not None:
            raise ValueError(f"its `samples` hold {strange!r:.80}, which is no gcnet_core.plugin_api.Sample")

    @abstractmethod
    def read(self, name: str) -> UInt8[np.ndarray, "height width channel"]:
        """Decode one image.

        Args:
            name: `Sample.image` or `Sample.reference`.

        Returns:
            Pixels 0 to 255 of any size, grey (1 channel) or colour (3 channels, RGB).

        Raises:
            UserError: if the file is not an image; the text names it.
        """

    def content_key(self) -> str | None:
        """What the pixels that `read` gives depend on: while the key is the same, so are they, under every name.

        Pictures of a data set with a key are decoded once and kept in the user's cache; without one they are read anew
        in each run. Of files it holds what is in them, as `gcnet_core.data.cache.files.content_of_files` tells; of
        pictures that are made, everything that they are made from, the version of the code included. Names, and the
        size and channels of the recipe, need not be in it.

        Returns:
            Any text; None if the pixels may differ from one time to the next, or nobody knows.
        """
        return None
