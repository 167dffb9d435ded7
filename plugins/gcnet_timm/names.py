"""The names of timm's models, from the text of its modules: a recipe is checked without torch, which timm imports."""

import difflib
import importlib.util
from functools import cache
from pathlib import Path


def unknown_name(name: str) -> str | None:
    """That timm has no model of a name, in a sentence with the nearest names; None if it has one.

    Args:
        name: perhaps with the tag of its weights, as in `resnet18.a1_in1k`.
    """
    if is_written(name.partition(".")[0]):
        return None
    import timm  # which knows names of older versions and of other packages too

    if timm.is_model(name):
        return None
    near = difflib.get_close_matches(name, timm.list_models(), n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "`timm.list_models()` names them"
    return f"timm has no model {name}; {hint}"


@cache
def is_written(name: str) -> bool:
    """Whether timm's text registers a function of a name; not where that cannot be read."""
    package = importlib.util.find_spec("timm") if name.isidentifier() else None
    folders = package.submodule_search_locations if package else None
    modules = (path for folder in folders or () for path in Path(folder, "models").glob("*.py"))
    text = f"@register_model\ndef {name}(".encode()
    return any(text in path.read_bytes() for path in modules)
