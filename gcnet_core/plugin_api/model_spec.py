"""ModelSpec: how a plugin declares a trained model that comes with it."""

import re
from dataclasses import dataclass
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
FILES = ("model.json", "model.safetensors", "README.md")
"""What the folder of a model holds: what the numbers mean, the numbers, and the card."""


@dataclass(frozen=True)
class ModelSpec:
    """Declares one trained model, without reading it.

    Args:
        name: by which `gcnet predict` and `gcnet.load` find it: letters, digits, `_` and `-`.
        folder: with model.json, model.safetensors and README.md, as `gcnet push` writes them.
        summary: one line for `gcnet models`.
        licence: of the weights, in a few words; what they may be used for follows from what they were trained on.
        default: whether it answers where a user names no model; one plugin alone should claim that.

    Raises:
        ValueError: for anything else, naming the model and what was expected.
    """

    name: str
    folder: Path
    summary: str
    licence: str
    default: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not NAME.fullmatch(self.name):
            raise ValueError(f"name {self.name!r} of a model is not made of letters, digits, _ and - alone")
        for key in ("summary", "licence"):
            text = getattr(self, key)
            if not isinstance(text, str) or not text.strip() or len(text.splitlines()) > 1:
                raise ValueError(f"{key} {text!r} of model {self.name!r} is not one line of text")
        missing = [name for name in FILES if not (Path(self.folder) / name).is_file()]
        if missing:
            raise ValueError(f"model {self.name!r}: {self.folder} has no {' and no '.join(missing)}")
