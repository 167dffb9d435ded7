"""Promises of data sets: the same list and pixels whoever looks, whenever and wherever the files lie."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from gcnet_core.data.picture_files import PICTURE_SUFFIXES, split_name
from gcnet_core.plugin_api import MissingData, UserError
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.datasets.listing import built, lists_samples, says_what_it_holds
from gcnet_core.testing.datasets.pictures import reads_pictures, reads_the_same_again, refuses, some_names
from gcnet_core.testing.environment.fresh_process import hash_seed_with_other_order, run_fresh

LARGEST_COPY = 32 << 20
"""Bytes of a folder that is copied to see what happens when it moves; a larger one is not."""
SLOW = 1.0
"""Seconds in which `info()` must have answered the second time."""
PLACES = ("folder", "file", "path", "root", "dir", "archive")
"""An option whose name holds one of these words may name a place by a single word."""

SAMPLES = """
import hashlib
from gcnet_core.interfaces import BuildContext
dataset = BuildContext(registry, image, classes).build(registry.part(kind, name, options))
answer = [repr(dataset.samples), [hashlib.sha256(dataset.read(name).tobytes()).hexdigest() for name in names]]
"""
INFO = """
before = "torch" in sys.modules
registry.part(kind, name, options).config.info()
answer = "torch" in sys.modules and not before
"""


@check(lists_samples)
def lists_the_same_every_time(case: Case) -> None:
    """Any object lists the same samples in the same order, however the file system sorts, also after reading."""
    dataset = built(case)
    before = dataset.samples
    np.random.seed(2)
    if built(case, seed=1).samples != before:
        raise ContractError("a second object lists other samples, or in another order; sort, and draw nothing")
    with _files_listed_backwards():
        if built(case).samples != before:
            raise ContractError("the order is that of the file system, which differs between machines; sort the files")
    for name in some_names(dataset, 8):
        dataset.read(name)
    if dataset.samples != before:
        raise ContractError("reading changed the samples")


@contextmanager
def _files_listed_backwards() -> Iterator[None]:
    """The file system lists the entries of every folder in the opposite order."""
    listdir, scandir = os.listdir, os.scandir

    class Backwards:
        def __init__(self, path: Any = ".") -> None:
            with scandir(path) as entries:
                self.entries = iter(list(entries)[::-1])

        def __iter__(self) -> Iterator[Any]:
            return self.entries

        def __next__(self) -> Any:
            return next(self.entries)

        def __enter__(self) -> "Backwards":
            return self

        def __exit__(self, *reason: object) -> None:
            self.close()

        def close(self) -> None:
            """Nothing is open any more."""

    with (
        mock.patch.object(os, "listdir", lambda path=".": listdir(path)[::-1]),
        mock.patch.object(os, "scandir", Backwards),
    ):
        yield


@check(lists_the_same_every_time, reads_the_same_again)
def is_the_same_in_another_process(case: Case) -> None:
    """Another process, whose sets and hashes are in another order, lists the same samples and reads the same pixels."""
    dataset = built(case)
    names = some_names(dataset, 6)
    columns = (
        [getattr(sample, field) or "" for sample in dataset.samples] for field in ("image", "subject", "expression")
    )
    words = [list(dict.fromkeys(column))[:50] for column in columns]
    samples, digests = run_fresh(case, SAMPLES, hash_seed_with_other_order(words), names=names)
    if samples != repr(dataset.samples):
        raise ContractError("another process lists other samples, or in another order; loop over no set, use no hash()")
    if digests != [hashlib.sha256(dataset.read(name).tobytes()).hexdigest() for name in names]:
        raise ContractError("another process reads other pixels under the same names; hash() differs between processes")


@check(says_what_it_holds)
def says_what_it_holds_at_once(case: Case) -> None:
    """`info()` imports no torch, decodes no pictures, and says the same, in less than a second, when asked again."""
    dataset, config = built(case), case.part.config
    if run_fresh(case, INFO):
        raise ContractError(
            "info() imports torch, and commands that only look at a recipe would; import it in the target"
        )
    with _decoding_counted(type(dataset)) as decoded:
        first = config.info()
    if decoded[0] >= max(len(dataset.samples) / 2, 1):
        raise ContractError(f"info() decoded {decoded[0]} pictures; list them without looking into them")
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        if config.info() != first:
            raise ContractError("info() says something else the second time")
        seconds.append(time.perf_counter() - start)
    if min(seconds) > SLOW:
        raise ContractError(f"info() takes {min(seconds):.1f} s each time; keep what it found, in a cached_property")


@contextmanager
def _decoding_counted(implementation: type) -> Iterator[list[int]]:
    """How many pictures are decoded, by the data set itself or by the usual libraries."""
    import cv2
    from PIL import ImageFile

    count = [0]

    def counted(function: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            count[0] += 1
            return function(*args, **kwargs)

        return call

    with ExitStack() as patches:
        for owner, name in (
            (implementation, "read"),
            (cv2, "imread"),
            (cv2, "imdecode"),
            (ImageFile.ImageFile, "load"),
        ):
            patches.enter_context(mock.patch.object(owner, name, counted(getattr(owner, name))))
        yield count


def places(case: Case) -> dict[str, Path]:
    """The options that name a file or folder which is there."""
    config, found = case.part.config, {}
    for key in type(config).model_fields:
        value = getattr(config, key)
        text = str(value) if isinstance(value, str | os.PathLike) else ""
        names_a_place = os.sep in text or any(word in key for word in PLACES)
        if text and names_a_place and Path(text).exists():
            found[key] = Path(text)
    return found


@check()
def says_what_is_missing(case: Case) -> None:
    """Where files are missing, `info()` and the constructor raise MissingData, which says what to put where."""
    gone = {key: f"{place}-that-is-not-there" for key, place in places(case).items()}
    if not gone:
        _told(case, "")
    for key, place in gone.items():
        elsewhere = replace(case, options={**case.options, key: place})
        if not _told(elsewhere, place):
            raise ContractError(f"{key}={place} is not there, and neither info() nor the constructor says so")
        list(elsewhere.part.config.check(_recipe_info(case)))


def _told(case: Case, place: str) -> bool:
    """Whether the data set says that files are missing; what it says must help."""
    part = case.part
    said = [_missing(part.config.info), _missing(lambda: case.context.build(part))]
    if said == [None, None]:
        return False
    if None in said:
        raise ContractError(f"the constructor and info() do not agree: {next(filter(None, said))}")
    for text in filter(None, said):
        if place not in text:
            raise ContractError(f"the text of MissingData does not name {place}: {text}")
        if len(text.replace(place, "").split()) < 6:
            raise ContractError(f"MissingData must say what to put where, not only {text!r}")
    return True


def _missing(ask: Any) -> str | None:
    """The text of the MissingData that is raised."""
    try:
        ask()
    except MissingData as missing:
        return str(missing)
    except Exception as error:
        raise ContractError(
            f"where files are missing it raises {type(error).__name__} ({error}); raise MissingData"
        ) from error
    return None


def _recipe_info(case: Case) -> Any:
    from gcnet_core.plugin_api import RecipeInfo

    return RecipeInfo(case.context.image, case.context.classes)


@check(reads_pictures)
def moves_with_its_folder(case: Case) -> None:
    """In a copy of its folder it lists the same, changes no file, and tells of a damaged picture by a UserError."""
    folders = {key: place for key, place in places(case).items() if place.is_dir()}
    if not folders:
        raise DoesNotApply("no option names a folder that is there")
    for key, folder in folders.items():
        files = [path for path in folder.rglob("*") if path.is_file()]
        if sum(path.stat().st_size for path in files) > LARGEST_COPY:
            raise DoesNotApply(f"{folder} is too large to be copied")
        with tempfile.TemporaryDirectory() as temporary:
            copy = Path(temporary) / "elsewhere"
            shutil.copytree(folder, copy)
            _check_copy(case, key, copy)


def _check_copy(case: Case, key: str, copy: Path) -> None:
    moved = replace(case, options={**case.options, key: str(copy)})
    before = _contents(copy)
    dataset = built(moved)
    if dataset.samples != built(case).samples:
        raise ContractError("a copy of the folder gives other samples; names must be relative to the folder")
    for name in some_names(dataset, 8):
        dataset.read(name)
    if _contents(copy) != before:
        raise ContractError("it writes into the folder of the data, which may be read-only or another's")
    for name in some_names(dataset, 8):
        file = copy / split_name(name)[0]
        if file.suffix.lower() in PICTURE_SUFFIXES and file.is_file():
            file.write_bytes(b"no picture")
            try:
                dataset = built(moved)
            except UserError:  # told even before it is read
                return
            refuses(dataset, name, file.name, f"a damaged file: read({name!r})")
            return


def _contents(folder: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file."""
    files = {path.relative_to(folder).as_posix(): path.stat() for path in folder.rglob("*") if path.is_file()}
    return {name: (found.st_size, found.st_mtime_ns) for name, found in sorted(files.items())}


CHECKS = (
    lists_the_same_every_time, is_the_same_in_another_process, says_what_it_holds_at_once, says_what_is_missing,
    moves_with_its_folder,
)  # fmt: skip
