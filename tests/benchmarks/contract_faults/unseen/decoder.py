"""Held-out decoders: good ones and faults."""

HEAD = """import math

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Decoder
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, DecoderConfig, hookimpl

"""
TAIL = """

@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="decoder", name="part", config=PartConfig, target=f"{__name__}:Part", summary="a decoder")]
"""


def _source(body: str) -> str:
    return HEAD + body + TAIL


GOOD: dict[str, str] = {
    "linear": _source('''
class PartConfig(DecoderConfig):
    """One hidden layer, then every pixel."""

    hidden: int = Field(24, ge=1, description="width of the hidden layer")
    dropout: float = Field(0.05, ge=0, lt=1, description="share of hidden features dropped in training")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.shape = (context.image.channels, context.image.size, context.image.size)
        self.hidden = nn.Linear(in_features, config.hidden)
        self.drop = nn.Dropout(config.dropout)
        self.pixels = nn.Linear(config.hidden, math.prod(self.shape))

    def forward(self, code: Tensor) -> Tensor:
        hidden = self.drop(functional.silu(self.hidden(code)))
        return self.pixels(hidden).sigmoid().unflatten(1, self.shape)
'''),
    "upsampling": _source('''
class PartConfig(DecoderConfig):
    """A small map that grows by shuffling channels into pixels, twice."""

    channels: int = Field(8, ge=1, le=256, description="width of the maps")

    def check(self, info):
        if info.image.size % 4:
            yield ConfigIssue(("image", "size"), f"image size {info.image.size} is no multiple of 4", absolute=True)


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.side = context.image.size // 4
        self.start = nn.Linear(in_features, config.channels * self.side**2)
        self.norm = nn.BatchNorm2d(config.channels)
        self.first = nn.Conv2d(config.channels, 4 * config.channels, 3, padding=1)
        self.last = nn.Conv2d(config.channels, 4 * context.image.channels, 3, padding=1)

    def forward(self, code: Tensor) -> Tensor:
        small = self.start(code).unflatten(1, (-1, self.side, self.side))
        hidden = functional.pixel_shuffle(self.first(self.norm(small).relu()), 2).relu()
        return functional.pixel_shuffle(self.last(hidden), 2).sigmoid()
'''),
    "cosines": _source('''
class PartConfig(DecoderConfig):
    """A sum of low cosines whose weights come from the code, around a mean picture that is learned."""

    order: int = Field(6, ge=1, le=8, description="cosines in each direction")
    contrast: float = Field(2.0, gt=0, description="factor before the squashing")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        size, channels = context.image.size, context.image.channels
        place = (torch.arange(size) + 0.5) / size
        waves = torch.cos(math.pi * torch.arange(config.order)[:, None] * place)
        self.register_buffer("waves", waves, persistent=False)
        self.weights = nn.Linear(in_features, channels * config.order**2)
        self.mean = nn.Parameter(torch.zeros(1, channels, size, size))

    def forward(self, code: Tensor) -> Tensor:
        order = self.config.order
        weights = self.weights(code).unflatten(1, (-1, order, order)) / order
        picture = torch.einsum("bckl,kh,lw->bchw", weights, self.waves, self.waves)
        return 0.5 + 0.5 * torch.tanh(self.config.contrast * (picture + self.mean))
'''),
    "coordinates": _source('''
class PartConfig(DecoderConfig):
    """A small network that is asked for each pixel by its place, shifted by the code."""

    hidden: int = Field(16, ge=1, description="width of its layers")
    waves: int = Field(4, ge=1, le=16, description="frequencies by which a place is described")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.size = context.image.size
        line = torch.linspace(-1, 1, self.size)
        down, across = torch.meshgrid(line, line, indexing="ij")
        places = torch.stack([down, across], dim=-1).flatten(0, 1)
        angles = places[:, :, None] * math.pi * torch.arange(1, config.waves + 1) / 2
        self.register_buffer("places", torch.cat([angles.sin(), angles.cos()], dim=2).flatten(1), persistent=False)
        self.shift = nn.Linear(in_features, config.hidden)
        self.ask = nn.Linear(4 * config.waves, config.hidden)
        self.answer = nn.Linear(config.hidden, context.image.channels)

    def forward(self, code: Tensor) -> Tensor:
        hidden = torch.sin(self.ask(self.places)[None] + self.shift(code)[:, None])
        pixels = self.answer(hidden).sigmoid()
        return pixels.transpose(1, 2).unflatten(2, (self.size, self.size)).contiguous()
'''),
    "blobs": _source('''
class PartConfig(DecoderConfig):
    """Soft blobs whose place, size and brightness come from the code, on a grey ground."""

    blobs: int = Field(5, ge=1, le=64, description="number of blobs")
    smallest: float = Field(0.1, gt=0, lt=1, description="radius of the smallest blob, as a share of the picture")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.channels = context.image.channels
        self.register_buffer("line", torch.linspace(0, 1, context.image.size))
        self.draw = nn.Linear(in_features, config.blobs * (3 + self.channels))

    def forward(self, code: Tensor) -> Tensor:
        drawn = self.draw(code).float().unflatten(1, (self.config.blobs, 3 + self.channels))
        place, radius = drawn[..., :2].sigmoid(), self.config.smallest + drawn[..., 2].sigmoid()
        down = (self.line - place[..., :1]).square()
        across = (self.line - place[..., 1:]).square()
        far = (down[..., :, None] + across[..., None, :]) / radius[..., None, None].square()
        sum_of_blobs = torch.einsum("bkhw,bkc->bchw", (-far).exp(), drawn[..., 3:])
        return sum_of_blobs.sigmoid()
'''),
    "styled": _source('''
class PartConfig(DecoderConfig):
    """A constant map that is learned, restyled by the code; noise on it in training."""

    channels: int = Field(8, ge=1, le=256, description="width of the maps")
    noise: float = Field(0.05, ge=0, description="deviation of the noise in training")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.size = context.image.size
        self.constant = nn.Parameter(torch.randn(1, config.channels, 8, 8))
        self.style = nn.Linear(in_features, 2 * config.channels)
        self.conv = nn.Conv2d(config.channels, config.channels, 3, padding=1)
        self.colour = nn.Conv2d(config.channels, context.image.channels, 1)

    def forward(self, code: Tensor) -> Tensor:
        gain, bias = self.style(code)[:, :, None, None].chunk(2, dim=1)
        small = self.constant.expand(len(code), -1, -1, -1)
        if self.training and self.config.noise:
            small = small + self.config.noise * torch.randn_like(small)
        hidden = (self.conv(small) * (1 + gain) + bias).relu()
        picture = self.colour(hidden)
        picture = functional.interpolate(picture, size=(self.size, self.size), mode="bilinear", align_corners=False)
        return picture.sigmoid()
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # in [-1, 1]: half of all pixels are negative; the reconstruction losses compare with [0, 1]
    ("minus_one_to_one", "cosines", "return 0.5 + 0.5 * torch.tanh(", "return torch.tanh("),
    # no squashing at all: any number
    ("unbounded", "linear", "self.pixels(hidden).sigmoid()", "self.pixels(hidden)"),
    # bytes
    (
        "to_255",
        "upsampling",
        "return functional.pixel_shuffle(self.last(hidden), 2).sigmoid()",
        "return 255 * functional.pixel_shuffle(self.last(hidden), 2).sigmoid()",
    ),
    # in range for usual codes; relu leaves [0, 1] for large ones
    ("above_one_for_large_codes", "blobs", "return sum_of_blobs.sigmoid()", "return functional.softplus(sum_of_blobs)"),
    # hard clamp in eval only, in training the picture is out of range
    (
        "clamped_in_evaluation_only",
        "coordinates",
        "pixels = self.answer(hidden).sigmoid()",
        "pixels = self.answer(hidden) * 3 + 0.5\n        pixels = pixels if self.training else pixels.clamp(0, 1)",
    ),
    # a code of zeros, as an encoder without signal gives, is 0/0
    ("nan_for_zero_code", "linear", "self.hidden(code)", "self.hidden(code / code.norm(dim=1, keepdim=True))"),
    # rescales by the darkest and brightest pixel of the batch: pictures depend on each other
    (
        "stretched_over_batch",
        "styled",
        "return picture.sigmoid()",
        "return (picture - picture.amin()) / (picture.amax() - picture.amin()).clamp(min=1e-6)",
    ),
    # wrong size: 64 typed in
    ("always_64", "styled", "self.size = context.image.size", "self.size = 64"),
    # rounds the size down to a multiple of 8
    (
        "size_rounded",
        "blobs",
        "torch.linspace(0, 1, context.image.size)",
        "torch.linspace(0, 1, context.image.size // 32 * 32)",
    ),
    # grey whatever the recipe says
    (
        "one_channel",
        "coordinates",
        "self.answer = nn.Linear(config.hidden, context.image.channels)",
        "self.answer = nn.Linear(config.hidden, 1)",
    ),
    # always colour
    (
        "three_channels",
        "styled",
        "self.colour = nn.Conv2d(config.channels, context.image.channels, 1)",
        "self.colour = nn.Conv2d(config.channels, 3, 1)",
    ),
    # channels last
    (
        "channels_last",
        "linear",
        "return self.pixels(hidden).sigmoid().unflatten(1, self.shape)",
        "return self.pixels(hidden).sigmoid().unflatten(1, self.shape).permute(0, 2, 3, 1)",
    ),
    # flat pixels
    ("flat", "linear", "self.pixels(hidden).sigmoid().unflatten(1, self.shape)", "self.pixels(hidden).sigmoid()"),
    # grey without its channel
    (
        "no_channel_axis",
        "cosines",
        "return 0.5 + 0.5 * torch.tanh(self.config.contrast * (picture + self.mean))",
        "return (0.5 + 0.5 * torch.tanh(self.config.contrast * (picture + self.mean))).squeeze(1)",
    ),
    # a batch of one loses its axis
    (
        "no_batch_axis_for_one",
        "linear",
        "return self.pixels(hidden).sigmoid().unflatten(1, self.shape)",
        "return self.pixels(hidden).sigmoid().squeeze(0).unflatten(-1, self.shape)",
    ),
    # batch norm by the batch in evaluation
    (
        "batch_norm_without_statistics",
        "upsampling",
        "nn.BatchNorm2d(config.channels)",
        "nn.BatchNorm2d(config.channels, track_running_stats=False)",
    ),
    # momentum None is all right, but here evaluation moves it: F.batch_norm with training=True
    (
        "statistics_move_in_evaluation",
        "upsampling",
        "self.norm(small).relu()",
        "functional.batch_norm(small, self.norm.running_mean, self.norm.running_var, self.norm.weight, self.norm.bias, True).relu()",
    ),
    # noise in evaluation
    ("noise_in_evaluation", "styled", "if self.training and self.config.noise:", "if self.config.noise:"),
    # dropout in evaluation
    (
        "dropout_in_evaluation",
        "linear",
        "self.drop(functional.silu(self.hidden(code)))",
        "functional.dropout(functional.silu(self.hidden(code)), self.config.dropout)",
    ),
    # waves are drawn at build and not stored: a loaded decoder draws other pictures
    (
        "random_waves_not_stored",
        "cosines",
        '"waves", waves, persistent=False',
        '"waves", waves + 0.1 * torch.randn_like(waves), persistent=False',
    ),
    # the same picture for every code
    ("ignores_code", "cosines", "weights = self.weights(code)", "weights = self.weights(torch.zeros_like(code))"),
    # the mean code of the batch
    (
        "mean_code",
        "coordinates",
        "self.shift(code)[:, None]",
        "self.shift(code.mean(dim=0, keepdim=True).expand_as(code))[:, None]",
    ),
    # the order of the batch is turned
    ("batch_reversed", "blobs", "return sum_of_blobs.sigmoid()", "return sum_of_blobs.sigmoid().flip(0)"),
    # no gradient to the code: the encoder learns nothing from reconstruction
    ("code_detached", "linear", "self.hidden(code)", "self.hidden(code.detach())"),
    # rounding to bytes stops all gradients
    ("rounded_pixels", "blobs", "return sum_of_blobs.sigmoid()", "return (255 * sum_of_blobs.sigmoid()).round() / 255"),
    # clamp in place of sigmoid, far outside: all gradients are zero from the start
    (
        "saturated_at_start",
        "upsampling",
        "return functional.pixel_shuffle(self.last(hidden), 2).sigmoid()",
        "return (functional.pixel_shuffle(self.last(hidden), 2) + 100).clamp(0, 1)",
    ),
    # constant mean is no parameter
    (
        "mean_not_learned",
        "cosines",
        "self.mean = nn.Parameter(torch.zeros(1, channels, size, size))",
        "self.kept = [nn.Parameter(torch.zeros(1, channels, size, size))]\n\n    @property\n    def mean(self) -> Tensor:\n        return self.kept[0]",
    ),
    # changes the code in place
    (
        "changes_code",
        "styled",
        "gain, bias = self.style(code)",
        "code.data.tanh_()\n        gain, bias = self.style(code)",
    ),
    # a tensor of its own on the CPU
    (
        "places_on_cpu",
        "coordinates",
        'self.register_buffer("places", torch.cat([angles.sin(), angles.cos()], dim=2).flatten(1), persistent=False)',
        "self.places = torch.cat([angles.sin(), angles.cos()], dim=2).flatten(1)",
    ),
    # float64
    ("double", "blobs", "return sum_of_blobs.sigmoid()", "return sum_of_blobs.double().sigmoid()"),
    # overflow in half precision under autocast: exp of a large number in place of exp of a negative one
    ("overflow", "blobs", "(-far).exp()", "1 / far.half().exp().float()"),
    # writes into a float buffer in place under autocast: mixed types raise
    (
        "fails_under_autocast",
        "linear",
        "return self.pixels(hidden).sigmoid().unflatten(1, self.shape)",
        "out = torch.zeros(len(code), math.prod(self.shape), device=code.device)\n        return torch.lerp(out, self.pixels(hidden).sigmoid(), 1.0).unflatten(1, self.shape)",
    ),
    # huge codes: exp overflows and inf / inf is NaN
    (
        "nan_for_large_codes",
        "coordinates",
        "self.answer(hidden).sigmoid()",
        "(lambda score: score.exp() / (1 + score.exp()))(self.answer(hidden) * (1 + code.abs().mean(dim=1)[:, None, None]))",
    ),
    # constants of the class, changed by each: the last built decoder decides the size of all
    ("size_on_class", "coordinates", "self.size = context.image.size", "Part.size = context.image.size"),
    # nothing is reproducible: weights from the clock
    (
        "start_ignores_seed",
        "styled",
        "nn.Parameter(torch.randn(1, config.channels, 8, 8))",
        "nn.Parameter(torch.randn(1, config.channels, 8, 8, generator=(lambda own: (own.seed(), own)[1])(torch.Generator())))",
    ),
    # global seed
    (
        "seeds_globally",
        "blobs",
        "self.channels = context.image.channels",
        "torch.manual_seed(17)\n        self.channels = context.image.channels",
    ),
    # global seed in every forward
    (
        "seeds_in_forward",
        "styled",
        "gain, bias = self.style(code)",
        "torch.manual_seed(17)\n        gain, bias = self.style(code)",
    ),
    # remembers pictures
    (
        "keeps_pictures",
        "linear",
        "hidden = self.drop(functional.silu(self.hidden(code)))",
        "hidden = self.drop(functional.silu(self.hidden(code)))\n        self.kept = [*getattr(self, 'kept', []), hidden]",
    ),
    # the largest batch is the batch it was built for
    (
        "fixed_batch",
        "styled",
        "small = self.constant.expand(len(code), -1, -1, -1)",
        "small = self.constant.expand(16, -1, -1, -1)[: len(code)]",
    ),
    # mixes in the codes of the call before: the order of the batches matters
    (
        "averages_with_last",
        "upsampling",
        "small = self.start(code)",
        "before = getattr(self, 'before', None)\n        if before is not None and before.shape == code.shape:\n            code = 0.9 * code + 0.1 * before\n        self.before = code.detach()\n        small = self.start(code)",
    ),
    # in training a smaller picture, to save time
    (
        "small_in_training",
        "styled",
        "size=(self.size, self.size), mode",
        "size=(self.size // (2 if self.training else 1),) * 2, mode",
    ),
    # pictures share memory: expanded views of one, in place operations after it hit all
    (
        "shares_memory",
        "cosines",
        "return 0.5 + 0.5 * torch.tanh(self.config.contrast * (picture + self.mean))",
        "picture = 0.5 + 0.5 * torch.tanh(self.config.contrast * (picture + self.mean))\n        if not self.training:\n            if getattr(self, 'out', None) is None or self.out.shape != picture.shape:\n                self.out = picture.detach().clone()\n            self.out.copy_(picture.detach())\n            return self.out\n        return picture",
    ),
    # returns the picture with the code
    ("returns_tuple", "blobs", "return sum_of_blobs.sigmoid()", "return sum_of_blobs.sigmoid(), code"),
    # unused weights
    (
        "unused_parameters",
        "styled",
        "hidden = (self.conv(small) * (1 + gain) + bias).relu()",
        "hidden = (small * (1 + gain) + bias).relu()",
    ),
    # in_features ignored
    ("fixed_code_length", "linear", "nn.Linear(in_features, config.hidden)", "nn.Linear(128, config.hidden)"),
    # size not a multiple of 4 accepted by `check`
    ("check_gone", "upsampling", "if info.image.size % 4:", "if info.image.size < 4:"),
    # an error, not a problem, from `check`
    (
        "check_raises",
        "upsampling",
        'yield ConfigIssue(("image", "size"), f"image size {info.image.size} is no multiple of 4", absolute=True)',
        'raise ValueError("no multiple of 4")',
    ),
    # no module: nn.Module's constructor is not called
    (
        "super_not_called",
        "coordinates",
        "super().__init__(config, context, in_features)",
        "self.config, self.in_features = config, in_features",
    ),
    # config class of another kind
    (
        "wrong_config_base",
        "linear",
        "class PartConfig(DecoderConfig):",
        "from gcnet_core.plugin_api import EncoderConfig\n\n\nclass PartConfig(EncoderConfig):",
    ),
    # required option
    ("option_without_default", "blobs", "blobs: int = Field(5, ge=1", "blobs: int = Field(ge=1"),
    # undescribed option
    ("option_undescribed", "cosines", ', description="factor before the squashing"', ""),
    # unread option
    ("option_ignored", "cosines", "torch.tanh(self.config.contrast * ", "torch.tanh(2.0 * "),
    # negative values allowed, at which it cannot be built
    ("option_without_bounds", "coordinates", "waves: int = Field(4, ge=1, le=16,", "waves: int = Field(4, le=16,"),
    # tags that do not exist
    (
        "unknown_tag",
        "linear",
        "    hidden: int = Field(24",
        "    tags = frozenset({'slow'})\n\n    hidden: int = Field(24",
    ),
    # a summary of two lines
    ("summary_of_two_lines", "blobs", 'summary="a decoder"', 'summary="a decoder\\nof blobs"'),
    # written for another interface
    ("other_api_version", "styled", 'summary="a decoder"', 'summary="a decoder", api_version=2'),
    # a closure as attribute: pickled by workers, it raises
    (
        "not_copyable",
        "upsampling",
        "self.side = context.image.size // 4",
        "self.side = context.image.size // 4\n        self.log = open('/dev/null', 'w')",
    ),
    # an object, no tensor, in the stored state: safetensors cannot hold it
    (
        "state_with_object",
        "blobs",
        "    def forward(self, code: Tensor)",
        "    def get_extra_state(self):\n        return {'config': self.config}\n\n    def set_extra_state(self, state):\n        self.config = state['config']\n\n    def forward(self, code: Tensor)",
    ),
]
