"""Doubtful labels: numbers, unusual names, uneven classes, and names in the order of another data set."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from gcnet_core.data_validation.finding import Finding
from gcnet_core.plugin_api import CANONICAL, DatasetConfig, Registry, Sample

UNEVEN = 5
FEWEST = 5
"""Classes that must be there before their counts can tell which data set they are of."""
CLOSE = 0.005
"""Largest share by which a count may differ from the published one: copies lack a few images."""


def check_labels(samples: Sequence[Sample], registry: Registry) -> Iterator[Finding]:
    """All findings about the names of expressions.

    Args:
        samples: of one or several data sets.
        registry: all parts; those of published data sets know their counts and numbers.
    """
    found = Counter(sample.expression for sample in samples)
    numbers = sorted((name for name in found if name.isdigit()), key=int)
    if numbers:
        text = f"expressions are numbers ({', '.join(numbers)}): each data set counts in its own order; use `labels`"
        yield Finding("numbers_as_labels", "error", text, len(numbers))
    others = sorted(set(found) - set(CANONICAL) - set(numbers))
    if others:
        text = f"expressions beside the eight usual ones: {', '.join(others)}; `labels` renames or merges them"
        yield Finding("other_labels", "note", text, len(others))
    most, least = max(found.values()), min(found.values())
    if most >= UNEVEN * least:
        text = (
            f"classes are uneven, {most} to {least} images: look at balanced accuracy, or draw with `sampler: balanced`"
        )
        yield Finding("uneven_classes", "note", text, len(found))
    yield from _shifted(samples, _published_data(registry))


def _published_data(registry: Registry) -> list[tuple[str, type[DatasetConfig]]]:
    found = [(name, spec.config) for name in registry.names("dataset") if (spec := registry.find("dataset", name))]
    return [(name, config) for name, config in found if issubclass(config, DatasetConfig)]


def _shifted(samples: Sequence[Sample], known: Sequence[tuple[str, type[DatasetConfig]]]) -> Iterator[Finding]:
    """Counts that are those of a published data set, under other names."""
    told = set()
    for group in _groups(samples):
        found = Counter(sample.expression for sample in group)
        for name, config in known:
            for what, published in config.published.items():
                true = true_names(found, published)
                if true and tuple(true.items()) not in told:
                    told.add(tuple(true.items()))
                    pairs = ", ".join(f"{wrong} is {right}" for wrong, right in true.items())
                    fix = ", ".join(f"{wrong}: {right}" for wrong, right in true.items())
                    text = (
                        f"classes have the counts of {what} (`{name}`) under other names: {pairs}"
                        f"{_explained(true, found, name, known)}; put right by `labels: {{{fix}}}`"
                    )
                    yield Finding("shifted_labels", "error", text, len(true))


def _groups(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    """All samples of each data set, and those of each published part."""
    for source in dict.fromkeys(sample.source for sample in samples):
        own = [sample for sample in samples if sample.source == source]
        yield own
        for usage in dict.fromkeys(sample.usage for sample in own if sample.usage):
            yield [sample for sample in own if sample.usage == usage]


def true_names(found: Mapping[str, int], published: Mapping[str, int]) -> dict[str, str]:
    """What classes are called where their counts were published.

    Args:
        found: number of images of each class.
        published: those of a data set.

    Returns:
        The true name of each class that bears another one; empty if the counts are others, all names are right, or it
        cannot be told.
    """
    if not FEWEST <= len(found) <= len(published) or len(found) < len(published) - 1:
        return {}
    true = {}
    left = {name: count for name, count in published.items() if not _close(found.get(name, 0), count)}
    for name, count in found.items():
        if _close(count, published.get(name, 0)):
            continue
        fitting = [other for other, number in left.items() if _close(count, number)]
        if len(fitting) != 1:
            return {}
        true[name] = fitting[0]
    return true if len(set(true.values())) == len(true) else {}


def _close(count: int, published: int) -> bool:
    return abs(count - published) <= CLOSE * published


def _explained(
    true: Mapping[str, str], classes: Iterable[str], name: str, known: Sequence[tuple[str, type[DatasetConfig]]]
) -> str:
    """The two orders that were mixed up: one in which the numbers were written, and one in which they were read.

    Args:
        true: the true name of each class that bears another one.
        classes: all that were found.
        name: of the part whose counts they are; its own order is the first guess.
        known: data set parts.
    """
    orders = {f"of `{other}`": config.codes for other, config in known if config.codes}
    usual = sorted({name for codes in orders.values() for name in codes.values()} & set(classes))
    alphabet = {"of the alphabet, in which folders are sorted": dict(enumerate(usual))}
    own = {key: codes for key, codes in orders.items() if key == f"of `{name}`"}
    wanted = {name: true.get(name, name) for name in classes}
    for written, right in (own | orders | alphabet).items():
        for read, wrong in (alphabet | orders).items():
            for shift in (0, 1, -1):  # some count from 1
                mixed = {wrong[code + shift]: name for code, name in right.items() if code + shift in wrong}
                if {name: mixed.get(name) for name in classes} == wanted:
                    shifted = ", beginning at another number" if shift else ""
                    return f", as if numbers in the order {written} were read in the order {read}{shifted}"
    return ""
