"""What is wrong with people and labels, as far as lists tell: said when a run begins, as few look at data before."""

from collections.abc import Sequence

from gcnet_core.data.load import Listing
from gcnet_core.data_validation.labels import check_names
from gcnet_core.data_validation.who import check_who
from gcnet_core.plugin_api import UserError
from gcnet_core.recipe import Recipe


def notes_before_training(listing: Listing, recipe: Recipe) -> Sequence[str]:
    """The serious findings about people and labels, and the classes that `labels` leaves out.

    Raises:
        UserError: if the people by whom the recipe divides the images are the classes.
    """
    findings = [*check_who(listing.samples), *check_names(listing.samples)]
    for finding in findings:
        if finding.name == "person_is_class" and recipe.split.scheme == "subjects":
            raise UserError(f"data: {finding.text}")
    said = [finding.text for finding in findings if finding.severity != "note"]
    return [*listing.notes, *said]
