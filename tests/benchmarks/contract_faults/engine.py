"""An engine that is as it should be, and the same with a fault each; see run.py."""

IN_TURN = '''
import os
import random
from gcnet_core.interfaces import Ended, Engine, TaskRunner
from gcnet_core.plugin_api import ComponentSpec, EngineConfig, hookimpl


class Config(EngineConfig):
    """One after another."""


class InTurn(Engine):
    def run(self, tasks, workers):
        runner = TaskRunner()
        for task in tasks:
            ended = runner(task)
            yield ended


@hookimpl
def gcnet_components():
    return [ComponentSpec("engine", "part", Config, f"{__name__}:InTurn", "one after another")]
'''

GOOD: dict[str, str] = {"in_turn": IN_TURN}
RUN = "            ended = runner(task)\n"

FAULTS: list[tuple[str, str, str, str]] = [
    ("a task for none", "in_turn", "        runner = TaskRunner()\n", "        runner = TaskRunner()\n        if not tasks:\n            yield None\n"),
    ("the first alone", "in_turn", "for task in tasks:", "for task in tasks[:1]:"),
    ("told twice", "in_turn", "            yield ended\n", "            yield ended\n            yield ended\n"),
    ("run twice", "in_turn", RUN, RUN * 2),
    ("exit codes alone", "in_turn", "yield ended", "yield ended.code"),
    ("another task", "in_turn", "yield ended", "yield Ended(task.at(task.directory), ended.code, ended.seconds)"),
    ("a new log", "in_turn", RUN, "            (task.directory / task.log).unlink(missing_ok=True)\n" + RUN),
    ("always well", "in_turn", "yield ended", "yield Ended(task, 0, ended.seconds)"),
    ("no time", "in_turn", "yield ended", "yield Ended(task, ended.code)"),
    ("ends with the first failure", "in_turn", "            yield ended\n", "            yield ended\n            if ended.code:\n                return\n"),
    ("without variables", "in_turn", "runner(task)", "runner(__import__('dataclasses').replace(task, environment={}))"),
    ("all before it tells of one", "in_turn", "        for task in tasks:\n            ended = runner(task)\n            yield ended\n", "        yield from [runner(task) for task in tasks]\n"),
    ("variables of all", "in_turn", RUN, "            os.environ['GCNET_OF_A_TASK'] = task.name\n" + RUN),
    ("prints", "in_turn", RUN, "            print(task.name)\n" + RUN),
    ("seeds", "in_turn", RUN, "            random.seed(0)\n" + RUN),
]  # fmt: skip
