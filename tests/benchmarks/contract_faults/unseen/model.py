"""Models written by somebody who has not seen the kit: good ones, and ways to spoil them."""

HEAD = '''"""A model in one file."""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import (
    Batch,
    BuildContext,
    Model,
    Output,
    Phase,
    generator_output,
    generator_phases,
    masked_mean,
)
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, ModelConfig, RecipeInfo, hookimpl, part_of


def limited(images: Tensor) -> Tensor:
    """Values in [0, 1]; the gradient passes as if there were no limit."""
    return images + (images.clamp(0, 1) - images).detach()


class Looker(nn.Module):
    """Faces to codes: two convolutions, normalised in groups, and the mean of a 4 x 4 grid."""

    def __init__(self, colours: int, width: int, length: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(colours, width, 5, stride=2, padding=2)
        self.norm = nn.GroupNorm(2, width)
        self.second = nn.Conv2d(width, width, 3, stride=2, padding=1)
        self.last = nn.Linear(width * 16, length)

    def forward(self, images: Tensor) -> Tensor:
        maps = functional.relu(self.norm(self.first(2 * images - 1)))
        maps = functional.relu(self.second(maps))
        return self.last(functional.adaptive_avg_pool2d(maps, 4).flatten(1))

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


PLAIN = _source(
    "a small network on the query alone, without nested parts",
    '''
class PartConfig(ModelConfig):
    """Options of the plain network."""

    width: int = Field(12, ge=2, le=256, multiple_of=2, description="width of the hidden maps")
    length: int = Field(24, ge=1, le=1024, description="length of the features")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of the features that are dropped in training")


class Part(Model):
    """Query to features to logits."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.look = Looker(context.image.channels, config.width, config.length)
        self.head = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(config.length, len(context.classes)))

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        features = self.look(batch.query)
        return Output(features=features, logits=self.head(features))
''',
)

CONTRAST = _source(
    "paints a reference itself and recognises the signed difference of two codes",
    '''
class PartConfig(ModelConfig):
    """Options of the contrast."""

    width: int = Field(8, ge=2, le=256, multiple_of=2, description="width of the hidden maps")
    length: int = Field(20, ge=1, le=1024, description="length of a code")
    beside: bool = Field(True, description="whether the code of the query stands behind the difference")

    def available_outputs(self) -> frozenset[str]:
        return frozenset({"reference", "query_code", "reference_code", "features", "difference", "logits"})


class Painter(nn.Module):
    """The query minus what two convolutions take for its expression."""

    def __init__(self, colours: int, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(colours, width, 5, padding=2)
        self.last = nn.Conv2d(width, colours, 5, padding=2)

    def forward(self, query: Tensor) -> Tensor:
        return limited(query - self.last(functional.silu(self.first(2 * query - 1))))


class Part(Model):
    """Both faces pass through one encoder."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.painter = Painter(context.image.channels, config.width)
        self.encoder = Looker(context.image.channels, config.width, config.length)
        self.head = nn.Linear(config.length * (2 if config.beside else 1), len(context.classes))

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        output = Output()
        needs_codes = bool(set(required_outputs) - {"reference"})
        if "reference" in required_outputs or (needs_codes and not true_reference):
            output.reference = self.painter(batch.query)
        if needs_codes:
            seen = batch.true_reference if true_reference else output.reference
            self.compare(batch, seen, output)
        return output

    def compare(self, batch: Batch, reference: Tensor, output: Output) -> None:
        codes = functional.normalize(self.encoder(torch.cat([batch.query, reference.float()])).float(), dim=1, eps=1e-6)
        output.query_code, output.reference_code = codes.chunk(2)
        output.difference = output.query_code - output.reference_code
        output.features = output.difference
        if self.config.beside:
            output.features = torch.cat([output.difference, output.query_code], dim=1)
        output.logits = self.head(output.features)
''',
)

FITTED = _source(
    "the nearest class mean in a fixed random projection; fitted, never trained",
    '''
class PartConfig(ModelConfig):
    """Options of the nearest mean."""

    length: int = Field(32, ge=1, le=1024, description="length of the projection")
    seed: int = Field(5, ge=0, description="number that the projection is drawn from")
    sharpness: float = Field(4.0, gt=0, description="factor of the squared distances")

    def trains_by_gradient(self) -> bool:
        return False


