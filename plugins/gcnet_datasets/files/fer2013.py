"""Reading FER2013 (Goodfellow et al., arXiv 1307.0414) in class folders, zipped or not."""

import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from gcnet_core.plugin_api import Sample
from gcnet_datasets.files.class_folders import SUFFIXES
from gcnet_datasets.labels import expression_name

if TYPE_CHECKING:
    from gcnet_datasets.files.config import FER2013Config

USAGE: dict[str, Literal["train", "validation", "test"]] = {
    "Training": "train",
    "PublicTest": "validation",
    "PrivateTest": "test",
}
"""The parts as the challenge named them; its final figures were those of PrivateTest."""


def read_fer2013(config: "FER2013Config") -> list[Sample]:
    """All images below the class folders of the three parts, at any depth. People and neutral faces are unknown.

    Raises:
        MissingData: if there is no such file or folder, or it lacks a part.
    """
    root = Path(config.folder)
    expected = (
        f"{root}, a zip file or a folder that holds {', '.join(f'{part}/<expression>/<image>' for part in USAGE)}"
    )
    if not root.exists():
        raise config.missing(f"no such file or folder: {root}", expected)
    try:
        names = _names(root)
    except zipfile.BadZipFile as error:
        raise config.missing(f"{root}: not a zip file, or not all of it ({error})", expected) from error
    samples = [
        Sample(image=name, subject=None, expression=expression_name(place[-2]), usage=USAGE[place[-3]])
        for name in names
        if len(place := PurePosixPath(name).parts) > 2
        and place[-3] in USAGE
        and PurePosixPath(name).suffix.lower() in SUFFIXES
    ]
    absent = sorted(set(USAGE) - {part for part, usage in USAGE.items() if any(s.usage == usage for s in samples)})
    if absent:
        found = ", ".join(sorted({PurePosixPath(name).parts[0] for name in names})[:5]) or "nothing"
        raise config.missing(f"{root}: no images in {', '.join(absent)}; found {found}", expected)
    return samples


def _names(root: Path) -> list[str]:
    if root.is_file():
        with zipfile.ZipFile(root) as archive:
            return sorted(archive.namelist())
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
