"""What becomes of recipes that were damaged: mutates all shipped ones and counts what ended in what.

`python tests/benchmarks/mutated_recipes.py --tries 10000` at the root of the repository. Each try takes a shipped
recipe or one of its bases, changes its bytes, lines, values, tags or structure by a seeded generator, and loads it with
every check that needs no images. It must end as a recipe or as problems with file, line and column. An exception of any
other class, and whatever computes for more than 10 seconds, is a fault and is printed with the number of its try;
`--only N` repeats it. The address space is limited to 4 GiB above what is taken at the start, so that what asks for
more is a fault too. `tests/recipes/test_mutated.py` is the same with few tries.
"""

import argparse
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gcnet_core.plugin_api import Registry, UserError, discover
from gcnet_core.recipe import dump_recipe, load_recipe, shipped_folder, shipped_recipes
from gcnet_core.recipe.problems import RecipeError

SECONDS = 10
ROOM = 4 * 2**30
PLACED = re.compile(r".*:\d+:\d+: .+|and [\d,]+ more", re.DOTALL)
VALUES = (
    "!!int x", "!!bool x", "!!float", "!!binary aGk=", "!!timestamp x", "!foo 1", "1:2.3", "0o9", "0x", "1e999",
    ".inf", "-.inf", ".nan", "~", "null", "true", "''", "[]", "{}", "[1, 2]", "{a: 1}", "9" * 24, "9" * 5000, "-1",
    "0", "1e-400", "10000000000", "1000000000000", '"\\0"', '"\\ud800"', '"\\U00110000"', "*nobody", "&a [*a]",
    "!!set {a}", "../x", "/", "~/x", "CON", "${NOBODY}", "${HOME}", "${X:-!!int x}", "|\n  x", "2020-01-01",
    "\u202ex", "é", "💥", "<<", "? [a]", "[" * 60, "{a: " * 60, "x" * 100_000, "- - - 1", "@", "`", "%", "!", "&",
    "*", "---", "...", "\t", "1_000", "0b12",
)  # fmt: skip
LINES = (
    "---", "...", "%YAML 1.1", "%YAML 9.9", "%TAG ! x", "extends: .", "extends: /dev/zero", "extends: [a, [b]]",
    "? a", "<<: {a: 1}", "a: &a [x,x]", "b: *a", "- 1", "\tseed: 1", "seed: 1", "name: ../../x", "null: 1", "1: 1",
    "[a]: 1", "{a: 1}: 1", "'", '"', "#", "extends: case.yaml", "labels: {a: null}", "data: [[]]",
    "model: {type: {}}", "losses: {a: [a]}", "training: {stages: []}",
)  # fmt: skip
OTHER_KEYS = ("<<", "? x", "type", "", "[a]", "x")


def _bytes(text: str, draw: random.Random) -> bytes:
    data = bytearray(text.encode())
    for _ in range(draw.choice((1, 1, 2, 5, 50))):
        place = draw.randrange(len(data))
        action = draw.randrange(3)
        if action == 0:
            data[place] = draw.randrange(256)
        elif action == 1:
            data.insert(place, draw.randrange(256))
        else:
            del data[place : place + draw.choice((1, 1, 10))]
    return bytes(data)


def _lines(text: str, draw: random.Random) -> bytes:
    lines = text.splitlines()
    for _ in range(draw.choice((1, 1, 2, 4))):
        place, action = draw.randrange(len(lines)), draw.randrange(6)
        if action == 0:
            del lines[place]
        elif action == 1:
            lines.insert(place, lines[draw.randrange(len(lines))])
        elif action == 2:
            lines[place] = draw.choice(("  ", " ", "    ", "\t")) + lines[place]
        elif action == 3:
            lines[place] = lines[place].lstrip()
        elif action == 4:
            lines.insert(place, draw.choice(("", "  ", "    ")) + draw.choice(LINES))
        else:
            draw.shuffle(lines)
        lines = lines or [""]
    return "\n".join(lines).encode()


def _values(text: str, draw: random.Random) -> bytes:
    places = list(re.finditer(r"(?<=: )[^\s#{\[,}\]][^,}\]\n]*", text))
    for match in _some(places, draw):
        value = draw.choice(VALUES) if draw.random() < 0.7 else draw.choice(places)[0]
        text = text[: match.start()] + value + text[match.end() :]
    return text.encode("utf-8", "surrogatepass")


def _structure(text: str, draw: random.Random) -> bytes:
    keys = list(re.finditer(r"[\w.]+(?=:(?: |\n))", text))
    for match in _some(keys, draw):
        other = draw.choice((draw.choice(keys)[0], match[0][:-1], match[0].upper(), draw.choice(OTHER_KEYS)))
        text = text[: match.start()] + other + text[match.end() :]
    return text.encode()


