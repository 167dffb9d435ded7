"""Which data set lies in a folder: every part that can read it is asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gcnet_core.plugin_api import CANONICAL, Part, Registry, UserError


def dataset_in(
    folder: Path, registry: Registry, kind: str | None = None, options: Mapping[str, Any] | None = None
) -> Part:
    """The data set part that knows most about a folder or archive.

    Args:
        folder: of the data.
        registry: all parts.
        kind: name of the part, if the user says it.
        options: more options of that part.

    Raises:
        UserError: if no part can read it, with what the asked one said.
    """
    names = [kind] if kind else registry.names("dataset")
    best: tuple[tuple[int, ...], Part] | None = None
    for name in names:
        if "folder" not in registry.get("dataset", name).config.model_fields:
            continue
        try:
            part = registry.part("dataset", name, {"folder": str(folder), **(options or {})})
            facts = part.config.info()
        except UserError:
            if kind:
                raise
            continue
        known = sum(expression in CANONICAL for expression in facts.classes)
        # a part that takes the folder `images` beside a list for an expression finds a single one
        labelled = (len(facts.classes) > 1, known > 1, known - len(facts.classes))
        score = (*labelled, not part.config.generic, facts.folds, int(facts.references), known)
        if best is None or score > best[0]:
            best = (score, part)
    if best is None:
        asked = ", ".join(names)
        raise UserError(f"{folder}: no data set part can read this; asked {asked}. `--type NAME` says why one cannot")
    return best[1]
