"""Promises of data sets: how their pictures are read."""

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np

from gcnet_core.data.faces import image_names
from gcnet_core.data.pixels import EXPECTED, described, is_picture
from gcnet_core.interfaces import Dataset
from gcnet_core.plugin_api import NEUTRAL, UserError
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.datasets.listing import built, lists_samples
from gcnet_core.testing.environment.process_state import leaves_no_trace

READ, READ_AGAIN = 48, 16
"""So many pictures of a data set are read at most, spread over all of them; once, and again and again."""
THREADS = 8
UNKNOWN = "no/such picture.png"


def some_names(dataset: Dataset, count: int = READ) -> list[str]:
    """Names of pictures, references among them, spread over the whole data set."""
    names = image_names(dataset.samples)
    return [names[index] for index in np.unique(np.linspace(0, len(names) - 1, count).astype(int))]


@check(lists_samples)
def reads_pictures(case: Case) -> None:
    """Images and references are read as uint8 from 0 to 255, [height, width, 1 or 3], for grey and colour recipes."""
    brightest = 0
    for channels in (case.channels, 4 - case.channels):
        dataset = built(case.with_channels(channels))
        for name in some_names(dataset):
            pixels = dataset.read(name)
            if not is_picture(pixels):
                raise ContractError(f"read({name!r}) gave {described(pixels)}; expected {EXPECTED}")
            brightest = max(brightest, int(pixels.max()))
    if brightest <= 1:
        raise ContractError(f"no pixel is brighter than {brightest}; pixels go from 0 to 255, not from 0 to 1")


@check(reads_pictures)
def reads_the_same_again(case: Case) -> None:
    """A name gives the same pixels in whatever order it is read, under any random seed, and by a new object too."""
    dataset = built(case)
    names = some_names(dataset, READ_AGAIN)
    given = {name: dataset.read(name) for name in names}
    copies = {name: pixels.copy() for name, pixels in given.items()}
    np.random.seed(1)
    again = {name: dataset.read(name).copy() for name in reversed(names)}
    fresh = built(case, seed=1)
    anew = {name: fresh.read(name) for name in reversed(names)}
    for name in names:
        if not np.array_equal(given[name], copies[name]):
            raise ContractError(
                f"the pixels of {name!r} changed after they were given; give each picture an array of its own"
            )
        if not np.array_equal(copies[name], again[name]) or not np.array_equal(copies[name], anew[name]):
            raise ContractError(
                f"read({name!r}) gave other pixels the second time; what it reads is decided by its name"
            )


@check(reads_the_same_again)
def reads_in_threads(case: Case) -> None:
    """Eight threads that read at a time get the same pixels as one."""
    dataset = built(case)
    names = some_names(dataset, READ_AGAIN)
    alone = {name: dataset.read(name).copy() for name in names}
    shared = built(case)

    def differs(name: str) -> bool:
        return not np.array_equal(shared.read(name), alone[name])

    with _impatient_threads(type(dataset)), ThreadPoolExecutor(THREADS) as pool:
        for name, wrong in zip(names * 2, pool.map(differs, names * 2), strict=True):
            if wrong:
                raise ContractError(f"read({name!r}) gave other pixels while other threads read; keep nothing in self")


@contextmanager
def _impatient_threads(implementation: type) -> Iterator[None]:
    """Threads take turns as often as they can, and after every line of the data set's own module."""
    files = {getattr(sys.modules[owner.__module__], "__file__", None) for owner in implementation.__mro__}
    own_files = {file for file in files if file and f"{os.sep}gcnet_core{os.sep}" not in file}

    def give_way(frame: FrameType, event: str, value: object) -> Any:
        if frame.f_code.co_filename not in own_files:
            return None
        if event == "line":
            time.sleep(0)
        return give_way

    interval, traced = sys.getswitchinterval(), threading.gettrace()
    sys.setswitchinterval(1e-6)
    threading.settrace(give_way)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        threading.settrace(traced)


@check(lists_samples)
def refuses_unknown_names(case: Case) -> None:
    """A name that it does not have raises a UserError that names it."""
    refuses(built(case), UNKNOWN, UNKNOWN, f"read({UNKNOWN!r})")


def refuses(dataset: Dataset, name: str, file: str, what: str) -> None:
    """Raise if reading does not end with an error for people that names the picture.

    Args:
        dataset: to be asked.
        name: of a picture.
        file: how it is named in the error.
        what: is asked, for the message.
    """
    try:
        given = dataset.read(name)
    except UserError as error:
        if file not in str(error):
            raise ContractError(f"{what} raised {error}, which does not name {file}") from error
        return
    except Exception as error:
        raise ContractError(
            f"{what} raised {type(error).__name__}; raise a UserError with a text for people"
        ) from error
    raise ContractError(f"{what} gave {described(given)}; raise a UserError")


@check(reads_the_same_again)
def shows_what_it_names(case: Case) -> None:
    """Names do not all give one picture, and most references are another picture than their expressive image."""
    dataset = built(case)
    pixels = [dataset.read(name) for name in some_names(dataset, READ_AGAIN)]
    busy = [picture for picture in pixels if picture.min() < picture.max()]
    if len(busy) > 2 and _all_equal(busy):
        raise ContractError("all names give the same pixels; read the picture that is named")
    pairs = [
        (sample.image, sample.reference)
        for sample in dataset.samples
        if sample.reference is not None and sample.expression != NEUTRAL
    ][:READ_AGAIN]
    if not pairs:
        raise DoesNotApply("no expressive picture has a reference")
    copies = [image for image, reference in pairs if _is_copy(dataset.read(image), dataset.read(reference))]
    if len(copies) > len(pairs) / 2:
        raise ContractError(f"the reference of {copies[0]!r} shows the very same pixels; it must show the neutral face")


def _all_equal(pictures: Sequence[np.ndarray]) -> bool:
    return all(np.array_equal(picture, pictures[0]) for picture in pictures)


def _is_copy(image: np.ndarray, reference: np.ndarray) -> bool:
    return bool(image.min() < image.max()) and np.array_equal(image, reference)


@check(lists_samples)
def leaves_the_process_as_it_is(case: Case) -> None:
    """Listing and reading set no seed and no setting that others share, and print nothing."""

    def use() -> None:
        case.part.config.info()
        dataset: Dataset = case.context.build(case.part)
        for name in some_names(dataset, 8):
            dataset.read(name)

    leaves_no_trace(use, "the data set")


CHECKS = (
    reads_pictures, reads_the_same_again, reads_in_threads, refuses_unknown_names, shows_what_it_names,
    leaves_the_process_as_it_is,
)  # fmt: skip
