"""Held-out losses: good ones and faults."""

HEAD = """import math

import numpy as np
import torch
from pydantic import Field
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
    "charbonnier": _source('''
class PartConfig(LossConfig):
    """A smooth absolute error of the generated reference."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})
    needs_references: ClassVar[bool] = True

    epsilon: float = Field(0.01, gt=0, le=1, description="where the error turns from square to absolute")
    power: float = Field(0.5, gt=0, le=1, description="exponent of the squared error")


class Part(Loss):
    def forward(self, output: Output, batch: Batch) -> Tensor:
        error = output.reference.float() - batch.reference
        smooth = (error.square() + self.config.epsilon**2).pow(self.config.power)
        smooth = smooth - self.config.epsilon ** (2 * self.config.power)
        values = smooth.flatten(1).mean(dim=1)
        return masked_mean(values, batch.has_reference)
'''),
    "focal": _source('''
class PartConfig(LossConfig):
    """Focal loss with weights of the effective numbers of samples."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits"})

    gamma: float = Field(2.0, ge=0, le=10, description="how much sure samples count less")
    beta: float = Field(0.9, ge=0, lt=1, description="0: all classes alike; near 1: inverse to their number")


class Part(Loss):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        counts = torch.tensor(context.class_counts or (1,) * len(context.classes), dtype=torch.float32)
        weight = (1 - config.beta) / (1 - config.beta ** counts.clamp(min=1))
        self.register_buffer("weight", weight / weight.mean(), persistent=False)

    def forward(self, output: Output, batch: Batch) -> Tensor:
        labelled = batch.label >= 0
        label = batch.label.clamp(min=0)
        logits = output.logits.float()
        log_share = functional.log_softmax(logits, dim=1).gather(1, label[:, None])[:, 0]
        hard = (1 - log_share.exp()).clamp(min=1e-6).pow(self.config.gamma)
        values = -self.weight[label] * hard * log_share
        return masked_mean(values, labelled)
'''),
    "uncertain": _source('''
class PartConfig(LossConfig):
    """Cross-entropy of a temperature that is learned."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits"})

    start: float = Field(1.0, gt=0, description="temperature at the start")
    pull: float = Field(0.1, ge=0, description="how strongly the temperature is drawn to 1")


class Part(Loss):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.log_temperature = nn.Parameter(torch.tensor(math.log(config.start)))

    def forward(self, output: Output, batch: Batch) -> Tensor:
        logits = output.logits.float() / self.log_temperature.exp()
        values = functional.cross_entropy(logits, batch.label.clamp(min=0), reduction="none")
        values = values + self.config.pull * self.log_temperature.square()
        return masked_mean(values, batch.label >= 0)
'''),
    "votes_js": _source('''
class PartConfig(LossConfig):
    """Jensen-Shannon divergence between the votes and the shares of the logits."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits"})

    skew: float = Field(0.5, gt=0, lt=1, description="share of the votes in the mixture")


def divergence(first: Tensor, second: Tensor) -> Tensor:
    return (torch.xlogy(first, first) - first * second.clamp(min=1e-8).log()).sum(dim=1)


class Part(Loss):
    def forward(self, output: Output, batch: Batch) -> Tensor:
        votes = batch.votes.float()
        known = votes.sum(dim=1) > 0
        share = output.logits.float().softmax(dim=1).clamp(min=1e-8)
        skew = self.config.skew
        mixture = skew * votes + (1 - skew) * share
        values = skew * divergence(votes, mixture) + (1 - skew) * divergence(share, mixture)
        return masked_mean(values, known)
'''),
    "calm": _source('''
class PartConfig(LossConfig):
    """Neutral queries near their reference, others at an angle from it."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"query_code", "reference_code"})

    margin: float = Field(0.5, ge=-1, le=1, description="cosine above which an expressive query is pushed away")


