"""HOG as an encoder (Dalal and Triggs, Histograms of oriented gradients for human detection, CVPR 2005)."""

from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gcnet_classical.config import HOGConfig
from gcnet_core.interfaces import BuildContext, Encoder


class HOG(Encoder):
    """Describes a face by the directions of its edges, in cells; nothing is learned and no gradient passes.

    Args:
        config: orientations, cells and blocks.
        context: image size. Of colour images the channel with the largest gradient counts at each pixel.
    """

    config: HOGConfig

    def __init__(self, config: HOGConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        blocks = context.image.size // config.cell - config.block + 1
        self.width = blocks**2 * config.block**2 * config.orientations

    def forward(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        """Describe faces in [0, 1]."""
        from skimage.feature import hog

        config = self.config
        describe = partial(
            hog,
            orientations=config.orientations,
            pixels_per_cell=(config.cell, config.cell),
            cells_per_block=(config.block, config.block),
            block_norm="L2-Hys",
            channel_axis=0,
        )
        codes = [describe(image) for image in images.detach().cpu().double().numpy()]
        return torch.from_numpy(np.stack(codes)).to(images.device, torch.float32)
