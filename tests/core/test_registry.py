"""A faulty plugin is told about in one clear line, and stops nobody who does not use it."""

import sys
from pathlib import Path
from typing import Any

import pytest

from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, Part, PluginError, Registry, UnknownPart, UserError, discover
from tests.core.conftest import GOOD, HEAD
from tests.core.faulty_plugins import FAULTS


def test_an_installed_plugin_is_found(install: Any) -> None:
    registry = install(plugin_good=GOOD)
    assert registry.broken == []
    found = registry.parts["generator", "mirror"]
    assert (found.distribution, found.version, found.spec.summary) == ("gcnet-plugin_good", "1.2", "flips")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_plugin_is_listed_and_stops_nobody(install: Any, fault: str, tmp_path: Path) -> None:
    text, reason = FAULTS[fault]
    reason = reason.replace("FOLDER", str(tmp_path))
    registry = install(**{f"broken_{fault}": text})
    assert [(entry.name, entry.distribution) for entry in registry.broken] == [
        (f"broken_{fault}", f"gcnet-broken_{fault}")
    ]
    assert reason in registry.broken[0].reason
    assert "\n" not in registry.broken[0].reason
    assert registry.get("generator", "vae").name == "vae"
    with pytest.raises(UnknownPart, match=f"unknown generator mirror.*plugin broken_{fault} is broken"):
        registry.get("generator", "mirror")


def test_of_ten_parts_the_broken_one_is_named(install: Any) -> None:
    """A plugin with a part that cannot be is not used in part: its author tests it as a whole."""
    spec = 'ComponentSpec("generator", f"mirror{number}", Config, "{module}:Mirror", "flips" if number != 4 else "")'
    registry = install(ten=HEAD + f"@hookimpl\ndef gcnet_components():\n    return [{spec} for number in range(10)]")
    assert not [key for key in registry.parts if key[1].startswith("mirror")]
    assert registry.broken[0].reason.startswith("ValueError: summary '' of part 'mirror4' is not one line of text (")


def test_modules_are_found_without_importing_them(install: Any, tmp_path: Path) -> None:
    """Neither the module of a target nor the packages around it."""
    for folder in ("outer", "outer/inner", "outer/namespace", "outer/namespace/deep"):
        (tmp_path / folder).mkdir()
        if "namespace" not in folder:
            (tmp_path / folder / "__init__.py").write_text("raise RuntimeError('imported')")
        (tmp_path / folder / "part.py").write_text("raise RuntimeError('imported')")
    for module in ("outer.part", "outer.inner.part", "outer.namespace.part", "outer.namespace.deep.part"):
        registry = install(finding=GOOD.replace("{module}:", f"{module}:"))
        assert registry.broken == []
    registry = install(finding=GOOD.replace("{module}:", "outer.inner.parts:"))
    assert "there is no module outer.inner.parts" in registry.broken[0].reason
    assert "outer" not in sys.modules


def test_two_parts_of_one_name_are_fatal_only_to_those_who_name_them(install: Any) -> None:
    registry = install(first=GOOD, second=GOOD)
    assert registry.get("generator", "vae").name == "vae"
    with pytest.raises(UnknownPart) as error:
        registry.get("generator", "mirror")
    assert str(error.value) == (
        "two plugins define the generator mirror: gcnet-first and gcnet-second; uninstall one of them, or leave it "
        "out with --no-plugin"
    )


def test_an_unknown_part_gets_the_nearest_name(registry: Registry) -> None:
    with pytest.raises(UnknownPart, match="unknown generator vea; did you mean vae\\?"):
        registry.get("generator", "vea")
    with pytest.raises(UnknownPart, match="unknown delta quux; there are: absolute, signed, squared"):
        registry.get("delta", "quux")


def test_a_missing_class_is_told_when_it_is_built(install: Any) -> None:
    registry = install(plugin_empty=GOOD)
    with pytest.raises(ImportError, match="module plugin_empty has no Mirror \\(target of generator mirror\\)"):
        registry.get("generator", "mirror").load()


def test_a_local_plugin_is_a_file_or_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "local_mirror.py"
    path.write_text(GOOD.format(module="local_mirror") + "\nclass Mirror: ...\n")
    registry = discover([str(path)])
    assert registry.parts["generator", "mirror"].version == "local"
    assert registry.get("generator", "mirror").load().__name__ == "Mirror"
    monkeypatch.syspath_prepend(str(tmp_path))
    assert discover(["local_mirror"]).find("generator", "mirror")


@pytest.mark.parametrize("source", ["no_such_module", "no/such/file.py"])
def test_a_local_plugin_must_work_because_it_was_asked_for(source: str) -> None:
    with pytest.raises(PluginError, match=f"--plugin {source}: "):
        discover([source])


