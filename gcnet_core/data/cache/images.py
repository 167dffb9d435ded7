"""Images out of the cache, or decoded into it; whatever keeps the cache from working is told, and nothing is lost."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.cache.entry import Damaged, Pixels, read_entry, write_entry
from gcnet_core.data.cache.key import entry_key
from gcnet_core.data.cache.layout import SUFFIX, Layout
from gcnet_core.data.cache.place import cache_folder, cache_limit
from gcnet_core.data.cache.shelf import NoRoom, make_room, note_use
from gcnet_core.locks import waiting_for
from gcnet_core.plugin_api import ImageConfig
from gcnet_core.temporary import OURS, PART

Prepared = Iterator[tuple[UInt8[np.ndarray, "channel height width"], int]]
"""Images, one after the other, each with its content."""


@dataclass(frozen=True)
class Origin:
    """Where images come from.

    Args:
        content: says what reading them depends on; None if nobody knows.
        title: the data sets, for people.
    """

    content: Callable[[], str | None]
    title: str


WAITING = "another process decodes these images now; this one waits for it"


class _Changed(Exception):
    """The pictures are no longer those by which the entry would be known."""


def cached_images(
    origin: Origin, names: Sequence[str], image: ImageConfig, prepare: Callable[[], Prepared]
) -> Pixels | None:
    """The images of a data set: from the cache, or into it if they are not there yet.

    Of several processes that want the same images one decodes them, and the others wait for it.

    Args:
        origin: what the images depend on.
        names: of the images, in the order of their rows.
        image: how they are prepared.
        prepare: decodes and prepares them all.

    Returns:
        None if there is no cache for them; why, is told as a warning.

    Raises:
        UserError: if images cannot be read, or what the environment says of the cache is wrong.
    """
    folder = cache_folder()
    content = origin.content() if folder and names else None
    if folder is None or content is None:
        return None
    cache_limit()  # what is wrong with it is told whether or not room is needed
    path = folder / f"{entry_key(content, names, image)}{SUFFIX}"
    found = _read(path)
    if found is not None:
        return found

    def unchanged() -> Prepared:
        yield from prepare()
        if origin.content() != content:
            raise _Changed

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # faces are nobody else's business
        with waiting_for(folder / f"{OURS}{path.stem}{PART}", lambda: _tell(WAITING)):
            found = _read(path, tell=lambda text: None)  # what is wrong with it was told above
            if found is None:
                layout = Layout((len(names), image.channels, image.size, image.size))
                make_room(folder, layout.size)
                write_entry(path, unchanged(), layout, _about(origin, len(names), image))
                found = _read(path)
    except (OSError, NoRoom) as error:
        _tell(f"{error}: images are decoded without the cache ({folder})")
    except _Changed:
        _tell("pictures were changed while they were read; they are read again, and not kept in the cache")
    return found


def _read(path: Path, tell: Callable[[str], None] = lambda text: _tell(text)) -> Pixels | None:
    try:
        found = read_entry(path)
    except Damaged as error:
        tell(f"{error}: a damaged entry of the cache; its images are decoded again")
        return None
    if found is not None:
        note_use(path)
    return found


def _about(origin: Origin, count: int, image: ImageConfig) -> dict[str, str]:
    prepared = f"{image.size} x {image.size} x {image.channels}, {image.resize_mode}"
    return {"data": origin.title, "images": str(count), "prepared": prepared}


def _tell(text: str) -> None:
    logging.getLogger("gcnet").warning(text)