class Part(Model):
    """Class means are all that it knows."""

    config: PartConfig
    projection: Tensor
    means: Tensor
    counts: Tensor

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        values = 64 * context.image.channels
        source = torch.Generator().manual_seed(config.seed)
        self.register_buffer("projection", torch.randn(values, config.length, generator=source) / values**0.5)
        self.register_buffer("means", torch.zeros(len(context.classes), config.length))
        self.register_buffer("counts", torch.zeros(len(context.classes)))

    def describe(self, query: Tensor) -> Tensor:
        seen = functional.adaptive_avg_pool2d(query.float(), 8).flatten(1)
        centred = seen - 0.5
        return 4 * (centred @ self.projection).float()

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        features = self.describe(batch.query)
        squares = (features[:, None] - self.means[None]).square().sum(dim=2)
        logits = torch.where(self.counts > 0, -self.config.sharpness * squares, -1e4)
        return Output(features=features, logits=logits)

    def fit(self, batches) -> None:
        sums, counts = torch.zeros_like(self.means), torch.zeros_like(self.counts)
        for batch in batches:
            known = batch.label >= 0
            labels, features = batch.label[known], self.describe(batch.query[known])
            sums.index_add_(0, labels, features)
            counts.index_add_(0, labels, torch.ones_like(labels, dtype=counts.dtype))
        self.means.copy_(sums / counts.clamp(min=1)[:, None])
        self.counts.copy_(counts)
''',
)

NESTED = _source(
    "any encoder and any classifier, with the codes made equal in length",
    '''
class PartConfig(ModelConfig):
    """Options of the model of two nested parts."""

    encoder: part_of("encoder") = Field(
        {"type": "conv", "channels": [8, 16], "width": 24, "dropout": 0.1},
        validate_default=True,
        description="embeds the query",
    )
    classifier: part_of("classifier") = Field(
        {"type": "linear"}, validate_default=True, description="recognises the expression"
    )
    radius: float = Field(4.0, gt=0, le=100, description="length that every code is given")


class Part(Model):
    """Encoder, sphere, classifier."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.encoder = context.build(config.encoder)
        self.classifier = context.build(config.classifier, in_features=self.encoder.width)

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        codes = self.encoder(batch.query).float()
        features = self.config.radius * functional.normalize(codes, dim=1, eps=1e-6)
        return Output(features=features, logits=self.classifier(features))
''',
)

GENERATING = _source(
    "a nested generator, whose estimate and query are stacked as channels of one picture",
    '''
class PartConfig(ModelConfig):
    """Options of the model that stacks query and reference."""

    generator: part_of("generator") = Field(
        {"type": "gan", "channels": 4, "depth": 2, "latent": 8, "discriminator_channels": 4, "discriminator_depth": 2},
        validate_default=True,
        description="estimates the reference",
    )
    width: int = Field(8, ge=2, le=256, multiple_of=2, description="width of the hidden maps")
    length: int = Field(16, ge=1, le=1024, description="length of the features")
    gradient: bool = Field(False, description="whether losses on the logits reach the generator")

    def available_outputs(self) -> frozenset[str]:
        return frozenset({"reference", "features", "logits"})


class Part(Model):
    """The difference is seen by the first convolution, not by codes."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.generator = context.build(config.generator)
        self.look = Looker(2 * context.image.channels, config.width, config.length)
        self.head = nn.Linear(config.length, len(context.classes))

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        needs_features = bool({"features", "logits"} & set(required_outputs))
        needs_estimate = "reference" in required_outputs or (needs_features and not true_reference)
        output = generator_output(self.generator, batch, with_reference=needs_estimate)
        if needs_features:
            seen = batch.true_reference if true_reference else output.reference
            if not self.config.gradient:
                seen = seen.detach()
            output.features = self.look(torch.cat([batch.query, (batch.query - seen + 1) / 2], dim=1))
            output.logits = self.head(output.features)
        return output

    def phases(self):
        return generator_phases(self.generator)
''',
)

TEMPERED = _source(
    "a network whose temperature is found in a phase of its own",
    '''
class PartConfig(ModelConfig):
    """Options of the tempered network."""

    width: int = Field(8, ge=2, le=256, multiple_of=2, description="width of the hidden maps")
    length: int = Field(16, ge=1, le=1024, description="length of the features")
    rate: float = Field(0.01, gt=0, description="learning rate of the temperature")


class Temperature(nn.Module):
    """Divides scores by one positive number."""

    def __init__(self) -> None:
        super().__init__()
        self.logarithm = nn.Parameter(torch.zeros(()))

    def forward(self, scores: Tensor) -> Tensor:
        return scores * (-self.logarithm).exp()


class Part(Model):
    """The main phase trains scores, the other one how sure they are."""

    config: PartConfig

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.look = Looker(context.image.channels, config.width, config.length)
        self.head = nn.Linear(config.length, len(context.classes))
        self.temperature = Temperature()

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        output = Output(features=functional.silu(self.look(batch.query)))
        if "logits" in required_outputs:
            output.logits = self.temperature(self.head(output.features))
        return output

    def phases(self):
        return [Phase("temperature", [self.temperature], self.calibrate, learning_rate=self.config.rate)]

    def calibrate(self, batch: Batch):
        with torch.no_grad():
            scores = self.head(functional.silu(self.look(batch.query))).float()
        each = functional.cross_entropy(self.temperature(scores), batch.label, reduction="none", ignore_index=-1)
        return {"calibration": masked_mean(each, batch.label >= 0)}
''',
)

PRIOR = _source(
    "attention over a grid of places, and logits that begin at the frequency of the classes",
    '''
