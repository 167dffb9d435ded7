"""Run folders: `runs/<recipe>/<time>/`, new or to be resumed."""

from datetime import datetime
from pathlib import Path
from shlex import quote

from gcnet_core.experiment.data_record import check_smoke
from gcnet_core.files import write_text
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Recipe, dump_recipe, recipe_hash, stored_recipe
from gcnet_core.runs.files import RECIPE, SUMMARY
from gcnet_core.runs.trained_on import TrainedOn, write_trained_on
from gcnet_core.temporary import holds_something


def run_folder(recipe: Recipe, output: Path | None, registry: Registry, *, resume: bool, smoke: bool) -> Path:
    """Where a run goes, or went before it was interrupted; nothing is made yet, and no data are looked at.

    Args:
        recipe: whose name is the default place below `runs/`.
        output: the folder itself, if the user names one.
        registry: where parts are looked up.
        resume: whether to go on with an unfinished run.
        smoke: whether it trains a few steps only.

    Raises:
        UserError: if the named folder holds something, or there is nothing to resume.
    """
    return folder_to_resume(recipe, output, registry, smoke=smoke) if resume else new_folder(recipe, output)


def new_folder(recipe: Recipe, output: Path | None) -> Path:
    """Where a new run goes; nothing is made yet.

    Args:
        recipe: whose name is the default place below `runs/`.
        output: the folder itself, if the user names one.

    Raises:
        UserError: if the named folder already holds something.
    """
    if output is not None:
        if holds_something(output):
            way = ", or add --resume to go on" if (output / RECIPE).is_file() else ""
            raise UserError(f"--output {output}: already holds something; give a new folder{way}")
        return output
    time = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    folder = Path("runs") / recipe.name / time
    number = 2
    while folder.exists():
        folder = folder.with_name(f"{time}_{number}")
        number += 1
    return folder


def folder_to_resume(recipe: Recipe, output: Path | None, registry: Registry, *, smoke: bool) -> Path:
    """The run to go on with: the named folder, or the newest unfinished run of the recipe.

    Raises:
        UserError: if there is none, or it was begun with another recipe, or as a smoke run where none is wanted.
    """
    folder = output or _newest_unfinished(recipe)
    stored = folder / RECIPE
    if not stored.is_file():
        raise UserError(f"--resume: {folder} holds no run; leave out --resume to begin one")
    begun = stored_recipe(stored, registry)
    if recipe_hash(begun) != recipe_hash(recipe):
        raise UserError(
            f"--resume: {folder} was begun with another recipe ({recipe_hash(begun)}, now {recipe_hash(recipe)}); "
            f"to go on with it as it was: gcnet run {quote(str(stored))} --output {quote(str(folder))} --resume"
        )
    check_smoke(folder, smoke, "--resume")
    return folder


def begin(folder: Path, recipe: Recipe, trained_on: TrainedOn | None = None) -> None:
    """Make the folder and store in it the resolved recipe, and, for a run of one fold, what it is trained on."""
    write_text(folder / RECIPE, dump_recipe(recipe))
    if trained_on is not None:
        write_trained_on(folder, trained_on)


def _newest_unfinished(recipe: Recipe) -> Path:
    runs = sorted(path.parent for path in (Path("runs") / recipe.name).glob(f"*/{RECIPE}"))
    unfinished = [run for run in runs if not (run / SUMMARY).is_file()]
    if not unfinished:
        raise UserError(f"--resume: no unfinished run below runs/{recipe.name}; leave out --resume to begin one")
    return unfinished[-1]
