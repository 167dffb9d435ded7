"""Models that are as they should be, and the same with a fault each; see run.py.

`own` has layers of its own and estimates the reference itself. `nested` is put together of an encoder, a generator
with an own loss and a phase, and a classifier. `means` learns the mean of each class by `fit`. `album` is `own` with
the mean picture of the album in place of the estimate, where there is one. `coded` takes the mean code of all that
there is, codes that are given among them.
"""

OWN = '''
import torch
from torch import nn
from torch.nn import functional
from pydantic import Field
from gcnet_core.plugin_api import ComponentSpec, ModelConfig, hookimpl
from gcnet_core.interfaces import Model, Output


class Config(ModelConfig):
    """A small model."""

    width: int = Field(8, ge=1, description="length of a code")

    def available_outputs(self):
        return frozenset({"reference", "query_code", "reference_code", "difference", "features", "logits"})


class Own(Model):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.context = context
        channels = context.image.channels
        self.rest = nn.Sequential(nn.Conv2d(channels, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, channels, 3, padding=1))
        self.encoder = nn.Sequential(
            nn.Conv2d(channels, 8, 5, stride=2), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(3),
            nn.Flatten(), nn.Linear(72, config.width),
        )
        self.classifier = nn.Sequential(nn.Linear(2 * config.width, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, len(context.classes)))

    def forward(self, batch, required_outputs, *, true_reference=False):
        output = Output()
        estimate = torch.sigmoid(self.rest(batch.query))
        if "reference" in required_outputs:
            output.reference = estimate
        if not required_outputs - {"reference"}:
            return output
        reference = batch.true_reference if true_reference else estimate
        output.query_code = self.encoder(batch.query)
        output.reference_code = self.encoder(reference)
        output.difference = output.query_code - output.reference_code
        output.features = torch.cat([output.difference, output.query_code], dim=1)
        output.logits = self.classifier(output.features)
        return output


@hookimpl
def gcnet_components():
    return [ComponentSpec("model", "part", Config, f"{__name__}:Own", "a small model")]
'''

ALBUM = OWN.replace(
    """
    def available_outputs""",
    """
    def uses_album(self):
        return True

    def available_outputs""",
).replace(
    """        reference = batch.true_reference if true_reference else estimate
""",
    """        known = batch.has_album[:, :, None, None, None]
        mean = batch.album.masked_fill(~known, 0).sum(dim=1) / known.sum(dim=1).clamp(min=1)
        reference = torch.where(known.any(dim=1), mean, estimate)
        if true_reference:
            reference = torch.where(batch.has_true_reference[:, None, None, None], batch.true_reference, reference)
""",
)

CODED = (
    OWN.replace("import Model, Output", "import Candidates, Model, Output")
    .replace('"reference_code", "difference"', '"reference_code", "candidate_codes", "difference"')
    .replace(
        """
    def available_outputs""",
        """
    def uses_album(self):
        return True

    def available_outputs""",
    )
    .replace(
        """        reference = batch.true_reference if true_reference else estimate
""",
        """        true = batch.has_true_reference & true_reference
        own = ~(batch.has_album.any(dim=1) | true | batch.has_codes.any(dim=1))
        known = torch.cat([own[:, None], batch.has_album, true[:, None]], dim=1)
        pictures = torch.cat([estimate[:, None], batch.album, batch.true_reference[:, None]], dim=1)
        pictures = torch.where(known[..., None, None, None], pictures, 0)
        codes = self.encoder(pictures.flatten(0, 1)).unflatten(0, known.shape)
        output.candidates, output.candidate_codes = Candidates(pictures, known), codes * known[..., None]
        if batch.codes.shape[1]:
            codes, known = torch.cat([codes, batch.codes], dim=1), torch.cat([known, batch.has_codes], dim=1)
""",
    )
    .replace("self.encoder(reference)", "(codes * known[..., None]).sum(dim=1) / known.sum(dim=1, keepdim=True)")
)

