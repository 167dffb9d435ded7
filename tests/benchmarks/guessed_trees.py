"""Random trees of folders, lists and pictures: never a traceback, every file used or left out; and who read them.

python tests/benchmarks/guessed_trees.py --trees 3000
"""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from gcnet_core.plugin_api import discover
from tests.plugins.random_trees import read_as, trees, write_tree


def main() -> None:
    """Read trees until one breaks a promise; hypothesis then shows the smallest one that does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trees", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    chosen, registry, counts = parser.parse_args(), discover(), Counter[str]()

    @seed(chosen.seed)
    @settings(max_examples=chosen.trees, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(trees)
    def look(tree: dict[str, bytes]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            counts[read_as(write_tree(Path(folder) / "data", tree), registry)] += 1

    look()
    print(f"{counts.total():,} trees: " + ", ".join(f"{name} {count:,}" for name, count in counts.most_common()))


if __name__ == "__main__":
    main()
