"""Which data set lies in a folder: every part that can read it is asked, and a guess never hides an error."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gcnet_core.data.archives import is_archive, open_archive
from gcnet_core.data.doubts import Look, NotLabelled, doubt, nobody_reads, refusal
from gcnet_core.data.manifest import PREPARATION
from gcnet_core.plugin_api import (
    CANONICAL,
    DatasetConfig,
    DatasetInfo,
    MissingData,
    Part,
    PluginError,
    Registry,
    UserError,
)
from gcnet_core.plugin_api.questions import ask

__all__ = ["NotLabelled", "ReadAs", "dataset_in", "read_folder"]


@dataclass(frozen=True)
class ReadAs:
    """How a folder is read.

    Args:
        type: name of the data set part.
        why: what in the folder speaks for it.
    """

    type: str
    why: str

    def __str__(self) -> str:
        return f"read as {self.type}: {self.why}"

    def as_json(self) -> dict[str, str]:
        """For scripts."""
        return {"type": self.type, "why": self.why}


def dataset_in(
    folder: Path, registry: Registry, kind: str | None = None, options: Mapping[str, Any] | None = None
) -> Part:
    """The data set part that reads a folder or archive; see `read_folder`."""
    return read_folder(folder, registry, kind, options)[0]


def read_folder(
    folder: Path, registry: Registry, kind: str | None = None, options: Mapping[str, Any] | None = None
) -> tuple[Part, ReadAs]:
    """The data set part that knows most about a folder or archive, and why.

    A part that says by a `UserError` that the folder holds its data and they are wrong ends the search, as what others
    could read beside a wrong list would hide the error. A reading that cannot be meant is refused.

    Args:
        folder: of the data.
        registry: all parts.
        kind: name of the part, if the user says it: then it is believed, whatever it reads.
        options: more options of that part.

    Raises:
        NotLabelled: if nothing in the folder says what its pictures show.
        DamagedArchive: if it is an archive that cannot be opened.
        UserError: if a list is wrong, or what is there can be read in several ways.
    """
    if is_archive(folder) and folder.is_file():
        open_archive(folder)  # one that is damaged is told as it is
    names = [kind] if kind else registry.names("dataset")
    asked = (_look(folder, registry, name, options, forced=kind is not None) for name in names)
    looks = [look for look in asked if look is not None]
    if kind and looks:
        return looks[0].part, ReadAs(looks[0].part.type, "as was asked for")
    claim = next((look for look in looks if look.claims), None)
    if claim is not None:
        whose = (
            "" if _is_prepared(folder) else f"\nThe folder was read as {claim.part.type}; `--type NAME` names another"
        )
        raise UserError(f"{claim.error}{whose}")
    older = {name for look in looks if look.error is None for name in look.part.config.supersedes}
    read = [look for look in looks if look.info.classes and look.part.type not in older]
    trusted = [look for look in read if doubt(look) is None]
    if trusted:
        best = max(trusted, key=_score)  # the first of equal ones
        return best.part, ReadAs(best.part.type, best.evidence.text)
    if read:
        raise refusal(folder, max(read, key=_score), read, registry)
    raise nobody_reads(folder, names, looks, registry)


def _look(
    folder: Path, registry: Registry, name: str, options: Mapping[str, Any] | None, *, forced: bool
) -> Look | None:
    """What one part says of a folder; None if it reads no folders, or does not know this one."""
    spec = registry.get("dataset", name) if forced else registry.find("dataset", name)
    if spec is None or "folder" not in spec.config.model_fields:  # None: two plugins have it
        return None
    try:
        part = registry.part("dataset", name, {"folder": str(folder), **(options or {})})
    except UserError:
        if forced:
            raise
        return None
    origin, config = registry.parts["dataset", name].origin, part.config
    prepared = not forced and _is_prepared(folder)
    try:
        if prepared and ask(origin, config, "preparation") is None:
            return None  # what `gcnet data prepare` wrote is read by the part that knows it, and by no other
        info: DatasetInfo = ask(origin, config, "info")
        return Look(part, info, ask(origin, config, "evidence"))
    except UserError as error:
        if forced:
            raise
        return Look(part, error=error, claims=prepared or _claims(config, error))


def _is_prepared(folder: Path) -> bool:
    """Whether `gcnet data prepare` wrote a folder, or began to."""
    return (folder / PREPARATION).is_file()


def _claims(config: DatasetConfig, error: UserError) -> bool:
    """Whether an error says that the folder holds these data, and they are wrong."""
    if isinstance(error, MissingData | PluginError):
        return False
    return config.reads_list or not config.generic


def _score(look: Look) -> tuple[int, ...]:
    """How much a part knows about the folder that it reads, to be compared."""
    info = look.info
    known = sum(expression in CANONICAL for expression in info.classes)
    # a part that takes the folder `images` beside a list for an expression finds a single one
    labelled = (len(info.classes) > 1, known > 1, known - len(info.classes))
    return (*labelled, not look.part.config.generic, info.folds, int(info.references), known)
