"""What each part of the data holds: published parts and folds, or the folds that a recipe draws."""

from collections.abc import Iterator, Mapping, Sequence

from gcnet_core.data.splits import fold_of_subject
from gcnet_core.data_validation.finding import Finding
from gcnet_core.plugin_api import Sample, UserError, ordered_classes
from gcnet_core.recipe.schema import SplitConfig

ByPart = dict[str, dict[str, int]]


def classes_by_part(samples: Sequence[Sample], split: SplitConfig | None = None, seed: int = 0) -> ByPart:
    """Number of images of each class in each part.

    Args:
        samples: of one or several data sets.
        split: of a recipe; the folds that it draws are counted if it draws any.
        seed: of that recipe.

    Returns:
        Counts by class, by part: `train`, `fold 0` or `drawn fold 0`; nothing where there are no parts.
    """
    if split is not None and split.scheme == "subjects":
        part_of_image = _drawn_folds(samples, split, seed)
    else:
        part_of_image = _published_parts(samples)
    parts = sorted(set(part_of_image.values()), key=_order)
    classes = ordered_classes([sample.expression for sample in samples])
    counts = {part: dict.fromkeys(classes, 0) for part in parts}
    for sample in samples:
        if sample.image in part_of_image:
            counts[part_of_image[sample.image]][sample.expression] += 1
    return counts


def missing_classes(by_part: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """Parts that hold no image of a class."""
    gaps = []
    for part, counts in by_part.items():
        gaps += [f"{part} has no {name}" for name, count in counts.items() if not count]
    if gaps:
        more = " ..." if len(gaps) > 3 else ""
        text = f"classes are missing in a part or fold ({', '.join(gaps[:3])}{more}): their recall is not known there"
        yield Finding("classes_missing_in_parts", "note", text, len(gaps))


def _published_parts(samples: Sequence[Sample]) -> dict[str, str]:
    """Fold of each image, else its part, where the data set publishes either."""
    parts: dict[str, str] = {sample.image: sample.usage for sample in samples if sample.usage}
    folds = {sample.image: f"fold {sample.fold}" for sample in samples if sample.fold is not None}
    return parts | folds


def _drawn_folds(samples: Sequence[Sample], split: SplitConfig, seed: int) -> dict[str, str]:
    try:
        folds = fold_of_subject(samples, split, seed)
    except UserError:  # another finding says what is the matter with its people
        return {}
    return {sample.image: f"drawn fold {folds[sample.subject]}" for sample in samples if sample.subject in folds}


def _order(part: str) -> tuple[int, str]:
    """Folds in the order of their numbers, parts as they are used."""
    usages = ("train", "validation", "test")
    return (usages.index(part), part) if part in usages else (int(part.rpartition(" ")[2]), part)
