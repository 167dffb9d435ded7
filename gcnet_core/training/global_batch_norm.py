"""Batch norm over the global batch, where each of several processes computes a part of it; on every device."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float
from torch import Tensor, distributed
from torch.nn import functional

from gcnet_core.interfaces.processes import placed, process_count

_of_torch = functional.batch_norm


@contextmanager
def global_batch_norm() -> Iterator[None]:
    """Inside, every batch norm takes mean and variance over the parts of all processes; all must come by equally often.

    What is changed is the one function through which the layers of torch, and those of others derived from them, go:
    `torch.nn.SyncBatchNorm` exists for GPUs alone, and would take the place of such layers with all they do besides.
    """
    if process_count() == 1:
        yield
        return
    functional.batch_norm = _batch_norm
    try:
        yield
    finally:
        functional.batch_norm = _of_torch


@torch.compiler.disable
def _batch_norm(
    values: Float[Tensor, "row channel *place"],
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Float[Tensor, "row channel *place"]:
    """What `functional.batch_norm` computes, in float32."""
    if not training:
        return _of_torch(values, running_mean, running_var, weight, bias, training, momentum, eps)
    count, mean, variance = _moments(values.float())
    if running_mean is not None and running_var is not None:
        with torch.no_grad():
            running_mean.lerp_(mean.to(running_mean.dtype), momentum)
            running_var.lerp_((variance * count / (count - 1).clamp(min=1)).to(running_var.dtype), momentum)
    beside = (1, -1, *[1] * (values.dim() - 2))
    factor = (variance + eps).rsqrt() * (1 if weight is None else weight)
    normed = (values.float() - mean.view(beside)) * factor.view(beside)
    return (normed if bias is None else normed + bias.view(beside)).to(values.dtype)


def _moments(values: Float[Tensor, "row channel *place"]) -> tuple[Tensor, Tensor, Tensor]:
    """Number of values, mean and variance of each channel over all processes, from the moments of each of them."""
    rest = [dim for dim in range(values.dim()) if dim != 1]
    own = values.new_full((1, 1), values.numel() / max(1, values.shape[1]))
    if len(values):
        variance, mean = torch.var_mean(values, rest, correction=0)
    else:
        mean = variance = values.sum(rest)
    rank, others = distributed.get_rank(), process_count() - 1
    moments = placed(torch.cat([own, mean[None], variance[None]], dim=1), rank, others - rank)
    counts, means, variances = moments.split([1, values.shape[1], values.shape[1]], dim=1)
    count = counts.detach().sum()
    mean = (counts * means).sum(0) / count
    between = (means - mean).square()
    return count, mean, (counts * (variances + between)).sum(0) / count
