"""Data sets that decode image files."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.interfaces import BuildContext, Dataset
from gcnet_core.plugin_api import UserError
from gcnet_datasets.files.config import FilesConfig


class FilesDataset(Dataset):
    """Reads images below a folder.

    Args:
        config: where the files are and which samples to keep.
        context: whether images are needed in grey or colour.

    Raises:
        MissingData: if the files are not there.
        UserError: if a list or a name is wrong.
    """

    def __init__(self, config: FilesConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.folder = Path(config.folder)
        self.samples = tuple(config.samples())

    def read(self, name: str) -> UInt8[np.ndarray, "height width channel"]:
        """Decode one file, in the number of channels that the recipe asks for.

        Raises:
            UserError: if it is missing or not an image.
        """
        path = self.folder / name
        try:
            content = self.content(name)
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror})") from error
        grey = self.image.channels == 1
        pixels = cv2.imdecode(content, cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR) if len(content) else None
        if pixels is None:
            raise UserError(f"{path}: not an image, or damaged")
        return pixels[:, :, None] if grey else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)

    def content(self, name: str) -> UInt8[np.ndarray, "byte"]:
        """The bytes of one file."""
        return np.fromfile(self.folder / name, dtype=np.uint8)


class ManifestDataset(FilesDataset):
    """Images listed in manifest.csv."""


class FolderDataset(FilesDataset):
    """A folder of images for each expression."""


class FER2013Dataset(FilesDataset):
    """FER2013, zipped or not."""

    def __init__(self, config: FilesConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.archive = zipfile.ZipFile(self.folder) if self.folder.is_file() else None

    def content(self, name: str) -> UInt8[np.ndarray, "byte"]:
        """The bytes of one file, from the archive if there is one."""
        if self.archive is None:
            return super().content(name)
        return np.frombuffer(self.archive.read(name), dtype=np.uint8)
