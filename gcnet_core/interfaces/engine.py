"""Engine: runs the jobs of a comparison, on this machine or on others."""

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence

from gcnet_core.interfaces.buildable import Buildable
from gcnet_core.interfaces.context import BuildContext
from gcnet_core.interfaces.task import Ended, Task
from gcnet_core.plugin_api import EngineConfig


class Engine(Buildable, ABC):
    """Runs tasks. It decides where and when, never whether one succeeded: that is read from the folder of its run.

    Args:
        config: the options that the user gives.
        context: not needed by most.

    Raises:
        UserError: if something that it needs, such as a library, is missing.
    """

    config: EngineConfig

    def __init__(self, config: EngineConfig, context: BuildContext) -> None:
        self.config = config

    @abstractmethod
    def run(self, tasks: Sequence[Task], workers: int) -> Generator[Ended, None, None]:
        """Run every task, each as `TaskRunner` does on the machine where it runs.

        A generator: where it is closed, or an exception goes through it, it begins no other task, stops what runs, and
        waits until that has kept what it did.

        Args:
            tasks: in the order in which they should begin.
            workers: how many run at a time at most.

        Yields:
            Each task once, as soon as it ended.

        Raises:
            UserError: if no task can be run, with what to do.
        """
