"""Held-out deltas: good ones and faults."""

HEAD = """import math

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Delta
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, PluginConfig, hookimpl

"""
TAIL = """

@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="delta", name="part", config=PartConfig, target=f"{__name__}:Part", summary="a delta")]
"""


def _source(body: str) -> str:
    return HEAD + body + TAIL


GOOD: dict[str, str] = {
    "gains": _source('''
class PartConfig(PluginConfig):
    """Query minus reference, each component with a gain of its own."""

    gain: float = Field(4.0, gt=0, description="gain of each component at the start")
    learn: bool = Field(True, description="whether the gains are learned")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = in_features
        self.gain = nn.Parameter(torch.full((in_features,), config.gain), requires_grad=config.learn)

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        difference = query_code - reference_code
        return self.gain * difference
'''),
    "polar": _source('''
class PartConfig(PluginConfig):
    """Direction of the difference, followed by the logarithm of its length."""

    softness: float = Field(0.05, gt=0, description="length at which a difference begins to have a direction")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = in_features + 1

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        difference = query_code - reference_code
        length = (difference.square().sum(dim=1, keepdim=True) + self.config.softness**2).sqrt()
        direction = difference / length
        return torch.cat([direction, length.log()], dim=1)
'''),
    "projected": _source('''
class PartConfig(PluginConfig):
    """The difference in a few directions that are learned, then the query in others."""

    rank: int = Field(6, ge=1, description="directions of the difference")
    context: int = Field(3, ge=0, description="directions of the query that are appended")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.directions = nn.Linear(in_features, config.rank, bias=False)
        self.own = nn.Linear(in_features, config.context) if config.context else None
        self.difference_width = config.rank
        self.width = config.rank + config.context

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        difference = self.directions(query_code - reference_code)
        if self.own is None:
            return difference
        appended = self.own(query_code)
        return torch.cat([difference, appended.to(difference.dtype)], dim=1)
'''),
    "interaction": _source('''
class PartConfig(PluginConfig):
    """Signed square root of the difference, then the product of both codes."""

    epsilon: float = Field(1e-3, gt=0, description="keeps the gradient of the root finite")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of the products dropped in training")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = 2 * in_features
        self.drop = nn.Dropout(config.dropout)

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        difference = query_code - reference_code
        root = difference / (difference.abs() + self.config.epsilon).sqrt()
        product = query_code * reference_code
        return torch.cat([root, self.drop(product)], dim=1)
'''),
    "whitened": _source('''
class PartConfig(PluginConfig):
    """The difference, each component divided by how much it usually moves."""

    momentum: float = Field(0.1, gt=0, le=1, description="share of the newest batch in what is usual")
    floor: float = Field(1e-3, gt=0, description="smallest deviation by which is divided")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = in_features
        self.register_buffer("power", torch.ones(in_features))

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        difference = query_code - reference_code
        if self.training:
            with torch.no_grad():
                now = difference.float().square().mean(dim=0)
                self.power.lerp_(now, self.config.momentum)
        usual = self.power.clone().sqrt().clamp(min=self.config.floor)
        return difference / usual
'''),
    "gated": _source('''
class PartConfig(PluginConfig):
    """The difference behind a gate that the query opens; noise on the gate in training."""

    noise: float = Field(0.1, ge=0, description="deviation of the noise on the gate in training")
    open: float = Field(1.0, description="bias of the gate at the start")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = in_features
        self.gate = nn.Sequential(nn.LayerNorm(in_features), nn.Linear(in_features, in_features))
        nn.init.constant_(self.gate[1].bias, config.open)

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        gate = self.gate(query_code)
        if self.training:
            gate = gate + self.config.noise * torch.randn_like(gate)
        return gate.sigmoid() * (query_code - reference_code)
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # the answer does not depend on the reference: the whole idea is lost, unseen
    (
        "ignores_reference",
        "gains",
        "difference = query_code - reference_code",
        "difference = query_code + 0 * reference_code",
    ),
    # the answer does not depend on the query: everybody's expression is that of the rest
    (
        "ignores_query",
        "interaction",
        "difference = query_code - reference_code\n",
        "difference = reference_code - reference_code.mean(dim=1, keepdim=True)\n        query_code = reference_code\n",
    ),
    # a sum, not a difference: equal codes give something else than nothing
    ("adds", "polar", "difference = query_code - reference_code", "difference = query_code + reference_code"),
    # learns nothing from the reference: its generator and encoder get no gradient
    ("reference_detached", "gains", "query_code - reference_code", "query_code - reference_code.detach()"),
    # learns nothing from the query
    (
        "query_detached",
        "interaction",
        "difference = query_code - reference_code\n",
        "query_code = query_code.detach()\n        difference = query_code - reference_code\n",
    ),
    # width wrong: the classifier is built for another length
    ("width_wrong", "polar", "self.width = in_features + 1", "self.width = in_features"),
    # the appended part is said to be difference: contrastive losses compare lengths and queries
    (
        "difference_width_counts_appended",
        "polar",
        "self.difference_width = in_features",
        "self.difference_width = in_features + 1",
    ),
    # difference at the end, not at the beginning
    (
        "difference_not_first",
        "projected",
        "torch.cat([difference, appended.to(difference.dtype)], dim=1)",
        "torch.cat([appended, difference.to(appended.dtype)], dim=1)",
    ),
    # difference_width above width
    (
        "difference_wider_than_width",
        "projected",
        "self.difference_width = config.rank\n",
        "self.difference_width = config.rank + config.context + 1\n",
    ),
    # width forgotten
    ("width_not_set", "gains", "        self.width = in_features\n", ""),
    # difference width forgotten
    ("difference_width_not_set", "whitened", "        self.difference_width = in_features\n", ""),
    # width as a tensor: nn.Linear cannot be built
    ("width_is_tensor", "interaction", "self.width = 2 * in_features", "self.width = torch.tensor(2 * in_features)"),
    # another length for one option than announced
    (
        "width_wrong_for_an_option",
        "projected",
        "self.width = config.rank + config.context",
        "self.width = config.rank + 3",
    ),
    # an option's permitted value raises
    (
        "option_value_raises",
        "projected",
        "self.difference_width = config.rank\n",
        "self.difference_width = config.rank\n        self.share = config.rank / config.context\n",
    ),
    # NaN where query equals reference: 0/0 (a neutral query in a set whose reference it is)
    (
        "nan_at_equal_codes",
        "polar",
        "length = (difference.square().sum(dim=1, keepdim=True) + self.config.softness**2).sqrt()",
        "length = difference.norm(dim=1, keepdim=True)",
    ),
    # finite, but the gradient is NaN where query equals reference
    (
        "nan_gradient_at_equal_codes",
        "interaction",
        "root = difference / (difference.abs() + self.config.epsilon).sqrt()",
        "root = difference.sign() * difference.abs().sqrt()",
    ),
    # normalises over the batch in evaluation too
    (
        "centres_over_batch",
        "gains",
        "return self.gain * difference",
        "return self.gain * (difference - difference.mean(dim=0))",
    ),
    # takes the whole batch's power in evaluation: one face's answer depends on others
    (
        "power_of_batch",
        "whitened",
        "usual = self.power.clone().sqrt()",
        "usual = difference.square().mean(dim=0).sqrt()",
    ),
    # learns in evaluation
    ("learns_in_evaluation", "whitened", "if self.training:", "if self.power is not None:"),
    # not stored: a loaded model divides by ones
    (
        "state_not_stored",
        "whitened",
        'self.register_buffer("power", torch.ones(in_features))',
        'self.register_buffer("power", torch.ones(in_features), persistent=False)',
    ),
    # graph kept in the running mean: memory and a second backward
    (
        "keeps_graph",
        "whitened",
        "            with torch.no_grad():\n                now = difference.float().square().mean(dim=0)\n                self.power.lerp_(now, self.config.momentum)",
        "            now = difference.float().square().mean(dim=0)\n            self.power = self.power + self.config.momentum * (now - self.power)",
    ),
    # noise in evaluation
    (
        "noise_in_evaluation",
        "gated",
        "        if self.training:\n            gate = gate",
        "        if self.config.noise:\n            gate = gate",
    ),
    # own dropout that does not know evaluation
    ("drops_in_evaluation", "interaction", "self.drop(product)", "functional.dropout(product, self.config.dropout)"),
    # changes the query's code, which the losses read afterwards
    (
        "changes_query_code",
        "gains",
        "difference = query_code - reference_code",
        "difference = query_code - reference_code\n        query_code.data.copy_(difference.data)",
    ),
    # normalises the codes in place
    (
        "changes_reference_code",
        "whitened",
        "difference = query_code - reference_code\n",
        "reference_code.data.div_(reference_code.data.norm(dim=1, keepdim=True).clamp(min=1e-6))\n        difference = query_code - reference_code\n",
    ),
    # batch of one: squeeze
    (
        "squeezes",
        "gated",
        "return gate.sigmoid() * (query_code - reference_code)",
        "return (gate.sigmoid() * (query_code - reference_code)).squeeze(0)",
    ),
    # every pair of query and reference of the batch
    (
        "all_pairs",
        "gains",
        "difference = query_code - reference_code",
        "difference = query_code[:, None] - reference_code[None]",
    ),
    # compares with the reference of the neighbour
    (
        "neighbours_reference",
        "projected",
        "self.directions(query_code - reference_code)",
        "self.directions(query_code - reference_code.roll(1, 0))",
    ),
    # the gate's norm has no running numbers: in evaluation a face's gate depends on the other faces, one face alone raises
    (
        "batch_norm_without_statistics",
        "gated",
        "self.gate = nn.Sequential(nn.LayerNorm(in_features),",
        "self.gate = nn.Sequential(nn.BatchNorm1d(in_features, track_running_stats=False),",
    ),
    # in_features ignored: typed in 128
    ("fixed_length", "gains", "torch.full((in_features,), config.gain)", "torch.full((128,), config.gain)"),
    # a gain outside of the parameters
    (
        "gain_in_dict",
        "gains",
        "self.gain = nn.Parameter(torch.full((in_features,), config.gain), requires_grad=config.learn)",
        "self.all = {'gain': nn.Parameter(torch.full((in_features,), config.gain), requires_grad=config.learn)}\n\n    @property\n    def gain(self) -> Tensor:\n        return self.all['gain']",
    ),
    # `learn: false` is learned all the same
    ("frozen_is_learned", "gains", ", requires_grad=config.learn)", ")"),
    # softness is read from the class default: the recipe's value has no effect
    ("option_ignored", "polar", "self.config.softness**2", "PartConfig().softness**2"),
    # log of length without a floor: -inf for equal codes, finite direction
    ("minus_infinity", "polar", "length.log()", "difference.norm(dim=1, keepdim=True).log()"),
    # float64
    ("double", "polar", "direction = difference / length", "direction = difference.double() / length"),
    # numpy in the middle: no gradient, and no GPU
    (
        "through_numpy",
        "interaction",
        "product = query_code * reference_code",
        "product = torch.from_numpy(query_code.detach().numpy() * reference_code.detach().numpy())",
    ),
    # under autocast lerp_ of half into float raises
    (
        "fails_under_half",
        "whitened",
        "now = difference.float().square().mean(dim=0)",
        "now = difference.bfloat16().square().mean(dim=0)",
    ),
    # overflow in half: squares of large codes
    (
        "overflows",
        "polar",
        "length = (difference.square()",
        "length = (((100 * difference.half()).square().float() / 1e4)",
    ),
    # seeded noise inside forward: same noise at each step, and everybody's numbers repeat
    (
        "seeds_in_forward",
        "gated",
        "gate = self.gate(query_code)",
        "torch.manual_seed(1234)\n        gate = self.gate(query_code)",
    ),
    # builds from its own start whatever the seed of the run
    (
        "seeds_at_build",
        "projected",
        "self.directions = nn.Linear",
        "torch.manual_seed(0)\n        self.directions = nn.Linear",
    ),
    # start values from the clock: two runs of a seed differ
    (
        "start_from_clock",
        "gains",
        "torch.full((in_features,), config.gain)",
        "torch.full((in_features,), config.gain) * (1 + 0.1 * np.random.default_rng().random())",
    ),
    # raises where an untrained encoder gives zeros, as for a black picture
    (
        "raises_for_zero_codes",
        "gated",
        "gate = self.gate(query_code)",
        "if not query_code.any():\n            raise ValueError('no code')\n        gate = self.gate(query_code)",
    ),
    # width depends on classes of the context, unset at export
    (
        "needs_classes",
        "projected",
        "self.difference_width = config.rank\n",
        "self.difference_width = config.rank\n        self.weight_of_class = 1 / len(context.class_counts)\n",
    ),
    # dead weights
    (
        "unused_parameters",
        "projected",
        "appended = self.own(query_code)",
        "appended = query_code[:, : self.config.context]",
    ),
    # hidden state between calls
    (
        "momentum_of_codes",
        "gains",
        "return self.gain * difference",
        "before = getattr(self, 'before', None)\n        if before is not None and before.shape == difference.shape:\n            difference = difference + 0.1 * before\n        self.before = difference.detach()\n        return self.gain * difference",
    ),
    # a hook of its own that cannot be copied
    (
        "not_copyable",
        "interaction",
        "self.drop = nn.Dropout(config.dropout)",
        "self.drop = nn.Dropout(config.dropout)\n        self.log = open('/dev/null', 'w')",
    ),
    # in training another length: the product is left out
    (
        "other_width_in_training",
        "interaction",
        "return torch.cat([root, self.drop(product)], dim=1)",
        "return torch.cat([root, self.drop(product)], dim=1)[:, : self.width - self.training]",
    ),
    # prints to standard output at each call, where a script reads JSON
    (
        "prints",
        "polar",
        "direction = difference / length",
        "print('length', float(length.mean()))\n        direction = difference / length",
    ),
    # constructor takes no in_features
    (
        "constructor_without_in_features",
        "gains",
        "def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:",
        "def __init__(self, config: PartConfig, context: BuildContext) -> None:\n        in_features = 128",
    ),
    # options without default
    ("option_without_default", "gated", "open: float = Field(1.0, description", "open: float = Field(description"),
    # options without description
    ("option_undescribed", "interaction", ', description="keeps the gradient of the root finite"', ""),
    # option accepts a value at which it divides by zero
    ("option_range_too_wide", "whitened", "floor: float = Field(1e-3, gt=0,", "floor: float = Field(1e-3, le=1,"),
    # unknown keys accepted
    (
        "unknown_keys_ignored",
        "projected",
        "    rank: int = Field(6",
        "    model_config = {'extra': 'ignore'}\n\n    rank: int = Field(6",
    ),
    # options not frozen: one part changes what is saved as recipe
    (
        "options_not_frozen",
        "gains",
        "    gain: float = Field(4.0",
        "    model_config = {'frozen': False}\n\n    gain: float = Field(4.0",
    ),
    # options cannot be written as a recipe
    (
        "option_not_json",
        "polar",
        "    softness: float = Field(0.05",
        "    model_config = {'arbitrary_types_allowed': True}\n    kind: torch.dtype = Field(torch.float32, description='of the numbers')\n    softness: float = Field(0.05",
    ),
]
