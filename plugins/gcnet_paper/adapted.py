"""The CNN baseline whose batch norms are adapted at test to the person in the query, who is known by an album."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from gcnet_core.interfaces import Batch
from gcnet_core.plugin_api import PluginError
from gcnet_paper.baseline import CNN
from gcnet_paper.model_config import AdaptedCNNConfig


class AdaptedCNN(CNN):
    """Trained as the CNN; at test the statistics of every batch norm are mixed with those of the query's person.

    After Schneider et al. (arXiv 2006.16971) and Nado et al. (arXiv 2006.10963), with a person in place of a corrupted
    test set. The person's statistics are those of the query and its album together; each query has its own, so that no
    answer depends on what else is asked. A query without album is answered by the statistics of training.

    Args:
        config: encoder, classifier, and how much the person's statistics weigh.
        context: image size and classes.
    """

    config: AdaptedCNNConfig

    def embed(self, batch: Batch) -> Float[Tensor, "batch embedding"]:
        """Embeddings of the queries, in evaluation each among the pictures of its person."""
        if self.training or not self.config.weight or not batch.has_album.any():
            return super().embed(batch)
        group = torch.cat([torch.arange(len(batch), device=batch.query.device), batch.has_album.nonzero()[:, 0]])
        pictures = torch.cat([batch.query, batch.album[batch.has_album]])
        weight = self.config.weight * batch.has_album.any(dim=1)
        with adapted_norms(self.encoder, group[:, None] == group, weight[group]):
            embeddings: Tensor = self.encoder(pictures)
        return embeddings[: len(batch)]


@contextmanager
def adapted_norms(
    network: nn.Module, together: Bool[Tensor, "picture picture"], weight: Float[Tensor, "picture"]
) -> Iterator[None]:
    """Mix the statistics of a network's batch norms with those of the pictures that belong together, inside the block.

    Layers stay as they are, whatever they do beside normalizing: their input is changed such that normalizing it by the
    statistics of training gives what normalizing the input itself by the mixed ones would.

    Args:
        network: in evaluation mode; its batch norms that follow no statistics of training are left alone.
        together: which pictures make statistics together, each with itself at least.
        weight: of these statistics for each picture, from 0 to 1; the rest are those of training.
    """
    share = together / together.sum(dim=1, keepdim=True)
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm) and module.track_running_stats]
    hooks = [norm.register_forward_pre_hook(partial(_adapted, share=share, weight=weight)) for norm in norms]
    try:
        with _without_compiled_code(network):
            yield
    finally:
        for hook in hooks:
            hook.remove()


def _without_compiled_code(network: nn.Module) -> AbstractContextManager[Any]:
    """Inside the block the network runs as it is written, because compiled code looks for no new hooks."""
    compiled = network._compiled_call_impl is not None
    return torch.compiler.set_stance("force_eager") if compiled else nullcontext()


def _adapted(
    norm: _BatchNorm,
    inputs: tuple[Any, ...],
    *,
    share: Float[Tensor, "picture picture"],
    weight: Float[Tensor, "picture"],
) -> tuple[Any, ...]:
    """What a batch norm gets in place of its input; bit for bit the same for pictures whose weight is 0."""
    given, *rest = inputs
    if len(given) != len(share):
        raise PluginError(
            f"a batch norm sees {len(given)} samples for {len(share)} pictures, so nobody can say whose they are; "
            "cnn_adapted needs an encoder that keeps one sample for each picture"
        )
    values = given.float().flatten(2) if given.dim() > 2 else given.float()[..., None]  # [picture, channel, place]
    assert norm.running_mean is not None
    assert norm.running_var is not None
    centered = values - norm.running_mean[:, None]
    mean = share @ centered.mean(dim=2)
    var = (share @ centered.square().mean(dim=2) - mean.square()).clamp(min=0)
    mixed_var = norm.running_var + weight[:, None] * (var - norm.running_var)
    scale = ((norm.running_var + norm.eps) / (mixed_var + norm.eps)).sqrt()
    changed = (centered - (weight[:, None] * mean)[..., None]) * scale[..., None] + norm.running_mean[:, None]
    changed = torch.where(weight[:, None, None] > 0, changed, values)
    return (changed.reshape(given.shape).to(given.dtype), *rest)