class Part(Loss):
    def forward(self, output: Output, batch: Batch) -> Tensor:
        query = functional.normalize(output.query_code.float(), dim=1, eps=1e-6)
        reference = functional.normalize(output.reference_code.float(), dim=1, eps=1e-6)
        cosine = (query * reference).sum(dim=1)
        near = 1 - cosine
        far = (cosine - self.config.margin).clamp(min=0)
        values = torch.where(batch.neutral, near, far)
        return values.mean() if len(values) else values.sum()
'''),
    "running": _source('''
class PartConfig(LossConfig):
    """Cross-entropy that follows how frequent the classes have been lately."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits"})

    momentum: float = Field(0.1, gt=0, le=1, description="share of the newest batch in the running frequencies")
    strength: float = Field(1.0, ge=0, le=2, description="how much the logits are corrected by the frequencies")


class Part(Loss):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.classes = len(context.classes)
        self.register_buffer("frequency", torch.full((self.classes,), 1 / max(self.classes, 1)))

    def forward(self, output: Output, batch: Batch) -> Tensor:
        labelled = batch.label >= 0
        label = batch.label.clamp(min=0)
        if self.training and labelled.any():
            with torch.no_grad():
                now = functional.one_hot(label, self.classes)[labelled].float().mean(dim=0)
                self.frequency.lerp_(now, self.config.momentum)
        prior = self.frequency.detach().clone().clamp(min=1e-3).log()
        logits = output.logits.float() + self.config.strength * prior
        values = functional.cross_entropy(logits, label, reduction="none")
        return masked_mean(values, labelled)
'''),
    "spectrum": _source('''
class PartConfig(LossConfig):
    """Difference of the spectra of the generated and the true reference."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})
    needs_references: ClassVar[bool] = True

    tilt: float = Field(1.0, ge=0, le=4, description="how much more high frequencies count")


class Part(Loss):
    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        size = context.image.size
        down, across = np.meshgrid(np.fft.fftfreq(size), np.fft.rfftfreq(size), indexing="ij")
        tilt = 1 + config.tilt * np.hypot(down, across)
        self.register_buffer("tilt", torch.from_numpy(tilt.astype(np.float32)), persistent=False)

    def forward(self, output: Output, batch: Batch) -> Tensor:
        error = output.reference.float() - batch.reference
        spectrum = torch.fft.rfft2(error, norm="ortho")
        power = spectrum.real.square() + spectrum.imag.square()
        values = (self.tilt * power).flatten(1).mean(dim=1)
        return masked_mean(values, batch.has_reference)
'''),
    "smoothed": _source('''
