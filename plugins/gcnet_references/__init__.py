"""Where a reference comes from: a generator, an album of the person, a true neutral; and how several become one."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_references import config

PAPER = "arXiv:1703.07140"
SET_POOLING = "arXiv:1703.06114"
ATTENTION_POOLING = "arXiv:1802.04712"


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            "reference", "generated", config.GeneratedConfig, "gcnet_references.sources:Available",
            "the neutral face that the generator makes of the query", PAPER,
        ),
        ComponentSpec(
            "reference", "true_neutral", config.TrueNeutralConfig, "gcnet_references.sources:Available",
            "another real neutral picture of the person", PAPER,
        ),
        ComponentSpec(
            "reference", "album", config.AlbumConfig, "gcnet_references.sources:Available",
            "other pictures of the person, as they are or each brought to rest by the generator", SET_POOLING,
        ),
        ComponentSpec("join", "mean", config.MeanConfig, "gcnet_references.joins:Mean", "their mean", SET_POOLING),
        ComponentSpec(
            "join", "median", config.MedianConfig, "gcnet_references.joins:Median",
            "the median of each number, which one odd picture cannot move far",
        ),
        ComponentSpec(
            "join", "attention", config.AttentionConfig, "gcnet_references.joins:Attention",
            "a mean weighted by how near each is to rest, or to the query", ATTENTION_POOLING,
        ),
    ]  # fmt: skip
