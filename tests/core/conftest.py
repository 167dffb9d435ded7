"""Plugins of strangers: small modules, each installed as if it were a distribution of its own."""

import importlib
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from gcnet_core.plugin_api import Registry, discover

HEAD = """
from gcnet_core.plugin_api import ComponentSpec, GeneratorConfig, hookimpl

class Config(GeneratorConfig):
    '''Options.'''
"""
GOOD = (
    HEAD
    + """
@hookimpl
def gcnet_components():
    return [ComponentSpec(kind="generator", name="mirror", config=Config, target="{module}:Mirror", summary="flips")]
"""
)


class Distribution:
    version = "1.2"

    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Installs modules as if each were a distribution of its own, beside gcnet's plugins."""
    from gcnet_core.plugin_api import discovery

    real = list(discovery.entry_points(group="gcnet.plugins"))
    monkeypatch.syspath_prepend(str(tmp_path))

    before = set(sys.modules)

    def installer(**modules: str) -> None:
        points = list(real)
        importlib.invalidate_caches()
        for name, text in modules.items():
            sys.modules.pop(name, None)
            (tmp_path / f"{name}.py").write_text(text.replace("{module}", name))
            point = EntryPoint(name, name, "gcnet.plugins")
            points.append(point._for(Distribution(f"gcnet-{name}")))  # type: ignore[attr-defined]
        monkeypatch.setattr(discovery, "entry_points", lambda group: points)

    yield installer
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def install(installed: Any) -> Callable[..., Registry]:
    """The same, and finds all parts."""

    def installer(**modules: str) -> Registry:
        installed(**modules)
        return discover()

    return installer
