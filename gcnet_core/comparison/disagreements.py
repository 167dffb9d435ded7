"""The images on which recipes disagree most, with their pictures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import UInt8
from safetensors import safe_open

from gcnet_core.comparison.measure import Done
from gcnet_core.comparison.plan import Job
from gcnet_core.data.faces import UNKNOWN, read_faces
from gcnet_core.data.load import list_samples
from gcnet_core.evaluation.predictions import Predictions
from gcnet_core.experiment.measure import ANALYSIS, PREDICTIONS
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import Candidate, Recipe

Pictures = dict[str, UInt8[np.ndarray, "channel height width"]]
Verdicts = dict[str, dict[str, Any]]
"""By image: `subject`, `expression`, and what one candidate said."""


def disagreements(candidates: Sequence[Candidate], done: Done, most: int) -> list[dict[str, Any]]:
    """Images that some recipes recognise and others do not, the clearest first.

    Args:
        candidates: in the order of the table.
        done: their finished jobs.
        most: how many images.

    Returns:
        For each image `image`, `subject`, `expression` and `verdicts`: by candidate the `right` share of its trials and
        what it `said` most often. Expressions take turns, so that the hardest does not fill the list.
    """
    names = [candidate.name for candidate in candidates if candidate.name in done]
    if not names:
        return []
    verdicts = {name: _verdicts(list(done[name].values())) for name in names}
    spread = _spread(verdicts)
    expression = {image: verdict["expression"] for image, verdict in verdicts[names[0]].items()}
    found = sorted((image for image in spread if spread[image] > 0), key=lambda image: (-spread[image], image))
    rank = _rank_within(found, expression)
    chosen = sorted(found, key=lambda image: (rank[image], -spread[image], image))[:most]
    return [_disagreement(image, verdicts) for image in chosen]


def _spread(verdicts: Mapping[str, Verdicts]) -> dict[str, float]:
    """How far the candidates are apart on each image that all of them tested."""
    common = set.intersection(*(set(found) for found in verdicts.values()))
    spread = {}
    for image in common:
        shares = [found[image]["right"] for found in verdicts.values()]
        spread[image] = max(shares) - min(shares)
    return spread


def _rank_within(images: Sequence[str], expression: Mapping[str, str]) -> dict[str, int]:
    """How many images of its own expression come before each image."""
    before: Counter[str] = Counter()
    rank = {}
    for image in images:
        rank[image] = before[expression[image]]
        before[expression[image]] += 1
    return rank


def _disagreement(image: str, verdicts: Mapping[str, Verdicts]) -> dict[str, Any]:
    of_image = {name: found[image] for name, found in verdicts.items()}
    first = next(iter(of_image.values()))
    return {
        "image": image,
        "subject": first["subject"],
        "expression": first["expression"],
        "verdicts": {name: {"right": verdict["right"], "said": verdict["said"]} for name, verdict in of_image.items()},
    }


def pictures(
    shown: Sequence[dict[str, Any]], candidates: Sequence[Candidate], done: Done, registry: Registry
) -> Pictures:
    """Pixels 0 to 255 of the images that are shown.

    Args:
        shown: of `disagreements`.
        candidates: in the order of the table.
        done: their finished jobs.
        registry: where the data set is found.

    Returns:
        `query/NUMBER`, `reference/NUMBER` where the true one is known, and `generated/CANDIDATE/NUMBER` where the
        candidate generates one, of the first trial in which it was tested; NUMBER counts the shown images.
    """
    present = [candidate for candidate in candidates if candidate.name in done]
    if not shown:
        return {}
    number = {entry["image"]: position for position, entry in enumerate(shown)}
    found = _pictures_of_data(present[0].recipe, number, registry)
    for candidate in present:
        for image, picture in _generated(list(done[candidate.name].values()), set(number)).items():
            found[f"generated/{candidate.name}/{number[image]}"] = picture
    return found


def _pictures_of_data(recipe: Recipe, number: Mapping[str, int], registry: Registry) -> Pictures:
    """The numbered images and their true references, as the data set has them."""
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    samples = [sample for sample in listing.samples if sample.image in number]
    table = read_faces(samples, (), listing.read, recipe.image)
    found: Pictures = {}
    for sample, query, reference in zip(samples, table.query, table.reference, strict=True):
        found[f"query/{number[sample.image]}"] = table.images[query].numpy()
        if reference != UNKNOWN:
            found[f"reference/{number[sample.image]}"] = table.images[reference].numpy()
    return found


def _verdicts(jobs: Sequence[Job]) -> Verdicts:
    """What a candidate said about each image over its trials."""
    said: dict[str, list[str]] = {}
    facts = {}
    for job in jobs:
        predictions = Predictions.read_csv(job.folder / PREDICTIONS)
        for row, image in enumerate(predictions.images):
            said.setdefault(image, []).append(predictions.classes[predictions.predicted[row]])
            facts[image] = (predictions.subjects[row], predictions.classes[predictions.labels[row]])
    return {
        image: {
            "subject": subject,
            "expression": expression,
            "right": said[image].count(expression) / len(said[image]),
            "said": Counter(said[image]).most_common(1)[0][0],
        }
        for image, (subject, expression) in facts.items()
    }


def _generated(jobs: Sequence[Job], wanted: set[str]) -> Pictures:
    """The generated references of some images, each of the first job that tested it."""
    found: Pictures = {}
    for job in jobs:
        images = Predictions.read_csv(job.folder / PREDICTIONS).images
        missing = wanted - found.keys()
        rows = [row for row, image in enumerate(images) if image in missing]
        with safe_open(job.folder / ANALYSIS, "np") as arrays:
            if rows and "reference" in arrays.keys():  # noqa: SIM118 (it is no mapping)
                references = arrays.get_tensor("reference")
                found.update({images[row]: references[row] for row in rows})
    return found