NESTED = '''
import torch
from torch import nn
from pydantic import Field
from gcnet_core.plugin_api import ComponentSpec, EncoderConfig, GeneratorConfig, ModelConfig, hookimpl, part_of
from gcnet_core.interfaces import (
    Encoder, Estimate, Generator, Model, Output, Phase, generator_output, generator_phases, masked_mean,
)


class SmallConfig(GeneratorConfig):
    """A small generator."""


class Small(Generator):
    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.body = nn.Conv2d(channels, channels, 3, padding=1)
        self.critic = nn.Conv2d(channels, 1, 3)

    def forward(self, query):
        return torch.sigmoid(self.body(query))

    def training_step(self, pairs):
        reference = self(pairs.query)
        error = (reference - pairs.reference).abs().mean(dim=(1, 2, 3))
        return Estimate(reference, {"absolute": 0.1 * masked_mean(error, pairs.has_reference)})

    def phases(self):
        return [Phase("critic", [self.critic], lambda pairs: {"critic": self.critic(pairs.query).square().mean()})]


class FlatConfig(EncoderConfig):
    """A small encoder."""


class Flat(Encoder):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.width = 10
        self.layers = nn.Sequential(nn.AdaptiveAvgPool2d(6), nn.Flatten(), nn.Linear(36 * context.image.channels, 10))

    def forward(self, images):
        return self.layers(images)


class Config(ModelConfig):
    """An encoder, a generator, a classifier."""

    encoder: part_of("encoder") = Field({"type": "flat"}, validate_default=True, description="embeds both")
    generator: part_of("generator") = Field({"type": "small"}, validate_default=True, description="the reference")
    classifier: part_of("classifier") = Field({"type": "linear"}, validate_default=True, description="scores")

    def available_outputs(self):
        return frozenset({"reference", "query_code", "reference_code", "difference", "features", "logits"})


class Nested(Model):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.encoder = context.build(config.encoder)
        self.generator = context.build(config.generator)
        self.classifier = context.build(config.classifier, in_features=self.encoder.width)

    def forward(self, batch, required_outputs, *, true_reference=False):
        behind = bool(required_outputs - {"reference"})
        needed = "reference" in required_outputs or (behind and not true_reference)
        output = generator_output(self.generator, batch, with_reference=needed)
        if not behind:
            return output
        reference = batch.true_reference if true_reference else output.reference.detach()
        output.query_code, output.reference_code = self.encoder(torch.cat([batch.query, reference])).chunk(2)
        output.difference = output.features = output.query_code - output.reference_code
        output.logits = self.classifier(output.features)
        return output

    def phases(self):
        return generator_phases(self.generator)


@hookimpl
def gcnet_components():
    return [
        ComponentSpec("generator", "small", SmallConfig, f"{__name__}:Small", "a small generator"),
        ComponentSpec("encoder", "flat", FlatConfig, f"{__name__}:Flat", "a small encoder"),
        ComponentSpec("model", "part", Config, f"{__name__}:Nested", "an encoder, a generator, a classifier"),
    ]
'''

MEANS = '''
import torch
from torch import nn
from torch.nn import functional
from gcnet_core.plugin_api import ComponentSpec, ModelConfig, hookimpl
from gcnet_core.interfaces import Model, Output

SIDE = 8


class Config(ModelConfig):
    """Nearest mean of a class."""

    def trains_by_gradient(self):
        return False


class Means(Model):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.means = nn.Module()
        self.means.register_buffer("values", torch.zeros(len(context.classes), context.image.channels * SIDE * SIDE))

    def forward(self, batch, required_outputs, *, true_reference=False):
        features = functional.adaptive_avg_pool2d(batch.query, SIDE).flatten(1)
        features = features - features.mean(dim=1, keepdim=True)
        distances = (features[:, None] - self.means.values[None]).square().sum(dim=2)
        return Output(features=features, logits=-distances)

    def fit(self, batches):
        values = torch.zeros_like(self.means.values)
        counts = torch.zeros(len(values))
        for batch in batches:
            features = self(batch, {"features"}).features
            values.index_add_(0, batch.label, features)
            counts.index_add_(0, batch.label, torch.ones(len(features)))
        self.means.values.copy_(values / counts.clamp(min=1)[:, None])


@hookimpl
def gcnet_components():
    return [ComponentSpec("model", "part", Config, f"{__name__}:Means", "nearest mean of a class")]
'''

GOOD: dict[str, str] = {"own": OWN, "album": ALBUM, "coded": CODED, "nested": NESTED, "means": MEANS}

