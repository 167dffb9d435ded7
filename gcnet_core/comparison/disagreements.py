"""The images on which recipes disagree most, with their pictures."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import UInt8

from gcnet_core.comparison.measure import Done
from gcnet_core.data.faces import UNKNOWN, read_faces
from gcnet_core.data.load import list_samples
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import Candidate
from gcnet_core.runs import Run
from gcnet_core.runs.comparison import Disagreement, Verdict

Pictures = dict[str, UInt8[np.ndarray, "channel height width"]]


def disagreements(candidates: Sequence[Candidate], done: Done, most: int) -> list[Disagreement]:
    """Images that some recipes recognize and others do not, the clearest first.

    Expressions take turns, so that the hardest does not fill the list.

    Args:
        candidates: in the order of the table.
        done: their finished jobs.
        most: how many images.
    """
    names = [candidate.name for candidate in _present(candidates, done)]
    if not names:
        return []
    verdicts = {name: _verdicts(done[name].values()) for name in names}
    truth = _truth(done[names[0]].values())
    common = set.intersection(*(set(found) for found in verdicts.values()))

    def spread(image: str) -> float:
        shares = [found[image].right for found in verdicts.values()]
        return max(shares) - min(shares)

    disputed = sorted((image for image in common if spread(image) > 0), key=lambda image: (-spread(image), image))
    seen: Counter[str] = Counter()
    rank_in_expression = {}
    for image in disputed:
        _, expression = truth[image]
        rank_in_expression[image] = seen[expression]
        seen[expression] += 1
    chosen = sorted(disputed, key=lambda image: rank_in_expression[image])  # stable: the clearest stay first
    shown = []
    for image in chosen[:most]:
        subject, expression = truth[image]
        of_recipes = {name: found[image] for name, found in verdicts.items()}
        shown.append(Disagreement(image=image, subject=subject, expression=expression, verdicts=of_recipes))
    return shown


def pictures(
    shown: Sequence[Disagreement], candidates: Sequence[Candidate], done: Done, registry: Registry
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
    if not shown:
        return {}
    present = _present(candidates, done)
    recipe = present[0].recipe
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    wanted = {entry.image: number for number, entry in enumerate(shown)}
    samples = [sample for sample in listing.samples if sample.image in wanted]
    table = read_faces(samples, (), listing.read, recipe.image)
    found: Pictures = {}
    for sample, query, reference in zip(samples, table.query, table.reference, strict=True):
        number = wanted[sample.image]
        found[f"query/{number}"] = table.images[query].numpy()
        if reference != UNKNOWN:
            found[f"reference/{number}"] = table.images[reference].numpy()
    for candidate in present:
        for image, picture in _generated(done[candidate.name].values(), set(wanted)).items():
            found[f"generated/{candidate.name}/{wanted[image]}"] = picture
    return found


def _present(candidates: Sequence[Candidate], done: Done) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.name in done]


def _truth(runs: Iterable[Run]) -> dict[str, tuple[str, str]]:
    """Subject and expression of each image."""
    found = {}
    for predictions in (run.predictions for run in runs):
        for image, subject, label in zip(predictions.images, predictions.subjects, predictions.labels, strict=True):
            found[image] = (subject, predictions.classes[label])
    return found


def _verdicts(runs: Iterable[Run]) -> dict[str, Verdict]:
    """What a candidate said about each image over its trials."""
    said: dict[str, list[str]] = defaultdict(list)
    right: dict[str, list[bool]] = defaultdict(list)
    for predictions in (run.predictions for run in runs):
        for image, answer, correct in zip(predictions.images, predictions.predicted, predictions.correct, strict=True):
            said[image].append(predictions.classes[answer])
            right[image].append(bool(correct))
    verdicts = {}
    for image, answers in said.items():
        most_often, _ = Counter(answers).most_common(1)[0]
        verdicts[image] = Verdict(right=sum(right[image]) / len(answers), said=most_often)
    return verdicts


def _generated(runs: Iterable[Run], wanted: set[str]) -> Pictures:
    """The generated references of some images, each of the first run that tested it."""
    found: Pictures = {}
    for run in runs:
        images, missing = run.predictions.images, wanted - found.keys()
        references = run.array("reference") if not missing.isdisjoint(images) else None
        if references is not None:
            kept = run.array("kept")  # of very many images not all are
            names = images if kept is None else [images[row] for row in kept]
            found.update({name: picture for name, picture in zip(names, references, strict=True) if name in missing})
    return found
