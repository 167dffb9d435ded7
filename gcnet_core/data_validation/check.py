"""`gcnet data check`: all findings about the data of a recipe, in one pass over the images."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gcnet_core.data.load import Listing
from gcnet_core.data.picture_files import split_name
from gcnet_core.data_validation.albums import check_albums
from gcnet_core.data_validation.duplicate_pairs import check_duplicates
from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.image_stats import ImageStats, image_stats
from gcnet_core.data_validation.labels import check_labels
from gcnet_core.data_validation.left_out import check_left_out
from gcnet_core.data_validation.not_faces import not_faces
from gcnet_core.data_validation.parts import ByPart, classes_by_part, missing_classes
from gcnet_core.data_validation.people import check_people
from gcnet_core.data_validation.pictures import check_pictures
from gcnet_core.data_validation.sequences import cut_sequences
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.plugin_api import LeftOut, Registry, Sample, ordered_classes
from gcnet_core.recipe import Recipe


@dataclass(frozen=True)
class DataValidation:
    """The outcome of a check: counts, classes by part or fold, and findings with the worst first."""

    counts: dict[str, dict[str, int]]
    by_part: ByPart
    findings: tuple[Finding, ...]
    left_out: tuple[LeftOut, ...] = ()

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
            "left out": [vars(file) for file in self.left_out],
            "findings": [vars(finding) for finding in self.findings],
        }


def check_data(
    listing: Listing,
    registry: Registry,
    notes: Sequence[str] = (),
    progress: Callable[[int, int], None] = lambda done, total: None,
    recipe: Recipe | None = None,
    finder: FaceFinder | None = None,
    left_out: Sequence[LeftOut] = (),
) -> tuple[DataValidation, ImageStats]:
    """Look at every image once and say what is wrong.

    Args:
        listing: samples and how to read them.
        registry: all parts; those of published data sets know how many images of each class there are.
        notes: of the data sets themselves.
        progress: called with the number of images done and in all.
        recipe: that names the data: its folds are counted, its albums looked at; None where a folder was named.
        finder: looks for faces in images that look unlike the others; None: nobody does.
        left_out: files in the folders that no sample shows.
    """
    samples = listing.samples
    references = {sample.reference for sample in samples if sample.reference}
    names = sorted(references | {sample.image for sample in samples})
    stats = image_stats(names, listing.read, progress)
    by_part = classes_by_part(samples, recipe.split, recipe.seed) if recipe else classes_by_part(samples)
    findings = [
        *check_people(samples),
        *check_pictures(stats),
        *(not_faces(stats, listing.read, finder) if finder else ()),
        *check_duplicates(samples, stats),
        *cut_sequences(samples, stats),
        *check_labels(samples, registry),
        *missing_classes(by_part),
        *check_left_out(left_out),
        *(check_albums(samples, stats, recipe) if recipe and recipe.album.source != "none" else ()),
        *(Finding("about_the_data", "note", note, 0) for note in (*notes, *listing.notes)),
    ]
    rank = {"error": 0, "warning": 1, "note": 2}
    return DataValidation(
        {**counts(samples), "files": files(names, stats, left_out)},
        by_part,
        tuple(sorted(findings, key=lambda finding: rank[finding.severity])),
        tuple(left_out),
    ), stats


def files(names: Sequence[str], stats: ImageStats, left_out: Sequence[LeftOut]) -> dict[str, int]:
    """Numbers of files that samples show or take as reference, of those among them that cannot be read, and of others.

    Used, unreadable and left out are together all files on disk.
    """
    shown = {split_name(name)[0] for name in names}
    unreadable = {split_name(name)[0] for name, fault in zip(names, stats.faults, strict=True) if fault}
    return {"used": len(shown - unreadable), "unreadable": len(unreadable), "left out": len(left_out)}


def counts(samples: Sequence[Sample]) -> dict[str, dict[str, int]]:
    """Numbers of images by class, published part, published fold and data set, and how many have what."""
    expressions = _count(samples, "expression")
    people = _count(samples, "subject")
    folds = _count(samples, "fold")
    return {
        "all": {
            "images": len(samples),
            "people": len(people),
            "with a person": sum(people.values()),
            "with a reference": sum(_count(samples, "reference").values()),
        },
        "images of a person": {"fewest": min(people.values()), "most": max(people.values())} if people else {},
        "person": dict(sorted(people.items())),
        "class": {name: expressions[name] for name in ordered_classes(list(expressions))},
        "part": dict(_count(samples, "usage")),
        "fold": {str(fold): number for fold, number in sorted(folds.items())},
        "data set": dict(_count(samples, "source")),
    }


def _count(samples: Sequence[Sample], attribute: str) -> Counter[Any]:
    """How often each value of an attribute occurs, where it is known."""
    values = (getattr(sample, attribute) for sample in samples)
    return Counter(value for value in values if value is not None)
