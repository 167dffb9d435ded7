"""Training from Python, in a script or a notebook: what `gcnet run` does, with recipes as objects."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gcnet_core.output.console import Console
from gcnet_core.plugin_api import Registry, discover
from gcnet_core.recipe import Recipe, dump_recipe
from gcnet_core.recipe import load_recipe as read_recipe
from gcnet_core.recipe.text import one_line

if TYPE_CHECKING:
    from gcnet_core.runs import Run

Overrides = Mapping[str, Any] | Sequence[str]
"""Changes of a recipe: by key with dots, `{"training.batch_size": 16}`, or texts KEY=VALUE, as `--set` has them."""


def load_recipe(source: str | Path | Recipe, overrides: Overrides = (), *, plugins: Sequence[str] = ()) -> Recipe:
    """Read and validate a recipe.

    Args:
        source: path of a file, name of a shipped recipe such as `ar/vae_resnet`, or a recipe that is to be changed.
        overrides: changes, by key with dots, or texts KEY=VALUE.
        plugins: local ones, files or modules, as `--plugin` takes them.

    Returns:
        A recipe whose values are attributes, such as `recipe.training.batch_size`.

    Raises:
        RecipeError: with every problem.
        UserError: if there is no such file.
    """
    return _loaded(source, overrides, discover(plugins))


def run(
    recipe: str | Path | Recipe,
    overrides: Overrides = (),
    *,
    output: str | Path | None = None,
    resume: bool = False,
    device: str | None = None,
    threads: int | None = None,
    plugins: Sequence[str] = (),
    smoke: bool = False,
    quiet: bool = False,
) -> "Run":
    """Train and measure a recipe, and write a run folder with a report, as `gcnet run` does.

    Args:
        recipe: path of a file, name of a shipped recipe, or what `load_recipe` gave.
        overrides: changes, by key with dots, or texts KEY=VALUE.
        output: the run folder; default: `runs/<recipe>/<time>`.
        resume: go on with an unfinished run.
        device: cpu, cuda, cuda:1 ...; default: the best there is.
        threads: of the CPU; default: as the recipe says.
        plugins: local ones, files or modules, as `--plugin` takes them.
        smoke: two steps of each stage, to see that everything works.
        quiet: whether to print nothing; else a line an epoch, and on a terminal a bar.

    Returns:
        The finished run: `.summary` are its figures, `.predictions` the answers to the test images, `.folder` is what
        `gcnet_core.load` takes.

    Raises:
        UserError: if the recipe is wrong, or cannot be run with what is there; nothing is written then.
        RunFailed: if training cannot go on; the folder keeps its checkpoint.
    """
    registry = discover(plugins)
    chosen = _loaded(recipe, overrides, registry)

    from gcnet_core.experiment.run import Options, run_recipe
    from gcnet_core.runs import Run

    folder = None if output is None else Path(output).expanduser()
    options = Options(folder, resume, device, threads, smoke, _console(quiet))
    return Run(run_recipe(chosen, registry, options))


def _loaded(source: str | Path | Recipe, overrides: Overrides, registry: Registry) -> Recipe:
    texts = [_text(*item) for item in overrides.items()] if isinstance(overrides, Mapping) else overrides
    if not isinstance(source, Recipe):
        return read_recipe(source, texts, registry)
    with tempfile.TemporaryDirectory() as folder:  # what was changed by hand is validated too
        path = Path(folder) / "recipe.yaml"
        path.write_text(dump_recipe(source), encoding="utf-8")
        return read_recipe(path, texts, registry, stored=True)


def _text(key: str, value: Any) -> str:
    """KEY=VALUE."""
    return f"{key}={one_line(value)}"


def _console(quiet: bool) -> Console:
    """Where progress goes: plain lines in a notebook, which rich would fill with a box for each line."""
    if Console().is_jupyter:
        return Console(quiet=quiet, force_jupyter=False, force_terminal=False)
    return Console(quiet=quiet)
