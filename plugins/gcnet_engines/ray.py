"""Ray: tasks on the machines of a cluster, begun again where one dies."""

import os
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gcnet_core.interfaces import BuildContext, Ended, Engine, Task, TaskRunner
from gcnet_core.machine import available_cores
from gcnet_core.plugin_api import UserError
from gcnet_engines.config import RayConfig
from gcnet_engines.copied import packed, run_packed, unpack

LOOK = 1.0
"""Seconds after which the tasks are looked at again."""
PATIENCE = 60.0
"""Seconds that stopped tasks have to keep what they did."""
BYTES = 1024**3
"""In a GiB."""


class Ray(Engine):
    """Runs tasks on a cluster, or on this machine as a cluster of one."""

    config: RayConfig

    def __init__(self, config: RayConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
        try:
            import ray
        except ImportError as error:
            raise UserError("the engine ray needs ray, which is missing: pip install 'gcnet[ray]'") from error
        self.ray: Any = ray

    def run(self, tasks: Sequence[Task], workers: int) -> Generator[Ended, None, None]:
        """Hand over all, so many at a time."""
        if not tasks:
            return
        with self._connected():
            waiting, running = deque(tasks), dict[Any, Task]()
            try:
                while waiting or running:
                    while waiting and len(running) < workers:
                        task = waiting.popleft()
                        running[self._begin(task)] = task
                    done, _ = self.ray.wait(list(running), timeout=LOOK)
                    for answer in done:
                        yield self._ended(answer, running.pop(answer))
            except BaseException:
                self._stop(list(running))
                raise

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """A connection to the cluster; whoever has one already keeps it."""
        if self.ray.is_initialized():
            yield
            return
        here = {"address": "local", "num_cpus": available_cores(), "include_dashboard": False}
        where = {"address": self.config.address} if self.config.address else here
        try:
            self.ray.init(**where, log_to_driver=False, logging_level="ERROR")
        except Exception as error:  # a plain one where its processes did not start in time
            place = self.config.address or "this machine"
            raise UserError(f"--engine ray: no cluster at {place}: {' '.join(str(error).split())[:200]}") from error
        try:
            self._refuse_too_much()
            yield
        finally:
            self.ray.shutdown()

    def _refuse_too_much(self) -> None:
        """A cluster of this machine alone would wait for ever for what it has not."""
        there = self.ray.cluster_resources()
        for name, key, wanted in (("cores", "CPU", self.config.cores), ("gpus", "GPU", self.config.gpus)):
            if self.config.address is None and wanted > there.get(key, 0):
                raise UserError(f"--engine-set {name}={wanted:g}: this machine has {there.get(key, 0):g}")

    def _begin(self, task: Task) -> Any:
        """Hand a task over; what stands for its answer."""
        config = self.config
        memory = {"memory": int(config.memory * BYTES)} if config.memory else {}
        options = {"num_cpus": config.cores, "num_gpus": config.gpus, "max_retries": config.retries, **memory}
        if config.files == "shared":
            return self.ray.remote(**options)(run_shared).remote(task)
        return self.ray.remote(**options)(run_packed).remote(packed(task))

    def _ended(self, answer: Any, task: Task) -> Ended:
        try:
            given = self.ray.get(answer)
        except self.ray.exceptions.RayError as error:  # after all retries, or because of what the task itself raised
            told = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
            return Ended(task, 1, reason=f"Ray: {type(error).__name__}: {told.strip()}")
        return given if isinstance(given, Ended) else unpack(given, task)

    def _stop(self, answers: Sequence[Any]) -> None:
        for answer in answers:
            self.ray.cancel(answer)
        if answers:
            self.ray.wait(list(answers), num_returns=len(answers), timeout=PATIENCE)


def run_shared(task: Task) -> Ended:
    """Run a task on a machine that sees its files."""
    return TaskRunner()(task)
