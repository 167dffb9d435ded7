"""Findings about names of people that are perhaps none, or one name in several spellings."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from gcnet_core.data.expression_names import expression_name
from gcnet_core.data.people import MANY, spelt_alike
from gcnet_core.data_validation.finding import Finding
from gcnet_core.plugin_api import Sample

SHOWN = 3
NO_PEOPLE = "a split by them keeps no people apart, and albums and references are of somebody else"


def check_who(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Findings about the names of people.

    Args:
        samples: of one or several data sets; those of nobody do not count.
    """
    known = [sample for sample in samples if sample.subject is not None]
    images = Counter(sample.subject or "" for sample in known)
    several = [name for name, count in images.items() if count > 1]
    expressions: dict[str, set[str]] = defaultdict(set)
    for sample in known:
        expressions[sample.subject or ""].add(sample.expression)
    if len(images) == 1 and several:
        text = (
            f"all images are of one person, {several[0]}: nobody else is left to be tested. If it is none, leave the "
            "person unknown"
        )
        yield Finding("one_person", "warning", text, len(known))
    elif several and _are_classes(known, expressions):
        text = f"the people are the classes, first {_first(several)}: {NO_PEOPLE}; leave the person unknown"
        yield Finding("person_is_class", "error", text, len(images))
    elif several and all(len(expressions[name]) == 1 for name in several):
        text = (
            f"each person shows one expression only, first {_first(several)}: who knows the person knows the label. "
            "Are they people?"
        )
        yield Finding("one_expression_each", "warning", text, len(images))
    elif not several and len(images) > 1:
        text = "images, each of a person of its own: who is in two of them is trained on and tested"
        yield Finding("own_person_each", "note", text, len(images))
    crowded = [name for name, count in images.most_common() if count > MANY]
    if crowded:
        text = (
            f"people with more than {MANY:,} images, first {_first(crowded)} ({images[crowded[0]]:,}): are they people?"
        )
        yield Finding("many_images_of_a_person", "warning", text, len(crowded))
    sources = {sample.source for sample in known}
    alike = [group for source in sources for group in spelt_alike(_name(s) for s in known if s.source == source)]
    if alike:
        groups = "; ".join(" = ".join(map(repr, group)) for group in alike[:SHOWN])
        text = (
            f"people whose names differ in case, blanks or zeros only, first {groups}: one person in two spellings "
            "would be trained on and tested"
        )
        yield Finding("people_spelt_alike", "warning", text, sum(map(len, alike)))


def _are_classes(known: Sequence[Sample], expressions: dict[str, set[str]]) -> bool:
    """Whether people bear the names of their classes, or each class has one person and each person one class."""
    same_name = sum(expression_name(_name(sample)) == sample.expression for sample in known)
    shown = [name for found in expressions.values() for name in found]
    one_to_one = len(shown) == len(expressions) == len(set(shown)) > 1
    return 2 * same_name > len(known) or one_to_one


def _name(sample: Sample) -> str:
    """The name of a person in its own data set, without that of the set."""
    return (sample.subject or "").removeprefix(f"{sample.source}:")


def _first(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)[:SHOWN])
