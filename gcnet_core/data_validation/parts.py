"""What each part of the data holds: published parts and folds, or the folds that a recipe draws."""

from collections import Counter
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
    part: dict[str, str] = {sample.image: sample.usage for sample in samples if sample.usage}
    part |= {sample.image: f"fold {sample.fold}" for sample in samples if sample.fold is not None}
    if split and split.scheme == "subjects":
        part = _drawn(samples, split, seed)
    names = ordered_classes([sample.expression for sample in samples])
    found: dict[str, Counter[str]] = {name: Counter() for name in sorted(set(part.values()), key=_number)}
    for sample in samples:
        if sample.image in part:
            found[part[sample.image]][sample.expression] += 1
    return {name: {expression: counts[expression] for expression in names} for name, counts in found.items()}


def missing_classes(by_part: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """Parts that hold no image of a class."""
    gaps = [f"{part} has no {name}" for part, counts in by_part.items() for name, count in counts.items() if not count]
    if gaps:
        more = " ..." if len(gaps) > 3 else ""
        text = f"classes are missing in a part or fold ({', '.join(gaps[:3])}{more}): their recall is not known there"
        yield Finding("classes_missing_in_parts", "note", text, len(gaps))


def _drawn(samples: Sequence[Sample], split: SplitConfig, seed: int) -> dict[str, str]:
    try:
        folds = fold_of_subject(samples, split, seed)
    except UserError:  # another finding says what is the matter with its people
        return {}
    return {sample.image: f"drawn fold {folds[sample.subject]}" for sample in samples if sample.subject in folds}


def _number(part: str) -> tuple[int, str]:
    """Folds in the order of their numbers, parts as they are used."""
    order = ("train", "validation", "test")
    return (order.index(part), part) if part in order else (int(part.rpartition(" ")[2]), part)
