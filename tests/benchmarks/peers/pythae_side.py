"""pythae's trainer with its VAE, whose encoder and decoder are the halves of gcnet's generator."""

import logging
import tempfile
from collections.abc import Sequence

import torch
from gcnet_side import now
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import Tensor, nn

from gcnet_core.interfaces import Batch

logging.getLogger("pythae").setLevel(logging.ERROR)


class Encoder(BaseEncoder):
    """The way down, without its maps."""

    def __init__(self, down: nn.Module) -> None:
        super().__init__()
        self.down = down

    def forward(self, images: Tensor) -> ModelOutput:
        mean, log_variance = self.down(images)[1].chunk(2, dim=1)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class Decoder(BaseDecoder):
    """The way up, without maps and query."""

    def __init__(self, up: nn.Module) -> None:
        super().__init__()
        self.up = up

    def forward(self, latent: Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=self.up(latent, [latent] * len(self.up.blocks), latent))


class PythaeSide:
    """Epochs of pythae's trainer over the pictures of the batches in memory.

    Args:
        generator: gcnet's VAE.
        groups: batches in memory.
    """

    def __init__(self, generator: nn.Module, groups: Sequence[Sequence[Batch]]) -> None:
        images = torch.cat([batch.query for group in groups for batch in group])
        self.images, self.batch = images, len(groups[0][0].query)
        shape, latent = tuple(images.shape[1:]), generator.config.latent
        model = VAE(VAEConfig(input_dim=shape, latent_dim=latent), Encoder(generator.down), Decoder(generator.up))
        self.model = model.to(images.device)

    def steps(self, count: int) -> float:
        """Take some steps, and tell the seconds of one."""
        wanted = torch.arange(count * self.batch) % len(self.images)
        data = BaseDataset(self.images[wanted], torch.zeros(len(wanted)))
        with tempfile.TemporaryDirectory() as folder:
            config = BaseTrainerConfig(
                output_dir=folder, per_device_train_batch_size=self.batch, optimizer_cls="AdamW",
                no_cuda=self.images.device.type == "cpu",
            )  # fmt: skip
            trainer = BaseTrainer(self.model, data, training_config=config)
            trainer.prepare_training()
            began = now(self.images.device)
            trainer.train_step(epoch=1)  # reads the loss of each step, hence waits for a GPU
            return (now(self.images.device) - began) / count
