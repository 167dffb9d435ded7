"""How many seeded faults the contract kit catches, and whether it accuses a good part.

    python tests/benchmarks/contract_faults/run.py generator loss ...
    python tests/benchmarks/contract_faults/run.py unseen/generator --only "a fault" --verbose

The tables under `unseen/` were written by people who had not seen the kit, and nothing in the kit was written for them
before they were first run; docs/contract.md has the figures of that run.

Each kind is a file beside this one with

- `GOOD: dict[str, str]`: by name, the source of a plugin module that defines one part called `part`
  (its target is `f"{__name__}:Class"`);
- `FAULTS: list[tuple[str, str, str, str]]`: name of the fault, name of the good source, old text, new text;
- if the part needs them, `OPTIONS: dict[str, Any]`, and `NEEDED: dict[str, str]` of files (text by relative path) that
  stand in the current folder.

Every part is checked in a process of its own, because faults may spoil the state of the process.
"""

import argparse
import contextlib
import importlib.util
import io
import multiprocessing
import os
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from types import ModuleType

os.environ["OMP_NUM_THREADS"] = "1"

import torch._dynamo

from gcnet_core.plugin_api import discover
from gcnet_core.testing import Case, run_checks

HERE = Path(__file__).parent
SECONDS = 180
"""After which a part counts as caught: a check that does not end is noticed by everybody."""


def table_of(kind: str) -> ModuleType:
    """The good sources and faults of a kind."""
    spec = importlib.util.spec_from_file_location(f"faults_of_{Path(kind).name}", HERE / f"{kind}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def broken_promises(kind: str, source: str, number: int, whole: bool) -> tuple[list[str], float]:
    """The first broken promise of one part or, on the whole, all of them, and the seconds of processor time."""
    table, started = table_of(kind), time.process_time()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        sys.path.insert(0, folder)
        for path, text in getattr(table, "NEEDED", {}).items():
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_text(text)
        file = Path(folder) / f"fault_{Path(kind).name}_{number}.py"
        file.write_text(source)
        try:
            case = Case(Path(kind).name, "part", getattr(table, "OPTIONS", {}), discover([str(file)]))
            broken = (f"{result.check}: {result.fault}" for result in run_checks(case) if result.fault)
            said = list(islice(broken, None if whole else 1))
        except Exception as error:
            said = [f"cannot be loaded: {error}"]
        os.chdir("/")
    return said, time.process_time() - started


def sources_of(kind: str, only: str) -> list[tuple[str, bool, str]]:
    """Name, whether it is good, and source of every part of a table."""
    table = table_of(kind)
    sources = [(name, True, text) for name, text in table.GOOD.items()]
    for name, good, old, new in table.FAULTS:
        if old not in table.GOOD[good]:
            raise SystemExit(f"{kind}: fault {name!r}: its text is not in the good source {good!r}")
        sources.append((name, False, table.GOOD[good].replace(old, new)))
    return [entry for entry in sources if only in entry[0]]


def report(kind: str, arguments: argparse.Namespace) -> bool:
    """Check all parts of a kind and print what was missed; whether every verdict was right."""
    sources = sources_of(kind, arguments.only)
    seconds: list[float] = []
    missed, alarms = 0, 0
    with multiprocessing.get_context("fork").Pool(arguments.workers, maxtasksperchild=1) as pool:
        jobs = [
            pool.apply_async(broken_promises, (kind, text, index, arguments.whole))
            for index, (*_, text) in enumerate(sources)
        ]
        for (name, good, _), job in zip(sources, jobs, strict=True):
            try:
                said, spent = job.get(SECONDS)
                seconds.append(spent)
            except multiprocessing.TimeoutError:
                said = [f"no end after {SECONDS} seconds"]
            missed += not good and not said
            alarms += good and bool(said)
            verdict = "FALSE ALARM" if good and said else "MISSED" if not good and not said else "ok"
            if verdict != "ok" or arguments.verbose:
                print(f"{verdict:<12}{kind}: {name}", *said, sep="\n    ", flush=True)
    faults = sum(not good for _, good, _ in sources)
    if arguments.markdown:
        caught = f"{faults - missed} of {faults} ({100 * (faults - missed) / max(faults, 1):.0f} %)"
        print(f"| {Path(kind).name} | {caught}, {alarms} of {len(sources) - faults} |")
    print(
        f"{kind}: {faults - missed} of {faults} faults caught, {alarms} false alarms on {len(sources) - faults} good "
        f"parts; at most {max(seconds):.1f} s of processor time a part"
    )
    return not missed and not alarms


def main() -> int:
    """Run the tables that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    everything = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in ("run", "sources"))
    parser.add_argument("kinds", nargs="*", default=everything)
    parser.add_argument("--only", default="", help="parts whose name contains this text")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--whole", action="store_true", help="go on after the first broken promise")
    parser.add_argument("--markdown", action="store_true", help="print the row of docs/contract.md too")
    parser.add_argument("--verbose", action="store_true", help="print every verdict")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch._dynamo.reset()  # imported before processes fork
    verdicts = [report(kind, arguments) for kind in arguments.kinds]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
