"""Bare names: pictures that a list names without their folders."""

import unicodedata
from pathlib import PurePosixPath

from gcnet_core.plugin_api import UserError
from gcnet_datasets.files.tree import Tree


class BareNames:
    """The pictures of a tree by their bare names; accents count alike, whether they are parts of letters or not.

    Args:
        tree: of the data set.
        folder: pictures in a folder of this name are preferred, where others bear the same names.
        within: pictures elsewhere than in a folder of this name do not count; empty: all count.
    """

    def __init__(self, tree: Tree, folder: str = "", within: str = "") -> None:
        self.tree, self.folder = tree, folder
        self.found: dict[str, list[str]] = {}
        inside = [name for name in tree.pictures if not within or within in PurePosixPath(name).parts]
        for name in inside:
            self.found.setdefault(_composed(PurePosixPath(name).name), []).append(name)

    def get(self, name: str, where: str) -> str | None:
        """The picture that is meant; None if there is none.

        Args:
            name: as the list has it.
            where: file and line of the list, for the message.

        Raises:
            UserError: if several pictures bear the name, naming two of them.
        """
        found = self.found.get(_composed(name), [])
        chosen = [path for path in found if self.folder in PurePosixPath(path).parts] or found
        if len(chosen) > 1:
            first, second, *_ = chosen
            raise UserError(f"{where}: {first} and {second} both bear this name; keep one of them in {self.tree.root}")
        return chosen[0] if chosen else None


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
