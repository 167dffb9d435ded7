"""Whatever a plugin does when it is loaded, the command works, JSON stays JSON, and a user can leave it out."""

import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gcnet_core.plugin_api import Registry, UnknownPart, UserError, discover, leave_out
from tests.core.conftest import GOOD
from tests.runs import SMALL, gcnet, gcnet_process, write_recipe

NOISY = (
    "import sys, warnings\nprint('hello\\nworld')\nsys.stdout.write('raw')\nwarnings.warn('careful')\n"
    + GOOD.replace("    return", "    print('from the hook')\n    return")
    + "\nprint('bye', flush=True, file=sys.stdout)\n"
)
TARGET = """
print("target imported")
from gcnet_core.interfaces import Generator

class Mirror(Generator):
    def forward(self, query):
        return query.flip(-1)
"""


def test_what_a_plugin_prints_goes_to_standard_error(
    install: Callable[..., Registry], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.warns(UserWarning, match="careful"):
        registry = install(noisy=NOISY)
    assert registry.find("generator", "mirror")
    answer = capfd.readouterr()
    assert answer.out == ""
    lines = [f"plugin noisy prints: {line}" for line in ("hello", "world", "rawbye", "from the hook")]
    assert answer.err.splitlines() == lines


def test_ctrl_c_is_not_the_plugins(install: Callable[..., Registry]) -> None:
    with pytest.raises(KeyboardInterrupt):
        install(stopped="raise KeyboardInterrupt")


def test_the_target_is_imported_with_its_prints_aside(
    install: Callable[..., Registry], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "talking.py").write_text(TARGET)
    spec = install(talker=GOOD.replace("{module}:", "talking:")).get("generator", "mirror")
    assert spec.load().__name__ == "Mirror"
    answer = capfd.readouterr()
    assert (answer.out, answer.err) == ("", "generator mirror prints: target imported\n")


def test_a_target_that_ends_the_process_cannot_be_imported(install: Callable[..., Registry], tmp_path: Path) -> None:
    (tmp_path / "ending.py").write_text("raise SystemExit(0)")
    registry = install(ender=GOOD.replace("{module}:", "ending:"))
    with pytest.raises(ImportError, match=r"module ending ends the process \(target of generator mirror\)"):
        registry.get("generator", "mirror").load()


def test_what_a_plugin_thinks_of_warnings_is_its_own(install: Callable[..., Registry]) -> None:
    before = list(warnings.filters)
    assert install(strict="import warnings\nwarnings.simplefilter('error')\n" + GOOD).broken == []
    assert list(warnings.filters) == before


SLOW = """
import time
clock = time.perf_counter
time.perf_counter = lambda: clock() + 100
"""
"""A plugin during whose import the clock goes 100 seconds on."""


def test_slow_plugins_are_named_with_their_seconds(
    install: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(time, "perf_counter", time.perf_counter)  # put back in the end
    with caplog.at_level(logging.WARNING, "gcnet"):
        registry = install(sleeper=SLOW + GOOD, quick=GOOD.replace("mirror", "quick"))
    assert "plugin sleeper of gcnet-sleeper took 100." in caplog.text
    seconds = {plugin.name: plugin.seconds for plugin in registry.plugins}
    assert seconds["sleeper"] >= 100 > seconds["quick"]
    del sys.modules["sleeper"]
    assert "slow sleeper (gcnet-sleeper): 100." in gcnet("plugins").stdout


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Calls the command in a process of its own, which finds installed distributions of strangers."""
    place = tmp_path / "site"
    place.mkdir()

    def call(*words: object, **modules: str) -> Any:
        for name, text in modules.items():
            (place / f"{name}.py").write_text(text.replace("{module}", name))
            info = place / f"gcnet_{name}-1.2.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gcnet-{name}\nVersion: 1.2\n")
            (info / "entry_points.txt").write_text(f"[gcnet.plugins]\n{name} = {name}\n")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(place), os.environ.get("PYTHONPATH", "")]))
        return gcnet_process(*words, folder=tmp_path)

    return call


def test_the_true_command_survives_all_of_it_at_once(stranger: Callable[..., Any], tmp_path: Path) -> None:
    """One process: a plugin that ends it, one that prints, one that warns, one that is slow, one that is broken."""
    answer = stranger(
        "plugins", "list", "--json",
        ender="import sys\nprint('going')\nsys.exit('enough')",
        noisy=NOISY,
        slow=SLOW + GOOD.replace("mirror", "slow"),
        broken=GOOD.replace('"mirror"', '"a/b"'),
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    listed = json.loads(answer.stdout)
    assert {plugin["name"]: plugin["reason"].split(" (")[0] for plugin in listed["broken"]} == {
        "ender": "it ended the process by sys.exit('enough')",
        "broken": "ValueError: name 'a/b' of a generator is not made of letters, digits, _ and - alone",
    }
    assert {"mirror", "slow", "vae"} <= {part["name"] for part in listed["parts"]}
    assert [plugin["name"] for plugin in listed["plugins"] if plugin["seconds"] > 99] == ["slow"]
    assert "plugin slow of gcnet-slow took 100." in answer.stderr
    assert "plugin ender prints: going" in answer.stderr
    assert "careful" in answer.stderr
    checked = gcnet_process("recipes", "check", write_recipe(tmp_path), "--json", "--no-plugin", "slow")
    assert json.loads(checked.stdout)[0]["ok"]
    assert "took" not in checked.stderr


@pytest.mark.parametrize("words", ["-mine", "-gcnet-mine", "-gcnet_mine,", " -mine , -losses"])
def test_a_plugin_is_left_out(words: str, install: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCNET_PLUGINS", words)
    registry = install(mine="raise RuntimeError('loaded')")
    assert registry.broken == []
    assert ("mine", "gcnet-mine") in [(plugin.name, plugin.distribution) for plugin in registry.switched_off]
    assert registry.find("generator", "vae")
    with pytest.raises(UnknownPart, match=r"\(switched off by GCNET_PLUGINS or --no-plugin: .*mine \(gcnet-mine\)"):
        registry.get("generator", "mirror")


def test_named_plugins_alone_are_loaded(install: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCNET_PLUGINS", "mine,vae")
    registry = install(mine=GOOD)
    assert sorted(name for _, name in registry.parts) == ["mirror", "vae"]
    monkeypatch.setenv("GCNET_PLUGINS", "gcnet,-gan")
    assert "vae" in discover().names("generator")
    assert "gan" not in discover().names("generator")
    assert "mirror" not in discover().names("generator")
    monkeypatch.setenv("GCNET_PLUGINS", "")
    assert discover().switched_off == []


def test_a_plugin_that_is_not_there_cannot_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCNET_PLUGINS", "-vea")
    with pytest.raises(UserError, match="GCNET_PLUGINS or --no-plugin: no plugin is called vea; did you mean vae?"):
        discover()


@pytest.mark.parametrize(
    "words",
    [
        ("--no-plugin", "vae", "recipes", "check"),
        ("recipes", "--no-plugin=vae", "check"),
        ("recipes", "check", "--no-plugin", "gan,vae"),
    ],
)
def test_no_plugin_stands_anywhere_in_the_line(words: tuple[str, ...], tmp_path: Path) -> None:
    answer = gcnet(*words, write_recipe(tmp_path, SMALL))
    assert answer.returncode == 2
    assert ":8:21: unknown generator vae; " in answer.stderr
    assert "(switched off by GCNET_PLUGINS or --no-plugin: " in answer.stderr
    assert gcnet("recipes", "check", tmp_path / "small.yaml").returncode == 0


def test_what_is_switched_off_is_listed() -> None:
    assert "off vae (gcnet): switched off by GCNET_PLUGINS or --no-plugin" in gcnet("plugins", "--no-plugin=vae").stdout
    listed = json.loads(gcnet("plugins", "list", "--json", "--no-plugin", "vae").stdout)
    assert listed["switched_off"] == [{"name": "vae", "distribution": "gcnet"}]
    unknown = gcnet("plugins", "--no-plugin", "vea")
    assert (unknown.returncode, unknown.stdout) == (2, "")


def test_processes_that_a_command_starts_leave_it_out_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The jobs of a comparison are commands of their own; what they inherit is the environment."""
    monkeypatch.setenv("GCNET_PLUGINS", "gcnet,-gan")
    leave_out(["vae,timm", "losses"])
    assert os.environ["GCNET_PLUGINS"] == "gcnet,-gan,-vae,-timm,-losses"
    answer = gcnet_process("recipes", "check", write_recipe(tmp_path))
    assert "switched off by GCNET_PLUGINS or --no-plugin: gan (gcnet), losses (gcnet), timm (gcnet)" in answer.stderr


@pytest.mark.parametrize("command", ["show", "check"])
def test_a_part_of_a_broken_or_absent_plugin_is_not_just_unknown(command: str, installed: Callable[..., None]) -> None:
    installed(odd="raise KeyError('x')")
    answer = gcnet("plugins", command, "odd", "--no-plugin", "gan")
    assert answer.returncode == 2
    assert "(plugin odd is broken (gcnet-odd): KeyError: 'x' (" in answer.stderr
    assert "(switched off by GCNET_PLUGINS or --no-plugin: gan (gcnet))" in answer.stderr


def test_after_two_dashes_words_are_no_options() -> None:
    answer = gcnet("recipes", "check", "--", "--traceback")
    assert answer.returncode == 2
    assert "--traceback: no such file" in answer.stderr
