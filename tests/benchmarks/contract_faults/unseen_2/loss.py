"""Held-out losses, second round: good ones and faults."""

HEAD = """import math
import time

import numpy as np
import torch
from pydantic import Field, field_validator
from torch import Tensor, nn
from torch.nn import functional
from typing import ClassVar

from gcnet_core.interfaces import Batch, BuildContext, Loss, Output, masked_mean
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, LossConfig, hookimpl

"""
TAIL = """

@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="loss", name="part", config=PartConfig, target=f"{__name__}:Part", summary="a loss")]
"""


def _source(body: str) -> str:
    return HEAD + body + TAIL


GOOD: dict[str, str] = {
    "contours": _source('''
class PartConfig(LossConfig):
    """Difference of the edge strengths of the generated and of the true reference, whatever their direction."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})
    needs_references: ClassVar[bool] = True

    softness: float = Field(0.05, gt=0, le=1, description="edge strength below which edges are taken for none")
    pixels: float = Field(0.2, ge=0, le=10, description="how much the squared error of the pixels counts beside")


class Part(Loss):
    def strength(self, images: Tensor) -> Tensor:
        down = images.diff(dim=2)[..., :-1]
        across = images.diff(dim=3)[..., :-1, :]
        return (down.square() + across.square() + self.config.softness**2).sqrt()

    def forward(self, output: Output, batch: Batch) -> Tensor:
        estimate = output.reference.float()
        edges = (self.strength(estimate) - self.strength(batch.reference)).abs().mean(dim=1)
        values = edges.flatten(1).mean(dim=1)
        pixels = (estimate - batch.reference).square().flatten(1).mean(dim=1)
        values = values + self.config.pixels * pixels
        return masked_mean(values, batch.has_reference)
'''),
    "mover": _source('''
class PartConfig(LossConfig):
    """Squared distance of the cumulated votes from the cumulated shares of the logits."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits"})

    temperature: float = Field(1.0, gt=0.01, le=100, description="divides the logits")


class Part(Loss):
    def forward(self, output: Output, batch: Batch) -> Tensor:
        known = batch.votes.sum(dim=1) > 0
        logits = output.logits.float() / self.config.temperature
        share = logits.softmax(dim=1)
        gap = (share - batch.votes).cumsum(dim=1)
        values = gap.square().mean(dim=1)
        return masked_mean(values, known)
'''),
    "centres": _source('''
class PartConfig(LossConfig):
    """Cross-entropy, and features near the centre of their class; the centres are followed as the training goes."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits", "features"})

    pull: float = Field(0.05, ge=0, le=10, description="weight of the squared distance from the centre")
    momentum: float = Field(0.1, gt=0, le=1, description="share of the newest features in a centre")


class Part(Loss):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        counts = torch.tensor(context.class_counts or (1,) * len(context.classes), dtype=torch.float32)
        share = counts.clamp(min=1) / counts.clamp(min=1).sum()
        self.register_buffer("offset", share.log(), persistent=False)
        self.register_buffer("energy", torch.ones(len(context.classes)))

    def forward(self, output: Output, batch: Batch) -> Tensor:
        labelled = batch.label >= 0
        label = batch.label.clamp(min=0)
        logits = output.logits.float() + self.offset
        power = output.features.float().square().mean(dim=1)
        usual = self.energy[label].clone()
        if self.training:
            with torch.no_grad():
                for index in label[labelled].unique().tolist():
                    mean = power[labelled & (label == index)].mean()
                    self.energy[index].lerp_(mean, self.config.momentum)
        values = functional.cross_entropy(logits, label, reduction="none")
        distance = (power - usual).square() / (1 + usual.square())
        values = values + self.config.pull * distance
        return masked_mean(values, labelled)
'''),
    "tether": _source('''
class PartConfig(LossConfig):
    """Neutral queries are tied to their reference by a soft spring, others are pushed away by one."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"query_code", "reference_code"})

    slack: float = Field(0.2, ge=0, le=4, description="squared distance that a neutral query may have for little")
    sharpness: float = Field(4.0, gt=0, le=100, description="how suddenly the springs set in")


class Part(Loss):
    def forward(self, output: Output, batch: Batch) -> Tensor:
        gap = output.query_code.float() - output.reference_code.float()
        squared = gap.square().mean(dim=1)
        signed = self.config.sharpness * (squared - self.config.slack)
        near = functional.softplus(signed)
        far = functional.softplus(-signed)
        values = torch.where(batch.neutral, near, far) / self.config.sharpness
        everyone = torch.ones_like(batch.neutral)
        return masked_mean(values, everyone)
'''),
    "tempered": _source('''
class PartConfig(LossConfig):
    """Cross-entropy in which each class has an offset that is learned, drawn to none."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits"})

    pull: float = Field(0.1, ge=0, le=10, description="how strongly the offsets are drawn to none")
    smoothing: float = Field(0.05, ge=0, lt=1, description="share of the target spread over all classes")


class Part(Loss):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.offset = nn.Parameter(torch.zeros(len(context.classes)))

    def forward(self, output: Output, batch: Batch) -> Tensor:
        labelled = batch.label >= 0
        logits = output.logits.float() + self.offset
        values = functional.cross_entropy(
            logits, batch.label.clamp(min=0), reduction="none", label_smoothing=self.config.smoothing
        )
        values = values + self.config.pull * self.offset.square().sum()
        return masked_mean(values, labelled)
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # a new leaf made of the number: it has a gradient function of nothing, the network never learns
    (
        "new_leaf_of_the_number",
        "mover",
        "return masked_mean(values, known)",
        "return torch.tensor(float(masked_mean(values, known)), requires_grad=True)",
    ),
    # [B, 1] against [B] makes [B, B]: everybody's distance counts under everybody's mask
    (
        "broadcast_to_a_square",
        "tether",
        "torch.where(batch.neutral, near, far) / self.config.sharpness\n",
        "(torch.where(batch.neutral[:, None], near, far) / self.config.sharpness).mean(dim=1)\n",
    ),
    # NaN in every batch that has no neutral query, or nothing else
    (
        "nan_without_both_kinds",
        "tether",
        "return masked_mean(values, everyone)",
        "return (values[batch.neutral].mean() + values[~batch.neutral].mean()) / 2",
    ),
    # always zero in evaluation: validation curves and model selection by loss see nothing
    (
        "zero_in_evaluation",
        "contours",
        "        return masked_mean(values, batch.has_reference)",
        "        if not self.training:\n            values = values * 0\n        return masked_mean(values, batch.has_reference)",
    ),
    # calls backward itself: gradients count twice, and an evaluation without gradients raises
    (
        "calls_backward",
        "mover",
        "return masked_mean(values, known)",
        "value = masked_mean(values, known)\n        value.backward(retain_graph=True)\n        return value",
    ),
    # adds the generator's own terms, which the trainer adds too
    (
        "adds_the_extra_losses",
        "contours",
        "        return masked_mean(values, batch.has_reference)",
        "        return masked_mean(values, batch.has_reference) + sum(output.extra_losses.values())",
    ),
    # leaves its term among the generator's own, so that it counts twice and unweighted
    (
        "leaves_an_extra_loss",
        "tempered",
        "return masked_mean(values, labelled)",
        'output.extra_losses["tempered"] = masked_mean(values, labelled)\n        return output.extra_losses["tempered"]',
    ),
    # another value when some other loss happens to ask for the features: adding a term changes this one
    (
        "reads_what_others_asked_for",
        "mover",
        "values = gap.square().mean(dim=1)",
        "values = gap.square().mean(dim=1)\n        if output.features is not None:\n"
        "            values = values + 0.1 * output.features.float().square().mean(dim=1)",
    ),
    # the pull stands outside the mean: not zero for a batch to which the term does not apply
    (
        "not_zero_for_nobody",
        "tempered",
        "return masked_mean(values, labelled)",
        "return masked_mean(values, labelled) + 0.01 + self.config.pull * self.offset.exp().mean()",
    ),
    # stops the run at the first batch in which nobody has a reference
    (
        "raises_for_nobody",
        "contours",
        "estimate = output.reference.float()",
        'if not batch.has_reference.any():\n            raise ValueError("no references")\n        estimate = output.reference.float()',
    ),
    # the median, no mean: one gradient for the one sample in the middle
    (
        "median_of_the_batch",
        "mover",
        "return masked_mean(values, known)",
        "return values[known].median() if known.any() else values.sum() * 0",
    ),
    # mean of the means of the classes, which is not the mean over the samples and depends on how batches are cut
    (
        "mean_of_class_means",
        "tempered",
        "return masked_mean(values, labelled)",
        "means = [masked_mean(values, batch.label == index) for index in batch.label[labelled].unique().tolist()]\n"
        "        return sum(means) / len(means) if means else values.sum() * 0",
    ),
    # differentiates within: raises wherever losses are measured without gradients, such as validation
    (
        "needs_gradients_in_evaluation",
        "mover",
        "values = gap.square().mean(dim=1)",
        "values = gap.square().mean(dim=1)\n        slope = torch.autograd.grad(values.sum(), logits, create_graph=True)[0]\n"
        "        values = values + 0.1 * slope.square().sum(dim=1)",
    ),
    # a hook on the logits doubles the gradient of all other terms too
    (
        "hook_on_the_logits",
        "tempered",
        "labelled = batch.label >= 0",
        "labelled = batch.label >= 0\n        if output.logits.requires_grad:\n            output.logits.register_hook(lambda slope: 2 * slope)",
    ),
    # divides by the value of the first batch it ever saw: order of batches and restarts decide the scale
    (
        "scale_of_the_first_batch",
        "contours",
        "        return masked_mean(values, batch.has_reference)",
        '        value = masked_mean(values, batch.has_reference)\n        if not hasattr(self, "first"):\n'
        "            self.first = float(value.detach()) or 1.0\n        return value / self.first",
    ),
    # only the hardest half counts: not the mean over the samples, and a batch of one teaches nothing
    (
        "hardest_half",
        "mover",
        "return masked_mean(values, known)",
        "hard = values[known].topk(int(known.sum()) // 2).values\n        return hard.sum() / max(len(hard), 1)",
    ),
    # takes class 0 for neutral: wrong for sets without a neutral class and for neutral faces without label
    (
        "class_0_is_neutral",
        "tether",
        "torch.where(batch.neutral, near, far)",
        "torch.where(batch.label == 0, near, far)",
    ),
    # indexes three channels: raises for grey pictures
    (
        "colour_only",
        "contours",
        "edges = (self.strength(estimate) - self.strength(batch.reference)).abs().mean(dim=1)",
        "edges = (self.strength(estimate) - self.strength(batch.reference)).abs()\n"
        "        edges = 0.3 * edges[:, 0] + 0.59 * edges[:, 1] + 0.11 * edges[:, 2]",
    ),
    # a class without training samples: log 0, minus infinity in the logits, infinite loss where such a face comes in validation
    (
        "infinite_for_a_class_without_samples",
        "centres",
        "share = counts.clamp(min=1) / counts.clamp(min=1).sum()",
        "share = counts / counts.sum()",
    ),
    # needs counts of the classes, which a loss built for a measurement may not have
    (
        "needs_the_counts",
        "centres",
        "torch.tensor(context.class_counts or (1,) * len(context.classes), dtype=torch.float32)",
        "torch.tensor([context.class_counts[index] for index in range(len(context.classes))], dtype=torch.float32)",
    ),
    # the weight may only be a whole number: recipes with 0.5 are refused
    (
        "weight_is_whole",
        "tempered",
        '    pull: float = Field(0.1, ge=0, le=10, description="how strongly',
        '    weight: int = Field(1, ge=0, description="factor of this term")\n    pull: float = Field(0.1, ge=0, le=10, description="how strongly',
    ),
    # the copy is the thing itself: whoever keeps the copy as a backup or an average finds it changed
    (
        "copy_is_itself",
        "centres",
        "    def forward(self, output: Output, batch: Batch) -> Tensor:",
        "    def __deepcopy__(self, memo):\n        return self\n\n    def forward(self, output: Output, batch: Batch) -> Tensor:",
    ),
    # a warm-up counted in a Python number: a resumed run warms up again
    (
        "warm_up_not_stored",
        "tempered",
        "return masked_mean(values, labelled)",
        'if self.training:\n            self.steps = getattr(self, "steps", 0) + 1\n'
        '        return masked_mean(values, labelled) * (min(1.0, getattr(self, "steps", 0) / 100) if self.training else 1.0)',
    ),
    # an option that is not read back as it was written: the stored recipe has another value at every round
    (
        "option_changes_when_read_again",
        "mover",
        '    temperature: float = Field(1.0, gt=0.01, le=100, description="divides the logits")\n',
        '    temperature: float = Field(1.0, gt=0.01, le=100, description="divides the logits", validate_default=True)\n\n'
        '    @field_validator("temperature")\n    @classmethod\n    def _softer(cls, value):\n        return value * 1.1\n',
    ),
    # writes a line into the current folder at every step: full disks, and races between workers
    (
        "writes_a_log",
        "tether",
        "everyone = torch.ones_like(batch.neutral)",
        'everyone = torch.ones_like(batch.neutral)\n        with open("tether.log", "a") as log:\n'
        '            log.write(f"{time.time()}\\n")',
    ),
    # the unlabelled move the stored average of class 0, though they are counted in no value of this batch
    (
        "centres_follow_the_unlabelled",
        "centres",
        "for index in label[labelled].unique().tolist():\n                    mean = power[labelled & (label == index)].mean()",
        "for index in label.unique().tolist():\n                    mean = power[label == index].mean()",
    ),
]
