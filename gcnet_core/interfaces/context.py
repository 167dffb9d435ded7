"""BuildContext: what a part is told about the rest of the recipe when it is built."""

from dataclasses import dataclass
from typing import Any

from gcnet_core.plugin_api import ComponentSpec, ImageConfig, Part, PluginError, Registered, Registry, UserError
from gcnet_core.plugin_api.guarded import guarded


@dataclass(frozen=True)
class BuildContext:
    """Everything outside its own options that a part's constructor may need.

    Args:
        registry: where nested parts are looked up.
        image: size and channels of every image.
        classes: expression names in the order of the logits.
        class_counts: number of training samples of each class.
        initial_weights: whether parts load pre-trained weights that their options name; not when the weights of a
            trained model are about to replace them.
    """

    registry: Registry
    image: ImageConfig
    classes: tuple[str, ...] = ()
    class_counts: tuple[int, ...] = ()
    initial_weights: bool = True

    def build(self, part: Part, *, in_features: int | None = None) -> Any:
        """Import and construct a part: `Class(config, context)`, or `Class(config, context, in_features)`.

        Args:
            part: the validated choice of the recipe.
            in_features: length of the vectors that a delta, a classifier or a decoder receives; None for other kinds.

        Returns:
            The part. Its attribute `origin` says what it is and who brought it, for messages.

        Raises:
            PluginError: naming the part and its distribution, if it cannot be imported or built, or is not what its
                kind must be.
        """
        registered, vectors = self.registry.parts[part.kind, part.type], in_features is not None
        implementation = _imported(self.registry.get(part.kind, part.type), registered)
        arguments = (part.config, self, in_features) if vectors else (part.config, self)
        origin, package = registered.origin, registered.spec.module.partition(".")[0]
        with guarded(origin, package, f"{origin} cannot be built: ", passes=(UserError,)):
            try:
                built = implementation(*arguments)
            except TypeError as error:
                if not _is_of_constructor(error, implementation):
                    raise
                form = "config, context, in_features" if vectors else "config, context"
                raise PluginError(
                    f"{origin} cannot be built: {error}; gcnet calls {implementation.__name__}({form}), and "
                    "super().__init__ takes the same"
                ) from error
        with guarded(origin, prefix=f"{origin} cannot be used: ", passes=(UserError,)):
            built.origin = origin
            built.check_built()
        return built


def _imported(spec: ComponentSpec, registered: Registered) -> type[Any]:
    """The class of a part, which must be of its kind."""
    from gcnet_core.interfaces.kinds import base_of  # its modules need this one

    with guarded(registered.origin, prefix=f"{registered.origin} cannot be imported: ", passes=(UserError,)):
        implementation = spec.load()
    base = base_of(spec.kind)
    if not (isinstance(implementation, type) and issubclass(implementation, base)):
        raise PluginError(f"{registered.origin}: {spec.target} is no subclass of gcnet_core.interfaces.{base.__name__}")
    return implementation


def _is_of_constructor(error: TypeError, implementation: type[Any]) -> bool:
    """Whether Python refused the arguments of this class's constructor, or of one that it calls by `super`."""
    return any(str(error).startswith(f"{owner.__qualname__}.__init__()") for owner in implementation.__mro__)
