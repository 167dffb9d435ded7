"""Pictures in folders beside the class folders, whose names are no expression: a data set is never cut in silence."""

from collections import Counter
from pathlib import Path

from gcnet_core.data.expression_names import expression_name, unknown_classes
from gcnet_core.data.picture_files import split_name
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import folder_expression


def note_on_other_classes(config: PublishedConfig) -> tuple[str, ...]:
    """A note that names and counts the folders which were taken for no expression; none if there are none.

    Args:
        config: of a data set in class folders, whose `codes` may number them.
    """
    shown = {split_name(sample.image)[0]: sample.expression for sample in config.all_samples}
    others = [name for name in Tree(Path(config.folder)).pictures if name not in shown]
    named, otherwise = set[str](), set[str]()
    for name, expression in shown.items():
        place, folder = _place(name)
        (named if folder_expression(folder, config.codes) == expression else otherwise).add(place)
    counts = Counter(
        expression_name(folder)
        for place, folder in map(_place, others)
        if place in named - otherwise and folder_expression(folder, config.codes) is None
    )
    if not counts:
        return ()
    return (
        f"{counts.total():,} pictures are left out, as their folders bear the name of no expression that the data set "
        f"has: {unknown_classes(counts)}. Rename a misspelt one; `data.type: folder` reads all folders as classes.",
    )


def _place(name: str) -> tuple[str, str]:
    """Where the folder of a picture lies, and its name."""
    place, _, folder = name.rpartition("/")[0].rpartition("/")
    return place, folder
