"""The command `gcnet`. Commands are imported when they are called, what they need when they need it."""

import os
import sys

# Threads that spin long while they wait make small networks 6 to 40 times slower on a busy machine (DESIGN, measured;
# tests/benchmarks/threads.py); those that sleep at once make them slower on a quiet one. So they spin a moment, about
# a microsecond, then sleep. It must be set before anything loads OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import traceback
from typing import Annotated, NoReturn

import typer

from gcnet_core.cli.anywhere import AnywhereGroup
from gcnet_core.cli.commands import add_commands
from gcnet_core.cli.options import INTERRUPTED, Stopped
from gcnet_core.cli.stopping import exit_code, how_to_go_on, stoppable
from gcnet_core.errors import PluginError, RunFailed, UserError
from gcnet_core.faults import CannotWrite, cannot_do, machine_fault
from gcnet_core.output.streams import protect_streams, tell

TRACEBACK = "GCNET_TRACEBACK"
"""Environment variable of `--traceback`: the jobs of a comparison, which are processes, see it too."""

app = typer.Typer(
    name="gcnet",
    cls=AnywhereGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    no_plugin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Leave out a plugin, by its entry point or distribution; repeatable, anywhere in the line. "
            "GCNET_PLUGINS=-NAME does the same, GCNET_PLUGINS=NAME,NAME loads these alone.",
        ),
    ] = None,
    show_traceback: Annotated[
        bool,
        typer.Option("--traceback", envvar=TRACEBACK, help="Show where an error comes from; anywhere in the line."),
    ] = False,
) -> None:
    """Facial expression recognition by generative-contrastive networks (GCNet, arXiv 1703.07140).

    Example: gcnet run recipes/vae_resnet.yaml
    """
    if version:
        from gcnet_core.version import __version__

        typer.echo(f"gcnet {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit
    if no_plugin:
        from gcnet_core.plugin_api import leave_out

        leave_out(no_plugin)
    os.environ[TRACEBACK] = "1" if show_traceback else "0"


add_commands(app)


def main() -> None:
    """Run the command; exit with 0 (done), 1 (failed), 2 (bad input), or 128 and the signal that stopped it."""
    protect_streams()
    with stoppable():
        try:
            app()
        except UserError as error:
            fault = machine_fault(error) if isinstance(error, PluginError) else None  # the part is not to blame
            _end(fault or error, 1 if fault else 2)
        except RunFailed as error:
            _end(error, 1)
        except (KeyboardInterrupt, Stopped):
            sys.exit(exit_code())
        except BaseException as error:  # `sys.exit` in a plugin too
            fault = machine_fault(error)
            if fault is not None:
                _end(fault, 1)
            blamed = _plugin_fault(error)
            if blamed is not None:
                _end(blamed, 2)
            if isinstance(error, SystemExit) and error.code == INTERRUPTED:
                again = how_to_go_on()
                tell(f"stopped; to go on: {again}" if again else "stopped", err=True)
                sys.exit(exit_code())
            if isinstance(error, OSError) and error.errno:
                _end(cannot_do(error), 1)
            raise


def _plugin_fault(error: BaseException) -> UserError | None:
    """The part that is to blame for an error; none where no plugin was looked for, as for `--help`."""
    if "gcnet_core.plugin_api" not in sys.modules:
        return None
    from gcnet_core.plugin_api import plugin_fault

    return plugin_fault(error)


def _end(error: Exception, code: int) -> NoReturn:
    """Tell an error in a sentence, with all that led to it if that was asked for, and stop."""
    tell(error, err=True)
    again = how_to_go_on() if isinstance(error, CannotWrite) and error.full else None
    if again:
        tell(f"to go on: {again}", err=True)
    if os.environ.get(TRACEBACK) == "1":
        traceback.print_exception(error)
    sys.exit(code)