FAULTS: list[tuple[str, str, str, str]] = [
    ("offers too much", "own", "\"reference\", \"query_code\",", "\"reference\", \"query_reconstruction\", \"query_code\","),
    ("offers unknown names", "own", "\"reference\", \"query_code\",", "\"estimate\", \"reference\", \"query_code\","),
    ("offers no logits", "own", ", \"features\", \"logits\"})", ", \"features\"})"),
    ("offers a list", "own", "return frozenset({\"reference\", \"query_code\", \"reference_code\", \"difference\", \"features\", \"logits\"})", "return [\"features\", \"logits\"]"),
    ("no features alone", "own", "            output.reference = estimate\n", "            output.reference = estimate\n        if required_outputs == {\"features\"}:\n            return output\n"),
    ("no reference with logits", "own", "if \"reference\" in required_outputs:", "if required_outputs == {\"reference\"}:"),
    ("a tensor", "own", "        return output\n\n\n@hookimpl", "        return output.logits\n\n\n@hookimpl"),
    ("probabilities", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features).softmax(dim=1)"),
    ("sigmoid scores", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features).sigmoid()"),
    ("a class too many", "own", "len(context.classes)", "len(context.classes) + 1"),
    ("three classes for all", "own", "len(context.classes)", "3"),
    ("grey alone", "own", "channels = context.image.channels", "channels = 1"),
    ("one size alone", "own", "nn.AdaptiveAvgPool2d(3),\n            nn.Flatten(), nn.Linear(72,", "nn.Flatten(), nn.Linear(8 * 14 * 14,"),
    ("features of three sides", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features)\n        output.features = output.features[:, :, None]"),
    ("no limit of the reference", "own", "torch.sigmoid(self.rest(batch.query))", "3 * self.rest(batch.query)"),
    ("a reference half as large", "own", "output.reference = estimate", "output.reference = estimate[:, :, ::2, ::2]"),
    ("float64", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features).double()"),
    ("not finite", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features).log()"),
    ("the label leaks", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features) + 9 * batch.votes"),
    ("the label leaks at test alone", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features)\n        if not self.training:\n            output.logits = output.logits + functional.one_hot(batch.label.clamp(min=0), output.logits.shape[1])"),
    ("neutral leaks", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features)\n        output.logits[:, 0] += 5 * batch.neutral"),
    ("the number leaks", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features) + (batch.sample % 3).view(-1, 1)"),
    ("the reference leaks", "own", "reference = batch.true_reference if true_reference else estimate", "reference = batch.true_reference if true_reference else torch.where(batch.has_reference.view(-1, 1, 1, 1), batch.reference, estimate)"),
    ("the true reference leaks", "own", "reference = batch.true_reference if true_reference else estimate", "reference = torch.where(batch.has_true_reference.view(-1, 1, 1, 1), batch.true_reference, estimate)"),
    ("the true reference is not used", "own", "reference = batch.true_reference if true_reference else estimate", "reference = estimate"),
    ("the training reference as true one", "own", "batch.true_reference if true_reference", "batch.reference if true_reference"),
    ("half of the true reference", "own", "batch.true_reference if true_reference else", "(batch.true_reference + estimate) / 2 if true_reference else"),
    ("the first true reference for all", "own", "batch.true_reference if true_reference else", "batch.true_reference[:1].expand_as(batch.query) if true_reference else"),
    ("the true reference in another order", "own", "batch.true_reference if true_reference else", "batch.true_reference.flip(0) if true_reference else"),
    ("centred on the batch", "own", "output.difference = output.query_code - output.reference_code", "output.difference = output.query_code - output.reference_code\n        output.difference = output.difference - output.difference.mean(dim=0)"),
    ("no statistics", "own", "nn.BatchNorm2d(8)", "nn.BatchNorm2d(8, track_running_stats=False)"),
    ("the neighbour's face", "own", "self.encoder(batch.query)\n", "self.encoder(batch.query) + 0.1 * self.encoder(batch.query.roll(1, 0))\n"),
    ("always dropped", "own", "output.logits = self.classifier(output.features)", "output.logits = functional.dropout(self.classifier(output.features), 0.3)"),
    ("foreign noise", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features) + __import__('random').random()"),
    ("remembers the last batch", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features) + getattr(self, 'last', 0)\n        self.last = float(output.logits.detach().mean())"),
    ("counts calls at test", "own", "        output = Output()\n", "        output = Output()\n        self.encoder[1].num_batches_tracked += 1\n"),
    ("changes the query", "own", "        estimate = torch", "        with torch.no_grad():\n            batch.query.clamp_(0.1, 0.9)\n        estimate = torch"),
    ("changes the label", "own", "        estimate = torch", "        batch.label[:] = 0\n        estimate = torch"),
    ("sets its mode", "own", "        estimate = torch", "        self.train()\n        estimate = torch"),
    ("sets a part's mode", "own", "        estimate = torch", "        self.encoder.eval()\n        estimate = torch"),
    ("freezes a part", "own", "        estimate = torch", "        self.rest.requires_grad_(False)\n        estimate = torch"),
    ("seeds numpy", "own", "        estimate = torch", "        __import__('numpy').random.seed(0)\n        estimate = torch"),
    ("switches gradients off", "own", "        estimate = torch", "        torch.set_grad_enabled(False)\n        estimate = torch"),
    ("prints", "own", "        estimate = torch", "        print(batch.query.shape)\n        estimate = torch"),
    ("detached features", "own", "self.classifier(output.features)", "self.classifier(output.features.detach())"),
    ("detached query code", "own", "output.query_code = self.encoder(batch.query)", "output.query_code = self.encoder(batch.query).detach()"),
    ("no gradient at all", "own", "    def forward(self, batch", "    @torch.no_grad()\n    def forward(self, batch"),
    ("an unused layer", "own", "        self.classifier = ", "        self.unused = nn.Linear(3, 3)\n        self.classifier = "),
    ("a loose weight that is used", "own", "output.logits = self.classifier(output.features)", "if not hasattr(self, 'scale'):\n            self.scale = nn.Parameter(torch.ones(()))\n        output.logits = self.scale * self.classifier(output.features)"),
    ("layers in a list", "own", "self.encoder = nn.Sequential(", "self.encoder = (lambda *layers: [nn.Sequential(*layers)].__getitem__(0).forward)("),
    ("knowledge outside the state", "own", "output.logits = self.classifier(output.features)", "self.steps = getattr(self, 'steps', 0) + self.encoder.training\n        output.logits = self.classifier(output.features) * (1 + self.steps)"),
    ("an offset that is not stored", "own", "output.logits = self.classifier(output.features)", "self.offset = getattr(self, 'offset', 0.0) + 0.3 * self.encoder.training\n        output.logits = self.classifier(output.features * (1 + self.offset))"),
    ("a counter of the class", "own", "output.logits = self.classifier(output.features)", "Own.calls = getattr(Own, 'calls', 0) + self.encoder.training\n        output.logits = self.classifier(output.features) * (1 + Own.calls)"),
    ("ignores the query", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(0 * output.features)"),
    ("overflows in half precision", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features)\n        if output.logits.dtype == torch.bfloat16:\n            output.logits = output.logits * 100"),
    ("makes tensors on the CPU", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features) + torch.zeros(len(batch), 1, device='cpu')"),
    ("takes the batch to the CPU", "own", "estimate = torch.sigmoid(self.rest(batch.query))", "estimate = torch.sigmoid(self.rest(batch.query)).to(torch.zeros(()).device)"),
    ("own losses at test", "own", "        output = Output()\n", "        output = Output()\n        output.extra_losses['size'] = self.rest[0].weight.square().mean()\n"),
    ("trained, it says, by fit", "own", "    def available_outputs(self):", "    def trains_by_gradient(self):\n        return False\n\n    def available_outputs(self):"),
    ("needs a reference that it ignores", "own", "    def available_outputs(self):", "    def needs_true_reference(self):\n        return True\n\n    def available_outputs(self):"),
    ("unknown references in training", "own", "estimate = torch.sigmoid(self.rest(batch.query))", "estimate = torch.sigmoid(self.rest(batch.query))\n        if self.training:\n            estimate = (estimate + batch.reference) / 2"),
    ("parts under another name", "nested", "self.encoder = context.build(config.encoder)", "self.backbone = context.build(config.encoder)\n        self.__dict__['encoder'] = self.backbone"),
    ("another part than chosen", "nested", "self.encoder = context.build(config.encoder)", "self.encoder = nn.Sequential(nn.Flatten(), nn.LazyLinear(10))\n        self.encoder.width = 10"),
    ("phases not passed on", "nested", "        return generator_phases(self.generator)", "        return []"),
    ("phases of the batch", "nested", "        return generator_phases(self.generator)", "        return self.generator.phases()"),
    ("own losses lost", "nested", "        if not behind:\n            return output\n", "        if not behind:\n            return output\n        output.extra_losses = {}\n"),
    ("own losses for the reference alone", "nested", "        if not behind:\n            return output\n", "        if not behind:\n            return output\n        if \"reference\" not in required_outputs:\n            output.extra_losses.clear()\n"),
    ("estimate beside the true reference", "nested", "reference = batch.true_reference if true_reference else", "output.reference = self.generator(batch.query)\n        reference = (batch.true_reference + output.reference) / 2 if true_reference else"),
    ("own losses denied", "nested", "    def available_outputs(self):", "    def parts_with_own_losses(self):\n        return frozenset()\n\n    def available_outputs(self):"),
    ("own losses of nobody", "nested", "    def available_outputs(self):", "    def parts_with_own_losses(self):\n        return frozenset({\"teacher\"})\n\n    def available_outputs(self):"),
    ("a phase of modules elsewhere", "nested", "        return generator_phases(self.generator)", "        return [*generator_phases(self.generator), Phase('other', [nn.Linear(2, 2)], lambda batch: {'other': batch.query.mean()})]"),
    ("a phase called main", "nested", "        return generator_phases(self.generator)", "        return [*generator_phases(self.generator), Phase('main', [self.classifier], lambda batch: {'other': batch.query.mean()})]"),
    ("fits nothing", "means", "self.means.values.copy_(values / counts.clamp(min=1)[:, None])", "pass"),
    ("adds to the last fit", "means", "values = torch.zeros_like(self.means.values)", "values = self.means.values.clone()"),
    ("the last class forgotten", "means", "self.means.values.copy_(values / counts.clamp(min=1)[:, None])", "self.means.values[:2] = (values / counts.clamp(min=1)[:, None])[:2]\n        self.means.values[2:] = 9"),
    ("fits by gradient", "means", "    def fit(self, batches):\n", "    def fit(self, batches):\n        weight = torch.ones(3, requires_grad=True)\n        weight.sum().backward()\n"),
    ("means that are not stored", "means", "self.means.register_buffer(\"values\", torch.zeros(len(context.classes), context.image.channels * SIDE * SIDE))", "self.means.register_buffer(\"values\", torch.zeros(len(context.classes), context.image.channels * SIDE * SIDE), persistent=False)"),
    ("leaves training mode on", "means", "        self.means.values.copy_(values / counts.clamp(min=1)[:, None])", "        self.means.values.copy_(values / counts.clamp(min=1)[:, None])\n        self.train()"),
    ("says that gradients train it", "means", "        return False", "        return True"),
    ("answers by the label", "means", "logits=-distances)", "logits=-distances + (batch.label == 1).float()[:, None])"),
    ("nearest becomes farthest", "means", "logits=-distances", "logits=distances"),
    ("a step that counts", "own", "output.logits = self.classifier(output.features)", "self.steps = getattr(self, 'steps', 0) + self.encoder.training\n        output.logits = self.classifier(output.features)\n        if self.encoder.training:\n            output.logits = output.logits * (1 + 0.1 * self.steps)"),
    ("weights of the class", "own", "    def forward(self, batch", "    def __deepcopy__(self, memo):\n        copy = type(self)(self.config, self.context)\n        copy.encoder, copy.classifier, copy.rest = self.encoder, self.classifier, self.rest\n        return copy\n\n    def forward(self, batch"),
    ("codes exchanged", "own", "output.logits = self.classifier(output.features)", "output.logits = self.classifier(output.features)\n        output.query_code, output.reference_code = output.reference_code, output.query_code"),
    ("no answer to four pictures", "album", "known = batch.has_album[:, :, None, None, None]", "known = batch.has_album[:, :, None, None, None]\n        assert known.shape[1] != 4"),
    ("an album in training alone", "album", "known.any(dim=1), mean, estimate)", "known.any(dim=1) & self.training, mean, estimate)"),
    ("mean album of all", "album", "known.any(dim=1), mean, estimate)", "known.any(dim=1), mean.mean(dim=0), estimate)"),
    ("first picture of an album", "album", "known.any(dim=1), mean, estimate)", "known.any(dim=1), batch.album.sum(dim=1) if not batch.album.shape[1] else batch.album[:, 0], estimate)"),
    ("codes count twice", "coded", "[codes, batch.codes]", "[codes, 2 * batch.codes]"),
    ("an estimate beside codes", "coded", " | batch.has_codes.any(dim=1))", ")"),
    ("codes without candidates", "coded", "output.candidates, output.candidate_codes = Candidates(pictures, known), ", "output.candidate_codes = "),
    ("unknown pictures count", "album", "batch.album.masked_fill(~known, 0)", "batch.album"),
    ("one code for both", "own", "output.reference_code = self.encoder(reference)", "output.reference_code = self.encoder(reference)\n        output.query_code = output.query_code + 0.5 * output.reference_code"),
]  # fmt: skip
