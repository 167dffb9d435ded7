"""From the templates of a kind to the folder of a distribution."""

import contextlib
import importlib.util
import keyword
import os
import re
import shlex
from importlib import metadata
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gcnet_core.faults import telling
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.temporary import remove_leftovers, temporary_folder

TEMPLATES = Path(__file__).parent / "templates"
BASE = "base"
"""Files that are the same for every kind; a kind may bring another one in place of any."""
PACKAGE, SUFFIX = "PACKAGE", ".jinja"
PARTS = "generator={type: conv}", "encoder={type: conv}", "classifier={type: linear}"


def kinds() -> list[str]:
    """The kinds of parts for which there are templates."""
    return sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir() and path.name != BASE)


def first_steps(part: str, kind: str) -> list[str]:
    """Commands that check a new part and try it, once its distribution is installed.

    Args:
        part: its name.
        kind: of the part.
    """
    check, run = f"gcnet plugins check {part}", "gcnet run recipe.yaml"
    if kind == "dataset":  # it needs pictures; the drawn faces do
        draw = "gcnet data prepare vae_resnet faces --detector none --set size=64"
        return [draw, f"{check} --set folder=faces/images", run]
    if kind == "detector":  # no part of a recipe
        return [check, f"gcnet data prepare PHOTOGRAPHS faces --detector {part}"]
    if kind == "engine":  # nor is this
        return [check, f"gcnet compare vae_resnet --engine {part}"]
    if kind == "model":
        return [" ".join([check, *(f"--set {shlex.quote(choice)}" for choice in PARTS)]), run]
    return [check, run]


def write_distribution(name: str, kind: str, output: Path | None, registry: Registry, version: str) -> tuple[Path, str]:
    """Write a distribution with one part, as a whole or not at all.

    Args:
        name: of the part; hyphens become underscores.
        kind: of the part.
        output: the new folder; default: named like the distribution, in the current one.
        registry: the installed parts, whose names are taken.
        version: of gcnet, the oldest that the distribution accepts.

    Returns:
        The folder, and the name of the part as it is registered.

    Raises:
        UserError: if the name, the kind or the folder cannot be used.
    """
    part = _valid_name(name, kind, registry)
    package, distribution = _package_and_distribution(part)
    folder = output or Path(distribution)
    if folder.exists():
        raise UserError(f"{folder} is there already; choose another folder with --output")
    if not folder.parent.is_dir():
        raise UserError(f"{folder.parent}: no such folder")
    values = {
        "name": part,
        "kind": kind,
        "a_kind": f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}",
        "steps": first_steps(part, kind),
        "package": package,
        "distribution": distribution,
        "class_name": _class_name(part),
        "title": part.replace("_", " ").capitalize(),
        "gcnet_version": version,
    }
    remove_leftovers(folder.parent)
    with telling(folder), temporary_folder(folder.parent) as written:
        for templates in (BASE, kind):
            _render(TEMPLATES / templates, written, values)
        written.chmod(0o755)
        os.replace(written, folder)
    return folder, part


def _valid_name(name: str, kind: str, registry: Registry) -> str:
    if kind not in kinds():
        raise UserError(f"--kind {kind}: there is no template of this kind; there are: {', '.join(kinds())}")
    part = name.replace("-", "_")
    if not part.isascii() or not part.isidentifier() or part != part.lower() or part.startswith("_"):
        raise UserError(f"{name}: the name of a part is lower-case letters, digits and underscores, a letter first")
    if keyword.iskeyword(part):
        raise UserError(f"{name} is a word of Python; choose another name")
    if (kind, part) in registry.parts:
        raise UserError(f"{registry.parts[kind, part].distribution} has a {kind} {part} already; choose another name")
    _refuse_taken(name, *_package_and_distribution(part))
    _refuse_hiding(name, kind, _class_name(part))
    return part


def _package_and_distribution(part: str) -> tuple[str, str]:
    """Names of what is written for a part."""
    return f"gcnet_{part}", f"gcnet-{part.replace('_', '-')}"


def _refuse_taken(name: str, package: str, distribution: str) -> None:
    """A package that hides another one of its name, such as `gcnet_core`, would end every command."""
    if importlib.util.find_spec(package):
        raise UserError(f"{name}: there is a package {package} already, which the new one would hide; choose another")
    with contextlib.suppress(PackageNotFoundError):
        installed = metadata.version(distribution)
        raise UserError(f"{name}: {distribution} {installed} is installed already; choose another name")


def _class_name(part: str) -> str:
    return "".join(word.capitalize() for word in part.split("_"))


def _refuse_hiding(name: str, kind: str, class_name: str) -> None:
    """A class `Tensor` beside an import of that name would not work."""
    imports = re.compile(rf"^(from|import) .*\b{class_name}\b", re.MULTILINE)
    if any(imports.search(path.read_text("utf-8")) for path in (TEMPLATES / kind).rglob(f"*.py{SUFFIX}")):
        raise UserError(f"{name}: its class {class_name} would hide one that it imports; choose another name")


def _render(templates: Path, folder: Path, values: dict[str, Any]) -> None:
    environment = Environment(
        loader=FileSystemLoader(templates), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    for path in sorted(templates.rglob(f"*{SUFFIX}")):
        source = path.relative_to(templates).as_posix()
        target = folder / source.removesuffix(SUFFIX).replace(PACKAGE, values["package"])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(environment.get_template(source).render(values), encoding="utf-8")
