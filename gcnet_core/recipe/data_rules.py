"""Rules about the data of a recipe: what they hold, their labels, and how they are split."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gcnet_core.plugin_api import ConfigIssue, DatasetConfig, DatasetInfo, ordered_classes
from gcnet_core.recipe.problems import suggestion
from gcnet_core.recipe.schema import AlbumConfig, SplitConfig
from gcnet_core.recipe.sections import Section, Sections


@dataclass(frozen=True)
class ListedData:
    """What the data sets of a recipe hold together.

    Args:
        info: with the labels of the recipe; None while any of the data sets cannot be read.
        published: the classes as the data sets call them.
    """

    info: DatasetInfo | None = None
    published: tuple[str, ...] = ()


def listed_data(sections: Sections) -> ListedData:
    """Put together what each data set says that it holds."""
    right = [section for section in _data_sections(sections) if section.config is not None]
    configs, asked = [section.config for section in right], [section.answers.get("info") for section in right]
    infos = [info for info in asked if info is not None]
    if not infos or len(infos) < len(asked):
        return ListedData()
    published = ordered_classes([name for info in infos for name in info.classes])
    return ListedData(_joined(configs, infos, _renamed(published, _labels(sections))), published)


def _joined(configs: Sequence[DatasetConfig], infos: Sequence[DatasetInfo], classes: tuple[str, ...]) -> DatasetInfo:
    """What several data sets hold together; their folds are known if all that are tested have equally many."""
    folds = {info.folds for config, info in zip(configs, infos, strict=True) if not config.train_only}
    return DatasetInfo(classes, any(info.references for info in infos), folds.pop() if len(folds) == 1 else 0)


def _renamed(names: Sequence[str], labels: Mapping[str, str | None]) -> tuple[str, ...]:
    """Classes with the labels of the recipe; null drops one."""
    renamed = [labels.get(name, name) for name in names]
    return ordered_classes([name for name in renamed if name is not None])


def _data_sections(sections: Sections) -> list[Section]:
    return [section for section in sections.values() if section.kind == "dataset"]


def _labels(sections: Sections) -> dict[str, str | None]:
    """Other names for classes, without those that are wrong."""
    labels = sections[()].value.get("labels")
    entries = labels.items() if isinstance(labels, dict) else ()
    return {name: new for name, new in entries if new is None or isinstance(new, str)}


def labels_name_classes_of_the_data(sections: Sections, data: ListedData) -> Iterator[ConfigIssue]:
    """Only what the data hold can be renamed."""
    for name in _labels(sections) if data.info else ():
        if name not in data.published:
            hint = suggestion(name, list(data.published))
            yield ConfigIssue(("labels", name), f"the data have no class {name}; {hint}")


def labels_leave_two_classes(sections: Sections, data: ListedData) -> Iterator[ConfigIssue]:
    """One class alone cannot be recognised."""
    if data.info and _labels(sections) and len(data.info.classes) < 2:
        left = ", ".join(data.info.classes) or "none"
        yield ConfigIssue(("labels",), f"fewer than two classes are left: {left}")


def somebody_is_tested(sections: Sections, data: ListedData) -> Iterator[ConfigIssue]:
    """Not every data set can be for training alone."""
    listed = _data_sections(sections)
    if listed and all(section.value.get("train_only") is True for section in listed):
        yield ConfigIssue((*listed[0].path, "train_only"), "no data set is left to be tested")


def the_fold_exists(sections: Sections, data: ListedData) -> Iterator[ConfigIssue]:
    """The fold is one of the drawn ones, or of those that the data set publishes."""
    written = sections.get(("split",))
    split = written.config if written else SplitConfig()
    published = data.info.folds if data.info else None
    if split is None:
        return
    folds = split.folds if split.scheme == "subjects" else published
    if folds == 0:
        yield ConfigIssue(("split", "scheme"), "the data set has no published folds; use the scheme `subjects`")
    elif folds and isinstance(split.fold, int) and not 0 <= split.fold < folds:
        yield ConfigIssue(("split", "fold"), f"there is no fold {split.fold} of {folds}; they are counted from 0")


def albums_have_a_size(sections: Sections, data: ListedData) -> Iterator[ConfigIssue]:
    """The smallest album is no larger than the largest."""
    album = _album(sections)
    if album and album.smallest > album.size:
        yield ConfigIssue(("album", "smallest"), f"{album.smallest} is more than album.size, which is {album.size}")


def albums_are_of_people(sections: Sections, data: ListedData) -> Iterator[ConfigIssue]:
    """Other faces of one photograph are no album."""
    album = _album(sections)
    for section in _data_sections(sections) if album and album.source != "none" else ():
        if section.config is not None and not section.config.names_people:
            message = f"{section.value['type']} does not say who is in its pictures, so it has no albums"
            yield ConfigIssue(("album", "source"), message)


def only_albums_are_varied_at_test(sections: Sections, data: ListedData) -> Iterator[ConfigIssue]:
    """What is said of albums at test has an effect."""
    album, evaluation = _album(sections), sections.get(("evaluation",))
    if album and album.source == "none" and evaluation:
        for key in ("album_size", "album_expressions"):
            if evaluation.value.get(key):
                yield ConfigIssue(("evaluation", key), "there are no albums; say where they come from in album.source")


def _album(sections: Sections) -> AlbumConfig | None:
    """Where albums come from; None where that is wrong itself."""
    written = sections.get(("album",))
    return written.config if written else AlbumConfig()


DATA_RULES: tuple[Callable[[Sections, ListedData], Iterator[ConfigIssue]], ...] = (
    labels_name_classes_of_the_data,
    labels_leave_two_classes,
    somebody_is_tested,
    the_fold_exists,
    albums_have_a_size,
    albums_are_of_people,
    only_albums_are_varied_at_test,
)
