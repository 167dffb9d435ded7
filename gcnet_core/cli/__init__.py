"""The command `gcnet`. Bodies import lazily: `--help` must not wait for torch."""

import os
import sys

# Threads that spin long while they wait make small networks 6 to 40 times slower on a busy machine (DESIGN, measured;
# tests/benchmarks/threads.py); those that sleep at once make them slower on a quiet one. So they spin a moment, about
# a microsecond, then sleep. It must be set before anything loads OpenMP.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

import typer

from gcnet_core.cli import compare, data, evaluate, plugins, recipes, report, run
from gcnet_core.plugin_api import RunFailed, UserError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

app = typer.Typer(
    name="gcnet",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def version(show: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    """Facial expression recognition by generative-contrastive networks (GCNet, arXiv 1703.07140).

    Example: gcnet run recipes/vae_resnet.yaml
    """
    if show:
        from gcnet_core import __version__

        typer.echo(f"gcnet {__version__}")
        raise typer.Exit


app.command("run")(run.command)
app.command("compare")(compare.command)
app.command("evaluate")(evaluate.command)
app.command("report")(report.command)
app.add_typer(data.app, name="data")
app.add_typer(recipes.app, name="recipes")
app.add_typer(plugins.app, name="plugins")


def main() -> None:
    """Run the command; exit with 0 (done), 1 (failed) or 2 (bad input)."""
    try:
        app()
    except UserError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except RunFailed as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print("stopped; `gcnet run --resume`, or the same comparison with its --output, goes on", file=sys.stderr)
        raise
