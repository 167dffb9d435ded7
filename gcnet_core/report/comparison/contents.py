"""Read the folder of a comparison."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from gcnet_core.plugin_api import UserError

COMPARISON = "comparison.json"
PICTURES = "pictures.safetensors"


@dataclass(frozen=True)
class ComparisonContents:
    """What the folder of a comparison holds.

    Args:
        folder: where it is.
        measured: comparison.json, complete.
        pictures: images on which recipes disagree, 0 to 255, by `query/NUMBER`, `reference/NUMBER` and
            `generated/RECIPE/NUMBER`.
    """

    folder: Path
    measured: dict[str, Any]
    pictures: dict[str, np.ndarray]


def read_comparison(folder: Path) -> ComparisonContents:
    """Read all that the page of a comparison shows.

    Raises:
        UserError: if the folder holds no finished comparison.
    """
    for name in (COMPARISON, PICTURES):
        if not (folder / name).is_file():
            raise UserError(f"{folder}: no finished comparison here; {name} is missing, which `gcnet compare` writes")
    measured = json.loads((folder / COMPARISON).read_text(encoding="utf-8"))
    return ComparisonContents(folder, measured, load_file(folder / PICTURES))
