"""Where each part of a recipe is from: recorded with what was trained, and compared when that is used again."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from gcnet_core.plugin_api import LOCAL, Registry
from gcnet_core.recipe.schema import Recipe


def part_versions(recipe: Recipe, registry: Registry) -> dict[str, str]:
    """Distribution and version of every part, nested ones, losses and data sets included, by `kind/name`.

    Args:
        recipe: whose parts they are.
        registry: where they are found.
    """
    found: dict[str, str] = {}
    for part in recipe.part_paths().values():
        registered = registry.parts.get((part.kind, part.type))
        if registered is not None:
            local = registered.version == LOCAL  # whose distribution is a path, which is nobody's business
            name = f"{Path(registered.distribution).name} {LOCAL}" if local else registered.distribution_version
            found[str(registered.spec)] = name
    return dict(sorted(found.items()))


def changed_parts(recorded: Mapping[str, str], registry: Registry) -> str | None:
    """That parts are from elsewhere today than recorded, in one sentence.

    Args:
        recorded: what `part_versions` gave; nothing in folders of older versions.
        registry: where parts are found today.

    Returns:
        The sentence; None if nothing is different.
    """
    today = {str(found.spec): found.distribution_version for found in registry.parts.values()}
    changed: dict[tuple[str, str], list[str]] = defaultdict(list)
    for part, then in recorded.items():
        now = today.get(part, "not installed")
        if now != then and not then.endswith(f" {LOCAL}"):  # nobody counts the versions of a local file
            changed[then, now].append(part)
    told = [f"{', '.join(parts)} of {then}, now {now}" for (then, now), parts in changed.items()]
    return f"trained with other versions of its parts: {'; '.join(told)}" if told else None
