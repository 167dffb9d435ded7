"""Doubtful labels: numbers, unusual names, uneven classes, and names in the order of another data set."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product

from gcnet_core.data.counts import is_published_count
from gcnet_core.data.expression_names import misspelt, unknown_classes
from gcnet_core.data_validation.finding import Finding
from gcnet_core.plugin_api import CANONICAL, DatasetConfig, Registry, Sample

UNEVEN_RATIO = 5
MIN_CLASSES = 5
"""Classes that must be there before their counts can tell which data set they are of."""
SHIFTS = (0, 1, -1)
"""Some number classes from 0, some from 1."""


def check_labels(samples: Sequence[Sample], registry: Registry) -> Iterator[Finding]:
    """All findings about the names of expressions.

    Args:
        samples: of one or several data sets.
        registry: all parts; those of published data sets know their counts and numbers.
    """
    found = Counter(sample.expression for sample in samples)
    yield from check_names(samples)
    yield from _votes_against_label(samples)
    most, least = max(found.values()), min(found.values())
    if most >= UNEVEN_RATIO * least:
        text = (
            f"classes are uneven, {most} to {least} images: look at balanced accuracy, or draw with `sampler: balanced`"
        )
        yield Finding("uneven_classes", "note", text, len(found))
    yield from _shifted(samples, _published_data(registry))


def check_names(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Findings about expressions that are none of the eight usual ones: numbers, misspelt names, others."""
    found = Counter(sample.expression for sample in samples)
    numbers = sorted((name for name in found if name.isdecimal()), key=int)
    if numbers:
        text = f"expressions are numbers ({', '.join(numbers)}): each data set counts in its own order; use `labels`"
        yield Finding("numbers_as_labels", "error", text, len(numbers))
    near = misspelt(set(found) - set(CANONICAL) - set(numbers))
    if near:
        listed = unknown_classes({name: found[name] for name in near})
        fix = ", ".join(f"{name}: {right}" for name, right in sorted(near.items()))
        text = f"classes whose names are nearly those of expressions: {listed}; if these are meant, `labels: {{{fix}}}`"
        yield Finding("misspelt_labels", "warning", text, len(near))
    others = sorted(set(found) - set(CANONICAL) - set(numbers) - set(near))
    if others:
        text = f"expressions beside the eight usual ones: {', '.join(others)}; `labels` renames or merges them"
        yield Finding("other_labels", "note", text, len(others))


def _votes_against_label(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Labels for which fewer raters voted than for another one."""
    against = [sample for sample in samples if sample.votes and _share(sample, sample.expression) < _most(sample)]
    if against:
        text = f"images whose label is not the one that most raters chose, first {against[0].image}"
        yield Finding("votes_against_label", "note", text, len(against), tuple((each.image,) for each in against))


def _share(sample: Sample, expression: str) -> float:
    return dict(sample.votes or ()).get(expression, 0.0)


def _most(sample: Sample) -> float:
    return max(count for _, count in sample.votes or ())


def _published_data(registry: Registry) -> list[tuple[str, type[DatasetConfig]]]:
    configs = [(name, registry.get("dataset", name).config) for name in registry.names("dataset")]
    return [(name, config) for name, config in configs if issubclass(config, DatasetConfig)]


def _shifted(samples: Sequence[Sample], known: Sequence[tuple[str, type[DatasetConfig]]]) -> Iterator[Finding]:
    """Counts that are those of a published data set, under other names."""
    reported = set()
    published: list[tuple[str, str, Mapping[str, int]]] = []
    for name, config in known:
        published += [(name, what, counts) for what, counts in config.published.items()]
    for group in _groups(samples):
        found = Counter(sample.expression for sample in group)
        for name, what, counts in published:
            true = true_names(found, counts)
            key = tuple(true.items())
            if not true or key in reported:
                continue
            reported.add(key)
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
    if not max(MIN_CLASSES, len(published) - 1) <= len(found) <= len(published):
        return {}
    right = {name for name in found if is_published_count(found[name], published.get(name, 0))}
    wrong = {name: count for name, count in found.items() if name not in right}
    left = {name: count for name, count in published.items() if name not in right}
    return _names_by_count(wrong, left)


def _names_by_count(found: Mapping[str, int], published: Mapping[str, int]) -> dict[str, str]:
    """The published name of each class by its count; empty unless each fits one name, and no two the same."""
    names = {}
    for name, count in found.items():
        fitting = [other for other, published_count in published.items() if is_published_count(count, published_count)]
        if len(fitting) != 1:
            return {}
        names[name] = fitting[0]
    one_to_one = len(set(names.values())) == len(names)
    return names if one_to_one else {}


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
    alphabet = {"of the alphabet, in which folders are sorted": _alphabetic_codes(classes, orders.values())}
    own = {order: codes for order, codes in orders.items() if order == f"of `{name}`"}
    known_orders = orders | alphabet
    wanted = {found: true.get(found, found) for found in classes}
    for written, read, shift in product(own | known_orders, alphabet | orders, SHIFTS):
        mixed = _mixed_up(known_orders[written], known_orders[read], shift)
        if {found: mixed.get(found) for found in classes} == wanted:
            shifted = ", beginning at another number" if shift else ""
            return f", as if numbers in the order {written} were read in the order {read}{shifted}"
    return ""


def _alphabetic_codes(classes: Iterable[str], orders: Iterable[Mapping[int, str]]) -> dict[int, str]:
    """Numbers of those classes that any data set numbers, in the order of their names."""
    numbered = set(chain.from_iterable(codes.values() for codes in orders))
    return dict(enumerate(sorted(numbered & set(classes))))


def _mixed_up(written: Mapping[int, str], read: Mapping[int, str], shift: int) -> dict[str, str]:
    """The true name of each class whose number was written in one order and read in another."""
    return {read[code + shift]: name for code, name in written.items() if code + shift in read}
