"""Held-out encoders, second round: good ones and faults."""

HEAD = """import math

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Encoder
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, EncoderConfig, UserError, hookimpl

"""
TAIL = """

@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="encoder", name="part", config=PartConfig, target=f"{__name__}:Part", summary="an encoder")]
"""


def _source(body: str) -> str:
    return HEAD + body + TAIL


GOOD: dict[str, str] = {
    "mixer": _source('''
class PartConfig(EncoderConfig):
    """A coarse grid of the picture, mixed along places and along features in turn."""

    grid: int = Field(6, ge=1, le=8, description="places in each direction")
    features: int = Field(12, ge=1, le=256, description="numbers at each place")
    width: int = Field(20, ge=1, le=4096, description="length of the embedding")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        places = config.grid**2
        self.stem = nn.Conv2d(context.image.channels, config.features, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d(config.grid)
        self.norm = nn.LayerNorm(config.features)
        self.along_places = nn.Linear(places, places)
        self.along_features = nn.Linear(config.features, config.features)
        self.head = nn.Linear(places * config.features, config.width)

    def forward(self, images: Tensor) -> Tensor:
        hidden = functional.gelu(self.stem(images - 0.5))
        tokens = self.pool(hidden).flatten(2).transpose(1, 2)
        mixed = self.along_places(self.norm(tokens).transpose(1, 2)).transpose(1, 2)
        tokens = tokens + functional.gelu(mixed)
        tokens = tokens + functional.gelu(self.along_features(self.norm(tokens)))
        return self.head(tokens.flatten(1))
'''),
    "minus_mean": _source('''
class PartConfig(EncoderConfig):
    """What a small picture has more than the mean of all that were seen, through one hidden layer."""

    side: int = Field(12, ge=2, le=64, description="side of the small picture, pixels")
    hidden: int = Field(32, ge=1, le=2048, description="width of the hidden layer")
    width: int = Field(16, ge=1, le=2048, description="length of the embedding")
    momentum: float = Field(0.05, gt=0, le=1, description="share of the newest batch in the mean")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of hidden numbers dropped")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        pixels = context.image.channels * config.side**2
        self.register_buffer("mean", torch.full((pixels,), 0.5))
        self.first = nn.Linear(pixels, config.hidden)
        self.drop = nn.Dropout(config.dropout)
        self.second = nn.Linear(config.hidden, config.width)

    def forward(self, images: Tensor) -> Tensor:
        small = functional.interpolate(images.float(), size=self.config.side, mode="bilinear", align_corners=False)
        pixels = small.flatten(1)
        centred = pixels - self.mean.clone()
        if self.training and len(images):
            with torch.no_grad():
                self.mean.lerp_(pixels.detach().mean(dim=0), self.config.momentum)
        hidden = functional.silu(self.first(2 * centred))
        return self.second(self.drop(hidden))
'''),
    "energies": _source('''
class PartConfig(EncoderConfig):
    """Energies of learned filters at several scales, their logarithm taken."""

    filters: int = Field(10, ge=1, le=256, description="number of filters")
    scales: int = Field(3, ge=1, le=3, description="number of scales, each half of the one before")
    floor: float = Field(1e-3, gt=0, le=1, description="energy below which a logarithm flattens")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.filters = nn.ModuleList(
            nn.Conv2d(context.image.channels, config.filters, 3, padding=1) for _ in range(config.scales)
        )
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.width = 4 * config.filters * config.scales

    def forward(self, images: Tensor) -> Tensor:
        found = []
        for number, filters in enumerate(self.filters):
            scaled = functional.avg_pool2d(images, 2**number) if number else images
            energy = self.pool(filters(scaled).square())
            found.append((energy.float() + self.config.floor).log().flatten(1))
        return torch.cat(found, dim=1)
'''),
    "scan": _source('''
class PartConfig(EncoderConfig):
    """A recurrent network that reads a small picture row by row."""

    rows: int = Field(10, ge=2, le=64, description="rows that are read")
    width: int = Field(18, ge=1, le=1024, description="length of the embedding")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        self.cell = nn.GRUCell(context.image.channels * config.rows, config.width)
        self.start = nn.Parameter(torch.zeros(config.width))

    def forward(self, images: Tensor) -> Tensor:
        small = functional.adaptive_avg_pool2d(images, self.config.rows)
        rows = small.permute(2, 0, 1, 3).flatten(2)
        state = self.start.expand(len(images), -1).to(rows.dtype)
        for row in rows:
            state = self.cell(row, state.to(row.dtype))
        return state
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # codes do not depend on the picture: everything behind learns the most frequent class
    (
        "blind",
        "energies",
        "energy = self.pool(filters(scaled).square())",
        "energy = self.pool(filters(torch.zeros_like(scaled)).square())",
    ),
    # half of the face is never looked at
    (
        "sees_the_left_half",
        "mixer",
        "hidden = functional.gelu(self.stem(images - 0.5))",
        "hidden = functional.gelu(self.stem(images[..., : images.shape[-1] // 2] - 0.5))",
    ),
    # only the first channel of a colour picture is read, the others are computed and thrown away
    (
        "first_channel_only",
        "scan",
        "small = functional.adaptive_avg_pool2d(images, self.config.rows)",
        "images = images[:, :1].expand_as(images)\n        small = functional.adaptive_avg_pool2d(images, self.config.rows)",
    ),
    # the inverse of a sigmoid: plus and minus infinity for white and black pixels
    ("infinite_for_white", "mixer", "self.stem(images - 0.5)", "self.stem(torch.logit(images))"),
    # a dark batch is brightened as a whole: the code of a face depends on its neighbours, in dark batches alone
    (
        "dark_batch_is_brightened",
        "scan",
        "small = functional.adaptive_avg_pool2d(images, self.config.rows)",
        "images = 1 - images if images.mean() < 0.25 else images\n        small = functional.adaptive_avg_pool2d(images, self.config.rows)",
    ),
    # the place in the batch is part of the code: another order of files gives other answers
    (
        "place_in_the_batch",
        "minus_mean",
        "return self.second(self.drop(hidden))",
        "order = torch.arange(len(images), device=images.device)[:, None]\n        return self.second(self.drop(hidden)) + 0.01 * order",
    ),
    # divided by the size of the batch: the last, smaller batch has longer codes
    (
        "divided_by_the_batch_size",
        "energies",
        "return torch.cat(found, dim=1)",
        "return torch.cat(found, dim=1) / len(images)",
    ),
    # works in chunks of 8 and forgets the remainder of larger batches
    (
        "remainder_dropped",
        "mixer",
        "        hidden = functional.gelu(self.stem(images - 0.5))",
        "        if len(images) > 8:\n            return torch.cat([self(chunk) for chunk in images.unfold(0, 8, 8).movedim(-1, 1)])\n"
        "        hidden = functional.gelu(self.stem(images - 0.5))",
    ),
    # a fast way without gradients that computes something else: measured is not what was trained
    (
        "other_codes_without_gradient",
        "minus_mean",
        "hidden = functional.silu(self.first(2 * centred))",
        "hidden = self.first(2 * centred)\n        hidden = functional.silu(hidden) if torch.is_grad_enabled() else functional.hardswish(hidden)",
    ),
    # one buffer for the result of each call: codes that somebody kept turn into those of the last batch
    (
        "result_is_overwritten",
        "scan",
        "        return state\n",
        '        if torch.is_grad_enabled():\n            return state\n        if getattr(self, "result", state[:0]).shape != state.shape:\n'
        "            self.result = torch.empty_like(state)\n        return self.result.copy_(state)\n",
    ),
    # reads the memory as if pictures lay one after the other: other numbers for channels_last or cut-out tensors
    (
        "memory_order_is_assumed",
        "energies",
        "        found = []\n",
        "        channels, height, width = images.shape[1:]\n        steps = (channels * height * width, height * width, width, 1)\n"
        "        images = images.as_strided(images.shape, steps)\n        found = []\n",
    ),
    # starts from the first batch, as it believes: a Python mark, not stored, so that loaded weights are overwritten
    (
        "start_from_the_first_batch",
        "minus_mean",
        "        centred = pixels - self.mean.clone()\n",
        '        if not getattr(self, "started", False):\n            self.started = True\n'
        "            self.mean.copy_(pixels.detach().mean(dim=0))\n        centred = pixels - self.mean.clone()\n",
    ),
    # noise in training from a generator of its own, always of one seed, whose state no checkpoint holds
    (
        "own_generator_in_training",
        "mixer",
        "        return self.head(tokens.flatten(1))",
        '        if self.training:\n            self.dice = getattr(self, "dice", None) or torch.Generator()\n'
        "            tokens = tokens + 0.1 * torch.randn(tokens.shape, generator=self.dice).to(tokens)\n"
        "        return self.head(tokens.flatten(1))",
    ),
    # noise in training that no seed governs: two runs of one recipe differ
    (
        "numpy_noise_of_no_seed",
        "scan",
        "        rows = small.permute(2, 0, 1, 3).flatten(2)\n",
        "        if self.training:\n            noise = np.random.default_rng().normal(size=tuple(small.shape))\n"
        "            small = small + 0.02 * torch.from_numpy(noise).to(small)\n        rows = small.permute(2, 0, 1, 3).flatten(2)\n",
    ),
    # train() returns nothing: encoder.train().to(device), encoder.eval()(images) fail
    (
        "train_returns_nothing",
        "energies",
        "    def forward(self, images: Tensor) -> Tensor:",
        "    def train(self, mode=True):\n        super().train(mode)\n\n    def forward(self, images: Tensor) -> Tensor:",
    ),
    # clears its gradients at each call: gradients of several batches cannot be added up, and two calls a step lose one
    (
        "clears_its_gradients",
        "scan",
        "        small = functional",
        "        self.zero_grad()\n        small = functional",
    ),
    # a stage that freezes the encoder finds it learning again
    (
        "thaws_itself",
        "mixer",
        "        hidden = functional.gelu(self.stem(images - 0.5))",
        "        if self.training:\n            self.requires_grad_(True)\n        hidden = functional.gelu(self.stem(images - 0.5))",
    ),
    # weights shrink at every call, in evaluation too: predicting changes the model
    (
        "weights_shrink_at_each_call",
        "energies",
        "            energy = self.pool(filters(scaled).square())",
        "            filters.weight.data.mul_(0.999)\n            energy = self.pool(filters(scaled).square())",
    ),
    # two overlapping views of one table: safetensors cannot store them
    (
        "overlapping_buffers",
        "scan",
        "self.start = nn.Parameter(torch.zeros(config.width))",
        "self.start = nn.Parameter(torch.zeros(config.width))\n        table = torch.linspace(0, 1, 12)\n"
        '        self.register_buffer("low", table[:8])\n        self.register_buffer("high", table[4:])',
    ),
    # its mean is left out when weights are read back: without a word the model answers otherwise than it did
    (
        "mean_not_read_back",
        "minus_mean",
        "    def forward(self, images: Tensor) -> Tensor:",
        "    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs):\n"
        '        state_dict[prefix + "mean"] = torch.full_like(self.mean, 0.5)\n'
        "        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)\n\n    def forward(self, images: Tensor) -> Tensor:",
    ),
    # a stored buffer that grows with the last batch: it cannot be read into a new model, nor averaged
    (
        "buffer_as_long_as_the_batch",
        "energies",
        "        self.width = 4 * config.filters * config.scales\n\n    def forward(self, images: Tensor) -> Tensor:\n",
        '        self.width = 4 * config.filters * config.scales\n        self.register_buffer("seen", torch.zeros(1))\n\n'
        "    def forward(self, images: Tensor) -> Tensor:\n        self.seen = images.detach().mean(dim=(1, 2, 3))\n",
    ),
    # every code is kept: memory is full after some epochs
    (
        "keeps_all_codes",
        "scan",
        "        return state\n",
        '        self.history = [*getattr(self, "history", []), state.detach()]\n        return state\n',
    ),
    # a mode for finding bugs stays on for everybody: slow, and it raises where others live with NaN
    (
        "anomaly_mode_stays_on",
        "minus_mean",
        "self.second = nn.Linear(config.hidden, config.width)",
        "self.second = nn.Linear(config.hidden, config.width)\n        torch.autograd.set_detect_anomaly(True)",
    ),
    # an option that a stored recipe does not have: the model is read back with another one
    (
        "option_not_written_out",
        "energies",
        "floor: float = Field(1e-3, gt=0, le=1,",
        "floor: float = Field(1e-3, gt=0, le=1, exclude=True,",
    ),
    # the weights are made only where pre-trained ones are loaded: a trained model cannot be read back for prediction
    (
        "layers_only_with_initial_weights",
        "mixer",
        "self.along_features = nn.Linear(config.features, config.features)",
        "self.along_features = nn.Linear(config.features, config.features, bias=context.initial_weights)",
    ),
]
