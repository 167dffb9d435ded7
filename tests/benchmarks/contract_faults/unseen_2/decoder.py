"""Held-out decoders, second round: good ones and faults."""

HEAD = """import math

import numpy as np
import torch
from pydantic import Field, field_validator
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
    "templates": _source('''
class PartConfig(DecoderConfig):
    """A mixture of a few whole pictures that are learned, so that what comes out is always between them."""

    templates: int = Field(12, ge=2, le=256, description="number of pictures")
    sharpness: float = Field(2.0, gt=0, le=50, description="factor of the scores by which they are mixed")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.shape = (context.image.channels, context.image.size, context.image.size)
        self.pictures = nn.Parameter(torch.randn(config.templates, math.prod(self.shape)))
        self.choose = nn.Linear(in_features, config.templates)

    def forward(self, code: Tensor) -> Tensor:
        scores = self.config.sharpness * self.choose(code)
        mixture = scores.softmax(dim=1)
        pixels = mixture @ self.pictures.sigmoid().to(mixture.dtype)
        return pixels.reshape(len(code), *self.shape)
'''),
    "patches": _source('''
class PartConfig(DecoderConfig):
    """A coarse map of vectors, each of which becomes a patch of pixels."""

    patch: int = Field(4, ge=1, le=8, description="side of a patch, pixels")
    features: int = Field(8, ge=1, le=256, description="numbers at each place of the map")
    dropout: float = Field(0.05, ge=0, lt=1, description="share of these numbers dropped in training")

    def check(self, info):
        if info.image.size % self.patch:
            yield ConfigIssue(("patch",), f"patches of {self.patch} do not fill an image of {info.image.size}")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.side = context.image.size // config.patch
        self.start = nn.Linear(in_features, config.features * self.side**2)
        self.drop = nn.Dropout(config.dropout)
        self.mix = nn.Conv2d(config.features, config.features, 3, padding=1)
        self.paint = nn.Conv2d(config.features, context.image.channels * config.patch**2, 1)
        self.shuffle = nn.PixelShuffle(config.patch)

    def forward(self, code: Tensor) -> Tensor:
        places = self.start(code).reshape(len(code), self.config.features, self.side, self.side)
        places = places + functional.silu(self.mix(self.drop(places)))
        painted = self.shuffle(self.paint(places))
        return painted.sigmoid()
'''),
    "legendre": _source('''
class PartConfig(DecoderConfig):
    """Products of Legendre polynomials across and down, bent into range by an arc tangent."""

    degree: int = Field(5, ge=0, le=12, description="highest degree in each direction")
    contrast: float = Field(2.0, gt=0, le=50, description="factor before the arc tangent")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.channels = context.image.channels
        place = np.linspace(-1, 1, context.image.size)
        table = np.polynomial.legendre.legvander(place, config.degree).T
        self.register_buffer("table", torch.from_numpy(table.astype(np.float32).copy()), persistent=False)
        self.amount = nn.Linear(in_features, self.channels * (config.degree + 1) ** 2)

    def forward(self, code: Tensor) -> Tensor:
        degrees = self.config.degree + 1
        amount = self.amount(code).float().reshape(len(code), self.channels, degrees, degrees)
        surface = torch.einsum("bcij,iy,jx->bcyx", amount, self.table, self.table)
        return 0.5 + torch.atan(self.config.contrast * surface) / math.pi
'''),
    "separable": _source('''
class PartConfig(DecoderConfig):
    """Sums of rows times columns, around a mean brightness that follows the codes seen in training."""

    rank: int = Field(6, ge=1, le=64, description="number of products")
    momentum: float = Field(0.05, gt=0, le=1, description="share of the newest batch in the usual code")
    noise: float = Field(0.02, ge=0, le=1, description="deviation of noise on the code in training")


class Part(Decoder):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.channels, self.size = context.image.channels, context.image.size
        self.register_buffer("usual", torch.zeros(in_features))
        self.rows = nn.Linear(in_features, self.channels * config.rank * self.size)
        self.columns = nn.Linear(in_features, self.channels * config.rank * self.size)

    def forward(self, code: Tensor) -> Tensor:
        moved = code - self.usual.clone()
        if self.training and len(code):
            with torch.no_grad():
                self.usual.lerp_(code.detach().float().mean(dim=0), self.config.momentum)
            moved = moved + self.config.noise * torch.randn_like(moved)
        shape = (len(code), self.channels, self.config.rank, self.size)
        rows, columns = self.rows(moved).reshape(shape), self.columns(moved).reshape(shape)
        surface = torch.einsum("bcky,bckx->bcyx", rows, columns)
        return surface.sigmoid()
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # a little beyond the range, as some stretch a sigmoid for sharper whites: losses on [0, 1] and stored pictures break
    ("a_little_beyond_the_range", "patches", "return painted.sigmoid()", "return 1.04 * painted.sigmoid() - 0.02"),
    # a grey picture spread by expand: colours never learned, and writing into it changes all channels at once
    (
        "one_channel_expanded",
        "legendre",
        'surface = torch.einsum("bcij,iy,jx->bcyx", amount, self.table, self.table)',
        'surface = torch.einsum("bcij,iy,jx->bcyx", amount, self.table, self.table)\n'
        "        picture = 0.5 + torch.atan(self.config.contrast * surface.mean(dim=1, keepdim=True)) / math.pi\n"
        "        return picture.expand(-1, self.channels, -1, -1)",
    ),
    # the place in the batch sets the brightness
    (
        "place_in_the_batch",
        "separable",
        "return surface.sigmoid()",
        "return (surface + 0.05 * torch.arange(len(code), device=code.device).view(-1, 1, 1, 1)).sigmoid()",
    ),
    # coarse where no gradient is asked for: figures and metrics show other pictures than were trained
    (
        "coarse_without_gradient",
        "patches",
        "return painted.sigmoid()",
        "painted = painted if torch.is_grad_enabled() else functional.avg_pool2d(painted, 3, 1, 1)\n        return painted.sigmoid()",
    ),
    # the second half of the code is never decoded
    (
        "half_of_the_code_unread",
        "templates",
        "scores = self.config.sharpness * self.choose(code)",
        "half = (code.shape[1] + 1) // 2\n        scores = self.config.sharpness * self.choose(torch.cat([code[:, :half], 0 * code[:, half:]], dim=1))",
    ),
    # more than 16 codes are decoded in chunks, the remainder is lost
    (
        "remainder_lost",
        "templates",
        "        return pixels.reshape(len(code), *self.shape)\n",
        "        pictures = pixels.reshape(len(code), *self.shape)\n        return pictures if len(code) < 16 else pictures[: len(code) // 16 * 16]\n",
    ),
    # equal codes are decoded once: fewer pictures than codes, in another order
    (
        "equal_codes_once",
        "legendre",
        "        amount = self.amount(code).float()",
        "        code = code.unique(dim=0)\n        amount = self.amount(code).float()",
    ),
    # the first batch decides what is usual, though weights were read back before
    (
        "usual_is_the_first_batch",
        "separable",
        "        moved = code - self.usual.clone()\n",
        '        if not getattr(self, "met", False):\n            self.met = True\n            self.usual.copy_(code.detach().float().mean(dim=0))\n'
        "        moved = code - self.usual.clone()\n",
    ),
    # without initial weights a smaller network is built: a trained model cannot be read back
    (
        "other_layers_without_initial_weights",
        "patches",
        "self.mix = nn.Conv2d(config.features, config.features, 3, padding=1)",
        'self.mix = nn.Conv2d(config.features, config.features, 3 if context.initial_weights else 1, padding="same")',
    ),
    # noise of a generator of its own, which no seed sets and no checkpoint holds
    (
        "own_generator",
        "separable",
        "moved = moved + self.config.noise * torch.randn_like(moved)",
        'self.dice = getattr(self, "dice", None) or np.random.default_rng()\n'
        "            moved = moved + self.config.noise * torch.from_numpy(self.dice.normal(size=tuple(moved.shape))).to(moved)",
    ),
    # views memory: raises for codes that are columns of a larger tensor
    (
        "needs_contiguous_codes",
        "legendre",
        "amount = self.amount(code).float()",
        "amount = self.amount(code.view(-1).view(-1, self.in_features)).float()",
    ),
    # half precision in evaluation to save memory: other types than the rest of the network has
    (
        "half_in_evaluation",
        "templates",
        "        return pixels.reshape(len(code), *self.shape)\n",
        "        pictures = pixels.reshape(len(code), *self.shape)\n        return pictures if self.training else pictures.half()\n",
    ),
    # in evaluation made in inference mode: a frozen decoder cannot teach the encoder before it
    (
        "inference_mode_in_evaluation",
        "patches",
        "        places = self.start(code)",
        "        if not self.training and torch.is_inference_mode_enabled() is False:\n            with torch.inference_mode():\n"
        "                return self.forward(code)\n        places = self.start(code)",
    ),
    # the copy shares its weights with the original: averages and backups follow the training
    (
        "copy_shares_weights",
        "legendre",
        "    def forward(self, code: Tensor) -> Tensor:",
        "    def __deepcopy__(self, memo):\n        import copy\n\n        return copy.copy(self)\n\n    def forward(self, code: Tensor) -> Tensor:",
    ),
    # eval() returns nothing: decoder.eval().to(device) fails
    (
        "eval_returns_nothing",
        "separable",
        "    def forward(self, code: Tensor) -> Tensor:",
        "    def eval(self):\n        self.train(False)\n\n    def forward(self, code: Tensor) -> Tensor:",
    ),
    # the gradient of the code is a tenth of the true one, that of the weights is right
    (
        "gradient_of_the_code_is_smaller",
        "templates",
        "self.choose(code)",
        "self.choose(0.1 * code + 0.9 * code.detach())",
    ),
    # the stored usual code gets the shape of the last batch: cannot be read into a new model
    (
        "stored_codes_of_the_last_batch",
        "separable",
        "        shape = (len(code), self.channels",
        '        self.register_buffer("latest", moved.detach().clone())\n        shape = (len(code), self.channels',
    ),
    # the usual code is not read back: zeros whatever was stored
    (
        "usual_not_read_back",
        "separable",
        "    def forward(self, code: Tensor) -> Tensor:",
        '    def _load_from_state_dict(self, state_dict, prefix, *args):\n        state_dict[prefix + "usual"] = torch.zeros_like(self.usual)\n'
        "        super()._load_from_state_dict(state_dict, prefix, *args)\n\n    def forward(self, code: Tensor) -> Tensor:",
    ),
    # refuses sizes with which it works: a recipe cannot be run for nothing
    (
        "check_refuses_what_works",
        "patches",
        "if info.image.size % self.patch:",
        "if info.image.size % 32 or self.patch != 4:",
    ),
    # all matrices of the process are multiplied in a coarser precision from here on
    (
        "lowers_the_precision_of_all",
        "legendre",
        "self.channels = context.image.channels",
        'torch.set_float32_matmul_precision("medium")\n        self.channels = context.image.channels',
    ),
    # rewrites what it was told: parts built after it get another image size
    (
        "changes_the_context",
        "separable",
        "self.channels, self.size = context.image.channels, context.image.size",
        "self.channels, self.size = context.image.channels, context.image.size\n"
        '        object.__setattr__(context, "classes", ())\n        context.image.__dict__["size"] = 2 * self.size',
    ),
    # remembers a tensor of the graph: after one call in training no copy can be made (averages, folds)
    (
        "not_copyable_after_a_call",
        "legendre",
        "return 0.5 + torch.atan(self.config.contrast * surface) / math.pi",
        "self.last = surface\n        return 0.5 + torch.atan(self.config.contrast * surface) / math.pi",
    ),
    # written out under another key than it is read by: a stored recipe is refused
    (
        "option_alias",
        "templates",
        "sharpness: float = Field(2.0, gt=0, le=50,",
        'sharpness: float = Field(2.0, gt=0, le=50, alias="temperature",',
    ),
    # clears its gradients in each call: query and reference are decoded one after the other, gradients added over batches are lost
    (
        "clears_its_gradients",
        "patches",
        "        places = self.start(code)",
        "        self.zero_grad()\n        places = self.start(code)",
    ),
    # degree 0, which the options permit, cannot be built
    (
        "permitted_degree_raises",
        "legendre",
        "table = np.polynomial.legendre.legvander(place, config.degree).T",
        "table = np.polynomial.legendre.legvander(place, config.degree).T\n        table[1] *= 1.5",
    ),
]
