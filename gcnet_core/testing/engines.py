"""Promises of engines. Their tasks are commands of gcnet that end at once."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gcnet_core.interfaces import Ended, Engine, Task
from gcnet_core.plugin_api.switch import VARIABLE
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.environment.process_state import leaves_no_trace
from gcnet_core.testing.every_part.common import is_of_its_kind

SAYS_ITS_VERSION = ("--version",)
FAILS = ("recipes", "check", "no/such/recipe")


@contextmanager
def _tasks(*commands: tuple[str, ...], **environment: str) -> Iterator[list[Task]]:
    """Tasks whose files lie in a temporary folder, named relative to it as those of a user may be."""
    with tempfile.TemporaryDirectory() as name:
        place = Path("with spaces") / "<b> and [brackets]"
        yield [
            Task(f"task {number}", words, place / f"{number}.log", place / str(number), (), Path(name), environment)
            for number, words in enumerate(commands)
        ]


def _log(task: Task) -> str:
    path = task.directory / task.log
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


@check(is_of_its_kind)
def ends_at_once_without_tasks(case: Case) -> None:
    """Without tasks nothing ends."""
    engine: Engine = case.build()
    if list(engine.run([], 1)):
        raise ContractError("run told of a task, and there was none")


@check(ends_at_once_without_tasks)
def runs_each_task_once(case: Case) -> None:
    """Each task is run once, in its folder, and ended once, with all that it said at the end of its log."""
    engine: Engine = case.build()
    with _tasks(*[SAYS_ITS_VERSION] * 3) as tasks:
        first = tasks[0].directory / tasks[0].log
        first.parent.mkdir(parents=True)
        first.write_text("what an earlier one said\n")
        found: list[Ended] = list(engine.run(tasks, 2))
        if not all(isinstance(ended, Ended) for ended in found):
            raise ContractError(f"run yields {found[0]!r:.80}; yield gcnet_core.interfaces.Ended")
        if sorted(ended.task.name for ended in found) != [task.name for task in tasks]:
            raise ContractError(f"of three tasks, {', '.join(ended.task.name for ended in found) or 'none'} ended")
        if any(ended.task not in tasks for ended in found):
            raise ContractError("a task that ended is not the one that was given; yield `Ended(task, ...)` with that")
        for task in tasks:
            if _log(task).count("gcnet ") != 1:
                raise ContractError(f"its log holds {_log(task)[:80]!r}, not what a task said, once; use TaskRunner")
        if "earlier" not in _log(tasks[0]):
            raise ContractError("what an earlier process said is gone from the log; add to it")


@check(runs_each_task_once)
def tells_how_each_ended(case: Case) -> None:
    """A task that fails has the exit code of its process, and harms no other; the time that each took is told."""
    engine: Engine = case.build()
    with _tasks(FAILS, SAYS_ITS_VERSION) as tasks:
        codes = {}
        for ended in engine.run(tasks, 1):
            codes[ended.task.name] = ended.code
            if not 0 < ended.seconds < 3600:
                raise ContractError(f"a task took {ended.seconds} seconds, it says")
        if codes != {"task 0": 2, "task 1": 0}:
            raise ContractError(f"exit codes 2 and 0 are told as {codes}")
        if "no/such/recipe" not in _log(tasks[0]):
            raise ContractError("what a task says to standard error is missing in its log")


@check(runs_each_task_once)
def hands_on_the_environment(case: Case) -> None:
    """A task sees the variables that it needs."""
    engine: Engine = case.build()
    with _tasks(("plugins", "list"), **{VARIABLE: "-unheardof"}) as tasks:
        (ended,) = engine.run(tasks, 1)
        if ended.code == 0 or "unheardof" not in _log(tasks[0]):
            raise ContractError("a task does not see its `environment`; use TaskRunner, or pass it on")


@check(runs_each_task_once)
def stops_when_it_is_closed(case: Case) -> None:
    """Closed after the first task ended, it begins no other, waits for those that run, and can run others later."""
    engine: Engine = case.build()
    with _tasks(*[SAYS_ITS_VERSION] * 8) as tasks:
        with closing(engine.run(tasks, 1)) as endings:
            next(endings)
        if all(_log(task) for task in tasks):
            raise ContractError("all tasks were run, though it was closed after the first; stop what is running")
        if not list(engine.run(tasks[:1], 1)):
            raise ContractError("once it was closed it runs nothing any more")


@check(runs_each_task_once)
def leaves_the_process_as_it_is(case: Case) -> None:
    """Running sets no seed and no setting that others share, changes no variable, and prints nothing."""
    engine: Engine = case.build()
    variables = dict(os.environ)
    with _tasks(SAYS_ITS_VERSION) as tasks:
        leaves_no_trace(lambda: list(engine.run(tasks, 1)), "running")
    changed = [name for name in {*variables, *os.environ} if variables.get(name) != os.environ.get(name)]
    if changed:
        raise ContractError(f"running changed the variable {changed[0]}; give it to the process alone")


CHECKS = (
    ends_at_once_without_tasks, runs_each_task_once, tells_how_each_ended, hands_on_the_environment,
    stops_when_it_is_closed, leaves_the_process_as_it_is,
)  # fmt: skip
