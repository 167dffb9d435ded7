"""The names of timm's models, from the text of its modules: a recipe is checked without torch, which timm imports."""

import difflib
import importlib.util
import re
from functools import cache
from pathlib import Path

REGISTERED = re.compile(r"^@register_model\s*\ndef (\w+)", re.MULTILINE)


def unknown_name(name: str) -> str | None:
    """That timm has no model of a name, in a sentence with the nearest names; None if it has one.

    Args:
        name: perhaps with the tag of its weights, as in `resnet18.a1_in1k`.
    """
    if name.partition(".")[0] in written_names():
        return None
    import timm  # which knows names of older versions and of other packages too

    if timm.is_model(name):
        return None
    near = difflib.get_close_matches(name, timm.list_models(), n=3, cutoff=0.5)
    hint = f"did you mean {', '.join(near)}?" if near else "`timm.list_models()` names them"
    return f"timm has no model {name}; {hint}"


@cache
def written_names() -> frozenset[str]:
    """Names of the functions that timm registers; none where its text cannot be read."""
    package = importlib.util.find_spec("timm")
    folders = package.submodule_search_locations if package else None
    modules = [path for folder in folders or () for path in Path(folder, "models").glob("*.py")]
    return frozenset(name for path in modules for name in REGISTERED.findall(path.read_text(encoding="utf-8")))
