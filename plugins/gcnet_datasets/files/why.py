"""Why a file in a tree is no data: one rule for all data sets."""

from gcnet_core.data.archives import is_archive
from gcnet_core.data.picture_files import HEAD, UNREAD_SUFFIXES, is_hidden, kind_of, suffix_of
from gcnet_core.plugin_api import UserError
from gcnet_datasets.files.tree import Tree, is_seen


def why_not_data(tree: Tree, name: str) -> str | None:
    """Why a file can be no part of any data set, as files that lie in every folder; None for all others."""
    if is_hidden(name):
        return "hidden"
    if is_seen(name) or why_not_read(tree, name):
        return None
    return f"no picture: {suffix_of(name) or 'no suffix'}"


def why_not_read(tree: Tree, name: str) -> str | None:
    """Why something that may well be data is none: it cannot be opened, or is a picture that nothing reads."""
    suffix = suffix_of(name)
    if name in tree.closed:
        return tree.closed[name]
    if suffix in UNREAD_SUFFIXES:
        return f"a kind of picture that is not read: {suffix}"
    if is_archive(name):
        return "an archive in an archive; unpack it" if tree.in_archive(name) else "a damaged archive"
    if not suffix and _starts_as_picture(tree, name):
        return "a picture without suffix; give it one"
    return None


def _starts_as_picture(tree: Tree, name: str) -> bool:
    try:
        if tree.in_archive(name):
            return kind_of(tree.read(name)) is not None
        with tree.path(name).open("rb") as file:
            return kind_of(file.read(HEAD)) is not None
    except (OSError, UserError):
        return False
