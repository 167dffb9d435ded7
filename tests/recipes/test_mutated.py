"""Damaged recipes end as a recipe or as problems with places: the benchmark `mutated_recipes.py` with few tries."""

import shutil
from pathlib import Path

import pytest

from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import shipped_folder
from tests.benchmarks.mutated_recipes import outcome, sources

TRIES = 200


def test_whatever_is_written_is_told(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "recipes"
    shutil.copytree(shipped_folder(), folder)
    monkeypatch.chdir(folder)  # where the data of the recipes are not
    texts = sources(registry)
    faults = []
    for number in range(TRIES):
        ended, detail = outcome(number, texts, registry, folder)
        if ended not in ("recipe", "problems"):
            faults.append(f"try {number}: {ended}\n{detail}")
    assert not faults, "\n".join(faults)
