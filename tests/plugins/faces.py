"""Random faces, built parts and batches, for tests of parts."""

from typing import Any

import torch

from gcnet_core.interfaces import Batch, BuildContext
from gcnet_core.plugin_api import ImageConfig, Registry

CLASSES = ("neutral", "anger", "happiness")


def make_context(registry: Registry, size: int = 32, channels: int = 1) -> BuildContext:
    """What parts are told: three expressions, of which the first is neutral."""
    image = ImageConfig(size=size, channels=channels)  # type: ignore[arg-type]
    return BuildContext(registry, image, CLASSES, class_counts=(4, 2, 2))


def make_part(context: BuildContext, kind: str, part: str, /, in_features: int | None = None, **options: Any) -> Any:
    """Build a part as a recipe would; `in_features` for those that receive vectors."""
    return context.build(context.registry.part(kind, part, options), in_features=in_features)


def make_batch(context: BuildContext, count: int = 6, seed: int = 0) -> Batch:
    """Random pictures; the last sample has no reference, every third sample is neutral."""
    generator = torch.Generator().manual_seed(seed)
    shape = (3, count, context.image.channels, context.image.size, context.image.size)
    query, reference, given = torch.rand(shape, generator=generator)
    label = torch.arange(count) % len(CLASSES)
    known = torch.arange(count) < count - 1
    mask = known.view(-1, 1, 1, 1)
    return Batch(
        query=query,
        reference=reference * mask,
        has_reference=known,
        true_reference=given * mask,
        has_true_reference=known,
        label=label,
        votes=torch.nn.functional.one_hot(label.clamp(min=0), int(label.max()) + 1).float(),
        neutral=label == 0,
        sample=torch.arange(count),
    )
