"""The contract kit passes our own parts, and each of many faults seeded into a good plugin is caught by its check."""

from pathlib import Path
from typing import Any

import jaxtyping
import pytest

from gcnet_core.plugin_api import Registry, discover
from gcnet_core.testing import Case, DoesNotApply, checks_of, run_checks
from gcnet_core.testing.every_part import common, last
from tests.runs import gcnet

REGISTRATION = '''
from pydantic import Field
from gcnet_core.plugin_api import ComponentSpec, GeneratorConfig, hookimpl


class Config(GeneratorConfig):
    """Options."""

    weight: float = Field(0.1, ge=0, description="factor of the own term")


@hookimpl
def gcnet_components():
    return [
        ComponentSpec(
            kind="generator", name="small", config=Config, target="{module}_code:Small", summary="a small generator"
        )
    ]
'''
CODE = """
import torch
from torch import nn
from gcnet_core.interfaces import Estimate, Generator, Phase


HISTORY = []


class Small(Generator):
    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.weight = config.weight
        self.body = nn.Sequential(
            nn.Conv2d(channels, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, channels, 3, padding=1)
        )
        self.critic = nn.Sequential(nn.Conv2d(channels, 4, 3), nn.ReLU(), nn.Conv2d(4, 1, 3))

    def forward(self, query):
        return torch.sigmoid(self.body(query))

    def training_step(self, batch):
        reference = self(batch.query)
        known = batch.has_reference
        error = (reference - batch.reference).abs().mean(dim=(1, 2, 3))
        term = torch.where(known, error, 0).sum() / known.sum().clamp(min=1)
        return Estimate(reference, {"absolute": self.weight * term})

    def phases(self):
        return [Phase("critic", [self.critic], self.criticise)]

    def criticise(self, batch):
        score = self.critic(self(batch.query).detach()).mean(dim=(1, 2, 3))
        return {"critic": (score - 1).square().mean()}
"""

