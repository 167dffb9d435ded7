"""BuildContext: what a part is told about the rest of the recipe when it is built."""

from dataclasses import dataclass
from typing import Any

from gcnet_core.plugin_api import ImageConfig, Part, PluginError, Registry


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

        Raises:
            ImportError: if the part's module is missing something it needs.
            PluginError: if its constructor takes other arguments.
        """
        implementation = self.registry.get(part.kind, part.type).load()
        arguments = (part.config, self) if in_features is None else (part.config, self, in_features)
        try:
            return implementation(*arguments)
        except TypeError as error:
            if not _is_of_constructor(error, implementation):
                raise
            form = "config, context" if in_features is None else "config, context, in_features"
            raise PluginError(
                f"the {part.kind} {part.type} of {self.registry.parts[part.kind, part.type].distribution} cannot be "
                f"built: {error}; gcnet calls {implementation.__name__}({form}), and super().__init__ takes the same"
            ) from error


def _is_of_constructor(error: TypeError, implementation: type[Any]) -> bool:
    """Whether Python refused the arguments of this class's constructor, or of one that it calls by `super`."""
    return any(str(error).startswith(f"{owner.__qualname__}.__init__()") for owner in implementation.__mro__)
