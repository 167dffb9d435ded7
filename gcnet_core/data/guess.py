"""Which data set lies in a folder: every part that can read it is asked."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gcnet_core.plugin_api import CANONICAL, DatasetConfig, Part, Registry, UserError
from gcnet_core.plugin_api.questions import ask


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
    readers: list[tuple[tuple[int, ...], Part]] = []
    for name in names:
        spec = registry.get("dataset", name) if kind else registry.find("dataset", name)
        if spec is None or "folder" not in spec.config.model_fields:  # None: two plugins have it
            continue
        try:
            part = registry.part("dataset", name, {"folder": str(folder), **(options or {})})
            readers.append((_score(registry.parts["dataset", name].origin, part.config), part))
        except UserError:
            if kind:
                raise
    if not readers:
        asked = ", ".join(names)
        raise UserError(f"{folder}: no data set part can read this; asked {asked}. `--type NAME` says why one cannot")
    older = {name for _, part in readers for name in part.config.supersedes}
    readers = [(score, part) for score, part in readers if part.type not in older]
    _, best = max(readers, key=lambda reader: reader[0])  # the first of equal ones
    return best


def _score(origin: str, config: DatasetConfig) -> tuple[int, ...]:
    """How much a part knows about the folder that it reads, to be compared."""
    info = ask(origin, config, "info")
    known = sum(expression in CANONICAL for expression in info.classes)
    # a part that takes the folder `images` beside a list for an expression finds a single one
    labelled = (len(info.classes) > 1, known > 1, known - len(info.classes))
    return (*labelled, not config.generic, info.folds, int(info.references), known)
