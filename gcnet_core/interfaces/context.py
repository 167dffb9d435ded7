"""BuildContext: what a part is told about the rest of the recipe when it is built."""

import dataclasses
from dataclasses import dataclass
from typing import Any

from gcnet_core.plugin_api import ImageConfig, Part, Registry


@dataclass(frozen=True)
class BuildContext:
    """Everything outside its own options that a part's constructor may need.

    Args:
        registry: where nested parts are looked up.
        image: size and channels of every image.
        classes: expression names in the order of the logits.
        class_counts: number of training samples of each class.
        width: length of the vector that the part receives (delta, classifier and decoder), 0 for other kinds.
        initial_weights: whether parts load pre-trained weights that their options name; not when the weights of a
            trained model are about to replace them.
    """

    registry: Registry
    image: ImageConfig
    classes: tuple[str, ...] = ()
    class_counts: tuple[int, ...] = ()
    width: int = 0
    initial_weights: bool = True

    def build(self, part: Part, *, width: int = 0) -> Any:
        """Import and construct a part: `Class(config, context)`.

        Args:
            part: the validated choice of the recipe.
            width: length of the vector that the part receives, if it receives one.

        Raises:
            ImportError: if the part's module is missing something it needs.
        """
        implementation = self.registry.get(part.kind, part.type).load()
        return implementation(part.config, dataclasses.replace(self, width=width))
