"""What `gcnet data prepare` wrote: it is data to learn from only where the pictures had labels, and when it is done."""

import csv
from pathlib import Path

from gcnet_core.data.manifest import PREPARATION
from gcnet_core.plugin_api import UserError


def refuse_unlabelled(manifest: Path) -> None:
    """Stop if no row of a manifest beside a preparation says what its image shows.

    Raises:
        UserError: that says what these faces are good for.
    """
    with manifest.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = list(csv.DictReader(file))
    if rows and not any((row.get("expression") or "").strip() for row in rows):
        raise UserError(
            f"{manifest.parent}: {len(rows):,} faces that `gcnet data prepare` cut out of photographs without labels, "
            f"so nothing can be learned from them or measured on them. Fill the column expression of {manifest} to "
            f"label them; `gcnet predict MODEL {manifest.parent}/images --faces prepared` answers for them as they are."
        )


def refuse_unfinished(manifest: Path) -> None:
    """Stop if a folder holds a preparation but no manifest yet.

    Raises:
        UserError: that says how to go on.
    """
    if (manifest.parent / PREPARATION).is_file():
        raise UserError(
            f"{manifest.parent}: `gcnet data prepare` has not finished here, there is no {manifest.name}; call it "
            "again with the same folders and settings, and it goes on"
        )
