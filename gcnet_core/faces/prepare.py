"""`gcnet data prepare`: every picture of a listing through a FaceFinder, on all cores, a few at a time, resumable."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from gcnet_core.data.faces import image_names
from gcnet_core.data.load import Listing
from gcnet_core.data.manifest import PREPARATION
from gcnet_core.faces.finder import Crop, FaceFinder
from gcnet_core.faces.record import FaceRecord, from_csv, record, to_csv
from gcnet_core.files import append_text, write_bytes, write_text
from gcnet_core.machine import worker_count
from gcnet_core.plugin_api import PluginError, UserError
from gcnet_core.temporary import holds_something

RECORDS = "faces.csv"
FOLDER = "images"
PREFETCH = 4
"""Pictures in hand for each worker: memory does not grow with the number of pictures."""


def prepare_faces(
    listing: Listing,
    output: Path,
    finder: FaceFinder,
    workers: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[FaceRecord]:
    """Cut out the faces of all pictures, references too.

    Pictures that an earlier call with the same settings finished are not done again.

    Args:
        listing: what the data hold.
        output: folder of images/, faces.csv and preparation.json.
        finder: how faces are found and cut out.
        workers: pictures at a time; default: one for each core.
        progress: called with the number of pictures done and in all.

    Returns:
        Records of all pictures, in the order of their names.

    Raises:
        UserError: if the folder holds something else, or was begun with other settings.
        PluginError: if the data set gives something else than pictures.
    """
    names = image_names(listing.samples)
    settings = check_output(output, finder)
    if not settings.is_file():
        write_text(settings, _settings_text(finder))
    done = _finished(output)
    left = [name for name in names if name not in done]
    files = crop_files(names)

    def cut_out(name: str) -> list[FaceRecord]:
        return _cut_out(name, listing, finder, output, files[name])

    progress(len(names) - len(left), len(names))
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # the pictures themselves run side by side
    try:
        count = worker_count(workers)
        with ThreadPoolExecutor(count) as pool:
            finished = _in_order(pool, cut_out, left, PREFETCH * count)
            for number, records in enumerate(finished, start=len(names) - len(left) + 1):
                append_text(output / RECORDS, to_csv(records, header=False))
                done[records[0].image] = records
                progress(number, len(names))
    finally:
        cv2.setNumThreads(threads)
    return list(chain.from_iterable(done[name] for name in names))


def crop_files(names: Sequence[str]) -> dict[str, str]:
    """A file for the crop of each picture: its own name, with characters that need care replaced.

    A suffix that would make two pictures one file is kept.
    """

    plain_names = {name: re.sub(r"[^\w./=-]", "_", name) for name in names}
    stems = {name: PurePosixPath(plain).with_suffix("").as_posix() for name, plain in plain_names.items()}
    sharing = Counter(stem.lower() for stem in stems.values())
    taken: Counter[str] = Counter()
    files = {}
    for name, short in stems.items():
        stem = short if sharing[short.lower()] == 1 else plain_names[name]
        taken[stem.lower()] += 1
        number = f"-{taken[stem.lower()]}" if taken[stem.lower()] > 1 else ""
        files[name] = f"{FOLDER}/{stem}{number}.png"
    return files


def check_output(output: Path, finder: FaceFinder) -> Path:
    """Where the settings are stored with the faces; nothing is made, and no picture looked at.

    Args:
        output: new folder, or one that was begun with the same settings.
        finder: how faces are to be found and cut out.

    Raises:
        UserError: if the folder holds something else, or was begun with other settings.
    """
    settings = output / PREPARATION
    if settings.is_file():
        if settings.read_text(encoding="utf-8") != _settings_text(finder):
            raise UserError(f"{output}: was begun with other settings, see {settings}; give another folder")
    elif holds_something(output):
        raise UserError(f"{output}: already holds something else; give a new folder")
    return settings


def _settings_text(finder: FaceFinder) -> str:
    return json.dumps(finder.settings, indent=2) + "\n"


def _finished(output: Path) -> dict[str, list[FaceRecord]]:
    """Records by picture of those whose crops are all there; what else an earlier call recorded is dropped."""
    recorded: dict[str, list[FaceRecord]] = {}
    for entry in from_csv(output / RECORDS):
        recorded.setdefault(entry.image, []).append(entry)
    if recorded:
        recorded.popitem()  # a kill may have cut the rows of the last picture

    def has_crops(entries: list[FaceRecord]) -> bool:
        return all((output / entry.crop).is_file() for entry in entries if entry.crop)

    finished = {name: entries for name, entries in recorded.items() if has_crops(entries)}
    write_text(output / RECORDS, to_csv(chain.from_iterable(finished.values()), header=True))
    return finished


def _in_order(
    pool: ThreadPoolExecutor, cut_out: Callable[[str], list[FaceRecord]], names: Sequence[str], ahead: int
) -> Iterator[list[FaceRecord]]:
    """Results in order, with only a few pictures begun ahead of the one that is waited for."""
    source = iter(names)
    waiting = [pool.submit(cut_out, name) for name in islice(source, ahead)]
    try:
        while waiting:
            records = waiting.pop(0).result()
            waiting += [pool.submit(cut_out, name) for name in islice(source, 1)]
            yield records
    finally:
        for future in waiting:  # after an error, or Ctrl-C
            future.cancel()


def _cut_out(name: str, listing: Listing, finder: FaceFinder, output: Path, file: str) -> list[FaceRecord]:
    try:
        pixels = listing.read(name)
    except PluginError:  # a fault of the data set, not of the picture
        raise
    except UserError as error:
        return [FaceRecord(name, remarks="unreadable", reason=" ".join(str(error).split()))]
    found = finder.find(pixels, name)
    if not found.crops:
        return [FaceRecord(name, remarks="skipped" if found.faces else "no_face", faces=found.faces)]
    records = []
    for number, crop in enumerate(found.crops, start=1):
        path = file if number == 1 else f"{file.removesuffix('.png')}-face{number}.png"
        write_bytes(output / path, _png(crop))
        records.append(record(name, path, found, crop))
    return records


def _png(crop: Crop) -> bytes:
    pixels = crop.pixels
    grey = pixels.shape[2] == 1 or bool((pixels == pixels[:, :, :1]).all())
    written = pixels[:, :, 0] if grey else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return bytes(np.asarray(cv2.imencode(".png", written)[1]).tobytes())