KNOWN = "        known = batch.has_reference\n"
FAULTS: list[tuple[str, str, str, str, str]] = [  # check that must catch it, what it is, text, replacement, message
    ("is_registered_without_torch", "torch at the top", "from pydantic", "import torch\nfrom pydantic",
     "torch is in sys.modules; import torch only in the module that `target` names"),
    ("refuses_unknown_keys", "extra keys allowed", '"""Options."""', 'model_config = {"extra": "ignore"}',
     "the config accepted the key no_such_key"),
    ("describes_its_options", "no description", ', description="factor of the own term"', "",
     "no description: weight"),
    ("judges_any_image_size", "check raises", '"""Options."""',
     "def check(self, info):\n        assert info.image.size % 8 == 0, 'odd size'\n        return []",
     "AssertionError: odd size"),
    ("is_of_its_kind", "another base class", "class Small(Generator)", "class Small(nn.Module)",
     "Small is no subclass of gcnet_core.interfaces.Generator"),
    ("is_of_its_kind", "target that does not exist", "class Small(", "class Smaller(",
     "_code has no Small (target of generator small)"),
    ("is_of_its_kind", "another constructor", "def __init__(self, config, context):", "def __init__(self, config):",
     "takes 2 positional arguments but 3 were given"),
    ("starts_the_same_under_a_seed", "weights from elsewhere", "        self.weight = config.weight",
     "        self.weight = config.weight\n        import numpy\n"
     "        self.odd = nn.Parameter(torch.tensor(numpy.random.default_rng().random(1)))", "odd differs"),
    ("keeps_shape_and_range", "a row is lost", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query))[:, :, int(not self.training) :]", "(6, 1, 32, 32) became (6, 1, 31, 32)"),
    ("keeps_shape_and_range", "no limit", "torch.sigmoid(self.body(query))", "3 * self.body(query) - 1",
     "limit them to [0, 1]"),
    ("keeps_shape_and_range", "grey alone", "channels = context.image.channels", "channels = 1",
     "to have 1 channels, but got 3 channels instead"),
    ("keeps_shape_and_range", "not finite", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query) / 0 * 0)",
     "the estimate is not finite"),
    ("leaves_its_input_alone", "query changed", "        return torch.sigmoid(",
     "        with torch.no_grad():\n            query.mul_(0.9)\n        return torch.sigmoid(",
     "batch.query was changed"),
    ("leaves_its_input_alone", "reference changed", "        known = batch.has_reference\n",
     "        known = batch.has_reference\n        batch.reference[~known] = 0.5\n", "batch.reference was changed"),
    ("repeats_its_estimate", "foreign noise", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query) + __import__('random').random())", "two estimates of one query differ"),
    ("ignores_other_samples", "mean of the batch", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query - query.mean(dim=0)))", "a sample is estimated otherwise"),
    ("ignores_other_samples", "batch norm without statistics", "nn.ReLU(), nn.Conv2d(8,",
     "nn.BatchNorm2d(8, track_running_stats=False), nn.ReLU(), nn.Conv2d(8,",
     "a sample is estimated otherwise"),
    ("takes_any_batch_size", "squeezed", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query).squeeze(0).reshape(query.squeeze(0).shape))",
     "of a batch of one the estimate: (1, 1, 32, 32) became (1, 32, 32)"),
    ("takes_any_batch_size", "a batch of eight", "def forward(self, query):",
     "def forward(self, query):\n        assert len(query) % 2 == 0, 'an odd batch'", "AssertionError: an odd batch"),
    ("takes_any_batch_size", "nothing for one", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query))[int(len(query) == 1 and not self.training) :]",
     "of a batch of one the estimate: (1, 1, 32, 32) became (0, 1, 32, 32)"),
    ("has_scalar_terms", "a vector", ".square().mean()}", ".square()}",
     "the loss of its phase critic returned"),
    ("has_scalar_terms", "no gradient", "self.weight * term}", "self.weight * term.detach()}",
     "the term absolute of phase main is no finite scalar with a gradient"),
    ("has_scalar_terms", "a number", "self.weight * term}", "self.weight * term.item()}",
     "typechecking parameter 'extra_losses'"),
    ("masks_unknown_references", "no mask",
     "torch.where(known, error, 0).sum() / known.sum().clamp(min=1)", "error.mean()",
     "the term absolute sees references that are unknown"),
    ("masks_unknown_references", "division by zero", ".clamp(min=1)", "",
     "phase main is not finite without any reference"),
    ("gradients_reach_their_phase", "an unused layer", "        self.critic =",
     "        self.unused = nn.Linear(2, 2)\n        self.critic =", "no gradient reaches unused.weight, unused.bias"),
    ("gradients_reach_their_phase", "a cut", "self.body(query))", "self.body[2](self.body[:2](query).detach()))",
     "no gradient reaches body.0.weight, body.0.bias"),
    ("declares_its_phases", "two owners", "[Phase(\"critic\", [self.critic], self.criticise)]",
     "[Phase(name, [self.critic], self.criticise) for name in (\"one\", \"two\")]",
     "the phases one and two move the same weights"),
    ("declares_its_phases", "two of one name", "[Phase(\"critic\", [self.critic], self.criticise)]",
     "[Phase(\"critic\", [layer], self.criticise) for layer in (self.critic[0], self.critic[2])]",
     "two phases are called critic"),
    ("declares_its_phases", "foreign weights", "[self.critic]", "[nn.Linear(2, 2)]",
     "the phase critic moves weights that are not of the generator"),
    ("takes_every_accepted_size", "size hard coded", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query)).reshape(-1, query.shape[1], 32, 32)", "invalid for input of size"),
    ("has_scalar_terms", "another type", "return Estimate(reference, {", "return (reference, {",
     "training_step returned a tuple; expected an Estimate"),
    ("estimates_while_it_trains", "another range", "Estimate(reference, {", "Estimate(reference + 1, {",
     "the estimate of training_step has values from"),
    ("agrees_on_its_own_terms", "unweighted", "    def phases(self):",
     "    def extra_losses(self, pairs):\n"
     "        return {name: 7 * value for name, value in self.training_step(pairs).extra_losses.items()}\n\n"
     "    def phases(self):", "of training_step"),
    ("averages_over_samples", "a sum", "(score - 1).square().mean()", "(score - 1).square().sum()",
     "the term critic of phase critic grows with the batch"),
    ("remembers_no_batch", "the brightest so far", "        return torch.sigmoid(self.body(query))",
     "        self.largest = max(getattr(self, 'largest', 0.0), float(query.sum()))\n"
     "        return torch.sigmoid(self.body(query) + self.largest / 1000)", "keep nothing between batches"),
    ("forgets_references", "its mean", "        return torch.sigmoid(self.body(query))\n\n"
     "    def training_step(self, batch):\n",
     "        return torch.sigmoid(self.body(query) + getattr(self, 'seen', 0))\n\n"
     "    def training_step(self, batch):\n        self.seen = float(batch.reference.mean())\n",
     "depends on the reference shown in training"),
    ("looks_at_the_query", "a constant", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(torch.zeros_like(query)))", "all faces have the same estimate"),
    ("has_no_side_effects", "prints", KNOWN, KNOWN + "        print('step')\n", "prints ['step']"),
    ("has_no_side_effects", "sleeps", KNOWN, KNOWN + "        __import__('time').sleep(0.001)\n", "sleeps"),
    ("has_no_side_effects", "writes a file", KNOWN,
     KNOWN + "        __import__('tempfile').TemporaryFile().close()\n", "writes /"),
    ("has_no_side_effects", "a global switch", KNOWN,
     KNOWN + "        torch.backends.cudnn.benchmark ^= True\n", "cudnn.benchmark"),
    ("has_no_side_effects", "a seed", KNOWN, KNOWN + "        torch.manual_seed(3)\n", "sets torch's seed"),
    ("is_built_without_side_effects", "a seed", "        self.weight = config.weight",
     "        self.weight = config.weight\n        torch.manual_seed(3)", "building it sets torch's seed"),
    ("is_built_without_side_effects", "shared weights", "        self.weight = config.weight",
     "        self.weight = config.weight\n        first = nn.Conv2d(channels, 4, 3)\n"
     "        self.first = type(self).first = getattr(type(self), 'first', first)", "two parts share first.weight"),
    ("keeps_modes_and_weights", "its mode", KNOWN, KNOWN + "        self.critic.train()\n",
     "the mode of generator.critic"),
    ("keeps_modes_and_weights", "a hook", KNOWN,
     KNOWN + "        self.body.register_forward_hook(lambda *_: None)\n", "the hooks of generator.body"),
    ("keeps_no_memory", "the last batch", KNOWN, KNOWN + "        self.seen = batch.query\n", "keeps the batch"),
    ("keeps_no_memory", "a history", KNOWN, KNOWN + "        HISTORY.append(float(batch.query.mean()))\n",
     "memory grows"),
    ("bears_rare_pictures", "standardized", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body((query - 0.5) / query.std(dim=(1, 2, 3), keepdim=True)))", "is not finite"),
    ("is_copied_completely", "no copy", "    def phases(self):",
     "    def __deepcopy__(self, memo):\n        return self\n\n    def phases(self):",
     "training a deep copy moved generator.body.0.weight of the original"),
    ("takes_other_memory_formats", "a view", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query.view(len(query), -1).view(query.shape)))", "view size is not compatible"),
    ("computes_where_its_query_is", "a constant of the CPU", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query) + torch.zeros(query.shape[2:]))", "mixes a tensor [32, 32] of the CPU"),
    ("phases_move_nothing_else", "foreign weights", "        score =",
     "        self.body[0].bias.data.add_(1)\n        score =", "phase critic changed generator.body.0.bias"),
    ("repeats_its_training", "foreign noise", "{\"absolute\": self.weight * term}",
     "{\"absolute\": self.weight * term * (1 + __import__('random').random())}",
     "two trainings under one seed differ in generator.body.0.weight"),
    ("is_stored_completely", "hidden state", "        return torch.sigmoid(self.body(query))",
     "        self.calls = getattr(self, 'calls', 0) + self.training\n"
     "        return torch.sigmoid(self.body(query) + self.calls)", "a loaded part estimates otherwise"),
    ("resumes_exactly", "a counter", "        known = batch.has_reference\n",
     "        known = batch.has_reference\n        self.weight = self.weight * 2\n",
     "a resumed training and a whole one differ in generator.body.0.weight"),
    ("survives_half_precision", "another range", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query)) + int(self.body(query).dtype == torch.bfloat16)",
     "the estimate leaves [0, 1] under bf16"),
    ("survives_half_precision", "bits of float32", "torch.sigmoid(self.body(query))",
     "torch.sigmoid(self.body(query) + 0 * self.body(query).detach().view(torch.int32))",
     "The size of tensor a (32) must match the size of tensor b (16)"),
    ("compiles_to_the_same", "another way when compiled", "        known = batch.has_reference\n",
     "        known = batch.has_reference\n        reference = reference / (1 + torch.compiler.is_compiling())\n",
     "compiled, it computes something else"),
    ("learns_sixteen_images", "hardly any effect", "torch.sigmoid(self.body(query))",
     "query * 0.999 + 0.001 * torch.sigmoid(self.body(query))", "after 60 steps on the same images"),
]  # fmt: skip


