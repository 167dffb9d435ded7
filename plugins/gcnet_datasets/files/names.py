"""What names say: that files are those of a data set, and why a file beside them is none."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from gcnet_core.data.counts import is_published_count
from gcnet_core.data.expression_names import nearest_expression
from gcnet_core.data.picture_files import split_name
from gcnet_core.plugin_api import CANONICAL, Evidence, Sample
from gcnet_datasets.labels import expression_name


def folder_of(image: str) -> str:
    """The folder of a picture or video, `.` at the top."""
    return PurePosixPath(split_name(image)[0]).parent.as_posix()


def evidence_of_names(
    samples: Sequence[Sample], codes: Mapping[int, str], published: Mapping[str, Mapping[str, int]]
) -> Evidence:
    """By what the samples of a data set without lists are known to be its own.

    Args:
        samples: that were found.
        codes: expressions by the numbers of the data set.
        published: how many images of each expression it has, by what was counted.
    """
    first = split_name(samples[0].image)[0]
    folders = {PurePosixPath(split_name(sample.image)[0]).parent.name: sample.expression for sample in samples}
    if all(expression_name(folder) == expression for folder, expression in folders.items()):
        return Evidence("folders", f"class folders such as {folder_of(first)}, with expression words")
    if not any(folder.isdecimal() and codes.get(int(folder)) == shown for folder, shown in folders.items()):
        return Evidence("names", f"file names such as {first}")
    counted = _counted_as(samples, published)
    if counted:
        return Evidence("folders", f"its class folders are numbers, and hold as many images as {counted}")
    return Evidence("numbers", "its class folders are numbers")


def _counted_as(samples: Sequence[Sample], published: Mapping[str, Mapping[str, int]]) -> str | None:
    """The published part whose counts the samples, or those of one part, have."""
    for usage in (None, *{sample.usage for sample in samples}):
        counts = Counter(sample.expression for sample in samples if usage is None or sample.usage == usage)
        for what, wanted in published.items():
            if counts.keys() == wanted.keys() and all(
                is_published_count(counts[name], count) for name, count in wanted.items()
            ):
                return what
    return None


def why_beside(name: str, neighbors: Mapping[str, Sample], data_set: str) -> str:
    """Why a data set shows no picture of a name, as far as the samples in the folders around tell.

    Args:
        name: of the picture.
        neighbors: a sample of each folder that holds some.
        data_set: as people call it.
    """
    place = PurePosixPath(name)
    neighbor = neighbors.get(place.parent.as_posix())
    if neighbor is not None and neighbor.intensity is not None:
        return "a frame between onset and peak"
    beside = {PurePosixPath(folder).parent for folder, sample in neighbors.items() if _is_class(folder, sample)}
    if neighbor is None and place.parent.parent in beside:
        folder = expression_name(place.parent.name)
        near = None if folder in CANONICAL else nearest_expression(folder)
        return f"the class {folder} is none that {data_set} has{f', or is it {near}?' if near else ''}"
    return "nothing names it"


def _is_class(folder: str, sample: Sample) -> bool:
    return expression_name(PurePosixPath(folder).name) == sample.expression
