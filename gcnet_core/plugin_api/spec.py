"""ComponentSpec: the one thing a plugin says about each of its parts."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gcnet_core.plugin_api.config import PluginConfig

API_VERSION = 1

KINDS: dict[str, str] = {
    "dataset": "labelled face images with, where known, the neutral face of the same subject",
    "model": "assembles the parts below into the network that is trained",
    "generator": "estimates the neutral reference face of the person in the query",
    "encoder": "maps a face image to an embedding",
    "delta": "forms the difference of the query's and the reference's embedding",
    "classifier": "maps a representation to expression logits",
    "decoder": "maps an embedding back to a face image",
    "loss": "one term of the objective",
    "detector": "finds faces, and the eyes in them, in a picture",
}
"""Kinds of parts that a recipe can name, each with one line of purpose."""


@dataclass(frozen=True)
class ComponentSpec:
    """Declares one part, without importing its code.

    Args:
        kind: one of `KINDS`.
        name: the name by which recipes select the part (`type: name`).
        config: the pydantic class of its options; defaults live only there.
        target: `module:Class`, imported only when a validated recipe builds the part.
        summary: one line for `gcnet plugins`.
        source: paper or project on which the part is based, e.g. `arXiv:1312.6114`.
        api_version: the version of this interface the plugin was written for.

    Raises:
        ValueError: for an unknown kind or a target that is not `module:Class`.
    """

    kind: str
    name: str
    config: "type[PluginConfig]"
    target: str
    summary: str
    source: str = ""
    api_version: int = API_VERSION

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r} of part {self.name!r}; kinds are {', '.join(KINDS)}")
        module, _, attribute = self.target.partition(":")
        if not module or not attribute:
            raise ValueError(f"target {self.target!r} of part {self.name!r} is not of the form module:Class")

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    def load(self) -> type[Any]:
        """Import and return the class that implements the part.

        Raises:
            ImportError: if the module cannot be imported or has no such class.
        """
        module, _, attribute = self.target.partition(":")
        try:
            implementation: type[Any] = getattr(importlib.import_module(module), attribute)
        except AttributeError as error:
            raise ImportError(f"module {module} has no {attribute} (target of {self.kind} {self.name})") from error
        return implementation
