"""A part that returns something else than it promises is named, with what came and what was expected."""

from collections.abc import Callable
from pathlib import Path

import jaxtyping
import pytest
import torch

from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.loader import make_batch
from gcnet_core.experiment.rehearsal import rehearse
from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import PluginError, discover
from gcnet_core.recipe import load_recipe
from tests.runs import SMALL, gcnet, write_recipe

PLUGIN = """
import torch
from torch import nn
from gcnet_core.interfaces import Classifier, Decoder, Delta, Encoder, Estimate, Generator, Loss, Phase
from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_core.plugin_api import DecoderConfig, EncoderConfig, GeneratorConfig, LossConfig, PluginConfig


class GeneratorOptions(GeneratorConfig):
    pass


class EncoderOptions(EncoderConfig):
    pass


class LossOptions(LossConfig):
    required_outputs = frozenset({"reference"})


class MyGenerator(Generator):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.body = nn.Conv2d(1, 1, 3, padding=1)
        self.critic = nn.Conv2d(1, 1, 3)

    def forward(self, query):
        picture = torch.sigmoid(self.body(query))
        return picture

    def training_step(self, pairs):
        terms = {"own": self.body.weight.square().sum()}
        return Estimate(self(pairs.query), terms)

    def phases(self):
        return [Phase("critic", [self.critic], self.judge)]

    def judge(self, pairs):
        verdict = self.critic(pairs.query).mean()
        return {"verdict": verdict}


class MyEncoder(Encoder):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.linear = nn.Linear(context.image.size**2, 5)
        self.width = 5

    def forward(self, images):
        codes = self.linear(images.flatten(1))
        return codes


class MyDelta(Delta):
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.width = self.difference_width = in_features

    def forward(self, query_code, reference_code):
        difference = query_code - reference_code
        return difference


class MyClassifier(Classifier):
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.linear = nn.Linear(in_features, len(context.classes))

    def forward(self, features):
        logits = self.linear(features)
        return logits


class MyDecoder(Decoder):
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.linear = nn.Linear(in_features, context.image.size**2)
        self.size = context.image.size

    def forward(self, code):
        picture = torch.sigmoid(self.linear(code)).view(-1, 1, self.size, self.size)
        return picture


class MyLoss(Loss):
    def forward(self, output, batch):
        value = (output.reference - batch.query).square().mean()
        return value


@hookimpl
def gcnet_components():
    options = {
        "generator": GeneratorOptions, "encoder": EncoderOptions, "loss": LossOptions, "decoder": DecoderConfig,
    }
    return [
        ComponentSpec(kind, "mine", options.get(kind, PluginConfig), f"MODULE:My{kind.capitalize()}", "of the test")
        for kind in ("generator", "encoder", "delta", "classifier", "decoder", "loss")
    ]
"""
RECIPE = (
    SMALL.replace("{type: vae, channels: 4, latent: 8}", "{type: mine}")
    .replace("{type: conv, channels: [8, 8], width: 16}", "{type: mine}")
    .replace("{type: signed}", "{type: mine}")
    .replace("{type: linear}", "{type: mine}")
    .replace("{type: conv, channels: [8, 4]}", "{type: mine}")
    .replace("  contrastive:", "  third: {type: mine}\n  contrastive:")
)

# kind of the part, old text, new text, what is said of it
FAULTS = [
    ("generator", "return picture\n\n    def training", "return None\n\n    def training", "returned None in"),
    ("generator", "return picture\n\n    def training", "return picture[..., 1:]\n\n    def training",
     "forward returned a tensor [4, 1, 32, 31] of float32 on cpu in training mode; expected pictures"),
    ("generator", "return picture\n\n    def training", "return picture.double()\n\n    def training", "of float64"),
    ("generator", "return picture\n\n    def training", "return picture.half()\n\n    def training",
     "a tensor [4, 1, 32, 32] of float16 on cpu in training mode; expected pictures [batch, channel, height, width], "
     "here [4, 1, 32, 32], float32 on cpu"),
    ("generator", "return picture\n\n    def training", "return 3 * picture\n\n    def training",
     "pictures with values from"),
    ("generator", "return picture\n\n    def training",
     "return picture if self.training else 3 * picture\n\n    def training",
     "in evaluation mode; expected values in [0, 1]"),
    ("generator", "return picture\n\n    def training", "return picture / 0\n\n    def training", "values in [0, 1]"),
    ("generator", "return picture\n\n    def training", "return picture.to('meta')\n\n    def training", "on meta"),
    ("generator", "return Estimate(self(pairs.query), terms)", "return self(pairs.query)",
     "training_step returned a Tensor; expected an Estimate"),
    ("generator", "return Estimate(self(pairs.query), terms)", "return Estimate(3 + self(pairs.query), terms)",
     "training_step returned pictures with values from 3"),
    ("generator", "return Estimate(self(pairs.query), terms)", "return Estimate(self(pairs.query), terms['own'])",
     "training_step returned a tensor [] of float32 on cpu in training mode; expected a dict of named scalars"),
    ("generator", 'terms = {"own": self.body.weight.square().sum()}', 'terms = {"own": self.body.weight.square()}',
     "as its term 'own' in training mode; expected a scalar tensor"),
    ("encoder", "return codes", "return codes[:, 1:]",
     "returned a tensor [8, 4] of float32 on cpu in training mode; expected codes [batch, width], here [8, 5]"),
    ("encoder", "return codes", "return (codes,)", "returned a tuple"),
    ("encoder", "return codes", "return codes.long()", "of int64"),
    ("encoder", "        self.width = 5\n", "", "cannot be used: ValueError: its `width` is not set"),
    ("encoder", "self.width = 5", "self.width = 5.0", "cannot be used: ValueError: its `width` is 5.0"),
    ("delta", "return difference", "return difference.mean(dim=1)", "expected representations [batch, width]"),
    ("delta", "self.width = self.difference_width = in_features", "self.width, self.difference_width = in_features, 99",
     "its difference_width is 99, more than its width, 5"),
    ("classifier", "len(context.classes))", "99)", "returned a tensor [4, 99]"),
    ("classifier", "return logits", "pass", "returned None in training mode; expected logits [batch, class]"),
    ("decoder", "return picture\n\n\nclass MyLoss", "return 2 * picture\n\n\nclass MyLoss", "values in [0, 1]"),
    ("loss", "return value", "return value.view(1)", "returned a tensor [1]"),
    ("loss", "return value", "return value.item()", "returned a float in"),
]  # fmt: skip