def write_plugin(folder: Path, name: str, text: str = "", replacement: str = "") -> Path:
    """The good plugin, or one with a fault, as a registration file with its code beside it."""
    for suffix, source in (("", REGISTRATION), ("_code", CODE)):
        body = source.replace("{module}", name)
        (folder / f"{name}{suffix}.py").write_text(body.replace(text, replacement) if text else body)
    return folder / f"{name}.py"


@pytest.fixture
def case_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda name, *change: Case(
        "generator", "small", registry=discover([str(write_plugin(tmp_path, name, *change))])
    )


def test_the_good_plugin_passes_every_check(case_of: Any) -> None:
    results = list(run_checks(case_of("kit_good")))
    assert [(result.check.name, result.fault) for result in results if result.fault] == []
    assert len(results) >= 20


@pytest.mark.parametrize(
    ("number", "check", "text", "replacement", "said"),
    [(number, check, text, new, said) for number, (check, _, text, new, said) in enumerate(FAULTS)],
    ids=[f"{check}: {what}" for check, what, *_ in FAULTS],
)
def test_a_fault_is_caught_by_its_check(
    case_of: Any, number: int, check: str, text: str, replacement: str, said: str
) -> None:
    assert text in REGISTRATION + CODE
    *roots, result = run_checks(case_of(f"kit_fault_{number}", text, replacement), checks_of("generator", only=[check]))
    assert [(root.check, root.fault) for root in roots if root.fault] == []
    assert said in str(result.fault)


