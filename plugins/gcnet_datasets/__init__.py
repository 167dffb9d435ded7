"""Data sets: drawn faces, files of one's own, and published collections in the layouts in which users have them."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, DatasetConfig, hookimpl
from gcnet_datasets.files.class_folders import FolderConfig
from gcnet_datasets.files.manifest import ManifestConfig
from gcnet_datasets.files.sequences import SequencesConfig
from gcnet_datasets.sets.affectnet import AffectNetConfig
from gcnet_datasets.sets.ckextended import CKExtendedConfig
from gcnet_datasets.sets.ckplus import CKPlusConfig
from gcnet_datasets.sets.ckplus48 import CKPlus48Config
from gcnet_datasets.sets.expw import ExpWConfig
from gcnet_datasets.sets.fer2013 import FER2013Config
from gcnet_datasets.sets.ferplus import FERPlusConfig
from gcnet_datasets.sets.jaffe import JAFFEConfig
from gcnet_datasets.sets.kdef import KDEFConfig
from gcnet_datasets.sets.mmi import MMIConfig
from gcnet_datasets.sets.muxspace import MuxspaceConfig
from gcnet_datasets.sets.oulu_casia import OuluCASIAConfig
from gcnet_datasets.sets.raf_db import RAFDBConfig
from gcnet_datasets.sets.rafd import RaFDConfig
from gcnet_datasets.sets.sfew import SFEWConfig
from gcnet_datasets.synthetic.config import SyntheticFacesConfig

FILES: tuple[tuple[str, type[DatasetConfig], str, str], ...] = (
    ("manifest", ManifestConfig, "images listed in manifest.csv: image, subject, expression, reference ...", ""),
    ("folder", FolderConfig, "a folder of images for each expression; the subject is read from the file name", ""),
    ("sequences", SequencesConfig, "a video or a folder of frames for each sequence, neutral at its beginning", ""),
    ("ckplus", CKPlusConfig, "CK+: sequences from neutral to peak", "CVPR Workshops 2010"),
    ("ckplus48", CKPlus48Config, "CK+48: the last three frames of CK+ in class folders", "CVPR Workshops 2010"),
    ("ckextended", CKExtendedConfig, "ckextended.csv: CK+ without subjects", "CVPR Workshops 2010"),
    ("mmi", MMIConfig, "MMI: videos with the peak in the middle", "ICME 2005"),
    ("oulu_casia", OuluCASIAConfig, "Oulu-CASIA NIR&VIS: sequences under three lights", "Zhao et al. 2011"),
    ("jaffe", JAFFEConfig, "JAFFE: ten women, seven expressions", "FG 1998"),
    ("kdef", KDEFConfig, "KDEF: 70 people, five angles, two sessions", "Lundqvist et al. 1998"),
    ("rafd", RaFDConfig, "RaFD: 67 models, eight expressions, angles and gazes", "Langner et al. 2010"),
    ("fer2013", FER2013Config, "FER2013 as csv, folders or zip, with its published parts", "arXiv:1307.0414"),
    ("ferplus", FERPlusConfig, "FER+: FER2013 with the votes of ten raters", "arXiv:1608.01041"),
    ("raf_db", RAFDBConfig, "RAF-DB basic: 15,339 faces from the web", "CVPR 2017"),
    ("affectnet", AffectNetConfig, "AffectNet, lists or annotation files", "arXiv:1708.03985"),
    ("sfew", SFEWConfig, "SFEW 2.0: stills from films", "ICCV Workshops 2011"),
    ("expw", ExpWConfig, "ExpW: 91,793 faces from the web", "ICCV 2015"),
    ("muxspace", MuxspaceConfig, "muxspace/facial_expressions: 13,690 photographs", ""),
)


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The data sets of this plugin."""
    yield ComponentSpec(
        kind="dataset",
        name="synthetic_faces",
        config=SyntheticFacesConfig,
        target="gcnet_datasets.synthetic.dataset:SyntheticFaces",
        summary="drawn faces with identities and seven expressions; needs no files",
    )
    for name, config, summary, source in FILES:
        yield ComponentSpec(
            kind="dataset",
            name=name,
            config=config,
            target="gcnet_datasets.files.dataset:FilesDataset",
            summary=summary,
            source=source,
        )
