"""The trained models that plugins bring, by name."""

import difflib
from dataclasses import dataclass, field

from gcnet_core.errors import UserError
from gcnet_core.plugin_api.model_spec import ModelSpec


@dataclass(frozen=True)
class FoundModel:
    """A model together with the distribution, and its version, that brought it."""

    spec: ModelSpec
    distribution: str
    version: str


@dataclass
class FoundModels:
    """All models that were found, in the order in which plugins were."""

    found: list[FoundModel] = field(default_factory=list)

    def add(self, spec: ModelSpec, distribution: str, version: str) -> None:
        """Remember a model; two of one name are told when that name is asked for."""
        self.found.append(FoundModel(spec, distribution, version))

    def names(self) -> list[str]:
        """Of all models, each once."""
        return sorted({model.spec.name for model in self.found})

    def get(self, name: str) -> FoundModel:
        """The model of a name.

        Raises:
            UserError: with the nearest name, or naming the distributions where two bring one.
        """
        called = [model for model in self.found if model.spec.name == name]
        if not called:
            near = difflib.get_close_matches(name, self.names(), n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(self.names()) or 'none'}"
            raise UserError(f"no model, and no folder, is called {name}; {hint}")
        return self._only(called, f"called {name}")

    def default(self) -> FoundModel:
        """The model that answers where a user names none.

        Raises:
            UserError: if no plugin brings one, or two claim it.
        """
        claiming = [model for model in self.found if model.spec.default]
        if not claiming:
            raise UserError("no installed plugin brings a model; name the folder of a run, or of a model")
        return self._only(claiming, "that answer where none is named")

    def _only(self, models: list[FoundModel], which: str) -> FoundModel:
        if len(models) > 1:
            owners = " and ".join(sorted({model.distribution for model in models}))
            raise UserError(f"two plugins bring models {which}: {owners}; leave one out with --no-plugin")
        return models[0]
