"""Local binary patterns as an encoder (Shan, Gong and McOwan, Image and Vision Computing 27, 2009)."""

from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gcnet_classical.config import LBPConfig
from gcnet_core.interfaces import BuildContext, Encoder


class LBP(Encoder):
    """Describes a face by how often each uniform pattern of brighter and darker neighbours occurs in each region.

    Args:
        config: neighbours and regions.
        context: image size; colour images are made grey.
    """

    config: LBPConfig

    def __init__(self, config: LBPConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.patterns = config.points * (config.points - 1) + 3  # uniform ones, each with its direction, and the rest
        self.edges = np.linspace(0, context.image.size, config.grid + 1).round().astype(int)
        self.width = config.grid**2 * self.patterns

    def forward(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        """Describe faces in [0, 1]."""
        from skimage.feature import local_binary_pattern

        grey = (255 * images.detach().mean(dim=1)).round().byte().cpu().numpy()
        codes = []
        for image in grey:
            patterns = local_binary_pattern(image, self.config.points, self.config.radius, method="nri_uniform")
            codes.append(self._histograms(patterns.astype(int)))
        return torch.from_numpy(np.stack(codes)).to(images.device, torch.float32)

    def _histograms(self, patterns: Int[np.ndarray, "height width"]) -> Float[np.ndarray, "embedding"]:
        """The share of each pattern in each region, square roots, so that their distance is that of Hellinger."""
        shares = []
        for top, bottom in pairwise(self.edges):
            for left, right in pairwise(self.edges):
                region = patterns[top:bottom, left:right]
                shares.append(np.bincount(region.ravel(), minlength=self.patterns) / region.size)
        return np.asarray(np.sqrt(np.concatenate(shares)))
