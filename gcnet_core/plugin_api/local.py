"""Local plugins: files and modules that `--plugin` names."""

import importlib
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from gcnet_core.plugin_api import modules


def each_once(sources: Iterable[str]) -> list[str]:
    """Local plugins without those that are the same file, which would be in conflict with itself."""
    once: dict[Path | str, str] = {}
    for source in sources:
        once.setdefault(Path(source).resolve() if source.endswith(".py") else source, source)
    return list(once.values())


def load_local(source: str) -> ModuleType:
    """Import a plugin from a Python file or by module name."""
    path = Path(source)
    if path.suffix != ".py":
        return importlib.import_module(source)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    if modules.is_taken(path):
        raise ImportError(f"its name is that of the module {path.stem}, which it would hide; rename the file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # so that targets "stem:Class" resolve to this file
    spec.loader.exec_module(module)
    return module
