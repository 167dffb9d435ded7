"""Random trees as people may have them, and what must hold whoever reads them."""

from pathlib import Path

from hypothesis import strategies as st

from gcnet_core.data.archives import is_archive
from gcnet_core.data.guess import read_folder
from gcnet_core.data.picture_files import split_name
from gcnet_core.plugin_api import PluginError, Registry, UserError
from gcnet_core.plugin_api.questions import ask

FOLDERS = (
    "happy", "Sad", "neutral", "Suprise", "anna", "bob", "0", "1", "6", "train", "test", "val", "images", "annotations",
    ".git", "S005", "001", "x y", "喜", "cohn-kanade-images", "P001", "Strong", "VL", "origin",
    "FER2013Train", "Sessions",
)  # fmt: skip
FILES = (
    "1.png", "2.jpg", "S1_2.jpg", "S005_001_00000001.png", "KA.AN1.39.tiff", "AF01AFS.JPG", "notes.txt", "manifest.csv",
    "train.csv", "training.csv", "fer2013new.csv", "list_patition_label.txt", "train_labels.csv", "label.lst",
    "list.txt", "legend.csv", "ckextended.csv", "preparation.json", "a.avi", "Thumbs.db", "._1.png", "z.zip",
    "1_exp.npy", "S005_001_00000001_emotion.txt", "Rafd090_01_Caucasian_female_angry_frontal.jpg",
)  # fmt: skip
CONTENTS = (
    b"", b"image,expression\n1.png,happy\n", b"image;expression\n1.png;happy\n",
    b"emotion,pixels\n3,0 0\n", b"emotion,pixels,Usage\n3,0 0 0 0,Training\n0,1 1 1 1,PrivateTest\n",
    b"train_00001.jpg 5\n", b"{}", b"   3.0000000e+00",
    b"1.png 0 1 1 9 9 50 3\n", b"a,b\n\"", b"image,label\ntrain_00001_aligned.jpg,1\n", b"S050_003_030.png 3\n",
)  # fmt: skip

trees = st.dictionaries(
    st.tuples(st.lists(st.sampled_from(FOLDERS), max_size=4).map(tuple), st.sampled_from(FILES)).map(
        lambda place: "/".join((*place[0], place[1]))
    ),
    st.sampled_from(CONTENTS),
    max_size=12,
)
"""Contents of files by their paths."""


def write_tree(root: Path, tree: dict[str, bytes]) -> Path:
    """Write a tree of files."""
    root.mkdir(parents=True)
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def read_as(root: Path, registry: Registry) -> str:
    """How a tree is read, or `refused`; stops where a part crashes or a file is neither used nor left out, or both."""
    for name in registry.names("dataset"):
        spec = registry.get("dataset", name)
        if "folder" in spec.config.model_fields:
            _ask_all(registry, name, root)
    try:
        part, _ = read_folder(root, registry)
    except UserError:
        return "refused"
    config = part.config
    names = [name for sample in config.samples() for name in (sample.image, sample.reference) if name]
    used = {split_name(name)[0] for name in names} | set(config.lists())
    left = {file.file for file in config.left_out()}
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert not used & left, used & left
    missing = there - used - left
    assert not {name for name in missing if not is_archive(name)}, missing  # an empty archive holds no file
    return part.type


def _ask_all(registry: Registry, name: str, root: Path) -> None:
    try:
        part = registry.part("dataset", name, {"folder": str(root)})
        for question in ("info", "evidence"):
            ask(registry.parts["dataset", name].origin, part.config, question)
        part.config.left_out()
    except PluginError:
        raise
    except UserError:
        pass
