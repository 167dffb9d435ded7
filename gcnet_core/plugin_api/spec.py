"""ComponentSpec: the one thing a plugin says about each of its parts."""

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gcnet_core.plugin_api.config import (
    TAGS,
    DatasetConfig,
    DecoderConfig,
    DetectorConfig,
    EncoderConfig,
    EngineConfig,
    GeneratorConfig,
    JoinConfig,
    LossConfig,
    ModelConfig,
    PluginConfig,
    ReferenceConfig,
)
from gcnet_core.plugin_api.guarded import aside

API_VERSION = 1

KINDS: dict[str, str] = {
    "dataset": "labelled face images with, where known, the neutral face of the same subject",
    "model": "assembles the parts below into the network that is trained",
    "generator": "estimates the neutral reference face of the person in the query",
    "reference": "says which pictures of the person a query is compared with",
    "join": "makes one reference of several pictures of the person",
    "encoder": "maps a face image to an embedding",
    "delta": "forms the difference of the query's and the reference's embedding",
    "classifier": "maps a representation to expression logits",
    "decoder": "maps an embedding back to a face image",
    "loss": "one term of the objective",
    "detector": "finds faces, and the eyes in them, in a picture",
    "engine": "runs the jobs of a comparison, on this machine or on others",
}
"""Kinds of parts, each with one line of purpose; the last two are chosen by options of commands, not by recipes."""

CONFIGS: dict[str, type[PluginConfig]] = {
    "dataset": DatasetConfig,
    "model": ModelConfig,
    "generator": GeneratorConfig,
    "reference": ReferenceConfig,
    "join": JoinConfig,
    "encoder": EncoderConfig,
    "decoder": DecoderConfig,
    "loss": LossConfig,
    "detector": DetectorConfig,
    "engine": EngineConfig,
}
"""The base class of the options of a kind; `PluginConfig` where none is named."""

NAME = re.compile(r"[A-Za-z0-9_-]+")
TARGET = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


@dataclass(frozen=True)
class ComponentSpec:
    """Declares one part, without importing its code.

    Args:
        kind: one of `KINDS`.
        name: the name by which recipes select the part (`type: name`): letters, digits, `_` and `-`.
        config: the pydantic class of its options, derived from the base class of its kind; defaults live only there.
        target: `module:Class`, imported only when a validated recipe builds the part.
        summary: one line for `gcnet plugins`.
        source: paper or project on which the part is based, e.g. `arXiv:1312.6114`.
        api_version: the version of this interface the plugin was written for.

    Raises:
        ValueError: for anything else, naming the part and what was expected.
    """

    kind: str
    name: str
    config: type[PluginConfig]
    target: str
    summary: str
    source: str = ""
    api_version: int = API_VERSION

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r} of part {self.name!r}; kinds are {', '.join(KINDS)}")
        for fault in self._faults():
            raise ValueError(fault)

    def _faults(self) -> Iterator[str]:
        """What cannot be, with what was expected; what comes after one may depend on it."""
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            yield f"name {self.name!r} of a {self.kind} is not made of letters, digits, _ and - alone"
        if not isinstance(self.target, str) or not TARGET.fullmatch(self.target):
            yield f"target {self.target!r} of part {self.name!r} is not of the form module:Class"
        if not isinstance(self.summary, str) or not self.summary.strip() or len(self.summary.splitlines()) > 1:
            yield f"summary {self.summary!r} of part {self.name!r} is not one line of text"
        if not isinstance(self.source, str):
            yield f"source {self.source!r} of part {self.name!r} is no text"
        base = CONFIGS.get(self.kind, PluginConfig)
        if not isinstance(self.config, type) or not issubclass(self.config, base):
            yield f"config {self.config!r} of part {self.name!r} is no class derived from {base.__name__}"
        yield from _faults_of_class(self.config, f"of part {self.name!r}")

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def module(self) -> str:
        """The module of the target."""
        return self.target.partition(":")[0]

    @property
    def attribute(self) -> str:
        """The class of the target."""
        return self.target.partition(":")[2]

    def load(self) -> type[Any]:
        """Import and return the class that implements the part.

        Raises:
            ImportError: if the module cannot be imported or has no such class.
        """
        try:
            with aside(f"{self.kind} {self.name}"):
                module = importlib.import_module(self.module)
        except SystemExit as end:
            raise ImportError(f"module {self.module} ends the process (target of {self.kind} {self.name})") from end
        try:
            implementation: type[Any] = getattr(module, self.attribute)
        except AttributeError as error:
            raise ImportError(
                f"module {self.module} has no {self.attribute} (target of {self.kind} {self.name})"
            ) from error
        return implementation


def _faults_of_class(config: type[PluginConfig], whose: str) -> Iterator[str]:
    """What is wrong with the constants of a class of options, which pydantic does not look at."""
    for name in ("tags", "required_outputs"):
        value: Any = getattr(config, name, frozenset())
        if not isinstance(value, set | frozenset) or not all(isinstance(entry, str) for entry in value):
            yield f"{config.__name__}.{name} {whose} is {value!r}; expected a set such as frozenset({{'name'}})"
    for tag in sorted(config.tags - TAGS):
        yield f"{config.__name__}.tags {whose} has {tag!r}, which is none; there are {', '.join(sorted(TAGS))}"
    for name in ("has_own_losses", "needs_references", "generic"):
        value = getattr(config, name, False)
        if not isinstance(value, bool):
            yield f"{config.__name__}.{name} {whose} is {value!r}; expected True or False"
    if not config.__pydantic_complete__:  # a type that was not known when the class was made, but is by now
        config.model_rebuild()