def test_a_faulty_local_plugin_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "local_faulty.py"
    path.write_text(FAULTS["misspelt"][0])
    with pytest.raises(PluginError, match=r"local_faulty\.py: .*unknown hook"):
        discover([str(path)])


@pytest.mark.parametrize("name", ["json", "torch", "gcnet_core", "gcnet_vae", "time"])
def test_a_local_file_does_not_hide_a_module(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(f"{name}.py").write_text("raise RuntimeError('loaded')")
    before = sys.modules.get(name)
    with pytest.raises(PluginError) as error:
        discover([f"{name}.py"])
    assert str(error.value) == (
        f"--plugin {name}.py: ImportError: its name is that of the module {name}, which it would hide; rename the file"
    )
    assert sys.modules.get(name) is before


CLASSIFIERS = """
from gcnet_core.plugin_api import ComponentSpec, PluginConfig, hookimpl
from gcnet_core.interfaces import Classifier
from torch import nn


class Config(PluginConfig):
    '''Options.'''


@hookimpl
def gcnet_components():
    return [
        ComponentSpec(kind="classifier", name=name, config=Config, target=f"{module}:{name}", summary="scores")
        for name in ("Old", "Forgetful", "Faulty", "Plain")
    ]


class Plain(Classifier):
    def forward(self, features):
        return features


class Old(Plain):
    def __init__(self, config, context):
        super().__init__(config, context, 8)


class Between(Plain):
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)


class Forgetful(Between):
    def __init__(self, config, context, in_features):
        super().__init__()


class Faulty(Plain):
    def __init__(self, config, context, in_features):
        super().__init__(config, context, in_features)
        self.layer = nn.Linear(in_features)
"""


@pytest.fixture
def build(install: Any) -> Any:
    """Builds a classifier of a third party by its name."""
    registry = install(classifiers=CLASSIFIERS.replace('f"{module}', 'f"classifiers'))
    context = BuildContext(registry, ImageConfig())
    config = registry.get("classifier", "Plain").config()
    return lambda name: context.build(Part("classifier", name, config), in_features=8)


def test_a_part_that_adds_no_layers_needs_no_constructor(build: Any) -> None:
    plain = build("Plain")
    assert plain.in_features == 8
    assert type(plain.config).__name__ == "Config"


def test_another_constructor_is_told_in_one_sentence(build: Any) -> None:
    with pytest.raises(PluginError) as error:
        build("Old")
    assert str(error.value) == (
        "the classifier Old of gcnet-classifiers 1.2 cannot be built: Old.__init__() takes 3 positional arguments "
        "but 4 were given; gcnet calls Old(config, context, in_features), and super().__init__ takes the same"
    )
    with pytest.raises(
        PluginError, match=r"Forgetful .*: Between\.__init__\(\) missing 3 required positional arguments: 'config'"
    ):
        build("Forgetful")


def test_a_fault_inside_a_constructor_is_not_taken_for_another_constructor(build: Any) -> None:
    with pytest.raises(PluginError, match=r"Linear\.__init__\(\) missing 1 required .*classifiers\.py:42\)$"):
        build("Faulty")


def test_a_part_is_chosen_as_in_a_recipe() -> None:
    registry = discover()
    options = {"encoder": {"type": "conv", "width": 8}, "classifier": {"type": "linear"}}
    part = registry.part("model", "cnn", options)
    assert (part.kind, part.type, part.config.encoder.config.width) == ("model", "cnn", 8)
    assert registry.part("encoder", "conv").config.width == 128


@pytest.mark.parametrize(
    ("kind", "name", "options", "message"),
    [
        ("generator", "vea", {}, "here: unknown generator vea; did you mean vae?"),
        ("encoder", "conv", {"width": "wide"}, "here: width: expected a whole number, not the text 'wide'"),
        ("encoder", "conv", {"width": 0, "depth": 9},
         "here: depth: expected at most 8, not 9; width: expected at least 1, not 0"),
        ("encoder", "conv", {"wdith": 8}, "here: wdith: there is no such option"),
        ("model", "cnn", {"encoder": {"type": "conv", "width": 0}},
         "here: encoder.width: expected at least 1, not 0; classifier: this option is missing"),
        ("model", "cnn", {"encoder": {"type": "cnov"}, "classifier": {"type": "linear"}},
         "here: encoder: unknown encoder cnov; did you mean conv?"),
        ("loss", "cross_entropy", {"class_weights": 3},
         "here: class_weights: expected balanced or a mapping of keys to values, not 3"),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_told_with_its_place(kind: str, name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError) as caught:
        discover().part(kind, name, options, where="here")
    assert str(caught.value) == message
