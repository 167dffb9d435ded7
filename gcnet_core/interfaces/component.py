"""Component: what all parts of a network share; how gcnet builds them is written here and in `BuildContext.build`."""

from abc import ABC
from typing import Any

from torch import nn

from gcnet_core.interfaces.buildable import Buildable
from gcnet_core.interfaces.context import BuildContext


class Component(nn.Module, Buildable, ABC):
    """A part of a network. One that adds no layers of its own needs no constructor.

    Args:
        config: the options that the recipe gives, kept as `self.config`; a subclass may name their class by an
            annotation, `config: MyConfig`.
        context: image size and channels, classes, and where nested parts are found.
    """

    config: Any

    def __init__(self, config: Any, context: BuildContext) -> None:
        super().__init__()
        self.config = config


class VectorComponent(Component):
    """A part that receives vectors.

    Args:
        config: the options that the recipe gives, kept as `self.config`.
        context: image size and channels, classes, and where nested parts are found.
        in_features: length of a vector, at least 1; kept as `self.in_features`.
    """

    def __init__(self, config: Any, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context)
        self.in_features = in_features
