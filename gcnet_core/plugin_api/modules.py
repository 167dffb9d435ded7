"""What can be told of a part's target without importing it: is its module there, and does that define the class?"""

import ast
import importlib.util
import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path


def is_there(module: str) -> bool:
    """Whether a module can be found. Nothing is imported, parents neither; where nobody can tell, it is there."""
    try:
        return _found(module) is not None
    except Exception:  # finders of third parties, namespaces inside packages that are not imported
        return True


def is_taken(file: Path) -> bool:
    """Whether a file, loaded as a module by its name, would hide an installed one; not one of the current folder."""
    places = [place for place in sys.path if place and Path(place).resolve() != Path.cwd()]
    found = PathFinder.find_spec(file.stem, places)
    hidden = found is not None and found.origin is not None and Path(found.origin).resolve() != file.resolve()
    return hidden or file.stem in sys.stdlib_module_names


def defines(module: str, name: str) -> bool:
    """Whether a module defines a name, as far as its text tells; where nobody can tell, it does."""
    loaded = sys.modules.get(module)
    if loaded is not None and name in vars(loaded):
        return True
    try:
        found = _found(module)
        source = found.loader.get_source(module) if found and found.loader else None  # type: ignore[attr-defined]
        tree = ast.parse(source) if source is not None else None
    except Exception:  # no text, or none that can be read: the import will tell
        return True
    return tree is None or name in _names(tree.body) or _says_nothing_certain(tree)


def _found(module: str) -> ModuleSpec | None:
    """The specification of a module, found from the outermost package inwards."""
    if module in sys.modules:
        return getattr(sys.modules[module], "__spec__", None) or ModuleSpec(module, None)
    parent, _, _ = module.rpartition(".")
    if not parent:
        return importlib.util.find_spec(module)  # asks all finders, those of editable installs too
    outer = sys.modules.get(parent)
    if outer is not None:
        path: Iterable[str] | None = getattr(outer, "__path__", None)
    else:
        above = _found(parent)
        path = above.submodule_search_locations if above else None
    return None if path is None else PathFinder.find_spec(module, path)  # type: ignore[arg-type]


def _says_nothing_certain(tree: ast.Module) -> bool:
    """Whether names may come to be that no statement shows: by a star, `__getattr__`, `globals()`, `exec`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            return True
        if isinstance(node, ast.Name) and node.id in ("globals", "locals", "vars", "setattr", "exec"):
            return True
        if isinstance(node, ast.Global):
            return True
    return "__getattr__" in _names(tree.body)


def _names(body: Iterable[ast.stmt]) -> set[str]:
    """Names that statements bind, those inside `if`, `try`, `with` and loops included."""
    names: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return names
