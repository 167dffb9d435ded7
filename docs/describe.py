"""A class or a function as Markdown, from its source: signatures with shapes, and docstrings with their sections."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from make_reference import escape, table
from pydantic import BaseModel

WIDTH = 100
PUBLIC = "gcnet_core.interfaces", "gcnet_core.plugin_api", "gcnet_core.testing"
SECTION = re.compile(r"^(Args|Returns|Raises):$", re.MULTILINE)
ENTRY = re.compile(r"^(\w+): ", re.MULTILINE)


def described(member: Any, link: Sequence[type] = ()) -> Iterator[str]:
    """A heading and what there is to know.

    Args:
        member: a class or a function.
        link: classes that have a heading on the same page.
    """
    node = ast.parse(textwrap.dedent(inspect.getsource(member))).body[0]
    yield from ("", f"### `{member.__qualname__}`", "")
    if isinstance(node, ast.FunctionDef):
        yield from _function(node, _origin(member))
        return
    assert isinstance(node, ast.ClassDef)
    bases = [f"[`{base.__name__}`](#{base.__name__.lower()})" for base in member.__mro__[1:] if base in link]
    text, sections = _parsed(node)
    derived = f", derived from {bases[0]}" if bases else ""
    yield from (f"From `{_origin(member)}`{derived}.", "", text, "")
    yield from _attributes(node, sections.pop("Args", ""), issubclass(member, BaseModel))
    if issubclass(member, BaseModel) and member.model_fields:
        yield from ("Keys of a recipe:", "", *table(member), "")
    yield from _sections(sections)
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and not method.name.startswith("_") and ast.get_docstring(method):
            yield from _function(method)


def _origin(member: Any) -> str:
    """The module from which a plugin imports it."""
    return next(
        (name for name in PUBLIC if getattr(import_module(name), member.__name__, None) is member), member.__module__
    )


def _function(node: ast.FunctionDef, origin: str = "") -> Iterator[str]:
    """The signature, then the docstring; of a method also how it is called and whether it must be written."""
    marks = [ast.unparse(mark) for mark in node.decorator_list]
    shown = [f"@{mark}" for mark in marks if mark in ("property", "classmethod")]
    text, sections = _parsed(node)
    before = "Must be written. " if "abstractmethod" in marks else f"From `{origin}`. " if origin else ""
    yield from ("```python", *shown, _signature(node), "```", "", before + text, "")
    yield from _sections(sections)


def _signature(node: ast.FunctionDef) -> str:
    """On one line if it fits, else an argument a line."""
    given, answer = node.args, f" -> {_type(node.returns)}" if node.returns else ""
    required = [None] * (len(given.args) - len(given.defaults))
    plain = [_argument(each, value) for each, value in zip(given.args, [*required, *given.defaults], strict=True)]
    named = [_argument(each, value) for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    free = [f"*{given.vararg.arg}"] if given.vararg else ["*"] if named else []
    arguments = [*plain, *free, *named, *([f"**{given.kwarg.arg}"] if given.kwarg else [])]
    line = f"def {node.name}({', '.join(arguments)}){answer}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"def {node.name}(", *(f"    {each}," for each in arguments), f"){answer}"])


def _argument(given: ast.arg, default: ast.expr | None) -> str:
    kind = f": {_type(given.annotation)}" if given.annotation else ""
    return given.arg + kind + (f" = {ast.unparse(default)}" if default else "")


def _type(annotation: ast.expr) -> str:
    """An annotation without the quotes that Python needs around a name which is not known yet."""
    return str(annotation.value) if isinstance(annotation, ast.Constant) else ast.unparse(annotation)


def _default(value: ast.expr | None) -> str:
    """Of a field; `field(default_factory=dict)` is `dict()`."""
    if value is None:
        return ""
    given = {each.arg: each.value for each in value.keywords} if isinstance(value, ast.Call) else {}
    factory = given.get("default_factory")
    return f"`{ast.unparse(factory)}()`" if factory else f"`{ast.unparse(value)}`"


def _attributes(node: ast.ClassDef, meanings: str, is_options: bool) -> Iterator[str]:
    """What the constructor takes, the fields of a data class, and attributes that a subclass sets."""
    known = dict(_entries(meanings))
    constructors = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
    types = {each.arg: each.annotation for made in constructors for each in made.args.args if each.annotation}
    rows = {name: (f"`{_type(types[name])}`" if name in types else "", "", said) for name, said in known.items()}
    for entry, after in zip(node.body, [*node.body[1:], None], strict=True):
        if not isinstance(entry, ast.AnnAssign) or not isinstance(entry.target, ast.Name):
            continue
        name, kind = entry.target.id, _type(entry.annotation)
        if name.startswith(("_", "renamed_")) or (is_options and "ClassVar" not in kind):
            continue  # keys of a recipe have a table of their own
        said = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
        rows[name] = (f"`{kind}`", _default(entry.value), known.get(name) or str(said))
    if rows:
        yield from ("| name | type | default | meaning |", "|---|---|---|---|")
        for name, cells in rows.items():
            yield f"| `{name}` | {' | '.join(escape(_flat(cell)) for cell in cells)} |"
        yield ""


def _sections(sections: dict[str, str]) -> Iterator[str]:
    for title, text in sections.items():
        if title == "Returns":
            yield f"- Returns: {_flat(text)}"
        for name, meaning in _entries(text) if title != "Returns" else ():
            yield f"- {'Raises ' if title == 'Raises' else ''}`{name}`: {meaning}"
    if sections:
        yield ""


def _parsed(node: Any) -> tuple[str, dict[str, str]]:
    """The text of a docstring, and its sections by their titles."""
    text, *rest = SECTION.split(ast.get_docstring(node) or "")
    return text.strip(), dict(zip(rest[::2], (textwrap.dedent(part).strip() for part in rest[1::2]), strict=True))


def _entries(section: str) -> list[tuple[str, str]]:
    """Names and meanings, each meaning on one line."""
    _, *parts = ENTRY.split(section)
    return [(name, _flat(meaning)) for name, meaning in zip(parts[::2], parts[1::2], strict=True)]


def _flat(text: str) -> str:
    return " ".join(text.split())
