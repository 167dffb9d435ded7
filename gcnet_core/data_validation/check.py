"""`gcnet data check`: all findings about the data of a recipe, in one pass over the images."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gcnet_core.data.load import Listing
from gcnet_core.data_validation.duplicates import near_duplicates
from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.image_stats import ImageStats, image_stats
from gcnet_core.data_validation.labels import check_labels
from gcnet_core.data_validation.not_faces import not_faces
from gcnet_core.data_validation.parts import ByPart, classes_by_part, missing_classes
from gcnet_core.data_validation.sequences import cut_sequences
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.plugin_api import NEUTRAL, Registry, Sample, ordered_classes
from gcnet_core.recipe.schema import SplitConfig

TINY = 24
CORRELATION = 0.995


@dataclass(frozen=True)
class DataValidation:
    """The outcome of a check: counts, classes by part or fold, and findings with the worst first."""

    counts: dict[str, dict[str, int]]
    by_part: ByPart
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> bool:
        """Whether any finding is an error."""
        return any(finding.severity == "error" for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "ok": not self.failed,
            "counts": self.counts,
            "classes by part": self.by_part,
            "findings": [vars(finding) for finding in self.findings],
        }


def check_data(
    listing: Listing,
    registry: Registry,
    notes: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
    split: SplitConfig | None = None,
    seed: int = 0,
    finder: FaceFinder | None = None,
) -> tuple[DataValidation, ImageStats]:
    """Look at every image once and say what is wrong.

    Args:
        listing: samples and how to read them.
        registry: all parts; those of published data sets know how many images of each class there are.
        notes: of the data sets themselves.
        progress: called with the number of images done and in all.
        split: of a recipe, whose folds are counted.
        seed: of that recipe.
        finder: looks for faces in images that look unlike the others; None: nobody does.
    """
    samples = listing.samples
    names = sorted({s.image for s in samples} | {s.reference for s in samples if s.reference})
    stats = image_stats(names, listing.read, progress)
    by_part = classes_by_part(samples, split, seed)
    findings = [
        *_people(samples),
        *_pictures(stats),
        *(not_faces(stats, listing.read, finder) if finder else ()),
        *_duplicates(samples, stats),
        *cut_sequences(samples, stats),
        *check_labels(samples, registry),
        *missing_classes(by_part),
        *(Finding("about_the_data", "note", note, 0) for note in notes),
    ]
    rank = {"error": 0, "warning": 1, "note": 2}
    return DataValidation(
        counts(samples), by_part, tuple(sorted(findings, key=lambda finding: rank[finding.severity]))
    ), stats


def counts(samples: Sequence[Sample]) -> dict[str, dict[str, int]]:
    """Numbers of images by class, published part, published fold and data set, and how many have what."""
    expressions = Counter(sample.expression for sample in samples)
    people = Counter(sample.subject for sample in samples if sample.subject is not None)
    return {
        "all": {
            "images": len(samples),
            "people": len({sample.subject for sample in samples} - {None}),
            "with a person": sum(sample.subject is not None for sample in samples),
            "with a reference": sum(sample.reference is not None for sample in samples),
        },
        "images of a person": {"fewest": min(people.values()), "most": max(people.values())} if people else {},
        "person": dict(sorted(people.items())),
        "class": {name: expressions[name] for name in ordered_classes(list(expressions))},
        "part": dict(Counter(sample.usage for sample in samples if sample.usage)),
        "fold": {str(fold): n for fold, n in sorted(Counter(s.fold for s in samples if s.fold is not None).items())},
        "data set": dict(Counter(sample.source for sample in samples if sample.source)),
    }


def _people(samples: Sequence[Sample]) -> Iterator[Finding]:
    unknown = [sample.image for sample in samples if sample.subject is None]
    if unknown:
        text = "images of unknown people: no split can keep people apart, and intervals are over images"
        yield Finding("unknown_people", "warning", text, len(unknown))
    for kind in ("fold", "usage"):
        places: dict[str, set[object]] = defaultdict(set)
        for sample in samples:
            if sample.subject is not None and getattr(sample, kind) is not None:
                places[sample.subject].add(getattr(sample, kind))
        torn = sorted(subject for subject, found in places.items() if len(found) > 1)
        if torn:
            word = "folds" if kind == "fold" else "parts"
            text = (
                f"people are in two published {word}, first {torn[0]}: a model would be tested on faces it trained on"
            )
            yield Finding(f"people_in_two_{word}", "error", text, len(torn))
    without = [(s.image,) for s in samples if s.reference is None and s.expression != NEUTRAL]
    if without and len(without) < len(samples):
        text = "expressive images without a reference: the generative loss does not count there (`missing_references`)"
        yield Finding("missing_references", "note", text, len(without), tuple(without))


def _pictures(stats: ImageStats) -> Iterator[Finding]:
    broken = [(name,) for name, fault in zip(stats.names, stats.faults, strict=True) if fault]
    if broken:
        first = next(fault for fault in stats.faults if fault)
        yield Finding(
            "unreadable",
            "error",
            f"images that cannot be read or are cut off, first {first}",
            len(broken),
            tuple(broken),
        )
    flat = [(name,) for name, constant in zip(stats.names, stats.constant, strict=True) if constant]
    if flat:
        yield Finding("constant", "error", "images of one single grey level: no face", len(flat), tuple(flat))
    small = [(name,) for name, shape in zip(stats.names, stats.shape, strict=True) if 0 < min(shape[:2]) < TINY]
    if small:
        yield Finding("tiny", "warning", f"images of fewer than {TINY} pixels a side", len(small), tuple(small))
    sizes = [f"{height}x{width}" if height else "" for height, width, _ in stats.shape]
    colours = ["" if not channels else "grey" if channels == 1 else "colour" for _, _, channels in stats.shape]
    yield from _different("different_sizes", "sizes", stats.names, sizes)
    yield from _different("different_colours", "kinds", stats.names, colours)


def _different(name: str, what: str, names: Sequence[str], values: Sequence[str]) -> Iterator[Finding]:
    """Images that are otherwise than most."""
    found = Counter(value for value in values if value)
    if len(found) > 1:
        usual = ", ".join(f"{value} ({number})" for value, number in found.most_common(3))
        text = f"images are of {len(found)} {what}, {usual}: a crop of another tool can cost ten points of accuracy"
        most = found.most_common(1)[0][0]
        odd = tuple((image,) for image, value in zip(names, values, strict=True) if value and value != most)
        yield Finding(name, "note", text, len(odd), odd)


def _duplicates(samples: Sequence[Sample], stats: ImageStats) -> Iterator[Finding]:
    """Pairs of queries: of one person they are expected (frames of a sequence), across parts and labels not."""
    of_image = {sample.image: sample for sample in samples}
    queries = np.array([name in of_image for name in stats.names])
    readable = np.array([not fault for fault in stats.faults])
    pairs = near_duplicates(stats.thumbnails, queries & readable & ~np.array(stats.constant), CORRELATION)
    across, contradicting, strangers = [], [], []
    for first, second, _ in pairs:
        pair = (stats.names[first], stats.names[second])
        one, other = of_image[pair[0]], of_image[pair[1]]
        if (one.usage, one.fold, one.train_only) != (other.usage, other.fold, other.train_only):
            across.append(pair)
        if one.expression != other.expression and (one.subject is None or one.subject != other.subject):
            contradicting.append(pair)
        if None not in (one.subject, other.subject) and one.subject != other.subject:
            strangers.append(pair)
    above = f"correlation above {CORRELATION}"
    if across:
        learnt = [pair for pair in across if any(of_image[name].usage == "train" for name in pair)]
        held = {name for pair in learnt for name in pair if of_image[name].usage != "train"} if learnt else set()
        parts = f"; {len(held)} validation and test images have a nearly equal training image" if held else ""
        text = f"pairs of nearly equal images ({above}) in two parts or folds{parts}: figures on them flatter"
        yield Finding("duplicates_across_parts", "error", text, len(across), tuple(across))
    if contradicting:
        text = f"pairs of nearly equal images ({above}) with two different labels"
        yield Finding("duplicates_with_two_labels", "warning", text, len(contradicting), tuple(contradicting))
    if strangers:
        text = f"pairs of nearly equal images ({above}) under the names of two people: is it one person?"
        yield Finding("duplicates_of_two_people", "warning", text, len(strangers), tuple(strangers))
    if pairs:
        equal = sum(np.array_equal(stats.thumbnails[first], stats.thumbnails[second]) for first, second, _ in pairs)
        text = f"pairs of nearly equal images ({above}) in all, {equal:,} of them equal in every pixel"
        named = tuple((stats.names[first], stats.names[second]) for first, second, _ in pairs)
        yield Finding("duplicates", "note", text, len(pairs), named)
