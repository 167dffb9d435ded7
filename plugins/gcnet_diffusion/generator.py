"""Diffusion of the neutral reference, or of its difference from the query, on the condition of the query."""

from contextlib import nullcontext

import torch
from diffusers import UNet2DModel
from gcnet_layers.clamp import straight_through_clamp
from jaxtyping import Float, Real
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Estimate, Generator, ReferencePairs, Terms, masked_mean
from gcnet_core.interfaces.processes import place_in_batch
from gcnet_diffusion.config import DiffusionConfig
from gcnet_diffusion.process import TIMES, process_of

Images = Float[Tensor, "batch channel height width"]


class Diffusion(Generator):
    """Predicts noise, v or velocity at random times, and estimates the reference in a few steps from noise.

    The query is concatenated with the noisy picture (Saharia et al., arXiv 2111.05826). Pixels are moved into channels
    first, so that nothing is computed at full size.

    Args:
        config: width of the U-Net, target, number of steps, what is diffused.
        context: image size and channels.
    """

    config: DiffusionConfig
    starts: Tensor
    noise: Tensor

    def __init__(self, config: DiffusionConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.process = process_of(config.target)
        channels, size = context.image.channels, context.image.size
        widths = [config.channels * 2**level for level in range(config.depth)]
        self.network = UNet2DModel(
            sample_size=size // 2,
            in_channels=2 * 4 * channels,
            out_channels=4 * channels,
            down_block_types=("DownBlock2D",) * config.depth,
            up_block_types=("UpBlock2D",) * config.depth,
            block_out_channels=tuple(widths),
            layers_per_block=config.layers,
            norm_num_groups=8,
            attention_head_dim=8,
            add_attention=config.attention,
        )
        # In evaluation every face starts from the same noise: its estimate cannot depend on its neighbours.
        fixed = torch.randn((1, channels, size, size), generator=torch.Generator().manual_seed(0))
        self.register_buffer("noise", fixed)
        self.process.begin(config.steps)
        self.register_buffer("starts", self.process.scheduler.timesteps.float(), persistent=False)

    def forward(self, query: Images) -> Images:
        """The neutral face, in [0, 1]; from noise of its own for each face in training mode."""
        noise = torch.randn_like(query) if self.training else self.noise.expand_as(query)
        return self.sample(query, noise)

    def sample(self, query: Images, noise: Images) -> Images:
        """The neutral face, in [0, 1], to which this noise leads.

        Args:
            query: faces in [0, 1].
            noise: standard normal.
        """
        picture = noise.float()
        scheduler = self.process.scheduler
        self.process.begin(self.config.steps)
        with nullcontext() if self.config.differentiable else torch.no_grad():
            for time, number in zip(scheduler.timesteps, scheduler.timesteps.tolist(), strict=True):
                times = torch.full((len(query),), number, dtype=time.dtype, device=query.device)
                predicted = self._predict(picture, query, times)
                picture = scheduler.step(predicted.float(), time, picture, return_dict=False)[0]
        return self._reference(picture, query)

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        """The reference and the generator's own term."""
        return Estimate(self(pairs.query), self.extra_losses(pairs))

    def extra_losses(self, pairs: ReferencePairs) -> Terms:
        """The error of the prediction at random times where the true reference is known."""
        picture, noise, times = self._picture(pairs), torch.randn_like(pairs.query), self._times(pairs.query)
        predicted = self._predict(self.process.mix(picture, noise, times), pairs.query, times)
        error = (predicted.float() - self.process.target(picture, noise, times)).square().mean(dim=(1, 2, 3))
        return {self.config.target: self.config.weight * masked_mean(error, pairs.has_reference)}

    def sample_count(self, pairs: ReferencePairs, term: str) -> Tensor:
        """Samples with a reference."""
        return pairs.has_reference.sum()

    def _times(self, query: Images) -> Float[Tensor, "batch"]:
        """Spread evenly over the batch, which makes the term less noisy (Kingma et al., arXiv 2107.00630, app. I.1).

        A share of them is moved to the times from which the sampling steps start, because these alone are used.
        """
        count = len(query)
        before, everybody = place_in_batch(count)
        places = torch.arange(before, before + count, device=query.device)
        spread = torch.rand(1, device=query.device) + places / everybody
        times = (spread % 1) * TIMES
        starts = self.starts
        chosen = starts[torch.randint(len(starts), (count,), device=query.device)]
        return torch.where(torch.rand(count, device=query.device) < self.config.focus, chosen, times)

    def _predict(self, picture: Images, query: Images, times: Real[Tensor, "batch"]) -> Images:
        both = torch.cat([picture, 2 * query - 1], dim=1)
        predicted: Tensor = self.network(functional.pixel_unshuffle(both, 2), times, return_dict=False)[0]
        return functional.pixel_shuffle(predicted, 2)

    def _picture(self, pairs: ReferencePairs) -> Images:
        """What is diffused, of about unit size."""
        origin = pairs.query if self.config.output == "residual" else 0.5
        return self.config.amplitude * (pairs.reference - origin)

    def _reference(self, picture: Images, query: Images) -> Images:
        origin = query if self.config.output == "residual" else 0.5
        return straight_through_clamp(origin + picture / self.config.amplitude)
