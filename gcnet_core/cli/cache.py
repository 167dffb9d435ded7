"""`gcnet cache`: images that were decoded once, for all runs."""

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from gcnet_core.cli.options import Json
from gcnet_core.output.streams import tell

app = typer.Typer(invoke_without_command=True)


@app.callback()
def default(context: typer.Context) -> None:
    """Images that were decoded once, for all runs: list (the default), clear [NAME]...

    GCNET_CACHE names the folder, or `off`; GCNET_CACHE_GB says how many gigabytes are kept at most (default 50).

    Example: gcnet cache
    """
    if context.invoked_subcommand is None:
        list_entries()


@app.command("list")
def list_entries(json_output: Json = False) -> None:
    """List what is kept: the data, how many images, in which form, how large, and when they were used last.

    Example: gcnet cache list --json
    """
    from gcnet_core.data.cache.place import cache_folder, cache_limit
    from gcnet_core.data.cache.shelf import entries

    folder, limit = cache_folder(), cache_limit()
    found = [] if folder is None else entries(folder)[::-1]
    rows: list[dict[str, Any]] = [
        {
            "name": entry.name,
            "data": (about := entry.about()).get("data", "damaged"),
            "images": int(about.get("images", 0)),
            "prepared": about.get("prepared", ""),
            "megabytes": round(entry.size / 1e6, 1),
            "used": datetime.fromtimestamp(entry.used).astimezone().isoformat(timespec="seconds"),
        }
        for entry in found
    ]
    if json_output:
        print(json.dumps({"folder": folder and str(folder), "limit_gb": limit / 1e9, "entries": rows}, indent=2))
    elif folder is None:
        tell("the cache is switched off (GCNET_CACHE=off)")
    else:
        _print(rows)
        total = sum(entry.size for entry in found)
        tell(f"{folder}: {total / 1e9:.2f} GB of at most {limit / 1e9:g} GB (GCNET_CACHE_GB)")


@app.command()
def clear(
    names: Annotated[list[str] | None, typer.Argument(help="of entries, as `list` shows them; default: all")] = None,
    older_than: Annotated[
        float | None, typer.Option(metavar="DAYS", min=0, help="Only what was not used for so many days.")
    ] = None,
) -> None:
    """Remove what is kept; it is decoded again when it is needed. Runs that use it now go on.

    Example: gcnet cache clear --older-than 30
    """
    from gcnet_core.data.cache.place import cache_folder
    from gcnet_core.data.cache.shelf import clear as clear_entries

    folder = cache_folder()
    removed = [] if folder is None else clear_entries(folder, names or (), older_than)
    count = "1 entry" if len(removed) == 1 else f"{len(removed)} entries"
    tell(f"removed {count}, {sum(entry.size for entry in removed) / 1e6:,.1f} MB")


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from gcnet_core.output.console import Console
    from gcnet_core.output.visible import one_line

    table = Table("name", "data", "images", "prepared", "MB", "last use", box=None, header_style="bold")
    for row in rows:
        data, prepared = (Text(one_line(row[key])) for key in ("data", "prepared"))
        used = row["used"][:16].replace("T", " ")
        table.add_row(row["name"], data, f"{row['images']:,}", prepared, f"{row['megabytes']:,.1f}", used)
    if rows:
        Console().print(table)
