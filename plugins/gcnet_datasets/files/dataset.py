"""The data set behind all parts that lie in files: samples from the options, pixels from the tree."""

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.cache.files import content_of_files
from gcnet_core.data.cache.key import digest_of_code
from gcnet_core.data.faces import image_names
from gcnet_core.data.prepare import with_channels
from gcnet_core.interfaces import BuildContext, Dataset
from gcnet_datasets.files import pictures, table, video
from gcnet_datasets.files.base import FilesConfig
from gcnet_datasets.files.pictures import Pictures

CODE = tuple(Path(str(module.__file__)) for module in (pictures, table, video))
"""What turns the bytes of files into pixels, beside what all data sets share."""


class FilesDataset(Dataset):
    """Reads images below a folder, or out of an archive.

    Args:
        config: where the files are and which samples to keep.
        context: whether images are needed in grey or colour.

    Raises:
        MissingData: if the files are not there.
        UserError: if a list or a name is wrong.
    """

    def __init__(self, config: FilesConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.samples = tuple(config.samples())
        self.pictures = Pictures(config.root)

    def read(self, name: str) -> UInt8[np.ndarray, "height width channel"]:
        """Decode one image, in the number of channels that the recipe asks for.

        Raises:
            UserError: if it is missing or not an image.
        """
        return with_channels(self.pictures.read(name), self.image.channels)

    def content_key(self) -> str | None:
        """What is in the files that hold the pictures; a file whose status is unchanged is not read for it."""
        tree = self.pictures.tree
        content = content_of_files(*tree.files_of(image_names(self.samples)))
        return content and f"{content} {digest_of_code(CODE)}"
