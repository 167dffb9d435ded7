"""Many generated trees, lists and pictures through `gcnet data check`, `data prepare` and `predict --faces prepared`.

    python -m tests.benchmarks.reliability.data --trees 7000 --lists 3000 --pictures 1000

Never a traceback, never a hang, never a wordless error; and every file on disk is used, unreadable or left out. Prints
how many tries there were, how they ended, and the smallest input of each fault.
"""

import argparse
import contextlib
import functools
import json
import os
import shutil
import signal
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from gcnet_core import plugin_api
from tests.benchmarks.reliability.lists import lists
from tests.benchmarks.reliability.pictures import damaged_pictures
from tests.benchmarks.reliability.trees import Tree, on_disk, trees, write_tree
from tests.in_process import call
from tests.runs import environment

SECONDS = 120  # busy machines are slow
"""After which a command counts as hanging."""


def generating(count: int) -> settings:
    """So many inputs, each made by the strategy alone, however long one takes."""
    return settings(
        max_examples=count, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


class Hangs(BaseException):
    """A command did not end."""


class Tries:
    """What was tried and how it ended.

    Args:
        model: folder of a model, for `predict`.
    """

    def __init__(self, model: Path | None = None) -> None:
        self.model, self.ends, self.files = model, Counter[str](), Counter[str]()
        self.faults: dict[str, tuple[int, Any, str]] = {}
        self.fault_counts = Counter[str]()
        self.pipes: tuple[Path, ...] = ()

    def check(self, tree: Tree) -> None:
        """`gcnet data check` of a folder; the files in its answer are those on disk."""
        with self.written(tree) as root:
            answer = self.run(tree, "data", "check", str(root), "--json", "--detector", "none")
            if answer is None or answer.returncode == 2:
                return
            files = json.loads(answer.stdout)["counts"].get("files", {})
            self.files.update(files)
            disk = len(on_disk(root))
            if sum(files.values()) != disk:
                self.fault(tree, "the files do not add up", f"{files}, on disk {disk}")

    def prepare(self, tree: Tree) -> None:
        """`gcnet data prepare` of a folder."""
        with self.written(tree) as root:
            self.run(tree, "data", "prepare", str(root), str(root.parent / "out"), "--json", "--workers", "1")

    def predict(self, tree: Tree) -> None:
        """`gcnet predict --faces prepared` of a folder: a row for each picture in it."""
        with self.written(tree) as root:
            rows = root.parent / "rows.json"
            words = ("--faces", "prepared", "--output", str(rows), "--workers", "1", "--device", "cpu")
            answer = self.run(tree, "predict", str(self.model), str(root), *words)
            if answer is None or answer.returncode == 2:
                return
            told = json.loads(rows.read_text(encoding="utf-8"))
            if not {Path(row["file"]).suffix.lower() for row in told["rows"]} <= PICTURE_SUFFIXES | {
                ".gif",
                ".zip",
                "",
            }:
                self.fault(tree, "a row of no picture", str(told["rows"])[:200])
            if len(told["rows"]) != told["pictures"]:
                self.fault(tree, "rows and pictures differ", str(told)[:200])

    @contextlib.contextmanager
    def written(self, tree: Tree) -> Iterator[Path]:
        """A folder on disk, and room beside it."""
        place = Path(tempfile.mkdtemp(prefix="gcnet-reliability-"))
        try:
            root = place / "data"
            root.mkdir()
            write_tree(root, tree)
            self.pipes = tuple(root / name for name, content in tree.items() if content is None)
            yield root
        finally:
            shutil.rmtree(place)

    def run(self, tree: Tree, *words: str) -> Any:
        """Call the command; None if it ended in a fault, which is kept."""
        command = " ".join(word for word in words[:2] if not word.startswith("/"))
        try:
            with _limited(SECONDS, self.pipes):
                answer = call(words, Path(tempfile.gettempdir()), environment())
        except Hangs:
            self.ends[f"{command}: hangs"] += 1
            return self.fault(tree, f"{command} hangs", "")
        except Exception as error:
            self.ends[f"{command}: traceback"] += 1
            return self.fault(tree, f"{command}: {_place(error)}", f"{type(error).__name__}: {error}"[:300])
        self.ends[f"{command}: exit {answer.returncode}"] += 1
        if answer.returncode not in (0, 1, 2):
            return self.fault(tree, f"{command}: exit code {answer.returncode}", answer.stderr[:300])
        if answer.returncode == 2 and not answer.stderr.strip():
            return self.fault(tree, f"{command}: no word", "")
        if "Traceback" in answer.stderr or "\x1b" in answer.stderr:
            return self.fault(tree, f"{command}: traceback or control in its words", answer.stderr[-300:])
        return answer

    def fault(self, tree: Tree, sort: str, words: str) -> None:
        """Keep the smallest input of each sort of fault."""
        self.fault_counts[sort] += 1
        size = sum(10 + len(content or "") + len(name) for name, content in tree.items())
        if sort not in self.faults or size < self.faults[sort][0]:
            self.faults[sort] = (size, tree, words)

    def told(self) -> str:
        """All of it, for people."""
        lines = [f"{number:7,}  {end}" for end, number in sorted(self.ends.items())]
        lines += ["", "files: " + ", ".join(f"{number:,} {name}" for name, number in self.files.items())]
        lines += [f"\n{len(self.faults)} sorts of faults"]
        for sort, (_, tree, words) in self.faults.items():
            lines.append(f"- {self.fault_counts[sort]} x {sort}: {words}")
            lines += [f"    {name!r}: {_short(content)}" for name, content in tree.items()]
        return "\n".join(lines)


@contextlib.contextmanager
def known_parts() -> Iterator[None]:
    """Plugins are found once, not for each try."""
    with mock.patch.object(plugin_api, "discover", functools.cache(plugin_api.discover)):
        yield


@contextlib.contextmanager
def _limited(seconds: int, pipes: Sequence[Path]) -> Iterator[None]:
    """Ends what takes too long; threads that wait for a pipe are let go before."""

    def let_go() -> None:
        for pipe in pipes:
            os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))

    def stop(number: int, frame: object) -> None:
        raise Hangs

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    timer = threading.Timer(seconds + 0.5, let_go)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _place(error: BaseException) -> str:
    """Type of an exception, and the last line of gcnet that it went through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "gcnet_" in frame.filename]
    where = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {'/'.join(Path(where.filename).parts[-3:])}:{where.lineno}"


def _short(content: object) -> str:
    text = repr(content)
    return text if len(text) < 120 else f"{text[:100]}... ({len(text)})"


def as_tree(files: Sequence[tuple[str, bytes]]) -> Tree:
    """Pictures as class folders with people in their names."""
    classes = ("happy", "sad")
    return {
        f"{classes[number % 2]}/S{number // 2:02d}_{number}{suffix}": data
        for number, (suffix, data) in enumerate(files)
    }


def try_all(tries: Tries, number_of_trees: int, number_of_lists: int, pictures: int, key: int, minutes: float) -> None:
    """Make inputs and try them, as many as asked for or as the time allows."""
    end = time.monotonic() + 60 * minutes

    def each(count: int, strategy: st.SearchStrategy[Any], attempt: Any) -> None:
        if not count:
            return

        @seed(key)
        @generating(count)
        @given(strategy)
        def one(value: Any) -> None:
            if time.monotonic() < end:
                attempt(value)

        one()

    with known_parts():
        each(number_of_trees, trees(), tries.check)
        each(number_of_lists, lists(), tries.check)
        each(number_of_trees // 20, trees(), tries.prepare)
        each(number_of_lists // 20, lists(), tries.prepare)
        groups = st.lists(damaged_pictures(), min_size=4, max_size=4).map(as_tree)
        each(pictures // 4, groups, tries.check)
        each(pictures // 4, groups, tries.prepare)
        if tries.model:
            each(pictures // 4, groups, tries.predict)
            each(number_of_trees // 20, trees(), tries.predict)


def main() -> None:
    """Read the numbers from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("trees", 7000), ("lists", 3000), ("pictures", 1000), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--minutes", type=float, default=600, help="no new try after so long")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        from tests.inference.conftest import save

        options = {"encoder": {"type": "conv", "channels": [8, 8], "width": 8}, "classifier": {"type": "linear"}}
        save(plugin_api.discover(), Path(place), "cnn", options)
        tries = Tries(Path(place))
        try_all(tries, given.trees, given.lists, given.pictures, given.seed, given.minutes)
        print(tries.told())


if __name__ == "__main__":
    main()