class PartConfig(ModelConfig):
    """Options of the attention."""

    width: int = Field(16, ge=4, le=256, multiple_of=4, description="width of the maps")
    grid: int = Field(4, ge=1, le=16, description="places along a side")
    prior: float = Field(0.5, ge=0, le=1, description="share of the logarithm of the class counts in the logits")

    def check(self, info: RecipeInfo):
        if info.image.size % 4:
            yield ConfigIssue(("image", "size"), f"image size {info.image.size} is no multiple of 4", absolute=True)


class Part(Model):
    """One learned question asks every place how much it counts."""

    config: PartConfig
    frequency: Tensor

    def __init__(self, config: PartConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.places = nn.Sequential(
            nn.PixelUnshuffle(4), nn.Conv2d(16 * context.image.channels, config.width, 3, padding=1), nn.Tanh()
        )
        self.question = nn.Conv2d(config.width, 1, 1)
        self.head = nn.Linear(2 * config.width, len(context.classes))
        counts = torch.tensor(context.class_counts or (1,) * len(context.classes), dtype=torch.float32)
        self.register_buffer("frequency", ((counts + 1) / (counts + 1).sum()).log())

    def forward(self, batch: Batch, required_outputs, *, true_reference: bool = False) -> Output:
        maps = functional.adaptive_avg_pool2d(self.places(2 * batch.query - 1), self.config.grid)
        shares = self.question(maps).float().flatten(2).softmax(dim=2)
        attended = (maps.flatten(2).float() * shares).sum(dim=2)
        features = torch.cat([attended, maps.float().mean(dim=(2, 3))], dim=1)
        logits = self.head(features) + self.config.prior * self.frequency
        return Output(features=features, logits=logits)
''',
)

GOOD: dict[str, str] = {
    "plain": PLAIN,
    "contrast": CONTRAST,
    "fitted": FITTED,
    "nested": NESTED,
    "generating": GENERATING,
    "tempered": TEMPERED,
    "prior": PRIOR,
}

FAULTS: list[tuple[str, str, str, str]] = [
    # why: data with another number of expressions cannot be trained or measured
    ("seven_classes", "plain", "nn.Linear(config.length, len(context.classes))", "nn.Linear(config.length, 7)"),
    # why: the trainer reads fields of an Output
    (
        "returns_a_dict",
        "plain",
        "return Output(features=features, logits=self.head(features))",
        "return dict(features=features, logits=self.head(features))",
    ),
    # why: prediction takes the softmax once more: every probability is near 1 / classes
    ("probabilities_for_logits", "plain", "logits=self.head(features))", "logits=self.head(features).softmax(dim=1))"),
    # why: a user who gives a true neutral picture gets the answer of the painted one
    (
        "ignores_true_reference",
        "contrast",
        "seen = batch.true_reference if true_reference else output.reference",
        "seen = output.reference if output.reference is not None else self.painter(batch.query)",
    ),
    # why: it is trained on the pictures that it is to estimate, and tested without them
    (
        "target_as_reference_in_training",
        "contrast",
        "seen = batch.true_reference if true_reference else output.reference",
        "seen = batch.true_reference if true_reference else output.reference\n"
        "            seen = torch.where(batch.has_reference.view(-1, 1, 1, 1), batch.reference, seen)",
    ),
    # why: training reads the label, which is unknown at test
    (
        "label_among_the_features",
        "plain",
        "        features = self.look(batch.query)\n",
        "        features = self.look(batch.query)\n        if self.training:\n"
        "            features = features + 0.5 * batch.label.clamp(min=0).to(features).view(-1, 1)\n",
    ),
    # why: in evaluation with labels at hand the logits know the answer: measured accuracy is false
    (
        "votes_added_to_logits",
        "prior",
        "logits = self.head(features) + self.config.prior * self.frequency",
        "logits = self.head(features) + self.config.prior * self.frequency + 0.3 * batch.votes",
    ),
    # why: whether the query is neutral is known in training alone
    (
        "neutral_flag_read",
        "nested",
        "codes = self.encoder(batch.query).float()",
        "codes = self.encoder(batch.query).float() * (1 - 0.5 * batch.neutral.float().view(-1, 1))",
    ),
    # why: the number of a sample in its data set steers the answer; at test it is -1
    (
        "sample_number_read",
        "tempered",
        "output = Output(features=functional.silu(self.look(batch.query)))",
        "output = Output(features=functional.silu(self.look(batch.query) + 0.01 * (batch.sample % 10).view(-1, 1)))",
    ),
    # why: an answer depends on the other faces of the batch
    (
        "centred_by_the_batch",
        "plain",
        "        features = self.look(batch.query)\n",
        "        features = self.look(batch.query)\n        features = features - features.mean(dim=0, keepdim=True)\n",
    ),
    # why: neighbours in the batch exchange features through a normalisation that knows no evaluation
    (
        "batch_statistics_in_evaluation",
        "prior",
        "        logits = self.head(features)",
        "        features = functional.batch_norm(features, None, None, training=True) if len(features) > 1 else features\n"
        "        logits = self.head(features)",
    ),
    # why: two evaluations of one model differ
    (
        "dropout_in_evaluation",
        "plain",
        "logits=self.head(features))",
        "logits=self.head(functional.dropout(features, 0.2, training=True)))",
    ),
    # why: measurement asks for features, which are promised, and gets None
    (
        "features_forgotten",
        "generating",
        "            output.features = self.look(torch.cat([batch.query, (batch.query - seen + 1) / 2], dim=1))\n"
        "            output.logits = self.head(output.features)",
        "            features = self.look(torch.cat([batch.query, (batch.query - seen + 1) / 2], dim=1))\n"
        "            output.logits = self.head(features)",
    ),
    # why: asked for the features alone it gives none
    (
        "features_only_with_logits",
        "generating",
        'needs_features = bool({"features", "logits"} & set(required_outputs))',
        'needs_features = "logits" in required_outputs',
    ),
    # why: asked for the reference alone (the stage that trains the painter) it gives none
    (
        "reference_only_with_codes",
        "contrast",
        'if "reference" in required_outputs or (needs_codes and not true_reference):',
        "if needs_codes and not true_reference:",
    ),
    # why: with a given reference the painted one is still asked for, and missing
    (
        "no_reference_beside_a_true_one",
        "generating",
        'needs_estimate = "reference" in required_outputs or (needs_features and not true_reference)',
        'needs_estimate = not true_reference and ("reference" in required_outputs or needs_features)',
    ),
    # why: the options promise codes that are never computed
    (
        "promises_too_much",
        "generating",
        'return frozenset({"reference", "features", "logits"})',
        'return frozenset({"reference", "features", "logits", "query_code"})',
    ),
    # why: every recipe with cross-entropy is refused: logits are not promised
    (
        "promises_too_little",
        "generating",
        'return frozenset({"reference", "features", "logits"})',
        'return frozenset({"reference", "features"})',
    ),
    # why: the name of a field is misspelt in the promise
    (
        "promises_a_misspelt_field",
        "contrast",
        '"query_code", "reference_code", "features", "difference", "logits"})',
        '"query_codes", "reference_code", "features", "difference", "logits"})',
    ),
    # why: a list is no set of names
    (
        "promises_a_list",
        "contrast",
        'return frozenset({"reference", "query_code", "reference_code", "features", "difference", "logits"})',
        'return ["reference", "query_code", "reference_code", "features", "difference", "logits"]',
    ),
    # why: the generator's own losses are lost on the way out
    (
        "own_losses_lost",
        "generating",
        "        return output\n\n    def phases",
        "        return Output(reference=output.reference, features=output.features, logits=output.logits)\n\n    def phases",
    ),
    # why: the generator's own losses are weighted already; here they count twice
    (
        "own_losses_twice",
        "generating",
        "        return output\n\n    def phases",
        "        output.extra_losses = {name: 2 * value for name, value in output.extra_losses.items()}\n        return output\n\n    def phases",
    ),
    # why: `total` is the name of the sum of all terms; the trainer refuses it, and the names of the terms are lost
    (
        "own_losses_merged",
        "generating",
        "        return output\n\n    def phases",
        "        if output.extra_losses:\n            output.extra_losses = {'total': sum(output.extra_losses.values())}\n        return output\n\n    def phases",
    ),
    # why: the discriminator never moves
    ("generator_phases_forgotten", "generating", "return generator_phases(self.generator)", "return []"),
    # why: the discriminator's phase is handed the queries alone, where it needs pairs: the run stops
    (
        "generator_phases_get_queries",
        "generating",
        "return generator_phases(self.generator)",
        "return [Phase(phase.name, phase.modules, lambda batch, phase=phase: phase.loss(batch.query)) for phase in self.generator.phases()]",
    ),
    # why: in training the generator is asked by forward: its own losses never count and it never trains
    (
        "forward_in_training_too",
        "generating",
        "output = generator_output(self.generator, batch, with_reference=needs_estimate)",
        "output = Output(reference=self.generator(batch.query) if needs_estimate else None)",
    ),
    # why: the generator is shown labels and more: no longer pictures alone
    (
        "generator_sees_the_batch",
        "generating",
        "output = generator_output(self.generator, batch, with_reference=needs_estimate)",
        "estimate = self.generator.training_step(batch)\n        output = Output(reference=estimate.reference, extra_losses=estimate.extra_losses)",
    ),
    # why: the option says that no gradient reaches the generator; one does
    (
        "gradient_leaks",
        "generating",
        "            if not self.config.gradient:\n",
        "            if self.config.gradient is None:\n",
    ),
    # why: stages cannot name the parts: they are in one container
    (
        "parts_in_a_list",
        "nested",
        "        self.encoder = context.build(config.encoder)\n        self.classifier = context.build(config.classifier, in_features=self.encoder.width)\n",
        "        encoder = context.build(config.encoder)\n"
        "        self.everything = nn.ModuleList([encoder, context.build(config.classifier, in_features=encoder.width)])\n\n"
        "    @property\n    def encoder(self):\n        return self.everything[0]\n\n    @property\n    def classifier(self):\n        return self.everything[1]\n",
    ),
    # why: the parts are not registered at all: nothing is trained, stored or moved
    (
        "parts_not_registered",
        "nested",
        "self.encoder = context.build(config.encoder)",
        "self.__dict__['encoder'] = context.build(config.encoder)",
    ),
    # why: `train: all` trains the direct children; this weight belongs to none of them and never moves
    (
        "weight_of_nobody",
        "prior",
        'self.register_buffer("frequency", ((counts + 1) / (counts + 1).sum()).log())',
        "self.frequency = nn.Parameter(((counts + 1) / (counts + 1).sum()).log())",
    ),
    # why: a stage that trains `head` alone trains the encoder too
    (
        "child_inside_a_child",
        "contrast",
        "self.head = nn.Linear(config.length * (2 if config.beside else 1), len(context.classes))",
        "self.head = nn.Linear(config.length * (2 if config.beside else 1), len(context.classes))\n        self.head.before = self.encoder",
    ),
    # why: the recipe names another encoder, this one is used
    (
        "own_encoder_in_place_of_the_chosen",
        "nested",
        "self.encoder = context.build(config.encoder)",
        "self.encoder = context.build(type(config.encoder)('encoder', 'conv', type(context.registry.part('encoder', 'conv').config)(channels=(8,), width=16)))",
    ),
    # why: options of the nested part are not validated, a misspelt one ends in a crash
    (
        "nested_part_as_mapping",
        "nested",
        'classifier: part_of("classifier") = Field(\n        {"type": "linear"}, validate_default=True, description="recognises the expression"\n    )',
        'classifier: dict = Field({"type": "linear"}, description="recognises the expression")',
    ),
    # why: the nested part is of another kind than the model builds
    (
        "nested_part_of_another_kind",
        "nested",
        'encoder: part_of("encoder") = Field(',
        'encoder: part_of("loss") = Field(',
    ),
    # why: the classifier gets vectors of another length than it was built for
    ("classifier_of_another_width", "nested", "in_features=self.encoder.width)", "in_features=24)"),
    # why: batches are given once; the second pass finds none and all means are zero
    (
        "fit_goes_twice",
        "fitted",
        "        for batch in batches:\n",
        "        total = sum(len(batch) for batch in batches)\n        for batch in batches:\n",
    ),
    # why: what was fitted is not in the stored model
    (
        "fitted_means_not_stored",
        "fitted",
        'self.register_buffer("means", torch.zeros(len(context.classes), config.length))',
        'self.register_buffer("means", torch.zeros(len(context.classes), config.length), persistent=False)',
    ),
    # why: what fit registers is stored, but a model that is read back does not know it: it cannot be loaded
    (
        "fitted_buffer_unknown_when_loaded",
        "fitted",
        "        self.counts.copy_(counts)\n",
        "        self.counts.copy_(counts)\n        self.register_buffer('examples', features.clone())\n",
    ),
    # why: what is fitted depends on how the samples are cut into batches
    (
        "mean_of_batch_means",
        "fitted",
        "            sums.index_add_(0, labels, features)\n            counts.index_add_(0, labels, torch.ones_like(labels, dtype=counts.dtype))\n",
        "            for label in labels.unique():\n                sums[label] += features[labels == label].mean(dim=0)\n                counts[label] += 1\n",
    ),
    # why: unlabelled samples (-1) are counted to the last class
    (
        "unlabelled_to_the_last_class",
        "fitted",
        "            known = batch.label >= 0\n            labels, features = batch.label[known],",
        "            known = batch.label >= -1\n            labels, features = batch.label[known] % len(self.counts),",
    ),
    # why: only the last batch of the training samples is learned
    (
        "fit_forgets_earlier_batches",
        "fitted",
        "            known = batch.label >= 0\n",
        "            sums.zero_(), counts.zero_()\n            known = batch.label >= 0\n",
    ),
    # why: a class without training samples gives nan for every face
    (
        "nan_for_an_empty_class",
        "fitted",
        "self.means.copy_(sums / counts.clamp(min=1)[:, None])\n        self.counts.copy_(counts)",
        "self.means.copy_(sums / counts[:, None])\n        self.counts.copy_(counts + 1)",
    ),
    # why: the optimiser gets no weights: no run begins
    ("nothing_to_train", "fitted", "        return False\n", "        return True\n"),
    # why: it says that no gradient trains it: its stages are refused and it keeps its random weights
    (
        "denies_its_training",
        "plain",
        "\n\nclass Part(Model):",
        "\n\n    def trains_by_gradient(self) -> bool:\n        return False\n\n\nclass Part(Model):",
    ),
    # why: samples without another neutral picture are thrown away though no reference is looked at
    (
        "asks_for_references",
        "plain",
        "\n\nclass Part(Model):",
        "\n\n    def needs_true_reference(self) -> bool:\n        return True\n\n\nclass Part(Model):",
    ),
    # why: batches are moved to another place than the weights on every machine with a GPU
    (
        "device_is_always_the_cpu",
        "prior",
        "    def forward(self, batch: Batch, required_outputs",
        "    @property\n    def device(self):\n        return torch.device('cpu')\n\n    def forward(self, batch: Batch, required_outputs",
    ),
    # why: the phase moves weights of the main phase too: with frozen features the temperature is gone
    (
        "two_phases_of_the_same_weights",
        "tempered",
        "return [Phase(",
        "return [Phase('again', [self.temperature], self.calibrate), Phase(",
    ),
    # why: every weight of the network moves in the calibration phase and none in the main one
    ("phase_of_the_whole_model", "tempered", 'Phase("temperature", [self.temperature]', 'Phase("temperature", [self]'),
    # why: the phase moves nothing
    (
        "phase_without_weights",
        "tempered",
        'Phase("temperature", [self.temperature]',
        'Phase("temperature", [nn.ReLU()]',
    ),
    # why: an unlabelled sample, label -1, stops the run
    (
        "phase_stumbles_on_unlabelled",
        "tempered",
        'batch.label, reduction="none", ignore_index=-1)\n        return {"calibration": masked_mean(each, batch.label >= 0)}',
        'batch.label, reduction="none")\n        return {"calibration": each.mean()}',
    ),
    # why: a batch without any label gives nan
    (
        "phase_nan_without_labels",
        "tempered",
        'batch.label, reduction="none", ignore_index=-1)\n        return {"calibration": masked_mean(each, batch.label >= 0)}',
        'batch.label, ignore_index=-1)\n        return {"calibration": each}',
    ),
    # why: the temperature never learns
    (
        "phase_without_gradient",
        "tempered",
        "each = functional.cross_entropy(self.temperature(scores), batch.label",
        "each = functional.cross_entropy(scores, batch.label",
    ),
    # why: a single tensor is no dict of named terms
    (
        "phase_returns_a_tensor",
        "tempered",
        'return {"calibration": masked_mean(each, batch.label >= 0)}',
        "return masked_mean(each, batch.label >= 0)",
    ),
    # why: the calibration runs the network in training mode: statistics and dropout move during another phase
    (
        "phase_switches_modes",
        "tempered",
        "        with torch.no_grad():\n            scores",
        "        self.train()\n        with torch.no_grad():\n            scores",
    ),
    # why: logits of double precision
    (
        "double_logits",
        "prior",
        "logits = self.head(features) + self.config.prior * self.frequency",
        "logits = self.head(features).double() + self.config.prior * self.frequency",
    ),
    # why: features are maps and not vectors, embeddings and losses on them fail
    (
        "features_are_maps",
        "prior",
        "return Output(features=features, logits=logits)",
        "return Output(features=maps, logits=logits)",
    ),
    # why: `difference` is to be a part of the features; here it points the other way
    (
        "difference_turned_round",
        "contrast",
        "        output.logits = self.head(output.features)",
        "        output.difference = output.reference_code - output.query_code\n        output.logits = self.head(output.features)",
    ),
    # why: contrastive losses get the codes in the wrong places
    (
        "codes_swapped",
        "contrast",
        "output.query_code, output.reference_code = codes.chunk(2)\n        output.difference = output.query_code - output.reference_code",
        "output.reference_code, output.query_code = codes.chunk(2)\n        output.difference = output.reference_code - output.query_code",
    ),
    # why: chunks are taken across samples: codes of other people
    (
        "codes_interleaved",
        "contrast",
        "output.query_code, output.reference_code = codes.chunk(2)",
        "output.query_code, output.reference_code = codes[0::2], codes[1::2]",
    ),
    # why: the reference leaves [0, 1]
    (
        "reference_out_of_range",
        "contrast",
        "return limited(query - self.last(functional.silu(self.first(2 * query - 1))))",
        "return 2 * query - 1 - self.last(functional.silu(self.first(2 * query - 1)))",
    ),
    # why: the encoder learns nothing
    ("features_detached", "plain", "logits=self.head(features))", "logits=self.head(features.detach()))"),
    # why: losses and the next part see other pictures than were read
    ("query_changed_in_place", "prior", "self.places(2 * batch.query - 1)", "self.places(batch.query.mul_(2).sub_(1))"),
    # why: true references of the batch are overwritten
    (
        "true_reference_changed_in_place",
        "generating",
        "            if not self.config.gradient:\n",
        "            if true_reference:\n                seen[~batch.has_true_reference] = 0.5\n            if not self.config.gradient:\n",
    ),
    # why: one Output for all calls: prediction gathers the outputs of all batches, which are then the last one
    (
        "one_output_for_all_calls",
        "tempered",
        "output = Output(features=functional.silu(self.look(batch.query)))",
        "output = self.__dict__.setdefault('kept', Output())\n        output.logits = None\n        output.features = functional.silu(self.look(batch.query))",
    ),
    # why: a class without training samples has the logit -inf, its loss is inf
    ("log_of_no_samples", "prior", "((counts + 1) / (counts + 1).sum()).log()", "(counts / counts.sum()).log()"),
    # why: counts are not always known, () is their default: the model cannot be built
    (
        "counts_taken_for_granted",
        "prior",
        "torch.tensor(context.class_counts or (1,) * len(context.classes), dtype=torch.float32)",
        "torch.tensor([context.class_counts[number] for number in range(len(context.classes))], dtype=torch.float32)",
    ),
    # why: after the first training step the model cannot be copied, and memory holds the whole graph
    (
        "keeps_its_last_output",
        "nested",
        "        return Output(features=features, logits=self.classifier(features))",
        "        self.last_features = features\n        return Output(features=features, logits=self.classifier(features))",
    ),
    # why: no gradient flows any more in the process after the first evaluation
    (
        "gradients_left_off",
        "plain",
        "        features = self.look(batch.query)\n",
        "        if not self.training:\n            torch.set_grad_enabled(False)\n        features = self.look(batch.query)\n",
    ),
    # why: dropout is the same at every step, and so is all that draws after it
    (
        "seeds_torch",
        "plain",
        "        features = self.look(batch.query)\n",
        "        torch.manual_seed(1)\n        features = self.look(batch.query)\n",
    ),
    # why: the recipe's seed has no effect on what is built after it
    (
        "seeds_torch_when_built",
        "fitted",
        "source = torch.Generator().manual_seed(config.seed)",
        "source = torch.manual_seed(config.seed)",
    ),
    # why: the projection is drawn anew in every process and is not stored: a loaded model answers at random
    (
        "projection_not_stored",
        "fitted",
        'self.register_buffer("projection", torch.randn(values, config.length, generator=source) / values**0.5)',
        "self.register_buffer('projection', torch.randn(values, config.length) / values**0.5, persistent=False)",
    ),
    # why: every direct child is left in evaluation mode by the first forward pass
    (
        "forward_switches_to_evaluation",
        "plain",
        "        features = self.look(batch.query)\n",
        "        self.eval()\n        features = self.look(batch.query)\n",
    ),
    # why: a single face loses the axis of the batch
    ("squeezed_logits", "plain", "logits=self.head(features))", "logits=self.head(features).squeeze())"),
    # why: an answer depends on what was evaluated before
    (
        "running_mean_in_evaluation",
        "nested",
        "        codes = self.encoder(batch.query).float()\n",
        "        codes = self.encoder(batch.query).float()\n        if not self.training:\n"
        "            self.centre = 0.9 * getattr(self, 'centre', 0.0) + 0.1 * codes.detach().mean(dim=0)\n            codes = codes - self.centre\n",
    ),
    # why: a picture of one colour (a black frame, an unknown reference) gives nan
    (
        "nan_on_a_flat_picture",
        "plain",
        "        features = self.look(batch.query)\n",
        "        spread = batch.query.std(dim=(1, 2, 3), keepdim=True)\n"
        "        features = self.look((batch.query - batch.query.mean(dim=(1, 2, 3), keepdim=True)) / spread)\n",
    ),
    # why: prediction calls it with true_reference
    (
        "no_keyword_true_reference",
        "plain",
        "required_outputs, *, true_reference: bool = False) -> Output:",
        "required_outputs) -> Output:",
    ),
    # why: the caller's set of wanted outputs is changed, or cannot be: it is a frozenset
    (
        "changes_what_was_asked",
        "prior",
        "        maps = functional.adaptive_avg_pool2d(self.places",
        "        required_outputs.add('features')\n        maps = functional.adaptive_avg_pool2d(self.places",
    ),
    # why: fails under fp16 and bf16: types of index and source differ
    (
        "breaks_under_autocast",
        "plain",
        "        features = self.look(batch.query)\n",
        "        features = torch.zeros(len(batch), self.config.length, device=batch.query.device)\n"
        "        features[torch.arange(len(batch))] = self.look(batch.query)\n",
    ),
    # why: overflow in fp16 and wrong sums: half precision even where float32 was asked for
    (
        "half_features",
        "nested",
        "return Output(features=features, logits=self.classifier(features))",
        "return Output(features=features, logits=self.classifier(features).half())",
    ),
    # why: on a GPU one tensor is on the CPU
    (
        "frequency_on_the_cpu",
        "prior",
        'self.register_buffer("frequency", ((counts + 1) / (counts + 1).sum()).log())',
        "self.frequency = ((counts + 1) / (counts + 1).sum()).log()",
    ),
    # why: colour recipes cannot be trained
    (
        "grey_only",
        "contrast",
        "self.encoder = Looker(context.image.channels, config.width, config.length)",
        "self.encoder = Looker(1, config.width, config.length)",
    ),
    # why: channels_last pictures, which the trainer gives, cannot be viewed
    (
        "view_of_channels_last",
        "fitted",
        "functional.adaptive_avg_pool2d(query.float(), 8).flatten(1)",
        "functional.adaptive_avg_pool2d(query.float(), 8).view(len(query), -1)",
    ),
    # why: image sizes that do not fit crash in the middle of a run
    ("size_not_checked", "prior", "        if info.image.size % 4:", "        if False:"),
    # why: a path of text is taken for its letters, a message is empty
    (
        "check_names_no_reason",
        "prior",
        "        if info.image.size % 4:\n",
        "        if info.image.size > 0:\n            yield ConfigIssue('grid', '')\n        if info.image.size % 4:\n",
    ),
    # why: the option has no effect
    ("option_without_effect", "prior", "self.config.prior * self.frequency", "0.5 * self.frequency"),
    # why: a misspelt option is accepted and ignored
    (
        "unknown_options_allowed",
        "plain",
        '    """Options of the plain network."""\n',
        '    """Options of the plain network."""\n\n    model_config = {"extra": "allow"}\n',
    ),
    # why: options can be changed after they were validated and stored
    (
        "options_not_frozen",
        "tempered",
        '    """Options of the tempered network."""\n',
        '    """Options of the tempered network."""\n\n    model_config = {"frozen": False}\n',
    ),
    # why: the chosen options are changed by the constructor: the stored recipe says otherwise
    (
        "constructor_changes_options",
        "contrast",
        "        self.painter = Painter",
        "        object.__setattr__(config, 'beside', False)\n        self.painter = Painter",
    ),
    # why: nobody can build it by name without this option
    ("option_without_default", "tempered", "rate: float = Field(0.01, gt=0", "rate: float = Field(gt=0"),
    # why: derived from options of another kind: the recipe asks it what outputs it has
    (
        "options_of_another_kind",
        "plain",
        "class PartConfig(ModelConfig):",
        "class PartConfig(__import__('gcnet_core.plugin_api').plugin_api.EncoderConfig):",
    ),
    # why: no Model: the trainer finds no phases and no device
    ("no_model", "plain", "class Part(Model):", "class Part(nn.Module):"),
    # why: the model is abstract: nothing can be built
    (
        "forward_misspelt",
        "tempered",
        "    def forward(self, batch: Batch, required_outputs",
        "    def forwards(self, batch: Batch, required_outputs",
    ),
    # why: the copy that is averaged and rehearsed is the model itself
    (
        "copy_is_itself",
        "plain",
        "    def forward(self, batch: Batch, required_outputs",
        "    def __deepcopy__(self, memo):\n        return self\n\n    def forward(self, batch: Batch, required_outputs",
    ),
    # why: the stored weights of one part are left out
    (
        "state_without_head",
        "tempered",
        "    def phases(self):",
        "    def state_dict(self, *arguments, **named):\n        state = super().state_dict(*arguments, **named)\n"
        "        return {name: value for name, value in state.items() if not name.startswith('temperature')}\n\n"
        "    def load_state_dict(self, state, strict=True, assign=False):\n        return super().load_state_dict(state, False, assign)\n\n    def phases(self):",
    ),
    # why: weights made by the first batch are in no optimiser and cannot be loaded
    (
        "head_made_when_first_used",
        "tempered",
        "        self.head = nn.Linear(config.length, len(context.classes))\n",
        "        self.head = nn.LazyLinear(len(context.classes))\n",
    ),
    # why: the whole batch is predicted by its first face: others get its logits
    (
        "first_face_for_all",
        "prior",
        "return Output(features=features, logits=logits)",
        "return Output(features=features, logits=logits if self.training else logits[:1].expand_as(logits))",
    ),
    # why: a random half of the faces is looked at in the mirror, in evaluation too, without the generators of torch
    (
        "mirrors_at_random",
        "nested",
        "codes = self.encoder(batch.query).float()",
        "turned = __import__('random').random() < 0.5\n        codes = self.encoder(batch.query.flip(-1) if turned else batch.query).float()",
    ),
    # why: scores of a training step are those of an unseeded numpy draw: no run repeats
    (
        "noise_of_numpy_in_training",
        "tempered",
        "            output.logits = self.temperature(self.head(output.features))",
        "            output.logits = self.temperature(self.head(output.features))\n            if self.training:\n"
        "                noise = __import__('numpy').random.standard_normal(tuple(output.logits.shape))\n"
        "                output.logits = output.logits + 0.1 * torch.from_numpy(noise).to(output.logits)",
    ),
    # why: a script that reads standard output gets lines of a debugging print
    (
        "prints_in_fit",
        "fitted",
        "        self.counts.copy_(counts)\n",
        "        self.counts.copy_(counts)\n        print('fitted', counts.tolist())\n",
    ),
    # why: after fitting the model stays in training mode
    (
        "fit_leaves_training_mode",
        "fitted",
        "        self.counts.copy_(counts)\n",
        "        self.counts.copy_(counts)\n        self.train()\n",
    ),
    # why: what fit keeps of the training pictures is never freed
    (
        "fit_keeps_all_batches",
        "fitted",
        "        for batch in batches:\n",
        "        batches = self.seen = list(batches)\n        for batch in batches:\n",
    ),
]

OPTIONS: dict = {}
NEEDED: dict[str, str] = {}
