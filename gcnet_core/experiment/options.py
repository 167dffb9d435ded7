"""How to run a recipe, as opposed to what it says."""

from dataclasses import dataclass, field
from pathlib import Path

from gcnet_core.output.console import Console


@dataclass(frozen=True)
class Options:
    """How to run a recipe, as opposed to what it says.

    Args:
        output: the run folder; default: a new one below `runs/`.
        resume: go on with an unfinished run.
        device: name of the device; default: the best one.
        threads: CPU threads; default: as the recipe says.
        smoke: a few steps of each stage, to see that everything works.
        console: where progress goes.
    """

    output: Path | None = None
    resume: bool = False
    device: str | None = None
    threads: int | None = None
    smoke: bool = False
    console: Console = field(default_factory=Console)
