"""Held-out encoders: good ones and faults."""

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
    "tiny_conv": _source('''
class PartConfig(EncoderConfig):
    """Two strided convolutions and a mean over the picture beside a coarse grid."""

    channels: int = Field(12, ge=1, le=512, description="width of the convolutions")
    width: int = Field(24, ge=1, description="length of the embedding")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of features dropped")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        self.first = nn.Conv2d(context.image.channels, config.channels, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(config.channels)
        self.second = nn.Conv2d(config.channels, config.channels, 3, 2, 1)
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(16 * config.channels, config.width)

    def forward(self, images: Tensor) -> Tensor:
        hidden = self.norm(self.first(images - 0.5)).relu()
        hidden = self.second(hidden).relu()
        hidden = self.pool(hidden).flatten(1)
        return self.head(self.dropout(hidden))
'''),
    "cosines": _source('''
class PartConfig(EncoderConfig):
    """The lowest frequencies of a cosine transform, each with a gain that is learned."""

    order: int = Field(5, ge=1, le=8, description="frequencies in each direction")
    learn_gain: bool = Field(True, description="whether the gains are learned")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        size, order = context.image.size, config.order
        place = (torch.arange(size) + 0.5) / size
        waves = torch.cos(math.pi * torch.arange(order)[:, None] * place) * math.sqrt(2 / size)
        self.register_buffer("waves", waves, persistent=False)
        self.width = context.image.channels * order**2
        self.gain = nn.Parameter(torch.ones(self.width), requires_grad=config.learn_gain)

    def forward(self, images: Tensor) -> Tensor:
        spectrum = torch.einsum("bchw,kh,lw->bckl", images - 0.5, self.waves, self.waves)
        return spectrum.flatten(1) * self.gain
'''),
    "attention": _source('''
class PartConfig(EncoderConfig):
    """Patches, one layer of attention, one learned query that collects them."""

    patch: int = Field(8, ge=1, le=64, description="side of a patch, pixels")
    width: int = Field(16, ge=2, description="length of the embedding; a multiple of the heads")
    heads: int = Field(2, ge=1, description="heads of the attention")

    def check(self, info):
        if info.image.size % self.patch:
            yield ConfigIssue(("patch",), f"patches of {self.patch} do not fill an image of {info.image.size} pixels")
        if self.width % self.heads:
            yield ConfigIssue(("width",), f"width {self.width} is no multiple of {self.heads} heads")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        count = (context.image.size // config.patch) ** 2
        self.patches = nn.Conv2d(context.image.channels, config.width, config.patch, config.patch)
        self.place = nn.Parameter(0.02 * torch.randn(1, count, config.width))
        self.query = nn.Parameter(0.02 * torch.randn(1, 1, config.width))
        self.norm = nn.LayerNorm(config.width)
        self.attention = nn.MultiheadAttention(config.width, config.heads, batch_first=True)

    def forward(self, images: Tensor) -> Tensor:
        tokens = self.patches(2 * images - 1).flatten(2).transpose(1, 2) + self.place
        tokens = self.norm(tokens)
        query = self.query.expand(len(images), -1, -1)
        collected, _ = self.attention(query, tokens, tokens, need_weights=False)
        return collected[:, 0]
'''),
    "random_features": _source('''
class PartConfig(EncoderConfig):
    """Fixed random cosines of the pixels; only a gain is learned."""

    width: int = Field(32, ge=1, description="length of the embedding")
    bandwidth: float = Field(4.0, gt=0, description="the larger, the smoother")
    key: int = Field(7, ge=0, description="of the random directions")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        own = torch.Generator().manual_seed(config.key)
        pixels = context.image.channels * context.image.size**2
        directions = torch.randn(pixels, config.width, generator=own) / config.bandwidth
        self.register_buffer("directions", directions)
        self.register_buffer("phases", 2 * math.pi * torch.rand(config.width, generator=own))
        self.gain = nn.Parameter(torch.zeros(config.width))

    def forward(self, images: Tensor) -> Tensor:
        angles = images.flatten(1) @ self.directions + self.phases
        return angles.cos() * self.gain.exp()
'''),
    "rows": _source('''
class PartConfig(EncoderConfig):
    """A recurrent network that reads the picture row by row."""

    width: int = Field(20, ge=1, description="length of the embedding")
    layers: int = Field(1, ge=1, le=4, description="of the recurrent network")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        row = context.image.channels * context.image.size
        self.reader = nn.GRU(row, config.width, config.layers, batch_first=True)

    def forward(self, images: Tensor) -> Tensor:
        rows = images.permute(0, 2, 1, 3).flatten(2)
        _, last = self.reader(rows)
        return last[-1]
'''),
    "soft_histogram": _source('''
class PartConfig(EncoderConfig):
    """Soft histograms of brightness in the cells of a grid, centred by what was usual so far."""

    bins: int = Field(6, ge=2, le=64, description="of a histogram")
    grid: int = Field(2, ge=1, le=8, description="cells in each direction")
    momentum: float = Field(0.1, gt=0, le=1, description="share of the newest batch in what is usual")
    width: int = Field(24, ge=1, description="length of the embedding")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        length = context.image.channels * config.bins * config.grid**2
        self.register_buffer("centres", torch.linspace(0, 1, config.bins).view(1, 1, -1, 1, 1))
        self.register_buffer("usual", torch.zeros(length))
        self.register_buffer("seen", torch.zeros((), dtype=torch.long))
        self.head = nn.Linear(length, config.width)

    def forward(self, images: Tensor) -> Tensor:
        distance = (images[:, :, None] - self.centres) * self.config.bins
        near = (-distance.square()).exp()
        share = near / near.sum(dim=2, keepdim=True)
        cells = functional.adaptive_avg_pool2d(share.flatten(1, 2), self.config.grid)
        histogram = cells.flatten(1)
        if self.training:
            with torch.no_grad():
                self.usual.lerp_(histogram.float().mean(dim=0), self.config.momentum)
                self.seen += 1
        return self.head(histogram - self.usual.clone())
'''),
    "lipschitz": _source('''
class PartConfig(EncoderConfig):
    """Convolutions of spectral norm 1, with group norm, and noise in training."""

    width: int = Field(16, ge=1, description="length of the embedding")
    noise: float = Field(0.02, ge=0, le=1, description="deviation of the noise in training")


class Part(Encoder):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.width = config.width
        wrap = nn.utils.parametrizations.spectral_norm
        self.body = nn.Sequential(
            wrap(nn.Conv2d(context.image.channels, 8, 4, 4)),
            nn.GroupNorm(2, 8),
            nn.SiLU(),
        )
        self.head = nn.LazyLinear(config.width)
        self.body.eval()
        with torch.no_grad():
            self.head(self.body(torch.zeros(1, context.image.channels, context.image.size, context.image.size)).flatten(1))
        self.body.train()

    def forward(self, images: Tensor) -> Tensor:
        if self.training and self.config.noise:
            images = images + self.config.noise * torch.randn_like(images)
        return self.head(self.body(images).flatten(1))
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # `width` is not what comes: delta and classifier are built for another length
    ("width_is_wrong", "tiny_conv", "self.width = config.width", "self.width = config.width + 1"),
    # `width` is not set: nobody can build what follows
    ("width_not_set", "rows", "        self.width = config.width\n", ""),
    # width is a float: nn.Linear(24.0) raises in the next part
    (
        "width_is_float",
        "cosines",
        "self.width = context.image.channels * order**2\n        self.gain = nn.Parameter(torch.ones(self.width)",
        "self.width = context.image.channels * order**2 / 1\n        self.gain = nn.Parameter(torch.ones(int(self.width))",
    ),
    # a map in place of a vector
    (
        "returns_map",
        "cosines",
        "return spectrum.flatten(1) * self.gain",
        "return (spectrum.flatten(1) * self.gain).view_as(spectrum)",
    ),
    # a tuple of code and state, as recurrent layers return
    ("returns_tuple", "rows", "return last[-1]", "return last[-1], rows"),
    # last batch of one sample: squeeze takes the batch away
    ("squeezes_batch_of_one", "attention", "return collected[:, 0]", "return collected.squeeze()"),
    # batch_first forgotten: batch and rows exchanged, each code depends on the others
    (
        "batch_not_first",
        "rows",
        "self.reader = nn.GRU(row, config.width, config.layers, batch_first=True)",
        "self.reader = nn.GRU(row, config.width, config.layers)",
    ),
    # normalises over the batch in evaluation: the answer for a face depends on the others
    (
        "batch_statistics_in_evaluation",
        "tiny_conv",
        "self.norm = nn.BatchNorm2d(config.channels)",
        "self.norm = nn.BatchNorm2d(config.channels, track_running_stats=False)",
    ),
    # subtracts the mean code of the batch
    (
        "centres_over_batch",
        "random_features",
        "return angles.cos() * self.gain.exp()",
        "code = angles.cos() * self.gain.exp()\n        return code - code.mean(dim=0, keepdim=True)",
    ),
    # attention over the batch in place of the patches
    (
        "attends_over_batch",
        "attention",
        "tokens = self.norm(tokens)",
        "tokens = self.norm(tokens).transpose(0, 1)\n        tokens = functional.scaled_dot_product_attention(tokens, tokens, tokens).transpose(0, 1)",
    ),
    # dropout in evaluation too
    (
        "dropout_in_evaluation",
        "tiny_conv",
        "return self.head(self.dropout(hidden))",
        "return self.head(functional.dropout(hidden, self.config.dropout + 0.2))",
    ),
    # noise in evaluation too
    ("noise_in_evaluation", "lipschitz", "if self.training and self.config.noise:", "if self.config.noise:"),
    # learns from test images: running statistics move in evaluation
    ("learns_in_evaluation", "soft_histogram", "if self.training:", "if True:"),
    # what is usual is lost when stored: another code after a resume
    (
        "state_not_stored",
        "soft_histogram",
        'self.register_buffer("usual", torch.zeros(length))',
        'self.register_buffer("usual", torch.zeros(length), persistent=False)',
    ),
    # state replaced by an attribute that is no buffer: neither moved nor stored
    (
        "state_is_no_buffer",
        "soft_histogram",
        'self.register_buffer("usual", torch.zeros(length))',
        "self.usual = torch.zeros(length)",
    ),
    # random directions that are neither stored nor keyed: a loaded model has others
    (
        "fixed_weights_not_stored",
        "random_features",
        'self.register_buffer("directions", directions)',
        'self.register_buffer("directions", torch.randn_like(directions), persistent=False)',
    ),
    # directions from numpy's own unseeded generator: two runs of one seed differ
    (
        "unseeded_start",
        "random_features",
        "own = torch.Generator().manual_seed(config.key)",
        "own = torch.Generator()\n        own.seed()",
    ),
    # seeds everybody: all runs begin alike whatever the recipe's seed
    (
        "seeds_globally_at_build",
        "random_features",
        "own = torch.Generator().manual_seed(config.key)",
        "own = torch.manual_seed(config.key)",
    ),
    # changes its input: the generator and the reconstruction see other pictures
    (
        "changes_input",
        "tiny_conv",
        "hidden = self.norm(self.first(images - 0.5)).relu()",
        "hidden = self.norm(self.first(images.sub_(0.5))).relu()",
    ),
    # no gradient to the images: a generator cannot learn through it
    ("no_gradient_to_images", "attention", "self.patches(2 * images - 1)", "self.patches(2 * images.detach() - 1)"),
    # rounding to bytes: the gradient is zero everywhere
    (
        "rounds_images",
        "random_features",
        "angles = images.flatten(1) @",
        "angles = ((255 * images).round() / 255).flatten(1) @",
    ),
    # forward in no_grad: nothing learns
    (
        "no_grad_forward",
        "rows",
        "    def forward(self, images: Tensor) -> Tensor:",
        "    @torch.no_grad()\n    def forward(self, images: Tensor) -> Tensor:",
    ),
    # one channel only: colour raises
    (
        "grey_only",
        "tiny_conv",
        "nn.Conv2d(context.image.channels, config.channels, 3, 2, 1, bias=False)",
        "nn.Conv2d(1, config.channels, 3, 2, 1, bias=False)",
    ),
    # 64 pixels typed in
    ("fixed_size", "rows", "row = context.image.channels * context.image.size", "row = context.image.channels * 64"),
    # bytes expected: pictures in [0, 1] are divided by 255 once more, all codes are alike
    ("expects_bytes", "cosines", "images - 0.5, self.waves", "images.byte().float() / 255, self.waves"),
    # standardises each batch by its brightest pixel: depends on the other samples, subtly
    (
        "scales_by_brightest_of_batch",
        "cosines",
        "images - 0.5, self.waves",
        "images / images.amax().clamp(min=1e-3) - 0.5, self.waves",
    ),
    # a constant picture gives NaN: 0/0 by its own deviation
    (
        "nan_for_constant_picture",
        "random_features",
        "angles = images.flatten(1) @",
        "flat = images.flatten(1)\n        flat = (flat - flat.mean(dim=1, keepdim=True)) / flat.std(dim=1, keepdim=True)\n        angles = flat @",
    ),
    # a black picture has no gradient but NaN: square root at 0
    (
        "nan_gradient_for_black_picture",
        "rows",
        "rows = images.permute",
        "images = images.sqrt()\n        rows = images.permute",
    ),
    # under autocast: mixes half and float and raises
    (
        "fails_under_autocast",
        "tiny_conv",
        "return self.head(self.dropout(hidden))",
        "code = torch.zeros(len(images), self.width, device=images.device)\n        return code.index_copy(0, torch.arange(len(images), device=images.device), self.head(self.dropout(hidden)))",
    ),
    # float64 out
    (
        "returns_double",
        "cosines",
        "return spectrum.flatten(1) * self.gain",
        "return spectrum.flatten(1).double() * self.gain",
    ),
    # half out, without being asked
    (
        "returns_half",
        "soft_histogram",
        "return self.head(histogram - self.usual.clone())",
        "return self.head(histogram - self.usual.clone()).half()",
    ),
    # view of a tensor that may be channels_last: raises on a GPU, where the trainer uses that format
    (
        "needs_contiguous",
        "rows",
        "rows = images.permute(0, 2, 1, 3).flatten(2)",
        "rows = images.view(len(images), -1).view(len(images), images.shape[2], -1)",
    ),
    # layers in a plain list: not trained, moved or stored
    (
        "layers_in_list",
        "tiny_conv",
        "self.second = nn.Conv2d(config.channels, config.channels, 3, 2, 1)",
        "self.more = [nn.Conv2d(config.channels, config.channels, 3, 2, 1)]\n        self.second = lambda hidden: self.more[0](hidden)",
    ),
    # a layer made anew at every call: never learned, random
    (
        "layer_made_in_forward",
        "soft_histogram",
        "return self.head(histogram - self.usual.clone())",
        "return nn.Linear(histogram.shape[1], self.width, device=images.device)(histogram - self.usual.clone())",
    ),
    # lazy weights are still not there after the build: the optimiser cannot take them
    (
        "lazy_not_finished",
        "lipschitz",
        "self.head(self.body(torch.zeros(1, context.image.channels, context.image.size, context.image.size)).flatten(1))",
        "pass",
    ),
    # weights that no output depends on: DDP raises, and weight decay moves them
    (
        "unused_parameters",
        "attention",
        "query = self.query.expand(len(images), -1, -1)",
        "query = tokens.mean(dim=1, keepdim=True)",
    ),
    # shared cache across calls: the second call of the same size gives the codes of the first
    (
        "caches_by_shape",
        "cosines",
        "return spectrum.flatten(1) * self.gain",
        "self.last = getattr(self, 'last', None)\n        if self.last is None or self.last.shape[0] != len(images):\n            self.last = spectrum.flatten(1) * self.gain\n        return self.last",
    ),
    # a state between calls: the GRU goes on where it stopped, so that order matters
    (
        "carries_state",
        "rows",
        "_, last = self.reader(rows)",
        "start = getattr(self, 'memory', None)\n        start = start if start is not None and start.shape[1] == len(images) else None\n        _, last = self.reader(rows, start)\n        self.memory = last.detach()",
    ),
    # stays in training mode: eval() has no effect on its children
    (
        "ignores_eval",
        "tiny_conv",
        "    def forward(self, images: Tensor)",
        "    def train(self, mode: bool = True):\n        return super().train(True)\n\n    def forward(self, images: Tensor)",
    ),
    # forward switches itself to training mode
    ("switches_mode", "soft_histogram", "distance = (images", "self.train()\n        distance = (images"),
    # nonpermitted device: a hard cpu
    (
        "goes_to_cpu",
        "random_features",
        "angles = images.flatten(1) @ self.directions + self.phases",
        "angles = images.flatten(1).cpu() @ self.directions.cpu() + self.phases.cpu()",
    ),
    # a tensor made in forward without device: raises on a GPU
    (
        "device_forgotten",
        "cosines",
        "return spectrum.flatten(1) * self.gain",
        "return spectrum.flatten(1) * self.gain + torch.zeros(self.width)",
    ),
    # class-wide state: two encoders built in one process share their weights
    (
        "weights_of_the_class",
        "attention",
        "self.query = nn.Parameter(0.02 * torch.randn(1, 1, config.width))",
        "if not hasattr(Part, 'shared'):\n            Part.shared = nn.Parameter(0.02 * torch.randn(1, 1, config.width))\n        self.query = Part.shared",
    ),
    # every tensor that anybody makes from here on is float64
    (
        "sets_default_dtype",
        "lipschitz",
        "wrap = nn.utils",
        "torch.set_default_dtype(torch.float64)\n        wrap = nn.utils",
    ),
    # takes all of the threads for all
    (
        "sets_threads",
        "cosines",
        "size, order = context.image.size, config.order",
        "torch.set_num_threads(torch.get_num_threads() + 1)\n        size, order = context.image.size, config.order",
    ),
    # writes a file beside the run whenever it is built
    (
        "writes_file",
        "rows",
        "row = context.image.channels * context.image.size",
        "open('encoder_log.txt', 'a').write('built')\n        row = context.image.channels * context.image.size",
    ),
    # numpy's global generator seeded
    (
        "seeds_numpy",
        "attention",
        "count = (context.image.size",
        "np.random.seed(0)\n        count = (context.image.size",
    ),
    # `check` lets through a size at which the part loses pixels at the border or raises
    (
        "check_accepts_what_fails",
        "attention",
        "self.patches = nn.Conv2d(context.image.channels, config.width, config.patch, config.patch)\n        self.place = nn.Parameter(0.02 * torch.randn(1, count, config.width))",
        "self.patches = nn.Conv2d(context.image.channels, config.width, config.patch, config.patch)\n        self.place = nn.Parameter(0.02 * torch.randn(1, min(count, 64), config.width))",
    ),
    # `check` refuses what works: no recipe of 64 pixels
    (
        "check_refuses_what_works",
        "attention",
        "if info.image.size % self.patch:",
        "if info.image.size % self.patch == 0:",
    ),
    # `check` returns text, not issues
    (
        "check_returns_text",
        "attention",
        'yield ConfigIssue(("width",), f"width {self.width} is no multiple of {self.heads} heads")',
        'pass\n        yield "fits"',
    ),
    # option that nothing reads
    (
        "option_ignored",
        "rows",
        "nn.GRU(row, config.width, config.layers, batch_first=True)",
        "nn.GRU(row, config.width, 1, batch_first=True)",
    ),
    # bounds forgotten: dropout 1.5 is accepted, and raises when it is built
    ("option_without_bounds", "tiny_conv", "dropout: float = Field(0.1, ge=0, lt=1,", "dropout: float = Field(0.1,"),
    # option required
    ("option_without_default", "lipschitz", "noise: float = Field(0.02, ge=0", "noise: float = Field(ge=0"),
    # option undescribed
    (
        "option_undescribed",
        "cosines",
        'Field(5, ge=1, le=8, description="frequencies in each direction")',
        "Field(5, ge=1, le=8)",
    ),
    # options changed by the part
    (
        "changes_its_options",
        "random_features",
        "self.width = config.width",
        "self.width = config.width\n        object.__setattr__(config, 'key', config.key + 1)",
    ),
    # config lost: base class gets None
    ("config_not_kept", "cosines", "super().__init__(config, context)", "super().__init__(None, context)"),
    # weights in the state under a name that changes with each build
    (
        "names_differ_between_builds",
        "rows",
        "self.reader = nn.GRU(row, config.width, config.layers, batch_first=True)",
        "reader = nn.GRU(row, config.width, config.layers, batch_first=True)\n        Part.built = getattr(Part, 'built', 0) + 1\n        self.add_module(f'reader{Part.built}', reader)\n        self.name = f'reader{Part.built}'\n\n    @property\n    def reader(self):\n        return getattr(self, self.name)",
    ),
    # a generator in the module: cannot be copied for the average of weights
    (
        "not_copyable",
        "lipschitz",
        "self.body.eval()",
        "self.own = (number for number in range(9))\n        self.body.eval()",
    ),
    # already normalised: magnitude lost although the model normalises later — and NaN for zero codes
    (
        "nan_for_zero_code",
        "cosines",
        "return spectrum.flatten(1) * self.gain",
        "code = spectrum.flatten(1) * self.gain\n        return code / code.norm(dim=1, keepdim=True)",
    ),
    # registered as another kind: recipes do not find it as an encoder
    ("wrong_spec_kind", "tiny_conv", 'kind="encoder"', 'kind="decoder"'),
    # hook not marked: the plugin brings nothing
    ("hook_not_marked", "rows", "@hookimpl\n", ""),
]
