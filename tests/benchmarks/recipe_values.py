"""Do the shipped recipes still resolve to the same values? For whoever moves, merges or renames in them.

Run `python tests/benchmarks/recipe_values.py --write before.json` before the change and, after it,
`python tests/benchmarks/recipe_values.py --against before.json`; it prints every recipe and key that differs, and ends
with 1 if any does. `--renamed OLD=NEW ...` takes keys that were renamed on purpose: a whole path
(`image.fit=image.resize_mode`), a key wherever it stands (`normalise=normalize`), or a value of a key
(`reference:given=true_neutral`). `--depth` prints how many files each recipe is made of, one on top of the other, and
how many entries are removed by null. Run all of them at the root of the repository.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gcnet_core.plugin_api import discover
from gcnet_core.recipe import dump_recipe, load_recipe, recipe_hash, resolved, shipped_folder, shipped_recipes

ORDERED = ("losses", "training.stages")  # the order in which these are written matters
ABSENT = "absent"


def shipped_values() -> dict[str, dict[str, Any]]:
    """Hash, resolved values and resolved text of every shipped recipe, by name."""
    registry = discover()
    values = {}
    for name in shipped_recipes():
        recipe = load_recipe(name, registry=registry)
        values[name] = {"hash": recipe_hash(recipe), "values": resolved(recipe), "text": dump_recipe(recipe)}
    return values


def flatten(value: Any, path: str = "") -> dict[str, Any]:
    """Values by dotted path; lists of mappings are counted from 0, other lists are values."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = {str(index): entry for index, entry in enumerate(value)}
    if not isinstance(value, dict) or not value:
        return {path: value}
    leaves: dict[str, Any] = {}
    for key, entry in value.items():
        leaves.update(flatten(entry, f"{path}.{key}" if path else key))
    return leaves


def rename(leaves: dict[str, Any], pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Old values under the new names of their keys."""
    for old, new in pairs:
        key, _, old_value = old.partition(":")
        renamed: dict[str, Any] = {}
        for path, value in leaves.items():
            named = path == key or f".{path}".endswith(f".{key}")
            if old_value:
                renamed[path] = new if named and value == old_value else value
            elif "." in old:
                below = path == old or path.startswith(f"{old}.")
                renamed[new + path[len(old) :] if below else path] = value
            else:
                renamed[".".join(new if part == old else part for part in path.split("."))] = value
        leaves = renamed
    return leaves


def order(leaves: dict[str, Any], section: str) -> list[str]:
    """Names of the entries of a section, as they are written."""
    inside = [path.removeprefix(f"{section}.") for path in leaves if path.startswith(f"{section}.")]
    return list(dict.fromkeys(path.split(".")[0] for path in inside))


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """A line for each key that differs, and for each section in another order."""
    lines = []
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path, ABSENT), new.get(path, ABSENT)
        if before != after:
            lines.append(f"{path}: {before!r} -> {after!r}")
    for section in ORDERED:
        if order(old, section) != order(new, section):
            lines.append(f"{section}: the order {order(old, section)} -> {order(new, section)}")
    return lines


def compare(before: dict[str, dict[str, Any]], pairs: list[tuple[str, str]]) -> int:
    """Print what differs from stored values; the number of recipes that differ."""
    after = shipped_values()
    different = same_hash = same_text = 0
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            lines = ["there is no such recipe any more" if name in before else "there was no such recipe"]
        else:
            lines = differences(rename(flatten(before[name]["values"]), pairs), flatten(after[name]["values"]))
            same_hash += before[name]["hash"] == after[name]["hash"]
            same_text += before[name]["text"] == after[name]["text"]
        different += bool(lines)
        for line in lines:
            print(f"{name}: {line}")
    print(f"{len(before)} recipes before, {len(after)} after: {different} differ in values;", end=" ")
    print(f"{same_hash} have the same hash, {same_text} the same resolved text")
    return different


def base_files(path: Path) -> list[Path]:
    """The files that a shipped recipe extends itself; all of them are named by their path."""
    extends = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")).get("extends") or []
    names = [extends] if isinstance(extends, str) else extends
    return [(path.parent / name).resolve() for name in names]


def depth(path: Path) -> int:
    """Files on the longest way from a recipe to one that extends nothing, both counted."""
    return 1 + max((depth(base) for base in base_files(path)), default=0)


def removals(value: Any) -> int:
    """How many entries are null, `labels` aside, where null drops a class."""
    if isinstance(value, dict):
        return sum(removals(entry) for key, entry in value.items() if key != "labels")
    return int(value is None)


def print_depth() -> None:
    """Print the depth of each recipe, how many are how deep, and the removals by null in all files."""
    depths = {name: depth(path) for name, path in shipped_recipes().items()}
    for name, files in depths.items():
        print(f"{files} {name}")
    for files in sorted(set(depths.values())):
        print(f"depth {files}: {list(depths.values()).count(files)} recipes")
    texts = [path.read_text(encoding="utf-8") for path in sorted(shipped_folder().rglob("*.yaml"))]
    nulls = [removals(YAML(typ="safe", pure=True).load(text)) for text in texts]
    print(f"{len(texts)} files, {sum(nulls)} removals by null")


def main() -> None:
    """Write, compare, or count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", type=Path, metavar="FILE", help="store the values of all shipped recipes")
    action.add_argument("--against", type=Path, metavar="FILE", help="compare with stored values")
    action.add_argument("--depth", action="store_true", help="print the depth of each recipe")
    parser.add_argument(
        "--renamed", nargs="*", default=[], metavar="OLD=NEW", help="keys renamed since, with --against"
    )
    arguments = parser.parse_args()
    if wrong := [text for text in arguments.renamed if "=" not in text]:
        parser.error(f"--renamed takes OLD=NEW, not {wrong[0]}")
    if arguments.depth:
        print_depth()
    elif arguments.write:
        arguments.write.write_text(json.dumps(shipped_values(), indent=1), encoding="utf-8")
    else:
        before = json.loads(arguments.against.read_text(encoding="utf-8"))
        pairs = [(old, new) for old, _, new in (text.partition("=") for text in arguments.renamed)]
        raise SystemExit(compare(before, pairs) > 0)


if __name__ == "__main__":
    main()
