"""Held-out classifiers: good ones and faults."""

HEAD = """import math

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Classifier
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, PluginConfig, hookimpl

"""
TAIL = """

@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="classifier", name="part", config=PartConfig, target=f"{__name__}:Part", summary="a classifier")]
"""


def _source(body: str) -> str:
    return HEAD + body + TAIL


GOOD: dict[str, str] = {
    "normed": _source('''
class PartConfig(PluginConfig):
    """Layer norm, then one linear layer."""

    dropout: float = Field(0.1, ge=0, lt=1, description="share of features dropped in training")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.norm = nn.LayerNorm(in_features)
        self.dropout = nn.Dropout(config.dropout)
        self.linear = nn.Linear(in_features, len(context.classes))

    def forward(self, features: Tensor) -> Tensor:
        hidden = self.dropout(self.norm(features))
        return self.linear(hidden)
'''),
    "cosine": _source('''
class PartConfig(PluginConfig):
    """Cosines to one direction a class, times a factor that is learned."""

    scale: float = Field(8.0, gt=0, description="factor at the start")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.directions = nn.Parameter(torch.randn(len(context.classes), in_features))
        self.log_scale = nn.Parameter(torch.tensor(math.log(config.scale)))

    def forward(self, features: Tensor) -> Tensor:
        unit = functional.normalize(features, dim=1, eps=1e-6)
        directions = functional.normalize(self.directions, dim=1, eps=1e-6)
        return self.log_scale.exp() * functional.linear(unit, directions)
'''),
    "prototypes": _source('''
class PartConfig(PluginConfig):
    """Minus the squared distance to the nearest of a few prototypes of each class, softly."""

    prototypes: int = Field(2, ge=1, le=32, description="of each class")
    sharpness: float = Field(1.0, gt=0, description="how much the nearest counts")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.classes = len(context.classes)
        self.places = nn.Parameter(0.5 * torch.randn(self.classes * config.prototypes, in_features))

    def forward(self, features: Tensor) -> Tensor:
        gaps = features[:, None, :] - self.places[None]
        near = -gaps.square().mean(dim=2)
        near = near.unflatten(1, (self.classes, self.config.prototypes))
        return (self.config.sharpness * near).logsumexp(dim=2)
'''),
    "hidden": _source('''
class PartConfig(PluginConfig):
    """One hidden layer with batch norm and a way around it."""

    hidden: int = Field(16, ge=1, description="width of the hidden layer")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of hidden features dropped in training")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.norm = nn.BatchNorm1d(in_features)
        self.first = nn.Linear(in_features, config.hidden)
        self.drop = nn.Dropout(config.dropout)
        self.second = nn.Linear(config.hidden, len(context.classes))
        self.around = nn.Linear(in_features, len(context.classes), bias=False)

    def forward(self, features: Tensor) -> Tensor:
        normed = self.norm(features)
        hidden = self.drop(functional.gelu(self.first(normed)))
        return self.second(hidden) + self.around(normed)
'''),
    "kernel": _source('''
class PartConfig(PluginConfig):
    """Fixed random cosines, then a linear layer that begins with the classes' frequencies."""

    waves: int = Field(32, ge=1, description="number of random cosines")
    bandwidth: float = Field(2.0, gt=0, description="the larger, the smoother")
    key: int = Field(3, ge=0, description="of the random directions")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        own = torch.Generator().manual_seed(config.key)
        waves = torch.randn(config.waves, in_features, generator=own) / config.bandwidth
        self.register_buffer("waves", waves)
        self.register_buffer("phases", 2 * math.pi * torch.rand(config.waves, generator=own))
        self.linear = nn.Linear(config.waves, len(context.classes))
        if context.class_counts and context.initial_weights:
            counts = torch.tensor(context.class_counts, dtype=torch.float32).clamp(min=1)
            with torch.no_grad():
                self.linear.bias.copy_((counts / counts.sum()).log())

    def forward(self, features: Tensor) -> Tensor:
        angles = functional.linear(features, self.waves) + self.phases
        return self.linear(angles.cos() * math.sqrt(2 / self.config.waves))
'''),
    "maxout": _source('''
class PartConfig(PluginConfig):
    """The largest of a few linear scores of each class, relative to a running centre of the features."""

    pieces: int = Field(3, ge=1, le=16, description="linear scores of each class")
    momentum: float = Field(0.05, gt=0, le=1, description="share of the newest batch in the centre")


class Part(Classifier):
    def __init__(self, config: PartConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.classes = len(context.classes)
        self.scores = nn.Linear(in_features, self.classes * config.pieces)
        self.register_buffer("centre", torch.zeros(in_features))

    def forward(self, features: Tensor) -> Tensor:
        if self.training:
            with torch.no_grad():
                self.centre.lerp_(features.float().mean(dim=0), self.config.momentum)
        scores = self.scores(features - self.centre.clone())
        return scores.unflatten(1, (self.classes, self.config.pieces)).amax(dim=2)
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # probabilities: the cross-entropy takes the softmax of a softmax
    ("returns_probabilities", "normed", "return self.linear(hidden)", "return self.linear(hidden).softmax(dim=1)"),
    # sigmoid: one score a class in [0, 1]
    (
        "returns_sigmoid",
        "hidden",
        "return self.second(hidden) + self.around(normed)",
        "return (self.second(hidden) + self.around(normed)).sigmoid()",
    ),
    # softmax in evaluation alone: temperatures and ensembles of logits are wrong, training looks well
    (
        "probabilities_in_evaluation",
        "cosine",
        "return self.log_scale.exp() * functional.linear(unit, directions)",
        "logits = self.log_scale.exp() * functional.linear(unit, directions)\n        return logits if self.training else logits.softmax(dim=1)",
    ),
    # the class, not scores
    ("returns_index", "normed", "return self.linear(hidden)", "return self.linear(hidden).argmax(dim=1)"),
    # seven classes typed in
    (
        "seven_classes",
        "normed",
        "self.linear = nn.Linear(in_features, len(context.classes))",
        "self.linear = nn.Linear(in_features, 7)",
    ),
    # one score too many (background)
    (
        "one_class_more",
        "cosine",
        "torch.randn(len(context.classes), in_features)",
        "torch.randn(len(context.classes) + 1, in_features)",
    ),
    # one fewer: the first as the reference class
    (
        "one_class_fewer",
        "prototypes",
        "return (self.config.sharpness * near).logsumexp(dim=2)",
        "logits = (self.config.sharpness * near).logsumexp(dim=2)\n        return logits[:, 1:] - logits[:, :1]",
    ),
    # softmax over the batch (dim 0): one answer depends on the others
    ("normalised_over_batch", "normed", "return self.linear(hidden)", "return self.linear(hidden).log_softmax(dim=0)"),
    # batch norm without running numbers
    (
        "batch_norm_without_statistics",
        "hidden",
        "nn.BatchNorm1d(in_features)",
        "nn.BatchNorm1d(in_features, track_running_stats=False)",
    ),
    # scores relative to the best of the batch
    ("relative_to_batch_maximum", "maxout", ".amax(dim=2)", ".amax(dim=2) / scores.abs().amax().clamp(min=1e-6)"),
    # dropout at test time
    (
        "dropout_in_evaluation",
        "hidden",
        "self.drop(functional.gelu(self.first(normed)))",
        "functional.dropout(functional.gelu(self.first(normed)), self.config.dropout)",
    ),
    # centre moves in evaluation
    ("learns_in_evaluation", "maxout", "if self.training:", "if torch.is_tensor(features):"),
    # centre not stored
    (
        "state_not_stored",
        "maxout",
        'self.register_buffer("centre", torch.zeros(in_features))',
        'self.register_buffer("centre", torch.zeros(in_features), persistent=False)',
    ),
    # waves are neither stored nor keyed
    (
        "random_waves_not_stored",
        "kernel",
        'self.register_buffer("waves", waves)',
        'self.register_buffer("waves", torch.randn_like(waves), persistent=False)',
    ),
    # waves are a plain tensor: on a GPU two devices meet
    ("waves_stay_on_cpu", "kernel", 'self.register_buffer("waves", waves)', "self.waves = waves"),
    # global seed at build
    (
        "seeds_globally",
        "kernel",
        "own = torch.Generator().manual_seed(config.key)",
        "own = torch.manual_seed(config.key)",
    ),
    # global generator of Python / numpy seeded
    (
        "seeds_numpy",
        "prototypes",
        "self.classes = len(context.classes)",
        "np.random.seed(5)\n        self.classes = len(context.classes)",
    ),
    # start from numpy's entropy: seeds do not hold
    (
        "start_ignores_seed",
        "cosine",
        "torch.randn(len(context.classes), in_features)",
        "torch.from_numpy(np.random.default_rng().normal(size=(len(context.classes), in_features))).float()",
    ),
    # changes its input
    (
        "changes_features",
        "maxout",
        "scores = self.scores(features - self.centre.clone())",
        "features.data.sub_(self.centre)\n        scores = self.scores(features)",
    ),
    # no gradient to what comes before
    ("detaches_features", "prototypes", "gaps = features[:, None, :]", "gaps = features.detach()[:, None, :]"),
    # no gradient to its own weights
    (
        "own_weights_detached",
        "cosine",
        "functional.normalize(self.directions, dim=1, eps=1e-6)",
        "functional.normalize(self.directions.detach(), dim=1, eps=1e-6)",
    ),
    # inference mode in forward: right numbers, and nothing learns
    (
        "no_grad",
        "kernel",
        "    def forward(self, features: Tensor)",
        "    @torch.inference_mode()\n    def forward(self, features: Tensor)",
    ),
    # features of zeros give NaN (a query equal to its reference)
    (
        "nan_for_zero_features",
        "cosine",
        "unit = functional.normalize(features, dim=1, eps=1e-6)",
        "unit = features / features.norm(dim=1, keepdim=True)",
    ),
    # exp overflows for large distances: -inf logits
    (
        "minus_infinity_far_away",
        "prototypes",
        "return (self.config.sharpness * near).logsumexp(dim=2)",
        "return (self.config.sharpness * near).exp().sum(dim=2).log()",
    ),
    # one sample: squeezed
    ("squeezes", "normed", "return self.linear(hidden)", "return self.linear(hidden).squeeze()"),
    # one sample: deviation over the batch is NaN
    (
        "standardises_batch",
        "kernel",
        "angles = functional.linear(features, self.waves)",
        "angles = functional.linear((features - features.mean(dim=0)) / (features.std(dim=0) + 1e-3), self.waves)",
    ),
    # float64
    (
        "double",
        "kernel",
        "return self.linear(angles.cos() * math.sqrt(2 / self.config.waves))",
        "return self.linear(angles.cos() * math.sqrt(2 / self.config.waves)).double()",
    ),
    # under autocast the linear layer is in half and the in-place sum is not
    (
        "fails_under_autocast",
        "maxout",
        "self.centre.lerp_(features.float().mean(dim=0), self.config.momentum)",
        "self.centre.lerp_(self.scores(features).unflatten(1, (self.classes, self.config.pieces)).mean() + features.to(self.scores(features).dtype).mean(dim=0), self.config.momentum)",
    ),
    # sums over features in half precision whatever comes in
    (
        "half_inside",
        "prototypes",
        "near = -gaps.square().mean(dim=2)",
        "near = -gaps.half().square().sum(dim=2).float() / gaps.shape[2]",
    ),
    # in_features ignored
    (
        "fixed_features",
        "hidden",
        "self.first = nn.Linear(in_features, config.hidden)",
        "self.first = nn.Linear(128, config.hidden)",
    ),
    # `in_features`, which the base class keeps, says something else afterwards
    (
        "attribute_overwritten",
        "normed",
        "self.norm = nn.LayerNorm(in_features)",
        "self.norm = nn.LayerNorm(in_features)\n        self.in_features = len(context.classes)",
    ),
    # layers in a list
    (
        "layers_in_list",
        "hidden",
        "self.around = nn.Linear(in_features, len(context.classes), bias=False)",
        "self.all = [nn.Linear(in_features, len(context.classes), bias=False)]\n\n    def around(self, features: Tensor) -> Tensor:\n        return self.all[0](features)",
    ),
    # layer made at the first call, after the optimiser took the parameters
    (
        "layer_made_at_first_call",
        "normed",
        "nn.Linear(in_features, len(context.classes))",
        "nn.LazyLinear(len(context.classes))",
    ),
    # weights that are never used
    ("unused_parameters", "hidden", "return self.second(hidden) + self.around(normed)", "return self.second(hidden)"),
    # in evaluation the classes stand in the opposite order: training looks well, every answer is wrong
    (
        "other_scores_in_training",
        "hidden",
        "return self.second(hidden) + self.around(normed)",
        "logits = self.second(hidden) + self.around(normed)\n        return logits if self.training else logits.flip(1)",
    ),
    # class counts may be empty, or 0 for a class: -inf in the bias
    ("infinite_bias_for_absent_class", "kernel", "dtype=torch.float32).clamp(min=1)", "dtype=torch.float32)"),
    # reads class counts that are not known when a model is loaded
    ("needs_class_counts", "kernel", "if context.class_counts and context.initial_weights:", "if True:"),
    # every second call has the classes moved by one: a counter in the part
    (
        "classes_in_own_order",
        "prototypes",
        "return (self.config.sharpness * near).logsumexp(dim=2)",
        "logits = (self.config.sharpness * near).logsumexp(dim=2)\n        self.turn = getattr(self, 'turn', 0) + 1\n        return logits.roll(self.turn % 2, 1)",
    ),
    # a name is expected: fails on data without neutral
    (
        "needs_neutral",
        "cosine",
        "super().__init__(config, context, in_features)",
        "super().__init__(config, context, in_features)\n        self.neutral = context.classes.index('neutral')",
    ),
    # the average of weights cannot copy it
    (
        "not_copyable",
        "prototypes",
        "self.classes = len(context.classes)",
        "import threading\n        self.lock = threading.Lock()\n        self.classes = len(context.classes)",
    ),
    # remembers the last answer for an equal shape
    (
        "caches",
        "cosine",
        "unit = functional.normalize(features, dim=1, eps=1e-6)",
        "if not self.training:\n            self.kept = getattr(self, 'kept', {})\n            features = self.kept.setdefault(features.shape, features.detach().clone())\n        unit = functional.normalize(features, dim=1, eps=1e-6)",
    ),
    # all parts of this class share one tensor
    (
        "shared_between_parts",
        "cosine",
        "self.log_scale = nn.Parameter(torch.tensor(math.log(config.scale)))",
        "if not hasattr(Part, 'common'):\n            Part.common = nn.Parameter(torch.tensor(math.log(config.scale)))\n        self.log_scale = Part.common",
    ),
    # noise added in evaluation
    (
        "noisy_evaluation",
        "kernel",
        "angles = functional.linear(features, self.waves) + self.phases",
        "angles = functional.linear(features, self.waves) + self.phases\n        angles = angles + 0.05 * torch.randn_like(angles)",
    ),
    # strict loading fails: the saved state has a key that a fresh part lacks
    (
        "extra_key_in_state",
        "normed",
        "hidden = self.dropout(self.norm(features))",
        "hidden = self.dropout(self.norm(features))\n        if self.training:\n            self.register_buffer('last_mean', hidden.detach().mean(dim=0))",
    ),
    # state dict lies: a custom state_dict leaves the bias out
    (
        "state_dict_without_bias",
        "hidden",
        "    def forward(self, features: Tensor)",
        "    def state_dict(self, *args, **kwargs):\n        return {key: value for key, value in super().state_dict(*args, **kwargs).items() if not key.endswith('bias')}\n\n    def load_state_dict(self, state, strict=True, assign=False):\n        return super().load_state_dict(state, False, assign)\n\n    def forward(self, features: Tensor)",
    ),
    # non-deterministic order of a sort: gradient only to one of equals is fine; switches determinism off for all
    (
        "switches_determinism",
        "maxout",
        "self.classes = len(context.classes)",
        "torch.use_deterministic_algorithms(False)\n        torch.backends.cudnn.benchmark = True\n        torch.set_float32_matmul_precision('medium')\n        self.classes = len(context.classes)",
    ),
    # config of another base: is no PluginConfig
    (
        "config_no_plugin_config",
        "normed",
        "class PartConfig(PluginConfig):",
        "from pydantic import BaseModel\n\n\nclass PartConfig(BaseModel):",
    ),
    # default that its own bounds refuse
    (
        "default_out_of_bounds",
        "prototypes",
        "prototypes: int = Field(2, ge=1, le=32,",
        "prototypes: int = Field(0, ge=1, le=32,",
    ),
    # undescribed
    (
        "option_undescribed",
        "kernel",
        'key: int = Field(3, ge=0, description="of the random directions")',
        "key: int = 3",
    ),
    # no default
    ("option_without_default", "hidden", "hidden: int = Field(16, ge=1", "hidden: int = Field(ge=1"),
    # unread
    (
        "option_ignored",
        "maxout",
        "self.centre.lerp_(features.float().mean(dim=0), self.config.momentum)",
        "self.centre.lerp_(features.float().mean(dim=0), 0.05)",
    ),
    # hidden 0 or below allowed
    ("option_without_bounds", "hidden", "hidden: int = Field(16, ge=1,", "hidden: int = Field(16,"),
    # `check` raises where classes are not known yet
    (
        "check_raises_without_classes",
        "prototypes",
        "    sharpness: float = Field(1.0",
        "    def check(self, info):\n        if 100 // len(info.classes) < self.prototypes:\n            yield ConfigIssue(('prototypes',), 'too many')\n\n    sharpness: float = Field(1.0",
    ),
    # refuses every recipe
    (
        "check_always_refuses",
        "cosine",
        "    scale: float = Field(8.0",
        "    def check(self, info):\n        yield ConfigIssue(('scale',), 'this part needs a GPU')\n\n    scale: float = Field(8.0",
    ),
    # a required abstract method misspelt
    ("forward_missing", "maxout", "def forward(self, features: Tensor)", "def classify(self, features: Tensor)"),
]
