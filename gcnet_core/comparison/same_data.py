"""All jobs of a recipe are of the same data, so that nobody is tested by one and trained on by another."""

import json
from collections.abc import Sequence

from gcnet_core.comparison.plan import Job
from gcnet_core.data.images import images_in
from gcnet_core.data.load import Listing, list_samples
from gcnet_core.experiment.data_record import NOT_STORED, check_same_data
from gcnet_core.plugin_api import Registry
from gcnet_core.runs.files import DATA, RECIPE
from gcnet_core.runs.trained_on import Images


def check_jobs_data(jobs: Sequence[Job], registry: Registry) -> list[str]:
    """Hold the data of jobs that were begun or finished earlier against those of today.

    Their images are read for that, once for all jobs of the same data; not for a new comparison.

    Args:
        jobs: of a comparison.
        registry: where data sets are found.

    Returns:
        Notes on what could not be checked.

    Raises:
        UserError: with what differs, before anything is trained.
    """
    read: dict[str, tuple[Listing, Images]] = {}
    begun = [job for job in jobs if (job.folder / RECIPE).is_file()]
    stored = [job for job in begun if (job.folder / DATA).is_file()]
    for job in stored:
        recipe = job.recipe
        key = json.dumps([[part.dump() for part in recipe.data_sets], dict(recipe.labels)], default=str)
        if key not in read:
            listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
            read[key] = listing, images_in(listing)
        listing, images = read[key]
        check_same_data(job.folder, images, listing.samples, "--output")
    old = len(begun) - len(stored)
    return [f"{old} jobs: each {NOT_STORED}"] if old else []
