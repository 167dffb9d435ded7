"""Options that several commands share."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from typing import Annotated

import typer

Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of the recipe; repeatable.")
]
Plugin = Annotated[list[str] | None, typer.Option(metavar="FILE|MODULE", help="Load a local plugin; repeatable.")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1 ...; default: the best there is.")]
INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


class Stopped(SystemExit):
    """Ends a command after Ctrl-C that has said itself what is left of its work."""

    def __init__(self) -> None:
        super().__init__(INTERRUPTED)


def check_device(name: str | None) -> None:
    """Tell that a named device does not exist; torch, which knows, is loaded only for another one than the CPU.

    Raises:
        UserError: if it does not exist, or cannot be used.
    """
    if name not in (None, "cpu"):
        from gcnet_core.training.resources import choose_device

        choose_device(name)


@contextmanager
def only_json(wanted: bool) -> Iterator[None]:
    """Where JSON is wanted, whatever parts print while they work goes to standard error, so that a script can read."""
    with redirect_stdout(sys.stderr) if wanted else nullcontext():
        yield
