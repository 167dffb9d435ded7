"""What a check works on: one part, built small, with random faces."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

import torch

from gcnet_core.interfaces import Batch, BuildContext, Output, VectorComponent
from gcnet_core.plugin_api import (
    NEUTRAL,
    ComponentSpec,
    ImageConfig,
    Part,
    PluginConfig,
    RecipeInfo,
    Registry,
    discover,
)

CLASSES = ("neutral", "anger", "happiness")
OUTPUTS = frozenset(entry.name for entry in fields(Output)) - {"extra_losses"}
IN_FEATURES = 12
"""Length of the vectors that a part receives, if it receives vectors."""


class ContractError(AssertionError):
    """A part does not keep its promise; the text says which, and what to do."""


class DoesNotApply(Exception):
    """Raised by a check of which this part makes no promise; the text says why."""


@dataclass(frozen=True)
class Case:
    """A part under test.

    Args:
        kind: e.g. `generator`.
        name: its registered name.
        options: of the part, as a recipe would give them; small ones make the checks quick.
        registry: where it is found; default: all installed parts.
        size: height and width of the faces.
        channels: 1 or 3.
        classes: of the recipe.
        class_counts: training samples of each.
    """

    kind: str
    name: str
    options: dict[str, Any] = field(default_factory=dict)
    registry: Registry = field(default_factory=discover)
    size: int = 32
    channels: int = 1
    classes: tuple[str, ...] = CLASSES
    class_counts: tuple[int, ...] = (4, 2, 2)

    @property
    def spec(self) -> ComponentSpec:
        """How the part is registered."""
        return self.registry.get(self.kind, self.name)

    @property
    def part(self) -> Part:
        """The part with its options."""
        return self.registry.part(self.kind, self.name, self.options)

    @property
    def tags(self) -> frozenset[str]:
        """What the part says of itself, e.g. `stochastic`; see `PluginConfig.tags`."""
        return frozenset(getattr(self.spec.config, "tags", ()))

    @property
    def device(self) -> torch.device:
        """Where the part is built.

        Raises:
            DoesNotApply: if it needs a GPU and there is none.
        """
        if "needs_gpu" not in self.tags:
            return torch.device("cpu")
        if not torch.cuda.is_available():
            raise DoesNotApply("the part has the tag needs_gpu, and there is no GPU here")
        return torch.device("cuda")

    @property
    def context(self) -> BuildContext:
        """What the part is told when it is built."""
        image = ImageConfig(size=self.size, channels=self.channels)
        return BuildContext(self.registry, image, self.classes, self.class_counts)

    def with_channels(self, channels: int) -> "Case":
        """The same part for grey or colour faces."""
        return replace(self, channels=channels)

    def with_size(self, size: int) -> "Case":
        """The same part for faces of another height and width."""
        return replace(self, size=size)

    def at_accepted_size(self) -> "Case":
        """The same part at the first usual size that its options accept; as it is if they accept none."""
        sizes = (self.size, 64, 48, 96, 128, 224)
        try:
            return self.with_size(next((size for size in sizes if self.accepts(size)), self.size))
        except Exception:  # a `check` that raises is told by a check of its own
            return self

    def accepts(self, size: int, classes: tuple[str, ...] | None = None) -> bool:
        """Whether no `check`, its own or that of a nested part, has anything against faces of this size.

        Args:
            size: height and width.
            classes: of the recipe; default: those of the case.
        """
        image = ImageConfig(size=size, channels=self.channels)
        info = RecipeInfo(image, self.classes if classes is None else classes, available_outputs=OUTPUTS)
        return not any(list(config.check(info)) for config in _with_nested(self.part.config))

    def build(self, seed: int = 0, *, initial_weights: bool = True) -> Any:
        """Construct the part on its device.

        Args:
            seed: of torch, which determines the first weights.
            initial_weights: whether it loads weights that its options name; not where stored ones replace them.
        """
        part, device = self.part, self.device
        torch.manual_seed(seed)
        takes_vectors = issubclass(self.spec.load(), VectorComponent)
        context = replace(self.context, initial_weights=initial_weights)
        built = context.build(part, in_features=IN_FEATURES if takes_vectors else None)
        return built.to(device) if isinstance(built, torch.nn.Module) else built

    def batch(self, count: int = 6, seed: int = 0, *, album: int = 0) -> Batch:
        """Random smooth pictures; the reference of the last sample is unknown, every third sample is neutral.

        A query is its reference with a patch that differs by class, so that there is something to learn.

        Args:
            count: samples.
            seed: of the pictures.
            album: pictures of an album; its places are taken in turn by all, all but one, ..., none of them.
        """
        generator = torch.Generator().manual_seed(seed)
        coarse = torch.rand((2, count, self.channels, 4, 4), generator=generator)
        reference, given = (torch.nn.functional.interpolate(part, self.size, mode="bilinear") for part in coarse)
        label = torch.arange(count) % len(self.classes)
        query = reference.clone()
        query[:, :, self.size // 2 :, : self.size // 2] += 0.15 * label.view(-1, 1, 1, 1)
        known = (torch.arange(count) < count - 1) if count > 1 else torch.ones(1, dtype=torch.bool)
        mask = known.view(-1, 1, 1, 1)
        others = torch.rand((count * album, self.channels, 4, 4), generator=generator)  # drawn last: the rest stays
        others = torch.nn.functional.interpolate(others, self.size, mode="bilinear") if album else reference[:0]
        has_album = torch.arange(album) < album - torch.arange(count)[:, None] % (album + 1)
        batch = Batch(
            query=query.clamp(0, 1),
            reference=reference * mask,
            has_reference=known,
            true_reference=given * mask,
            has_true_reference=known,
            label=label,
            votes=torch.nn.functional.one_hot(label, len(self.classes)).float(),
            neutral=torch.tensor([self.classes[index] == NEUTRAL for index in label]),
            sample=torch.arange(count),
            album=others.unflatten(0, (count, album)) * has_album[..., None, None, None],
            has_album=has_album,
        )
        return batch.to(self.device)


def _with_nested(config: PluginConfig) -> Iterator[PluginConfig]:
    """The options of a part and of all parts inside it."""
    yield config
    for part in config.parts().values():
        yield from _with_nested(part.config)