class PartConfig(LossConfig):
    """Penalty of sure answers, which needs no label at all."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits", "features"})

    decay: float = Field(1e-3, ge=0, description="weight of the squared features")


class Part(Loss):
    def forward(self, output: Output, batch: Batch) -> Tensor:
        log_share = output.logits.float().log_softmax(dim=1)
        sure = (log_share.exp() * log_share).sum(dim=1)
        length = output.features.float().square().mean(dim=1)
        values = sure + self.config.decay * length
        return values.sum() / max(len(values), 1)
'''),
}

FAULTS: list[tuple[str, str, str, str]] = [
    # unknown references are zeros: the generator learns to draw black for people without reference
    ("mask_ignored", "charbonnier", "masked_mean(values, batch.has_reference)", "values.mean()"),
    # the term shrinks with the share of known references: divides by the batch, not by those to which it applies
    (
        "divides_by_batch",
        "spectrum",
        "return masked_mean(values, batch.has_reference)",
        "return (values * batch.has_reference).sum() / len(values)",
    ),
    # NaN in the first batch in which nobody has a reference, the weights are gone
    ("nan_if_none", "charbonnier", "masked_mean(values, batch.has_reference)", "values[batch.has_reference].mean()"),
    # zero without gradient: backward of a stage with this term alone raises
    (
        "zero_without_gradient",
        "spectrum",
        "return masked_mean(values, batch.has_reference)",
        "return masked_mean(values, batch.has_reference) if batch.has_reference.any() else torch.zeros((), device=values.device)",
    ),
    # a float in place of a tensor: whoever adds terms and calls backward
    ("returns_number", "votes_js", "return masked_mean(values, known)", "return masked_mean(values, known).item()"),
    # a vector in place of a scalar: whoever logs and adds terms
    ("returns_vector", "focal", "return masked_mean(values, labelled)", "return values * labelled"),
    # shape [1]: broadcasts silently until somebody checks scalars
    (
        "returns_one_element",
        "calm",
        "return values.mean() if len(values) else values.sum()",
        "return values.mean(dim=0, keepdim=True)",
    ),
    # sum, so that the gradient grows with the size of the batch
    (
        "sums_over_batch",
        "uncertain",
        "return masked_mean(values, batch.label >= 0)",
        "return (values * (batch.label >= 0)).sum()",
    ),
    # unlabelled samples count as class 0
    (
        "unlabelled_is_class_0",
        "focal",
        "labelled = batch.label >= 0",
        "labelled = torch.ones_like(batch.label, dtype=torch.bool)",
    ),
    # label -1 counts as the last class: negative index
    (
        "unlabelled_is_last_class",
        "running",
        "label = batch.label.clamp(min=0)\n        if",
        "label = batch.label % self.classes\n        labelled = labelled | True\n        if",
    ),
    # > in place of >=: class 0 is never learned
    ("class_0_left_out", "uncertain", "batch.label >= 0", "batch.label > 0"),
    # the weight of the recipe is applied twice, once here and once by the trainer
    (
        "applies_its_weight",
        "charbonnier",
        "return masked_mean(values, batch.has_reference)",
        "return self.config.weight * masked_mean(values, batch.has_reference)",
    ),
    # detached: learns nothing, and nobody is told
    (
        "no_gradient",
        "spectrum",
        "error = output.reference.float() - batch.reference",
        "error = output.reference.detach().float() - batch.reference",
    ),
    # the gradient is NaN where query and reference agree, by a square root at 0
    (
        "nan_gradient_at_zero",
        "spectrum",
        "values = (self.tilt * power).flatten(1).mean(dim=1)",
        "values = (self.tilt * power).flatten(1).sum(dim=1).sqrt() / 8",
    ),
    # codes of length zero give 0/0 (an untrained or a dead encoder)
    (
        "nan_for_zero_codes",
        "calm",
        "query = functional.normalize(output.query_code.float(), dim=1, eps=1e-6)",
        "query = output.query_code.float() / output.query_code.float().norm(dim=1, keepdim=True)",
    ),
    # 0 * log 0 of a one-hot vote, NaN for everybody with one label
    ("nan_for_one_hot_votes", "votes_js", "torch.xlogy(first, first)", "first * first.log()"),
    # overflows for sure logits: exp without log-softmax
    (
        "overflow_for_large_logits",
        "votes_js",
        "share = output.logits.float().softmax(dim=1).clamp(min=1e-8)",
        "raw = output.logits.float().exp()\n        share = raw / raw.sum(dim=1, keepdim=True)",
    ),
    # changes the logits in place: other losses after it see others
    (
        "changes_logits",
        "running",
        "logits = output.logits.float() + self.config.strength * prior",
        "logits = output.logits\n        logits.data.add_(self.config.strength * prior)",
    ),
    # changes the batch in place: -1 becomes 0 for whatever comes next
    ("changes_labels", "focal", "label = batch.label.clamp(min=0)", "label = batch.label.clamp_(min=0)"),
    # replaces a field of the output, which the metrics read afterwards
    (
        "changes_output_field",
        "calm",
        "cosine = (query * reference).sum(dim=1)",
        "cosine = (query * reference).sum(dim=1)\n        output.query_code = query",
    ),
    # reads a field that it does not ask for: None in a recipe that asks for no other
    ("reads_what_it_did_not_ask", "smoothed", 'frozenset({"logits", "features"})', 'frozenset({"logits"})'),
    # asks for a field that the model never has: refused in every recipe
    ("misspelt_required_output", "charbonnier", 'frozenset({"reference"})', 'frozenset({"references"})'),
    # asks for nothing: output.reference is None
    ("asks_for_nothing", "spectrum", '    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})\n', ""),
    # says it needs no references but is always zero without: a user trains on nothing
    (
        "does_not_say_needs_references",
        "charbonnier",
        "needs_references: ClassVar[bool] = True",
        "needs_references: ClassVar[bool] = False",
    ),
    # says it needs references but does not: refused on data where it would work
    (
        "says_needs_references_wrongly",
        "focal",
        "    gamma: float = Field(2.0",
        "    needs_references: ClassVar[bool] = True\n\n    gamma: float = Field(2.0",
    ),
    # a plain tensor, not a buffer: stays on the CPU when the loss moves to a GPU
    (
        "weights_stay_on_cpu",
        "focal",
        'self.register_buffer("weight", weight / weight.mean(), persistent=False)',
        "self.weight = weight / weight.mean()",
    ),
    # state that is not stored: a resumed run differs from an uninterrupted one
    (
        "state_not_stored",
        "running",
        "torch.full((self.classes,), 1 / max(self.classes, 1)))",
        "torch.full((self.classes,), 1 / max(self.classes, 1)), persistent=False)",
    ),
    # learns in evaluation: validation changes the training
    ("learns_in_evaluation", "running", "if self.training and labelled.any():", "if labelled.any():"),
    # the running frequencies keep the graph: memory grows with every step
    (
        "keeps_graph",
        "smoothed",
        "return values.sum() / max(len(values), 1)",
        "mean = values.sum() / max(len(values), 1)\n        self.average = 0.9 * getattr(self, 'average', 0.0) + 0.1 * mean\n        return mean + 0 * self.average",
    ),
    # draws numbers and moves the global generator: other parts see other numbers; and not repeatable in evaluation
    ("draws_at_random", "votes_js", "skew = self.config.skew", "skew = float(torch.rand(()) * 0.98 + 0.01)"),
    # seeds the global generator at every step: dropout of the network repeats itself
    ("seeds_globally", "calm", "near = 1 - cosine", "torch.manual_seed(0)\n        near = 1 - cosine"),
    # computes in the precision of the output: half overflows at squares of large errors
    (
        "half_precision_sum",
        "smoothed",
        "length = output.features.float().square().mean(dim=1)",
        "length = output.features.half().square().sum(dim=1).float() / output.features.shape[1]",
    ),
    # float64: slow on GPUs, impossible on MPS, and other types for who adds up
    ("double_precision_cpu", "votes_js", "votes = batch.votes.float()", "votes = batch.votes.cpu().double()"),
    # image size 64 typed in: any other size raises
    ("fixed_size", "spectrum", "size = context.image.size", "size = 64"),
    # the mask is applied before the root: samples without reference leak via batch statistics
    (
        "normalises_with_masked_out",
        "charbonnier",
        "values = smooth.flatten(1).mean(dim=1)",
        "values = smooth.flatten(1).mean(dim=1)\n        values = values / (values.detach().max() + 1e-8)",
    ),
    # compares with the wrong picture: true_reference, zeros where unknown and never what is to be estimated
    (
        "compares_with_true_reference",
        "spectrum",
        "error = output.reference.float() - batch.reference",
        "error = output.reference.float() - batch.true_reference",
    ),
    # number of classes typed in: fails with any other set
    ("fixed_classes", "running", "self.classes = len(context.classes)", "self.classes = 7"),
    # a learned parameter outside the module: the optimiser never sees it, nor a checkpoint
    (
        "parameter_not_registered",
        "uncertain",
        "self.log_temperature = nn.Parameter(torch.tensor(math.log(config.start)))",
        "self.hidden = [nn.Parameter(torch.tensor(math.log(config.start)))]\n\n    @property\n    def log_temperature(self) -> Tensor:\n        return self.hidden[0]",
    ),
    # no default: a recipe without the key is refused
    ("option_without_default", "calm", "margin: float = Field(0.5, ge=-1", "margin: float = Field(ge=-1"),
    # no description: `plugins show` has nothing to say
    ("option_without_description", "votes_js", ', description="share of the votes in the mixture"', ""),
    # an option that nothing reads: a sweep over it compares noise
    ("option_ignored", "focal", ".pow(self.config.gamma)", ".pow(2.0)"),
    # unknown keys allowed: a typo in a recipe is silently ignored
    (
        "allows_unknown_keys",
        "uncertain",
        "    start: float = Field(1.0",
        '    model_config = {"extra": "allow"}\n\n    start: float = Field(1.0',
    ),
    # permitted values that crash: 0 as the temperature
    ("option_range_too_wide", "uncertain", "start: float = Field(1.0, gt=0,", "start: float = Field(1.0, ge=0,"),
    # target names no class: found when a recipe is built, hours after it was queued
    ("target_has_no_class", "spectrum", '{__name__}:Part"', '{__name__}:Parts"'),
    # the class is no Loss
    (
        "not_a_loss",
        "smoothed",
        "class Part(Loss):",
        "class Part(nn.Module):\n    def __init__(self, config, context):\n        super().__init__()\n        self.config = config\n",
    ),
    # wrong constructor: gcnet calls Class(config, context)
    (
        "wrong_constructor",
        "uncertain",
        "def __init__(self, config: PartConfig, context: BuildContext) -> None:",
        "def __init__(self, config: PartConfig, context: BuildContext, width: int) -> None:",
    ),
    # forgets to hand `missing output` to the base: a recipe whose model cannot compute it is accepted
    (
        "check_overridden_without_base",
        "calm",
        "    margin: float = Field(0.5",
        "    def check(self, info):\n        return ()\n\n    margin: float = Field(0.5",
    ),
    # asks for labels at test time / the number of the sample: other result for another numbering
    (
        "depends_on_sample_number",
        "votes_js",
        "known = votes.sum(dim=1) > 0",
        "known = (votes.sum(dim=1) > 0) & (batch.sample % 2 == 0)",
    ),
    # depends on how many batches were seen, in evaluation too: the same batch twice, two values
    (
        "counts_calls",
        "smoothed",
        "log_share = output.logits.float().log_softmax(dim=1)",
        "self.calls = getattr(self, 'calls', 0) + 1\n        log_share = output.logits.float().log_softmax(dim=1) / (1 + 0.01 * self.calls)",
    ),
    # a gradient flows into what is a constant target: only the padding (first sample) is learned
    (
        "only_first_sample",
        "charbonnier",
        "return masked_mean(values, batch.has_reference)",
        "return masked_mean(values[:1], batch.has_reference[:1])",
    ),
    # switches autograd off for everybody after it
    (
        "leaves_gradients_off",
        "running",
        "with torch.no_grad():\n                now",
        "torch.set_grad_enabled(False)\n            if True:\n                now",
    ),
    # the default type of all tensors made from here on is another
    (
        "sets_default_dtype",
        "focal",
        "super().__init__(config, context)",
        "super().__init__(config, context)\n        torch.set_default_dtype(torch.float64)",
    ),
    # cannot be copied: a lambda as attribute; deepcopy works but pickling for workers does not
    (
        "not_copyable",
        "spectrum",
        "size = context.image.size",
        "import threading\n        self.lock = threading.Lock()\n        size = context.image.size",
    ),
    # the last batch of an epoch has one sample and variance is NaN
    (
        "standardises_over_batch",
        "smoothed",
        "length = output.features.float().square().mean(dim=1)",
        "length = (output.features.float() / output.features.float().std(dim=0)).square().mean(dim=1)",
    ),
    # the gradient is not that of the value (twice as large): who weighs it against other terms
    (
        "gradient_of_another_value",
        "focal",
        "values = -self.weight[label] * hard * log_share",
        "values = -self.weight[label] * hard * log_share\n        values = 2 * values - values.detach()",
    ),
    # the mask of the wrong picture: unknown references are compared, known ones are left out
    (
        "mask_of_true_reference",
        "charbonnier",
        "masked_mean(values, batch.has_reference)",
        "masked_mean(values, batch.has_true_reference)",
    ),
]
