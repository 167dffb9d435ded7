"""BuildContext: what a part is told about the rest of the recipe when it is built."""

from dataclasses import dataclass
from typing import Any

from gcnet_core.plugin_api import ComponentSpec, ImageConfig, Part, PluginError, Registry, UserError


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
        registered = self.registry.parts[part.kind, part.type]
        origin = registered.origin
        arguments = (part.config, self) if in_features is None else (part.config, self, in_features)
        implementation = _imported(self.registry.get(part.kind, part.type), origin)
        try:
            built = implementation(*arguments)
        except UserError:
            raise
        except Exception as error:
            form = "config, context" if in_features is None else "config, context, in_features"
            cure = ""
            if isinstance(error, TypeError) and _is_of_constructor(error, implementation):
                cure = f"; gcnet calls {implementation.__name__}({form}), and super().__init__ takes the same"
            raise PluginError(f"{origin} cannot be built: {_told(error)}{cure}") from error
        try:
            built.origin = origin
            built.check_built()
        except (AttributeError, TypeError, ValueError) as error:
            raise PluginError(f"{origin} is not usable: {error}") from error
        return built


def _imported(spec: ComponentSpec, origin: str) -> type[Any]:
    """The class of a part, which must be of its kind."""
    from gcnet_core.interfaces.kinds import BASES  # its modules need this one

    try:
        implementation = spec.load()
    except UserError:
        raise
    except Exception as error:
        raise PluginError(f"{origin} cannot be imported: {_told(error)}") from error
    base = BASES[spec.kind]
    if not (isinstance(implementation, type) and issubclass(implementation, base)):
        raise PluginError(f"{origin}: {spec.target} is no subclass of gcnet_core.interfaces.{base.__name__}")
    return implementation


def _told(error: Exception) -> str:
    """An exception in one line; without its class where that says nothing to a user."""
    text = " ".join(str(error).split())
    return text if isinstance(error, ImportError) and text else f"{type(error).__name__}: {text}"


def _is_of_constructor(error: TypeError, implementation: type[Any]) -> bool:
    """Whether Python refused the arguments of this class's constructor, or of one that it calls by `super`."""
    return any(str(error).startswith(f"{owner.__qualname__}.__init__()") for owner in implementation.__mro__)
