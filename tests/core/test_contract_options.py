"""Checks of every kind: accepted options work, none is without use, and no situation of a recipe spoils a part."""

from pathlib import Path
from typing import Any

import jaxtyping
import pytest

from gcnet_core.plugin_api import discover
from gcnet_core.testing import Case, checks_of, run_checks
from gcnet_core.testing.every_part import last

SOURCE = '''
import torch
from pydantic import Field
from torch import nn
from gcnet_core.interfaces import Encoder
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, EncoderConfig, hookimpl


class Options(EncoderConfig):
    """Options."""

    width: int = Field(6, ge=1, description="length of an embedding")
    squash: bool = Field(False, description="limit the numbers")
    slope: float = Field(0.5, gt=0, description="of the activation")

    def check(self, info):
        if info.image.size % 2:
            yield ConfigIssue(("image", "size"), "the size must be even", absolute=True)


class Part(Encoder):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.layers = nn.Sequential(
            nn.Conv2d(context.image.channels, 4, 2, stride=2), nn.LeakyReLU(config.slope), nn.Flatten(),
            nn.Linear(context.image.size**2, config.width),
        )
        self.width = config.width

    def forward(self, images):
        codes = self.layers(images - 0.5)
        return torch.tanh(codes) if self.config.squash else codes


@hookimpl
def gcnet_components():
    return [ComponentSpec("encoder", "part", Options, f"{__name__}:Part", "a small encoder")]
'''

FAULTS = [  # check that must catch it, old text, new text, what is said
    ("stores_its_options", '    """Options."""', '    model_config = {"frozen": False}', "width can be changed after"),
    ("stores_its_options", "        self.width = config.width",
     "        self.width = config.width\n        self.config = None", "its attribute `config` is not what it was"),
    ("stores_its_options", 'slope: float = Field(0.5, gt=0, description="of the activation")',
     'slope: float = Field(0.5, gt=0, exclude=True, description="of the activation")\n'
     '    kind: object = Field(object(), description="anything")', "cannot be stored as JSON"),
    ("works_with_the_options_that_it_accepts", "Field(6, ge=1,", "Field(6,", "width accepts -1, and then"),
    ("works_with_the_options_that_it_accepts", "torch.tanh(codes) if", "codes[:, 1:] if", "squash accepts True, and"),
    ("reads_every_option", "nn.LeakyReLU(config.slope)", "nn.LeakyReLU(0.5)", "nothing reads slope"),
    ("changes_nothing_but_itself", "        codes = self", "        print('hello')\n        codes = self", "prints"),
    ("changes_nothing_but_itself", "        codes = self",
     "        open('seen.txt', 'a').close()\n        codes = self", "writes"),
    ("leaves_its_weights_to_the_trainer", "        codes = self",
     "        self.layers[3].bias.data.mul_(0.9)\n        codes = self", "layers.3.bias moves without a step"),
    ("leaves_its_weights_to_the_trainer", "        codes = self",
     "        self.layers[3].bias.grad = None\n        codes = self", "the gradient of layers.3.bias is changed"),
    ("starts_the_same_in_another_process", "        self.width = config",
     "        nn.init.constant_(self.layers[3].bias, hash('seed') % 1000)\n        self.width = config",
     "in another process layers.3.bias begins otherwise"),
    ("accepts_usual_images", "info.image.size % 2", "info.image.size > 1", "check refuses every size"),
    ("accepts_usual_images", "info.image.size % 2", "not info.classes", "check refuses every size"),
    ("works_with_the_images_that_it_accepts", "info.image.size % 2", "False", "check accepts 1 channels of 37 pixels"),
    ("works_with_the_images_that_it_accepts", "nn.Conv2d(context.image.channels,", "nn.Conv2d(1,",
     "check accepts 3 channels of 16 pixels"),
    ("works_with_any_classes", "        self.width =", "        context.classes.index('neutral')\n        self.width =",
     "with the classes anger, fear"),
    ("stays_finite_at_the_edges", "self.layers(images - 0.5)",
     "self.layers((images - images.mean(dim=(1, 2, 3), keepdim=True)) / images.std(dim=(1, 2, 3), keepdim=True))",
     "only zeros gives an answer that is not finite"),
]  # fmt: skip


def case_of(folder: Path, name: str, source: str) -> Case:
    (folder / f"{name}.py").write_text(source)
    return Case("encoder", "part", {}, discover([str(folder / f"{name}.py")]))


@pytest.fixture(autouse=True)
def as_for_a_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)
    monkeypatch.chdir(tmp_path)


def test_the_good_part_keeps_every_promise(tmp_path: Path) -> None:
    results = list(run_checks(case_of(tmp_path, "options_good", SOURCE)))
    assert [(result.check, result.fault) for result in results if result.fault] == []
    kept = {result.check.name for result in results if result.outcome == "kept"}
    assert kept >= {fault[0] for fault in FAULTS} - {"starts_the_same_in_another_process"}  # it makes no hashes


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[f"{check}: {new[:30]}" for check, _, new, _ in FAULTS])
def test_a_fault_is_caught_by_its_check(tmp_path: Path, number: int) -> None:
    check, old, new, said = FAULTS[number]
    assert SOURCE.count(old) >= 1
    case = case_of(tmp_path, f"options_fault_{number}", SOURCE.replace(old, new))
    *roots, result = run_checks(case, checks_of("encoder", only=[check]))
    assert [(root.check, root.fault) for root in roots if root.fault] == []
    assert result.check.name == check
    assert said in str(result.fault)


def test_there_is_a_fault_for_every_check() -> None:
    assert {fault[0] for fault in FAULTS} == {check.name for check in last("encoder")}


def test_what_is_used_in_every_way_is_judged_last_and_only_of_a_part_that_keeps_the_rest(tmp_path: Path) -> None:
    broken = SOURCE.replace("return torch.tanh(codes) if self.config.squash else codes", "return codes.half()")
    results: dict[str, Any] = {str(result.check): result for result in run_checks(case_of(tmp_path, "halves", broken))}
    assert results["takes_any_batch_size"].outcome == "broken"
    assert results["works_with_any_classes"].outcome == "not judged"
    assert sum(result.fault is not None for result in results.values()) == 1
