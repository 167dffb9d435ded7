"""Models of the second round: other good ones, and other ways to spoil them."""

HEAD = '''"""A model in one file."""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import Batch, BuildContext, Model, Output, Phase, generator_output, generator_phases
from gcnet_core.plugin_api import ComponentSpec, ModelConfig, hookimpl, part_of


class Eye(nn.Module):
    """Faces to vectors: strided convolutions and the mean of a 3 x 3 grid."""

    def __init__(self, colours: int, width: int, length: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(colours, width, 5, stride=2, padding=2)
        self.second = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.norm = nn.GroupNorm(2, 2 * width)
        self.last = nn.Linear(18 * width, length)

    def forward(self, images: Tensor) -> Tensor:
        maps = functional.gelu(self.first(2 * images - 1))
        maps = functional.gelu(self.norm(self.second(maps)))
        return self.last(functional.adaptive_avg_pool2d(maps, 3).flatten(1)).float()

'''

TAIL = """

@hookimpl
def gcnet_components():
    return [
        ComponentSpec(
            kind="model",
            name="part",
            config=PartConfig,
            target=f"{__name__}:Part",
            summary="SUMMARY",
        )
    ]
"""


def _source(summary: str, body: str) -> str:
    return HEAD + body.strip("\n") + "\n" + TAIL.replace("SUMMARY", summary)


TWOWAY = _source(
    "paints a reference, compares codes, and paints both faces again from their codes",
    '''
class PartConfig(ModelConfig):
    """Options of the way there and back."""

    width: int = Field(6, ge=1, le=256, description="width of the hidden maps")
    length: int = Field(12, ge=1, le=1024, description="length of a code")

    def available_outputs(self) -> frozenset[str]:
        codes = {"query_code", "reference_code", "target_code"}
        return frozenset(codes | {"reference", "features", "difference", "logits", "query_reconstruction", "reference_reconstruction"})


class Painter(nn.Module):
    """The query minus its expression."""

    def __init__(self, colours: int, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(colours, width, 5, padding=2)
        self.last = nn.Conv2d(width, colours, 5, padding=2)

    def forward(self, query: Tensor) -> Tensor:
        face = query - self.last(torch.tanh(self.first(2 * query - 1))).float()
        return face + (face.clamp(0, 1) - face).detach()


class Repainter(nn.Module):
    """A code to a small face, which is made large."""

    def __init__(self, colours: int, size: int, length: int) -> None:
        super().__init__()
        self.colours, self.size = colours, size
        self.out = nn.Linear(length, colours * 64)

    def forward(self, code: Tensor) -> Tensor:
        small = self.out(code).float().view(-1, self.colours, 8, 8)
        return functional.interpolate(small, size=(self.size, self.size), mode="bilinear").sigmoid()


class Part(Model):
    """What is not asked for is not computed."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        colours = context.image.channels
        self.painter = Painter(colours, config.width)
        self.encoder = Eye(colours, config.width, config.length)
        self.repainter = Repainter(colours, context.image.size, config.length)
        self.head = nn.Linear(2 * config.length, len(context.classes))

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        output, wanted = Output(), frozenset(required_outputs)
        needs_codes = bool(wanted - {"reference"})
        if "reference" in wanted or (needs_codes and not true_reference):
            output.reference = self.painter(batch.query)
        if not needs_codes:
            return output
        pictures = [batch.query, batch.true_reference if true_reference else output.reference]
        if "target_code" in wanted:
            pictures.append(batch.reference)
        codes = self.encoder(torch.cat(pictures)).chunk(len(pictures))
        output.query_code, output.reference_code = codes[0], codes[1]
        if "target_code" in wanted:
            output.target_code = codes[2].detach()
        output.difference = codes[0] - codes[1]
        output.features = torch.cat([output.difference, output.difference.abs()], dim=1)
        if "logits" in wanted:
            output.logits = self.head(output.features)
        if "query_reconstruction" in wanted:
            output.query_reconstruction = self.repainter(codes[0])
        if "reference_reconstruction" in wanted:
            output.reference_reconstruction = self.repainter(codes[1])
        return output
''',
)

