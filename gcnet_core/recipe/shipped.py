"""The recipes that come with gcnet."""

from pathlib import Path

FOLDER = "recipes"
BASES = "bases"  # data and models that recipes are put together from; none of them runs by itself


def shipped_folder() -> Path:
    """Where the recipes that come with gcnet lie: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "shipped_recipes"
    return installed if installed.is_dir() else package.parent / FOLDER


def shipped_files() -> dict[str, Path]:
    """All that a recipe can extend by name: the recipes that come with gcnet, and their bases."""
    folder = shipped_folder()
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.yaml"))}


def shipped_recipes() -> dict[str, Path]:
    """The recipes that come with gcnet, by name; without the bases."""
    return {name: path for name, path in shipped_files().items() if not name.startswith(f"{BASES}/")}
