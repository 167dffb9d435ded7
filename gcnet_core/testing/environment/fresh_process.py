"""A part in a process of its own, in which nothing was imported before, and sets have another order."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from gcnet_core.testing.case import Case, ContractError

PREAMBLE = """
import importlib, importlib.util, json, sys
globals().update(json.loads(sys.stdin.read()))
stdout, sys.stdout = sys.stdout, sys.stderr
if path is None or "." in module:
    importlib.import_module(module)
else:
    spec = importlib.util.spec_from_file_location(module, path)
    sys.modules[module] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[module])
from gcnet_core.plugin_api import ComponentSpec, ImageConfig, discover
config = sys.modules[module]
for part in class_name.split("."):
    config = getattr(config, part)
registry, image = discover(), ImageConfig(size=size, channels=channels)
if registry.find(kind, name) is None:
    registry.add(ComponentSpec(kind, name, config, target, summary), "", "")
"""
EPILOGUE = """
stdout.write("\\n" + json.dumps(answer))
"""
SEEDS = range(1, 12)


def run_fresh(case: Case, program: str, hash_seed: int = 1, **names: Any) -> Any:
    """Run a program that knows the part, and return what it calls `answer`.

    Args:
        case: the part under test; the program finds `registry`, `kind`, `name`, `options`, `image` and `classes`.
        program: Python.
        hash_seed: of the process.
        names: more names that the program finds.

    Raises:
        ContractError: with the last line of its error, if it fails.
    """
    spec = case.spec
    module = spec.config.__module__
    path = getattr(sys.modules[module], "__file__", None)
    given = {
        "kind": spec.kind, "name": spec.name, "target": spec.target, "summary": spec.summary,
        "module": module, "path": path, "class_name": spec.config.__qualname__,
        "options": case.options, "size": case.size, "channels": case.channels, "classes": case.context.classes, **names,
    }  # fmt: skip
    paths = os.pathsep.join(path for path in sys.path if path)
    environment = {**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": str(hash_seed), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", PREAMBLE + program + EPILOGUE]
    answer = subprocess.run(
        command, input=json.dumps(given, default=str), capture_output=True, text=True, env=environment
    )
    if answer.returncode:
        reason = answer.stderr.strip().splitlines()[-1:] or [f"exit code {answer.returncode}"]
        raise ContractError(f"in a process of its own: {reason[0]}")
    return json.loads(answer.stdout.splitlines()[-1])


def hash_seed_with_other_order(groups: Sequence[Sequence[str]]) -> int:
    """A hash seed under which a set of each of these groups of words is in another order than in this process."""
    here = [list(set(group)) for group in groups]
    program = "import json, sys; print(json.dumps([list(set(group)) for group in json.loads(sys.argv[1])]))"
    for seed in SEEDS:
        environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-S", "-c", program, json.dumps(groups)]
        there = json.loads(subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout)
        if all(one != other for one, other in zip(here, there, strict=True) if len(one) > 1):
            return seed
    return SEEDS[0]