@pytest.fixture
def rehearsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Rehearse the recipe with the plugin, in which some text is replaced."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as for a user
    number = len(list(tmp_path.iterdir()))

    def run(*changes: tuple[str, str], recipe_text: str = RECIPE) -> None:
        name = f"boundary_{tmp_path.name.replace('-', '_')}_{number}"
        text = PLUGIN.replace("MODULE", name)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / f"{name}.py").write_text(text)
        registry = discover([str(tmp_path / f"{name}.py")])
        recipe = load_recipe(write_recipe(tmp_path, recipe_text), registry=registry)
        listing = list_samples(recipe.data_sets, {}, recipe.image, registry)
        table = load_faces(listing, recipe.image)
        context = BuildContext(registry, recipe.image, table.classes, (1,) * len(table.classes))
        model = context.build(recipe.model)
        losses = {name: context.build(part) for name, part in recipe.losses.items()}
        before = {name: value.clone() for name, value in model.state_dict().items()}
        state = torch.get_rng_state()
        rehearse(recipe, model, losses, make_batch(table, torch.arange(4).numpy()))
        assert torch.equal(state, torch.get_rng_state())
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())

    return run


def test_good_parts_pass_the_rehearsal_and_nothing_is_changed(rehearsed: Callable[..., None]) -> None:
    rehearsed()


@pytest.mark.parametrize(("kind", "old", "new", "said"), FAULTS, ids=[f"{kind}: {new}" for kind, _, new, _ in FAULTS])
def test_the_part_at_fault_is_named(rehearsed: Callable[..., None], kind: str, old: str, new: str, said: str) -> None:
    with pytest.raises(PluginError) as told:
        rehearsed((old, new))
    assert f"the {kind} mine of " in str(told.value)
    assert said in str(told.value)


def test_a_term_of_the_generator_may_not_replace_a_loss_of_the_recipe(rehearsed: Callable[..., None]) -> None:
    with pytest.raises(PluginError, match=r"losses.generative: the model brings a loss term of its own of that name"):
        rehearsed(('{"own":', '{"generative":'))
    with pytest.raises(PluginError, match="a loss term called total, which is the name of the sum of all"):
        rehearsed(('{"own":', '{"total":'))


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ('[Phase("main", [self.critic], self.judge)]', "a part declares a phase called main, which is the trainer's"),
        ('2 * [Phase("critic", [self.critic], self.judge)]', "two phases are called critic"),
        ('[Phase(name, [self.critic], self.judge) for name in "ab"]', "the phases a and b move the same weights"),
        ('[Phase("critic", [], self.judge)]', "the phase critic moves no weights"),
        ('[Phase("critic", [self.critic], lambda pairs: self.judge(pairs)["verdict"])]', "expected a dict of named"),
    ],
)  # fmt: skip
def test_phases_that_cannot_be_run_are_told_before_training(
    rehearsed: Callable[..., None], new: str, said: str
) -> None:
    with pytest.raises(PluginError, match=said):
        rehearsed(('[Phase("critic", [self.critic], self.judge)]', new))


def test_nothing_is_written_for_a_run_with_a_part_at_fault(tmp_path: Path) -> None:
    name = "boundary_of_a_run"
    (tmp_path / f"{name}.py").write_text(PLUGIN.replace("MODULE", name).replace("return codes", "return codes[:, 1:]"))
    recipe = write_recipe(tmp_path, RECIPE)
    answer = gcnet("run", recipe, "--plugin", tmp_path / f"{name}.py", "--output", tmp_path / "run", folder=tmp_path)
    assert answer.returncode == 2
    assert f"the encoder mine of {tmp_path / name}.py" in answer.stderr
    assert "expected codes [batch, width], here [8, 5]" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "run").exists()
