"""The commands, each imported when it is called: `gcnet --help` and every other command do not wait for it."""

import importlib
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_group

COMMANDS = {
    "run": "Train and measure a recipe, and write a run folder with a report.",
    "compare": "Run every fold and seed of several recipes, and compare them by paired tests on the same images.",
    "job": "",
    "bench": "Time the training of a recipe against a bare loop with the same network, and say what the time goes "
    "into.",
    "evaluate": "Measure the model of a finished run, on its own subjects or on other data.",
    "predict": "Find faces in photographs, videos or before a camera, and say what they express.",
    "calibrate": "Keep a person's reference for `gcnet predict --person`: embeddings and checksums, which are "
    "biometric data.",
    "export": "Write a model as one file; compared with torch, timed, and then used by `gcnet predict` without torch.",
    "push": "Write model.json, model.safetensors, recipe.yaml and a card; upload them where a user is logged in.",
    "report": "Write report.html and figures/ of a finished run or comparison.",
    "serve": "Open a page where people drop pictures, or use the camera, and see what a model says of the faces.",
    "data": "Check data before training on them, and prepare photographs.",
    "models": "Trained models that are installed: list (the default), show NAME.",
    "cache": "Images that were decoded once, for all runs: list (the default), clear [NAME]...",
    "recipes": "Recipes: list, show, copy, check, schema.",
    "plugins": "Parts and plugins: list (the default), show NAME, new NAME, check NAME.",
}
"""Every command with the first line of its docstring, as a test holds; none for one that `--help` does not list."""


class Deferred(TyperCommand):
    """Stands for a command in the list of all, and gives way to it when that is called."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **more: Any) -> Any:
        """The context of the command itself."""
        assert self.name is not None
        return command_called(self.name).make_context(info_name, args, *rest, **more)


def command_called(name: str) -> Any:
    """Import a command.

    Args:
        name: one of `COMMANDS`.

    Returns:
        The command, or group of commands, as typer makes it of the function `command` or of the `app` of its module.
    """
    module = importlib.import_module(f"{__package__}.{name}")
    alone = typer.Typer(rich_markup_mode=None)
    if hasattr(module, "app"):
        alone.add_typer(module.app, name=name)
    else:
        alone.command(name)(module.command)
    return get_group(alone).commands[name]


def add_commands(app: typer.Typer) -> None:
    """Add all commands to `gcnet`, and import none."""
    for name, summary in COMMANDS.items():
        app.command(name, cls=Deferred, help=summary, hidden=not summary)(lambda: None)
