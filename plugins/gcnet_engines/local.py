"""This machine: processes side by side."""

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from gcnet_core.interfaces import Ended, Engine, Task, TaskRunner
from gcnet_engines.config import LocalConfig


class Local(Engine):
    """Runs each task as a process of its own: one that fails or is killed harms no other."""

    config: LocalConfig

    def run(self, tasks: Sequence[Task], workers: int) -> Generator[Ended, None, None]:
        """Run all, so many at a time."""
        runner = TaskRunner()
        with ThreadPoolExecutor(workers) as pool:
            try:
                for future in as_completed([pool.submit(runner, task) for task in tasks]):
                    yield future.result()
            except BaseException:  # the end of the generator, too
                pool.shutdown(wait=False, cancel_futures=True)
                runner.stop()
                raise
