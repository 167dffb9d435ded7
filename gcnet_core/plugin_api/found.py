"""What discovery found: plugins that work, are broken or are switched off, and parts with where they are from."""

from dataclasses import dataclass

from gcnet_core.plugin_api.spec import ComponentSpec

LOCAL = "local"
"""The version of a plugin of `--plugin`, whose distribution is the file or module that was named."""


@dataclass(frozen=True)
class FoundPlugin:
    """A plugin that was tried: its entry point's name, its distribution, and the seconds that this took."""

    name: str
    distribution: str
    seconds: float


@dataclass(frozen=True)
class LoadedPlugin(FoundPlugin):
    """A plugin that works, with the version of its distribution."""

    version: str


@dataclass(frozen=True)
class BrokenPlugin(FoundPlugin):
    """A plugin that could not be loaded, with the reason."""

    reason: str


@dataclass(frozen=True)
class SwitchedOff:
    """A plugin that the user leaves out: its entry point's name and its distribution."""

    name: str
    distribution: str


@dataclass(frozen=True)
class Registered:
    """A part together with the distribution, and its version, that brought it."""

    spec: ComponentSpec
    distribution: str
    version: str

    @property
    def distribution_version(self) -> str:
        """Distribution and version, as records of runs name them."""
        return f"{self.distribution} {self.version}".rstrip()

    @property
    def origin(self) -> str:
        """The part as messages name it, such as `the generator vae of gcnet-vae 0.1`."""
        return f"the {self.spec.kind} {self.spec.name} of {self.owner}"

    @property
    def owner(self) -> str:
        """What brought it, as messages name it."""
        return self.distribution if self.version == LOCAL else self.distribution_version
