"""The recipes that come with gcnet."""

from pathlib import Path

FOLDER = "recipes"


def shipped_folder() -> Path:
    """Where the recipes that come with gcnet lie: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "shipped_recipes"
    return installed if installed.is_dir() else package.parent / FOLDER


def shipped_recipes() -> dict[str, Path]:
    """The recipes that come with gcnet, by name."""
    folder = shipped_folder()
    return {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.yaml"))}
