"""Held-out classifiers, second round: good ones and faults."""

HEAD = """import logging
import math
import random

import numpy as np
import torch
from pydantic import Field, field_validator
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Classifier
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, PluginConfig, hookimpl

"""
TAIL = """

@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="classifier", name="part", config=PartConfig, target=f"{__name__}:Part", summary="scores")]
"""


def _source(body: str) -> str:
    return HEAD + body + TAIL


GOOD: dict[str, str] = {
    "simplex": _source('''
class PartConfig(PluginConfig):
    """Fixed directions of the classes, as far from each other as can be; a layer before them is learned."""

    scale: float = Field(4.0, gt=0, le=100, description="length of the directions")
    bias: bool = Field(True, description="whether the layer has a bias")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        classes = len(context.classes)
        corners = torch.eye(classes) - 1 / (classes + 1)
        self.register_buffer("corners", config.scale * corners)
        self.layer = nn.Linear(in_features, classes, bias=config.bias)

    def forward(self, features: Tensor) -> Tensor:
        place = self.layer(features)
        return place @ self.corners.to(place.dtype)
'''),
    "tree": _source('''
class PartConfig(PluginConfig):
    """A soft tree: each feature vector reaches every leaf by some share, and each leaf has its logits."""

    depth: int = Field(3, ge=1, le=6, description="decisions one after the other")
    steepness: float = Field(1.5, gt=0, le=50, description="how sure decisions are at the start")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of features dropped")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.drop = nn.Dropout(config.dropout)
        self.decide = nn.Linear(in_features, 2**config.depth - 1)
        self.leaves = nn.Parameter(torch.randn(2**config.depth, len(context.classes)))

    def forward(self, features: Tensor) -> Tensor:
        right = (self.config.steepness * self.decide(self.drop(features))).sigmoid()
        reach = torch.ones_like(right[:, :1])
        for level in range(self.config.depth):
            here = right[:, 2**level - 1 : 2 ** (level + 1) - 1]
            reach = torch.stack([reach * (1 - here), reach * here], dim=2).flatten(1)
        return reach @ self.leaves.to(reach.dtype)
'''),
    "quadratic": _source('''
class PartConfig(PluginConfig):
    """A linear score and squares of some projections of the features."""

    rank: int = Field(3, ge=1, le=64, description="squared projections of each class")
    strength: float = Field(0.3, ge=0, le=10, description="factor of the squares")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.classes = len(context.classes)
        self.linear = nn.Linear(in_features, self.classes)
        self.project = nn.Linear(in_features, self.classes * config.rank, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        scores = self.linear(features)
        projected = self.project(features).reshape(len(features), self.classes, self.config.rank)
        squares = projected.float().tanh().square().sum(dim=2)
        return scores + self.config.strength * squares.to(scores.dtype)
'''),
    "experts": _source('''
class PartConfig(PluginConfig):
    """Features in units of how they usually vary, scored by several experts of which each is heard by its share."""

    experts: int = Field(3, ge=1, le=32, description="number of experts")
    momentum: float = Field(0.1, gt=0, le=1, description="share of the newest batch in what is usual")
    noise: float = Field(0.05, ge=0, le=1, description="deviation of noise on the features in training")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.register_buffer("usual", torch.ones(in_features))
        self.gate = nn.Linear(in_features, config.experts)
        self.expert = nn.ModuleList(nn.Linear(in_features, len(context.classes)) for _ in range(config.experts))

    def forward(self, features: Tensor) -> Tensor:
        scaled = features / self.usual.clone().clamp(min=1e-3)
        if self.training and len(features):
            with torch.no_grad():
                self.usual.lerp_(features.detach().float().abs().mean(dim=0), self.config.momentum)
            scaled = scaled + self.config.noise * torch.randn_like(scaled)
        heard = self.gate(scaled).softmax(dim=1)
        said = torch.stack([expert(scaled) for expert in self.expert], dim=1)
        return (heard[:, :, None] * said).sum(dim=1)
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # two classes get one logit, as a binary classifier does: the loss of two columns fails
    (
        "one_logit_for_two_classes",
        "quadratic",
        "self.classes = len(context.classes)",
        "self.classes = len(context.classes) if len(context.classes) > 2 else 1",
    ),
    # the start depends on Python's hash of names, another in each process: no run can be repeated
    (
        "start_by_hash_of_names",
        "tree",
        "        self.leaves = nn.Parameter(torch.randn(2**config.depth, len(context.classes)))\n",
        "        self.leaves = nn.Parameter(torch.randn(2**config.depth, len(context.classes)))\n"
        "        start = torch.tensor([hash(name) % 100 / 50 for name in context.classes])\n        self.leaves.data += start\n",
    ),
    # rectified at the end: where all are zero nothing is learned any more, and unsure faces have equal scores
    (
        "rectified_logits",
        "simplex",
        "return place @ self.corners.to(place.dtype)",
        "return (place @ self.corners.to(place.dtype)).relu()",
    ),
    # rounded scores: ties, and no gradient
    (
        "rounded_logits",
        "quadratic",
        "return scores + self.config.strength * squares.to(scores.dtype)",
        "return (scores + self.config.strength * squares.to(scores.dtype)).mul(4).round().div(4)",
    ),
    # only a vote for the best in evaluation: no probabilities, no calibration, no ROC
    (
        "one_hot_in_evaluation",
        "tree",
        "        return reach @ self.leaves.to(reach.dtype)\n",
        "        scores = reach @ self.leaves.to(reach.dtype)\n        if self.training:\n            return scores\n"
        "        return functional.one_hot(scores.argmax(dim=1), scores.shape[1]).to(scores.dtype)\n",
    ),
    # the place in the batch favours a class
    (
        "place_in_the_batch",
        "simplex",
        "        return place @ self.corners.to(place.dtype)\n",
        "        favour = torch.arange(len(place), device=place.device)[:, None] % place.shape[1] == torch.arange(place.shape[1], device=place.device)\n"
        "        return (place + 0.1 * favour) @ self.corners.to(place.dtype)\n",
    ),
    # sorted for speed and not put back: answers belong to other faces
    (
        "rows_sorted_and_not_put_back",
        "experts",
        "        scaled = features / self.usual",
        "        features = features[features.square().sum(dim=1).argsort()]\n        scaled = features / self.usual",
    ),
    # one buffer for the results of all calls: collected predictions are all those of the last batch
    (
        "result_is_overwritten",
        "simplex",
        "        return place @ self.corners.to(place.dtype)\n",
        "        scores = place @ self.corners.to(place.dtype)\n        if scores.requires_grad:\n            return scores\n"
        '        if getattr(self, "result", scores[:0]).shape != scores.shape:\n            self.result = torch.empty_like(scores)\n'
        "        return self.result.copy_(scores)\n",
    ),
    # standardised among the features of a face: NaN where there is one feature
    (
        "nan_for_one_feature",
        "quadratic",
        "        scores = self.linear(features)\n",
        "        features = features / (features.std(dim=1, keepdim=True) + 1e-3)\n        scores = self.linear(features)\n",
    ),
    # halves of the features are paired: an odd number of them raises
    (
        "odd_number_of_features",
        "experts",
        "scaled = features / self.usual.clone().clamp(min=1e-3)",
        "scaled = features / self.usual.clone().clamp(min=1e-3)\n        first, second = scaled.reshape(len(scaled), 2, -1).unbind(1)\n"
        "        scaled = torch.cat([first + second, first - second], dim=1)",
    ),
    # only the difference, as it guesses, is read: the second half of the features has no influence
    (
        "second_half_unread",
        "tree",
        "        right = (self.config.steepness",
        "        half = (features.shape[1] + 1) // 2\n        features = torch.cat([features[:, :half], 0 * features[:, half:]], dim=1)\n        right = (self.config.steepness",
    ),
    # without gradients it decides hard: measured is not what was trained
    (
        "hard_decisions_without_gradient",
        "tree",
        "        reach = torch.ones_like(right[:, :1])\n",
        "        right = right if torch.is_grad_enabled() else right.round()\n        reach = torch.ones_like(right[:, :1])\n",
    ),
    # the first batch decides what is usual, also after stored weights were read back
    (
        "usual_is_the_first_batch",
        "experts",
        "        scaled = features / self.usual",
        '        if not hasattr(self, "seen"):\n            self.seen = True\n'
        "            self.usual.copy_(features.detach().float().abs().mean(dim=0))\n        scaled = features / self.usual",
    ),
    # noise from Python's generator seeded by the system: no seed of a run governs it
    (
        "noise_of_no_seed",
        "experts",
        "scaled = scaled + self.config.noise * torch.randn_like(scaled)",
        "scaled = scaled + self.config.noise * random.SystemRandom().gauss(0, 1)",
    ),
    # without initial weights another layer is built: a trained model cannot be read back for prediction
    (
        "other_layer_without_initial_weights",
        "quadratic",
        "self.linear = nn.Linear(in_features, self.classes)",
        "self.linear = nn.Linear(in_features, self.classes, bias=context.initial_weights)",
    ),
    # the copy is the thing itself: the average of the weights is always the newest
    (
        "copy_is_itself",
        "simplex",
        "    def forward(self, features: Tensor) -> Tensor:",
        "    def __deepcopy__(self, memo):\n        return self\n\n    def forward(self, features: Tensor) -> Tensor:",
    ),
    # views memory as if it were in order: raises for columns of a larger tensor
    (
        "needs_contiguous_features",
        "simplex",
        "place = self.layer(features)",
        "place = self.layer(features.view(-1).view(len(features), self.in_features))",
    ),
    # decays its own weights at each call in training, though the stage may have frozen them and the recipe asks for no decay
    (
        "decays_its_weights",
        "quadratic",
        "        scores = self.linear(features)\n",
        "        if self.training:\n            self.linear.weight.data.mul_(0.99)\n        scores = self.linear(features)\n",
    ),
    # whoever freezes it finds it learning: gradients are switched on again at each call
    (
        "thaws_itself",
        "tree",
        "        right = (self.config.steepness",
        "        for weight in self.parameters():\n            weight.requires_grad = True\n        right = (self.config.steepness",
    ),
    # reading weights back draws the leaves anew
    (
        "leaves_not_read_back",
        "tree",
        "    def forward(self, features: Tensor) -> Tensor:",
        "    def load_state_dict(self, state_dict, strict=True, assign=False):\n"
        '        return super().load_state_dict({**state_dict, "leaves": self.leaves.detach().clone()}, strict, assign)\n\n'
        '    def _load_from_state_dict(self, state_dict, prefix, *args):\n        state_dict[prefix + "leaves"] = self.leaves.detach().clone()\n'
        "        super()._load_from_state_dict(state_dict, prefix, *args)\n\n    def forward(self, features: Tensor) -> Tensor:",
    ),
    # larger batches than it was tried with are cut to 64 rows
    (
        "at_most_64_rows",
        "quadratic",
        "        scores = self.linear(features)\n",
        "        features = features[:64]\n        scores = self.linear(features)\n",
    ),
    # silences the messages of all others in the process
    (
        "silences_logging",
        "experts",
        'self.register_buffer("usual", torch.ones(in_features))',
        'self.register_buffer("usual", torch.ones(in_features))\n        logging.disable(logging.CRITICAL)',
    ),
    # an option by the name under which recipes select the part: it can never be set
    (
        "option_called_type",
        "simplex",
        "    bias: bool = Field(True,",
        '    type: str = Field("regular", description="kind of simplex")\n    bias: bool = Field(True,',
    ),
    # halved each time a stored recipe is read: the model that is read back differs from that which was trained
    (
        "option_changes_when_read_again",
        "tree",
        '    dropout: float = Field(0.1, ge=0, lt=1, description="share of features dropped")\n',
        '    dropout: float = Field(0.1, ge=0, lt=1, description="share of features dropped", validate_default=True)\n\n'
        '    @field_validator("steepness")\n    @classmethod\n    def _milder(cls, value):\n        return value / 2\n',
    ),
    # a sparse tensor in evaluation: softmax, argmax and storing fail or answer otherwise
    (
        "scores_in_a_sparse_tensor",
        "quadratic",
        "        return scores + self.config.strength * squares.to(scores.dtype)\n",
        "        scores = scores + self.config.strength * squares.to(scores.dtype)\n        return scores if self.training else scores.to_sparse()\n",
    ),
]
