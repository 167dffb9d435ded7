"""Doubts about a reading of a folder: what cannot be meant is refused, with the tree that was expected and found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gcnet_core.data.outline import outline
from gcnet_core.plugin_api import CANONICAL, DatasetInfo, Evidence, Part, PluginError, Registry, UserError

UNREAD = DatasetInfo((), references=False)
NO_EVIDENCE = Evidence("names", "")
SHOWN = 6
"""Names of classes in a message."""


class NotLabelled(UserError):
    """Nothing in a folder says what its pictures show; photographs may lie there.

    Args:
        text: for a user who wanted labels.
        why: in a few words, for one who does not.
    """

    def __init__(self, text: str, why: str) -> None:
        super().__init__(text)
        self.why = why


@dataclass(frozen=True)
class Look:
    """What one part says of a folder.

    Args:
        part: with its options.
        info: what it reads; no classes if it cannot.
        evidence: by what it knows the data.
        error: why it cannot read them.
        claims: whether the error says that these are its data, and they are wrong.
    """

    part: Part
    info: DatasetInfo = UNREAD
    evidence: Evidence = NO_EVIDENCE
    error: UserError | None = None
    claims: bool = False

    @property
    def by_folders(self) -> bool:
        """Whether nothing but the names of folders say what the pictures show."""
        return self.part.config.generic and not self.part.config.reads_list


def doubt(look: Look) -> str | None:
    """Why nobody means a reading; None where it can be meant."""
    classes = look.info.classes
    if look.evidence.by == "numbers" or (look.by_folders and _are_numbers(classes)):
        return "numbers_as_labels: its class folders are numbers, and each data set counts in an order of its own"
    if look.by_folders and not set(classes) & set(CANONICAL):
        return f"no folder bears the name of an expression, the classes would be {_some(classes)}"
    return look.evidence.doubt or None


def refusal(folder: Path, look: Look, others: Sequence[Look], registry: Registry) -> UserError:
    """The error to raise where every reading is in doubt.

    Args:
        folder: of the data.
        look: the reading that is told.
        others: all readings.
        registry: whose parts tell which numbers mean what.
    """
    numbered = next((other for other in others if (doubt(other) or "").startswith("numbers")), None)
    if numbered is not None:
        return UserError(f"{folder}: {doubt(numbered)}{_orders(folder, others, registry)}")
    known = [other for other in others if other.evidence.labelled and set(other.info.classes) & set(CANONICAL)]
    told = look if look in known or not known else known[0]
    kind = told.part.type
    text = (
        f"{folder}: read as {kind}, {doubt(told)}.\n{_trees(folder, told.part.config.layout)}\n"
        f"`--type {kind}`, in a recipe `data: {{type: {kind}, folder: {folder}}}`, reads it all the same."
    )
    return UserError(text) if known else NotLabelled(text, doubt(told) or "")


def nobody_reads(folder: Path, asked: Sequence[str], looks: Sequence[Look], registry: Registry) -> UserError:
    """The error to raise where no part can read a folder.

    Args:
        folder: of the data.
        asked: names of the parts.
        looks: what they said.
        registry: whose generic parts tell what they expect.
    """
    what = f"{folder}: no data set part can read this; asked {', '.join(asked)}. `--type NAME` says why one cannot"
    broken = [f"`{look.part.type}` failed: {look.error}" for look in looks if isinstance(look.error, PluginError)]
    wrong = [str(look.error) for look in looks if look.by_folders and type(look.error) is UserError]
    layouts = [look.part.config.layout for look in looks if look.part.config.generic and look.part.config.layout]
    text = "\n".join([what, *wrong, *broken, _trees(folder, "\n  or\n".join(layouts))])
    return UserError(text) if wrong else NotLabelled(text, "no list and no folder says what they show")


def _trees(folder: Path, layout: str) -> str:
    expected = f"Expected below {folder}:\n{layout}\n" if layout else ""
    return f"{expected}Found:\n{outline(folder)}"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def _are_numbers(names: Sequence[str]) -> bool:
    return bool(names) and all(name.isdecimal() for name in names)


def _orders(folder: Path, looks: Sequence[Look], registry: Registry) -> str:
    """What the numbers that were found mean in each data set, and what to do."""
    plain = [look for look in looks if look.by_folders and _are_numbers(look.info.classes)]
    found = {int(name) for look in plain for name in look.info.classes}
    sets: dict[tuple[str, ...], list[str]] = {}
    for name in registry.names("dataset"):
        spec = registry.find("dataset", name)
        codes: Mapping[int, str] = getattr(spec.config, "codes", {}) if spec else {}
        if codes and found <= set(codes):
            sets.setdefault(tuple(f"{code} {codes[code]}" for code in sorted(found)), []).append(name)
    orders = "".join(f"\n  {', '.join(names)}: {', '.join(order)}" for order, names in sets.items())
    generic = plain[0].part.type if plain else "NAME"
    readers = [f"`--type {look.part.type}`" for look in looks if look.evidence.by == "numbers"]
    reads = f"; {' or '.join(readers)} reads them in its own order" if readers else ""
    return (
        f":{orders}\nRename the folders, or say what they mean in a recipe: `data: {{type: {generic}, folder: "
        f'{folder}}}` and `labels: {{"0": anger, ...}}`{reads}. Found:\n{outline(folder)}'
    )
