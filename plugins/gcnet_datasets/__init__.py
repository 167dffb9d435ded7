"""Data sets: the built-in synthetic faces, a manifest, class folders."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_datasets.files.config import FER2013Config, FolderConfig, ManifestConfig
from gcnet_datasets.synthetic.config import SyntheticFacesConfig


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The data sets of this plugin."""
    return [
        ComponentSpec(
            kind="dataset",
            name="synthetic_faces",
            config=SyntheticFacesConfig,
            target="gcnet_datasets.synthetic.dataset:SyntheticFaces",
            summary="drawn faces with identities and seven expressions; needs no files",
        ),
        ComponentSpec(
            kind="dataset",
            name="manifest",
            config=ManifestConfig,
            target="gcnet_datasets.files.dataset:ManifestDataset",
            summary="images listed in manifest.csv: image, subject, expression, reference, session, lighting, fold",
        ),
        ComponentSpec(
            kind="dataset",
            name="folder",
            config=FolderConfig,
            target="gcnet_datasets.files.dataset:FolderDataset",
            summary="a folder of images for each expression; the subject is read from the file name",
        ),
        ComponentSpec(
            kind="dataset",
            name="fer2013",
            config=FER2013Config,
            target="gcnet_datasets.files.dataset:FER2013Dataset",
            summary="FER2013 in class folders, zipped or not, with its published parts",
            source="arXiv:1307.0414",
        ),
    ]