ECHO = _source(
    "trained by gradients, and then fitted: similarity to the mean of each class is added",
    '''
class PartConfig(ModelConfig):
    """Options of the echo."""

    width: int = Field(8, ge=1, le=256, description="width of the hidden maps")
    length: int = Field(16, ge=1, le=1024, description="length of the features")
    echo: float = Field(0.5, ge=0, le=10, description="factor of the similarity to the fitted means")


class Part(Model):
    """Before the fit the means are zero and add nothing."""

    config: PartConfig
    centre: Tensor
    spread: Tensor
    voices: Tensor

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.look = Eye(context.image.channels, config.width, config.length)
        self.head = nn.Linear(config.length, len(context.classes))
        self.register_buffer("centre", torch.zeros(config.length))
        self.register_buffer("spread", torch.ones(config.length))
        self.register_buffer("voices", torch.zeros(len(context.classes), config.length))

    def describe(self, query: Tensor) -> Tensor:
        return torch.tanh(self.look(query))

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        features = self.describe(batch.query)
        alike = ((features - self.centre) / self.spread) @ self.voices.T
        return Output(features=features, logits=self.head(features) + self.config.echo * alike)

    @torch.no_grad()
    def fit(self, batches) -> None:
        sums, squares = torch.zeros_like(self.voices), torch.zeros_like(self.centre)
        counts = torch.zeros_like(self.voices[:, :1])
        for batch in batches:
            known = batch.label >= 0
            features, labels = self.describe(batch.query)[known].float(), batch.label[known]
            sums.index_add_(0, labels, features)
            squares += features.square().sum(dim=0)
            counts.index_add_(0, labels, torch.ones_like(features[:, :1]))
        total = counts.sum().clamp(min=1)
        mean = sums.sum(dim=0) / total
        self.centre.copy_(mean)
        self.spread.copy_((squares / total - mean.square()).clamp(min=1e-4).sqrt())
        away = (sums / counts.clamp(min=1) - mean) / self.spread / self.config.length
        self.voices.copy_(torch.where(counts > 0, away, 0))
''',
)

MAYBE = _source(
    "with a nested generator, or with none: then the face is compared with its mirror image",
    '''
class PartConfig(ModelConfig):
    """Options of the comparison."""

    generator: part_of("generator", optional=True) = Field(
        {"type": "gan", "channels": 4, "depth": 2, "latent": 8, "discriminator_channels": 4, "discriminator_depth": 2},
        validate_default=True,
        description="estimates the reference; null for the mirror image",
    )
    encoder: part_of("encoder") = Field(
        {"type": "conv", "channels": [6, 12], "width": 16, "dropout": 0.1}, validate_default=True, description="embeds both faces"
    )
    classifier: part_of("classifier") = Field(
        {"type": "linear"}, validate_default=True, description="recognises the expression"
    )

    def available_outputs(self) -> frozenset[str]:
        drawn = {"reference"} if self.generator is not None else set()
        return frozenset({"features", "difference", "logits"} | drawn)


class Part(Model):
    """The difference stands first, the code of the query behind it."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.generator = None if config.generator is None else context.build(config.generator)
        self.encoder = context.build(config.encoder)
        self.classifier = context.build(config.classifier, in_features=2 * self.encoder.width)

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        needs_features = bool(set(required_outputs) & {"features", "difference", "logits"})
        needs_estimate = "reference" in required_outputs or (needs_features and not true_reference)
        output = generator_output(self.generator, batch, with_reference=needs_estimate)
        if needs_features:
            other = batch.true_reference if true_reference else output.reference
            if other is None:
                other = batch.query.flip(-1)
            own, rest = self.encoder(torch.cat([batch.query, other.detach().float()])).float().chunk(2)
            output.difference = own - rest
            output.features = torch.cat([output.difference, own], dim=1)
            output.logits = self.classifier(output.features)
        return output

    def phases(self):
        return generator_phases(self.generator)
''',
)

STARS = _source(
    "logits are cosines with a learned direction for each class",
    '''
class PartConfig(ModelConfig):
    """Options of the directions."""

    width: int = Field(8, ge=1, le=256, description="width of the hidden maps")
    length: int = Field(16, ge=2, le=1024, description="length of the features")
    scale: float = Field(8.0, gt=0, le=100, description="factor of the cosines")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of the features that are dropped in training")


class Directions(nn.Module):
    """One direction for each class."""

    def __init__(self, classes: int, length: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes, length) / length**0.5)

    def forward(self, features: Tensor) -> Tensor:
        return features.float() @ functional.normalize(self.weight.float(), dim=1, eps=1e-6).T


class Part(Model):
    """Batch norm on maps, with statistics for evaluation."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.stem = nn.Sequential(nn.Conv2d(context.image.channels, config.width, 3, padding=1), nn.BatchNorm2d(config.width))
        self.look = Eye(config.width, config.width, config.length)
        self.drop = nn.Dropout(config.dropout)
        self.stars = Directions(len(context.classes), config.length)

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        maps = torch.sigmoid(self.stem(batch.query))
        features = functional.normalize(self.drop(self.look(maps)), dim=1, eps=1e-6)
        logits = self.config.scale * self.stars(features).float()
        return Output(features=features, logits=logits)
''',
)