def test_there_is_a_fault_for_every_check() -> None:
    elsewhere = {check.name for check in last("generator")}  # which have tests of their own
    assert {check for check, *_ in FAULTS} == {check.name for check in checks_of("generator")} - elsewhere


OURS = [
    ("autoencoder", {"channels": 8, "latent": 16}),
    ("autoencoder", {"channels": 8, "latent": 16, "output": "direct", "skip_connections": False}),
    ("vae", {"channels": 8, "latent": 16}),
    ("diffusion", {"channels": 16, "depth": 2}),
    ("diffusion", {"channels": 16, "depth": 1, "target": "flow", "output": "direct", "differentiable": True}),
    ("gan", {"channels": 8, "latent": 16, "discriminator_channels": 8}),
    ("gan", {"channels": 8, "latent": 16, "discriminator_channels": 8, "r1": 1, "feature_weight": 1, "l1_weight": 1}),
]  # fmt: skip


@pytest.mark.parametrize("check", checks_of("generator"))
@pytest.mark.parametrize(("name", "options"), OURS)
def test_our_generators_keep_every_promise(
    check: Any, name: str, options: dict[str, Any], registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    if check.name == "compiles_to_the_same":  # what is compiled is the part, not the shape checks of these tests
        monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    try:
        check.run(Case("generator", name, options, registry))
    except DoesNotApply as reason:
        pytest.skip(str(reason))


def test_our_other_parts_keep_the_common_promises(registry: Registry) -> None:
    faults, kinds = [], set()
    for kind, name in registry.parts:
        if kind in ("generator", "model", "dataset", "detector", "engine"):  # these need options, and have tests
            continue
        kinds.add(kind)
        results = run_checks(Case(kind, name, {}, registry), common.CHECKS)  # test_contract_parts.py has the others
        faults += [(kind, name, result.check, result.fault) for result in results if result.fault]
    assert faults == []
    assert kinds >= {"encoder", "delta", "classifier", "decoder", "loss"}


def test_the_command_checks_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    good = gcnet("plugins", "check", write_plugin(tmp_path, "kit_file"), folder=tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.count("ok   generator/small ") >= 20
    bad = gcnet("plugins", "check", write_plugin(tmp_path, "kit_bad", ".clamp(min=1)", ""), folder=tmp_path)
    assert bad.returncode == 1
    assert "FAIL generator/small masks_unknown_references: ContractError: phase main is not finite" in bad.stdout
    unknown = gcnet("plugins", "check", "vea")
    assert unknown.returncode == 2
