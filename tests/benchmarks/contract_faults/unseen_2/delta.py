"""Held-out deltas, second round: good ones and faults."""

HEAD = """import math
import time

import numpy as np
import torch
from pydantic import Field, field_validator
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
    "softsign": _source('''
class PartConfig(PluginConfig):
    """The difference, its large components bent; where they bend is learned for each."""

    bend: float = Field(0.5, gt=0, le=100, description="size of a component at which it is halved, at the start")
    gain: float = Field(3.0, gt=0, le=100, description="factor of all components")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.width = in_features
        self.difference_width = in_features
        self.log_bend = nn.Parameter(torch.full((in_features,), math.log(config.bend)))

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        difference = query_code - reference_code
        bend = self.log_bend.exp()
        bent = difference / (1 + difference.abs() / bend)
        return self.config.gain * bent
'''),
    "mixture": _source('''
class PartConfig(PluginConfig):
    """Several views of the difference, each turned by a matrix, weighted by how they fit the query."""

    views: int = Field(3, ge=1, le=32, description="number of matrices")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of the weights dropped in training")
    append: bool = Field(False, description="append the weights of the views")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = in_features + (config.views if config.append else 0)
        start = torch.eye(in_features).repeat(config.views, 1, 1)
        self.turn = nn.Parameter(start + 0.1 * torch.randn_like(start))
        self.choose = nn.Sequential(nn.Linear(in_features, config.views), nn.Dropout(config.dropout))

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        difference = query_code - reference_code
        weights = self.choose(query_code).softmax(dim=1)
        turned = torch.einsum("bi,vij->bvj", difference, self.turn)
        joined = (weights[:, :, None] * turned).sum(dim=1)
        if not self.config.append:
            return joined
        return torch.cat([joined, weights.to(joined.dtype)], dim=1)
'''),
    "relative": _source('''
class PartConfig(PluginConfig):
    """The difference relative to how large both codes are together, then the cosine of the two."""

    floor: float = Field(0.1, gt=0, le=10, description="added to the size, so that small codes make no large ratio")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = in_features + 1
        self.gain = nn.Parameter(torch.ones(in_features))

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        query, reference = query_code.float(), reference_code.float()
        size = query.abs() + reference.abs() + self.config.floor
        ratio = (query - reference) / size
        cosine = functional.cosine_similarity(query, reference, dim=1, eps=1e-4)
        return torch.cat([self.gain * ratio, cosine[:, None]], dim=1)
'''),
    "capped": _source('''
class PartConfig(PluginConfig):
    """The difference in units of the largest that was seen lately."""

    decay: float = Field(0.95, ge=0, lt=1, description="share of the remembered largest that stays at a step")
    power: float = Field(1.0, gt=0, le=2, description="exponent of the remembered largest")


class Part(Delta):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.difference_width = in_features
        self.width = in_features
        self.register_buffer("largest", torch.ones(in_features))

    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:
        difference = query_code - reference_code
        unit = self.largest.clone().clamp(min=0.01) ** self.config.power
        if self.training and len(difference):
            with torch.no_grad():
                now = difference.detach().float().abs().amax(dim=0)
                self.largest.lerp_(now, 1 - self.config.decay)
        return difference / unit
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # pairs of components: a code of odd length raises
    (
        "odd_length_raises",
        "softsign",
        "bend = self.log_bend.exp()",
        "difference = difference.view(len(difference), 2, -1).flatten(1)\n        bend = self.log_bend.exp()",
    ),
    # divided by the deviation among the components: NaN for codes of one number
    (
        "nan_for_one_component",
        "relative",
        "ratio = (query - reference) / size",
        "ratio = (query - reference) / size\n        ratio = ratio / (1e-3 + ratio.std(dim=1, keepdim=True))",
    ),
    # the second half of the codes is never compared
    (
        "second_half_ignored",
        "capped",
        "        difference = query_code - reference_code\n",
        "        difference = query_code - reference_code\n        half = (difference.shape[1] + 1) // 2\n"
        "        difference = torch.cat([difference[:, :half], torch.zeros_like(difference[:, half:])], dim=1)\n",
    ),
    # everybody is compared with the first person of the batch
    ("first_reference_for_all", "softsign", "query_code - reference_code\n", "query_code - reference_code[:1]\n"),
    # softmax along the batch, not along the views: faces share their weights with their neighbours
    ("softmax_along_the_batch", "mixture", ".softmax(dim=1)", ".softmax(dim=0)"),
    # another value where no gradient is asked for: measured is not what was trained
    (
        "other_value_without_gradient",
        "softsign",
        "bent = difference / (1 + difference.abs() / bend)",
        "bent = difference / (1 + difference.abs() / bend) if torch.is_grad_enabled() else difference.clamp(-bend, bend)",
    ),
    # one buffer for all results: representations that somebody collects turn into the last batch's
    (
        "result_is_overwritten",
        "capped",
        "        return difference / unit\n",
        "        result = difference / unit\n        if result.requires_grad:\n            return result\n"
        '        if getattr(self, "result", result[:0]).shape != result.shape:\n            self.result = torch.empty_like(result)\n'
        "        return self.result.copy_(result)\n",
    ),
    # the appended number is the place in the batch
    (
        "place_in_the_batch",
        "relative",
        "cosine[:, None]]",
        "cosine[:, None] + torch.arange(len(cosine), device=cosine.device)[:, None]]",
    ),
    # the derivative by the reference has the sign of that by the query: the generator is driven away from its aim
    (
        "sign_of_the_reference_gradient",
        "softsign",
        "difference = query_code - reference_code\n",
        "difference = query_code + reference_code - 2 * reference_code.detach()\n",
    ),
    # the gradient is rescaled on its way: hooks fail for codes without gradient, as those of a frozen encoder
    (
        "raises_for_frozen_codes",
        "mixture",
        "        difference = query_code - reference_code\n",
        "        if self.training:\n            query_code.register_hook(lambda slope: slope.clamp(-1, 1))\n        difference = query_code - reference_code\n",
    ),
    # shortcut for one tensor as both arguments: as many zeros as the difference has, without gradient and without what is appended
    (
        "shortcut_for_the_same_tensor",
        "relative",
        "        query, reference = query_code.float()",
        "        if query_code is reference_code:\n            return torch.zeros_like(query_code, dtype=torch.float32)\n        query, reference = query_code.float()",
    ),
    # made in inference mode when in evaluation: a frozen difference stops a generator behind it from learning
    (
        "inference_mode_in_evaluation",
        "capped",
        "        return difference / unit\n",
        "        with torch.inference_mode(not self.training):\n            return difference / unit\n",
    ),
    # a vector made on the CPU in each call: fails as soon as the codes are on a GPU
    (
        "vector_made_on_the_cpu",
        "mixture",
        "joined = (weights[:, :, None] * turned).sum(dim=1)",
        "joined = (weights[:, :, None] * turned).sum(dim=1) * torch.ones(self.in_features)",
    ),
    # views the memory: raises for codes that are columns of a larger tensor
    (
        "needs_contiguous_codes",
        "relative",
        "query, reference = query_code.float(), reference_code.float()",
        "query, reference = (code.float().view(-1).view(len(code), -1) for code in (query_code, reference_code))",
    ),
    # steps of a tenth: nothing can be learned through a rounding
    (
        "rounded_to_tenths",
        "capped",
        "        return difference / unit\n",
        "        return (10 * difference / unit).round() / 10\n",
    ),
    # a schedule in a Python number: after a resume the difference is scaled as in the first step
    (
        "schedule_not_stored",
        "softsign",
        "        return self.config.gain * bent\n",
        '        if self.training:\n            self.steps = getattr(self, "steps", 0) + 1\n'
        '        return self.config.gain * bent * (1 + min(getattr(self, "steps", 0), 100) / 100)\n',
    ),
    # the mode does not reach the layers inside: dropout goes on in evaluation
    (
        "mode_does_not_reach_the_layers",
        "mixture",
        "    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:",
        "    def train(self, mode: bool = True):\n        self.training = mode\n        return self\n\n"
        "    def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:",
    ),
    # the first batch decides the unit, also after weights were read back
    (
        "unit_of_the_first_batch",
        "capped",
        "        unit = self.largest.clone()",
        '        if not getattr(self, "ready", False):\n            self.ready = True\n'
        "            self.largest.copy_(difference.detach().float().abs().amax(dim=0))\n        unit = self.largest.clone()",
    ),
    # the weights are in half precision in a network of float32: steps of the optimiser are rounded away
    (
        "weights_in_half",
        "softsign",
        "torch.full((in_features,), math.log(config.bend))",
        "torch.full((in_features,), math.log(config.bend), dtype=torch.float16)",
    ),
    # the default is another in every process: a recipe does not say what was run
    (
        "default_from_the_clock",
        "relative",
        "floor: float = Field(0.1, gt=0, le=10,",
        "floor: float = Field(default_factory=lambda: 0.1 + time.time_ns() % 997 / 1000, gt=0, le=10,",
    ),
    # a list made when the module is imported is emptied by the first look: the second finds no part
    (
        "hook_answers_once",
        "softsign",
        'return [ComponentSpec(kind="delta", name="part", config=PartConfig, target=f"{__name__}:Part", summary="a delta")]',
        "specs, PARTS[:] = list(PARTS), []\n    return specs\n\n\n"
        'PARTS = [ComponentSpec(kind="delta", name="part", config=PartConfig, target=f"{__name__}:Part", summary="a delta")]',
    ),
    # not the names of the interface: a call by name, query_code=..., raises
    (
        "arguments_renamed",
        "mixture",
        "def forward(self, query_code: Tensor, reference_code: Tensor) -> Tensor:\n        difference = query_code - reference_code\n        weights = self.choose(query_code)",
        "def forward(self, query: Tensor, neutral: Tensor) -> Tensor:\n        difference = query - neutral\n        weights = self.choose(query)",
    ),
    # replaces a function of torch for everybody else in the process
    (
        "patches_torch",
        "relative",
        "self.gain = nn.Parameter(torch.ones(in_features))",
        "self.gain = nn.Parameter(torch.ones(in_features))\n"
        "        functional.normalize = lambda codes, *_, **__: codes / (codes.norm(dim=1, keepdim=True) + self.config.floor)",
    ),
    # a learned parameter that is made only beside pre-trained weights: the trained model cannot be read back
    (
        "parameter_only_with_initial_weights",
        "capped",
        'self.register_buffer("largest", torch.ones(in_features))',
        'self.register_buffer("largest", torch.ones(in_features))\n        if context.initial_weights:\n'
        '            self.register_buffer("first", torch.ones(in_features))',
    ),
    # remembers a tensor of the graph: after one step in training no copy can be made (averages, folds)
    (
        "not_copyable_after_a_step",
        "softsign",
        "        return self.config.gain * bent\n",
        "        self.last = self.config.gain * bent\n        return self.last\n",
    ),
    # a pair whose codes are equal is left out of the result: fewer rows than queries
    (
        "equal_pairs_left_out",
        "mixture",
        "        if not self.config.append:\n            return joined\n",
        "        if not self.config.append:\n            return joined[difference.abs().sum(dim=1) > 0]\n",
    ),
]