GOOD: dict[str, str] = {"twoway": TWOWAY, "echo": ECHO, "maybe": MAYBE, "stars": STARS}

FAULTS: list[tuple[str, str, str, str]] = [
    # --- common mistakes
    # why: the target is to be a constant; with a gradient the encoder moves it towards the estimate and collapses
    ("target_code_with_gradient", "twoway", "output.target_code = codes[2].detach()", "output.target_code = codes[2]"),
    # why: losses compare each face with the other one, painted again
    (
        "reconstructions_exchanged",
        "twoway",
        '            output.query_reconstruction = self.repainter(codes[0])\n        if "reference_reconstruction" in wanted:\n            output.reference_reconstruction = self.repainter(codes[1])',
        '            output.query_reconstruction = self.repainter(codes[1])\n        if "reference_reconstruction" in wanted:\n            output.reference_reconstruction = self.repainter(codes[0])',
    ),
    # why: reconstructions are of a fixed size, the error against the query fails at the recipe's size
    (
        "reconstruction_of_its_own_size",
        "twoway",
        "self.repainter = Repainter(colours, context.image.size, config.length)",
        "self.repainter = Repainter(colours, 48, config.length)",
    ),
    # why: at test time the label is -1, for which there is no one-hot vector: prediction stops
    (
        "stumbles_on_unlabelled_faces",
        "stars",
        "        logits = self.config.scale",
        "        told = functional.one_hot(batch.label, self.stars.weight.shape[0])\n        assert len(told) == len(features)\n        logits = self.config.scale",
    ),
    # why: the last batch of an epoch may hold one sample: batch norm of vectors stops the training there
    (
        "one_sample_cannot_be_trained",
        "stars",
        "self.drop = nn.Dropout(config.dropout)",
        "self.drop = nn.Sequential(nn.BatchNorm1d(config.length), nn.Dropout(config.dropout))",
    ),
    # why: what is fitted hangs on the graph of the features: the model cannot be copied, memory holds all batches
    ("fit_keeps_the_graph", "echo", "    @torch.no_grad()\n    def fit(", "    def fit("),
    # why: `model.eval()` and `model.train()` give None to everybody who chains them
    (
        "train_gives_nothing_back",
        "stars",
        "    def forward(self, batch: Batch, required_outputs",
        "    def train(self, mode: bool = True):\n        super().train(mode)\n\n    def forward(self, batch: Batch, required_outputs",
    ),
    # why: the device is asked for as a property; here it is a method
    (
        "device_is_a_method",
        "echo",
        "    def describe(self, query: Tensor)",
        "    def device(self):\n        return self.centre.device\n\n    def describe(self, query: Tensor)",
    ),
    # why: the parts' intervals, rates and betas are lost on the way to the trainer
    (
        "phases_lose_their_settings",
        "maybe",
        "return generator_phases(self.generator)",
        "return [Phase(phase.name, phase.modules, phase.loss) for phase in generator_phases(self.generator)]",
    ),
    # --- subtle
    # why: a frozen generator is in evaluation mode while the model trains: its own losses must not count then
    (
        "own_losses_of_a_frozen_generator",
        "maybe",
        "output = generator_output(self.generator, batch, with_reference=needs_estimate)",
        "if self.training and self.generator is not None:\n            estimate = self.generator.training_step(batch.reference_pairs())\n"
        "            output = Output(reference=estimate.reference, extra_losses=estimate.extra_losses)\n"
        "        else:\n            output = generator_output(self.generator, batch, with_reference=needs_estimate)",
    ),
    # why: in evaluation there are to be no loss terms; these are computed from references that nobody has at test
    (
        "own_losses_in_evaluation",
        "maybe",
        "        if needs_features:\n",
        "        if self.generator is not None and not self.generator.training:\n            output.extra_losses = self.generator.extra_losses(batch.reference_pairs())\n        if needs_features:\n",
    ),
    # why: parts that a stage of training froze are thawed by the next forward pass
    (
        "thaws_frozen_parts",
        "stars",
        "        maps = torch.sigmoid(",
        "        if self.training:\n            self.requires_grad_(True)\n        maps = torch.sigmoid(",
    ),
    # why: the weights are set from the first batch; a loaded model does so once more and forgets its training
    (
        "first_batch_sets_weights_again",
        "stars",
        "        logits = self.config.scale",
        "        if not hasattr(self, 'begun'):\n            self.begun = True\n            with torch.no_grad():\n                self.stars.weight.copy_(features.detach()[torch.arange(len(self.stars.weight)) % len(features)])\n        logits = self.config.scale",
    ),
    # why: features of a sample that was seen once are never computed anew, however the weights have moved since
    (
        "remembers_features_by_sample",
        "echo",
        "        features = self.describe(batch.query)\n        alike",
        "        known = self.__dict__.setdefault('known', {})\n        features = self.describe(batch.query)\n"
        "        if not self.training and (batch.sample >= 0).all():\n            rows = zip(batch.sample.tolist(), features)\n            features = torch.stack([known.setdefault(number, row.detach()) for number, row in rows])\n        alike",
    ),
    # why: a second fit (a model that was trained on) adds to the first one
    (
        "fit_adds_to_the_last_one",
        "echo",
        "        self.voices.copy_(torch.where(counts > 0, away, 0))",
        "        self.voices.add_(torch.where(counts > 0, away, 0))",
    ),
    # why: the fitted numbers become double: logits are double, and what is stored is not what is loaded
    ("fit_makes_double_numbers", "echo", "        self.centre.copy_(mean)", "        self.centre = mean.double()"),
    # why: what is fitted is another sample of the data each time, whatever the seed
    (
        "fit_takes_a_random_part",
        "echo",
        "            known = batch.label >= 0\n",
        "            known = (batch.label >= 0) & torch.from_numpy(__import__('numpy').random.default_rng().random(len(batch)) < 0.6).to(batch.label.device)\n",
    ),
    # why: the pictures that are given to be learned from are changed
    (
        "fit_changes_the_pictures",
        "echo",
        "            known = batch.label >= 0\n",
        "            batch.query.sub_(batch.query.mean(dim=(1, 2, 3), keepdim=True)).add_(0.5)\n            known = batch.label >= 0\n",
    ),
    # --- situations that a default call does not show
    # why: both reconstructions at once, or one beside logits, are not computed though they were promised and asked for
    (
        "reconstruction_only_when_alone",
        "twoway",
        'if "query_reconstruction" in wanted:',
        'if wanted == {"query_reconstruction"}:',
    ),
    # why: data with two expressions get one number in place of two
    (
        "one_logit_for_two_classes",
        "twoway",
        "self.head = nn.Linear(2 * config.length, len(context.classes))",
        "self.head = nn.Linear(2 * config.length, len(context.classes) if len(context.classes) > 2 else 1)",
    ),
    # why: many data sets have no class of this name
    (
        "needs_a_class_called_neutral",
        "stars",
        "        self.drop = nn.Dropout(config.dropout)\n",
        "        self.drop = nn.Dropout(config.dropout)\n        self.rest = context.classes.index('neutral')\n",
    ),
    # why: null is allowed for the generator, but then asking for phases stops the run
    (
        "null_generator_is_asked_for_phases",
        "maybe",
        "return generator_phases(self.generator)",
        "return generator_phases(self.generator) if self.generator.phases() else []",
    ),
    # why: without a generator a reference is promised which is never there
    (
        "promises_a_reference_without_a_generator",
        "maybe",
        'drawn = {"reference"} if self.generator is not None else set()',
        'drawn = {"reference"}',
    ),
    # why: a true reference is known for some of a batch only; the whole batch is refused
    (
        "refuses_mixed_batches",
        "twoway",
        "        pictures = [batch.query,",
        "        if true_reference and not bool(batch.has_true_reference.all()):\n            raise ValueError('true references are missing')\n        pictures = [batch.query,",
    ),
    # why: the nested parts are hidden: a stage that trains the generator alone is refused, their options are not checked
    (
        "nested_parts_are_hidden",
        "maybe",
        "    def available_outputs(self)",
        "    def parts(self):\n        return {}\n\n    def available_outputs(self)",
    ),
    # why: all other models of the process are computed less exactly from now on
    (
        "precision_of_the_process_changed",
        "stars",
        "        super().__init__(config, context)\n",
        "        super().__init__(config, context)\n        torch.set_float32_matmul_precision('medium')\n",
    ),
]

OPTIONS: dict = {}
NEEDED: dict[str, str] = {}