def _some(matches: list["re.Match[str]"], draw: random.Random) -> list["re.Match[str]"]:
    """One, two or three of the matches, the last first."""
    chosen = draw.sample(matches, min(len(matches), draw.choice((1, 1, 2, 3))))
    return sorted(chosen, key=lambda match: -match.start())


def _characters(text: str, draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 3, 10))):
        place = draw.randrange(len(text))
        text = text[:place] + draw.choice("{}[],:&*!|>'\"%@`#?-~<=\\\0\x07\x85\u2028\ufeff \t\n") + text[place + 1 :]
    return text.encode(draw.choice(("utf-8", "utf-8", "utf-8", "utf-16", "utf-8-sig", "cp1252", "utf-32")), "replace")


MUTATIONS: tuple[Callable[[str, random.Random], bytes], ...] = (_bytes, _lines, _values, _structure, _characters)


def sources(registry: Registry) -> list[tuple[str, str]]:
    """Folder and text of all recipes and bases that are shipped, and of some of them with every value written out."""
    files = sorted(shipped_folder().rglob("*.yaml"))
    folders = [path.parent.relative_to(shipped_folder()).as_posix() for path in files]
    texts = [path.read_text(encoding="utf-8") for path in files]
    names = list(shipped_recipes())[::20]
    whole = [(".", dump_recipe(load_recipe(name, registry=registry))) for name in names]
    return [*zip(folders, texts, strict=True), *whole]


class Slow(BaseException):
    """A try took too long; no `except Exception` stops it."""


@contextmanager
def watched(seconds: int) -> Iterator[None]:
    """Ends what computes longer, or waits for anything twelve times as long: a busy machine is no fault."""

    def ring(*args: object) -> None:
        raise Slow

    before = [(number, signal.signal(number, ring)) for number in (signal.SIGALRM, signal.SIGPROF)]
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(12 * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for number, handler in before:
            signal.signal(number, handler)


def outcome(number: int, texts: list[tuple[str, str]], registry: Registry, folder: Path) -> tuple[str, str]:
    """What a try ends in: `recipe`, `problems`, or a fault with its traceback.

    Args:
        number: of the try, its seed.
        texts: to choose from, with their folders.
        registry: where parts are looked up.
        folder: with a copy of the shipped recipes, among which the try is written as case.yaml.
    """
    draw = random.Random(number)
    mutate = MUTATIONS[number % len(MUTATIONS)]
    place, text = draw.choice(texts)
    path = folder / place / "case.yaml"
    path.write_bytes(mutate(text, draw))
    overrides = [f"{draw.choice(('seed', 'name', 'training.batch_size', 'image', 'a.b'))}={draw.choice(VALUES)}"]
    try:
        with watched(SECONDS):
            recipe = load_recipe(path, overrides if draw.random() < 0.1 else (), registry)
            dump_recipe(recipe)
    except RecipeError as error:
        told = str(error)
        unplaced = [line for line in _problems(error) if not PLACED.fullmatch(line)]
        return ("problem without a place", unplaced[0]) if unplaced or not told else ("problems", "")
    except Slow:
        return f"more than {SECONDS} s", traceback.format_exc()[-2000:]
    except UserError as error:
        return "another UserError", str(error)[:500]
    except BaseException as error:
        return type(error).__name__, traceback.format_exc()[-3000:]
    return "recipe", ""


def _problems(error: RecipeError) -> list[str]:
    """Each problem as it is told; places in overrides are named by their texts."""
    return [str(problem) for problem in error.problems if not problem.place.file.startswith("--set")]


def main() -> None:
    """Run the tries and print what they ended in."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first try")
    parser.add_argument("--only", type=int, help="repeat one try, and keep its recipe as mutated.yaml")
    arguments: Any = parser.parse_args()
    registry, here = discover(), Path.cwd()
    found: Counter[str] = Counter()
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    numbers = (
        [arguments.only] if arguments.only is not None else range(arguments.first, arguments.first + arguments.tries)
    )
    slowest, began = 0.0, time.process_time()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "recipes"
        shutil.copytree(shipped_folder(), folder)
        os.chdir(folder)  # where the data of the recipes are not: listing them is another matter, and takes long
        texts = sources(registry)
        for number in numbers:
            started = time.process_time()
            ended, detail = outcome(number, texts, registry, folder)
            slowest = max(slowest, time.process_time() - started)
            found[ended] += 1
            if ended not in ("recipe", "problems"):
                print(f"try {number}: {ended}\n{detail}", flush=True)
        if arguments.only is not None:
            (here / "mutated.yaml").write_bytes(next(folder.rglob("case.yaml")).read_bytes())
    print(f"{sum(found.values())} tries in {time.process_time() - began:.0f} s of CPU, the slowest {slowest:.1f} s")
    for ended, count in found.most_common():
        print(f"{count:6} {ended}")
    sys.exit(bool(found.keys() - {"recipe", "problems"}))


if __name__ == "__main__":
    main()
