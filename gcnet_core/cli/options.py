"""Options that several commands share."""

from typing import Annotated

import typer

Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the recipe; repeatable.")
]
Plugin = Annotated[list[str] | None, typer.Option(metavar="FILE|MODULE", help="Load a local plugin; repeatable.")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1 ...; default: the best there is.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
