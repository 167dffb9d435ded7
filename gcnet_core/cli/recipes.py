"""`gcnet recipes`: list, show, copy, check, schema."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gcnet_core.cli.options import Json, Plugin, Set
from gcnet_core.output.streams import tell

if TYPE_CHECKING:
    from gcnet_core.plugin_api import Registry

app = typer.Typer(no_args_is_help=True)
Source = Annotated[str, typer.Argument(help="Recipe file, or name of a shipped recipe.")]
MODELINE = re.compile(r"^# yaml-language-server:.*\n", re.MULTILINE)


@app.callback()
def recipes() -> None:
    """Recipes: list, show, copy, check, schema.

    Example: gcnet recipes list
    """


@app.command("list")
def list_recipes(json_output: Json = False) -> None:
    """List the recipes that come with gcnet.

    Example: gcnet recipes list
    """
    from gcnet_core.recipe import overview, shipped_recipes

    found = {name: overview(path) for name, path in shipped_recipes().items()}
    broken = [line.broken for line in found.values() if line.broken]
    if json_output:
        print(json.dumps([{"name": name, **vars(line)} for name, line in found.items()], indent=2))
    else:
        shown = [(name, line.data, line.model, line.summary or "broken, see below") for name, line in found.items()]
        _print_table(["name", "data", "model", "summary"], shown)
    for text in broken:
        tell(text, err=True)
    if broken:
        raise typer.Exit(2)


@app.command()
def show(recipe: Source, override: Set = None, plugin: Plugin = None, json_output: Json = False) -> None:
    """Print a recipe with every default filled in.

    Example: gcnet recipes show vae_resnet --set model.generator.type=autoencoder
    """
    from gcnet_core.plugin_api import discover
    from gcnet_core.recipe import dump_recipe, load_recipe, resolved

    loaded = load_recipe(recipe, override or (), discover(plugin or ()))
    print(json.dumps(resolved(loaded), indent=2) if json_output else dump_recipe(loaded).rstrip())


@app.command()
def copy(
    recipe: Source, target: Annotated[Path | None, typer.Argument(help="New file; default: here, same name.")] = None
) -> None:
    """Copy a shipped recipe, as a start for your own. One that extends another is written with all values filled in.

    Example: gcnet recipes copy ar/vae_resnet my_recipe.yaml
    """
    from gcnet_core.files import write_text
    from gcnet_core.plugin_api import UserError, discover
    from gcnet_core.recipe import dump_recipe, find_recipe, load_recipe

    source = find_recipe(recipe)
    target = target or Path(source.name)
    if target.exists():
        raise UserError(f"{target}: exists already; give another name")
    text = source.read_text(encoding="utf-8")
    if re.search(r"^extends:", text, re.MULTILINE):
        comments = "".join(line + "\n" for line in text.splitlines() if line.startswith("#"))
        text = comments + dump_recipe(load_recipe(source, registry=discover()))
    write_text(target, MODELINE.sub("", text))
    tell(f"wrote {target}; for completion in editors: gcnet recipes schema --output schema.json, and begin the file")
    tell("with the line: # yaml-language-server: $schema=schema.json")


@app.command()
def check(
    recipe: Annotated[list[str], typer.Argument(help="Recipe files, or names of shipped recipes.")],
    override: Set = None,
    plugin: Plugin = None,
    json_output: Json = False,
) -> None:
    """Find everything that is wrong in recipes, without running them.

    Example: gcnet recipes check recipes/vae_resnet.yaml my_recipe.yaml
    """
    from gcnet_core.plugin_api import discover

    registry = discover(plugin or ())
    answers = [_checked(source, override or (), registry) for source in recipe]
    if json_output:
        print(json.dumps([answer.as_json() for answer in answers], indent=2))
    else:
        _print_answers(answers)
    if not all(answer.ok for answer in answers):
        raise typer.Exit(2)


@dataclass(frozen=True)
class _Checked:
    """Whether a recipe is right.

    Args:
        recipe: as the user named it.
        ok: whether it is right.
        problems: everything that is not, for `--json`.
        note: what a user should know of a recipe that is right.
        text: the problems for people.
    """

    recipe: str
    ok: bool = True
    problems: Sequence[dict[str, Any]] = ()
    note: str | None = None
    text: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"recipe": self.recipe, "ok": self.ok, "problems": list(self.problems), "note": self.note}


def _checked(source: str, overrides: Sequence[str], registry: "Registry") -> _Checked:
    """Whether a recipe is right, and everything that is not."""
    from gcnet_core.plugin_api import MissingData, UserError
    from gcnet_core.plugin_api.questions import ask
    from gcnet_core.recipe import RecipeError, load_recipe

    try:
        for part in load_recipe(source, overrides, registry).data_sets:
            ask(registry.parts[part.kind, part.type].origin, part.config, "info")
    except MissingData as missing:  # the recipe is right, its data are elsewhere
        return _Checked(source, note=str(missing))
    except RecipeError as error:
        problems = [{**vars(p.place), "message": p.message, "path": list(p.path)} for p in error.problems]
        return _Checked(source, ok=False, problems=problems, text=str(error))
    except UserError as error:
        return _Checked(source, ok=False, problems=[{"message": str(error)}], text=str(error))
    return _Checked(source)


def _print_answers(answers: Sequence[_Checked]) -> None:
    for answer in answers:
        tell(f"{answer.recipe}: ok" if answer.ok else answer.text, err=not answer.ok)
        if answer.note:
            tell(f"  note: {answer.note}")


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option(help="Write to this file.")] = None, plugin: Plugin = None
) -> None:
    """Print the JSON schema with which editors complete and check recipes.

    Example: gcnet recipes schema --output schema.json
    """
    from gcnet_core.files import write_text
    from gcnet_core.plugin_api import discover
    from gcnet_core.recipe import json_schema

    text = json.dumps(json_schema(discover(plugin or ())), indent=1)
    if output:
        write_text(output, text + "\n")
        tell(f"wrote {output}; a recipe begins with the line: # yaml-language-server: $schema={output.name}")
    else:
        tell(text)


def _print_table(columns: list[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    from gcnet_core.output.console import Console

    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
