"""`gcnet data prepare`: every picture of a listing through a FaceFinder, on all cores, a few at a time, resumable."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain, groupby, islice
from operator import attrgetter
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from gcnet_core.data.content import hash_of_pixels
from gcnet_core.data.faces import image_names
from gcnet_core.data.load import Listing
from gcnet_core.data.manifest import PREPARATION
from gcnet_core.faces.crop_files import FOLDER, crop_files
from gcnet_core.faces.finder import Crop, FaceFinder
from gcnet_core.faces.record import FaceRecord, from_csv, record, to_csv
from gcnet_core.files import append_text, write_bytes, write_text
from gcnet_core.machine import worker_count
from gcnet_core.output.streams import tell
from gcnet_core.plugin_api import PluginError, UserError
from gcnet_core.temporary import holds_something

RECORDS = "faces.csv"
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

    Faces that an earlier call with the same settings cut out of the same pixels are not sought again. Crops of pictures
    that are gone are removed.

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
    recorded = _recorded(output)
    last = next(reversed(recorded), None)  # a kill may have cut its rows
    files = crop_files(names)

    def cut_out(name: str) -> list[FaceRecord]:
        earlier = [] if name == last else recorded.get(name, [])
        return _cut_out(name, listing, finder, output, files[name], earlier)

    records: list[FaceRecord] = []
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)  # the pictures themselves run side by side
    try:
        count = worker_count(workers)
        with ThreadPoolExecutor(count) as pool:
            for number, found in enumerate(_in_order(pool, cut_out, names, PREFETCH * count), start=1):
                if found != recorded.get(found[0].image):
                    append_text(output / RECORDS, to_csv(found, header=False))
                records += found
                progress(number, len(names))
    finally:
        cv2.setNumThreads(threads)
    gone = _remove_others(output, chain.from_iterable(recorded.values()), records)
    if gone:
        tell(f"crops of an earlier call: {gone} removed, whose pictures are gone or show other faces now", err=True)
    write_text(output / RECORDS, to_csv(records, header=True))
    return records


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


def _recorded(output: Path) -> dict[str, list[FaceRecord]]:
    """Records of an earlier call by picture, in their order; of a picture that was done again the later ones count."""
    recorded: dict[str, list[FaceRecord]] = {}
    for name, entries in groupby(from_csv(output / RECORDS), key=attrgetter("image")):
        recorded.pop(name, None)
        recorded[name] = list(entries)
    write_text(output / RECORDS, to_csv(chain.from_iterable(recorded.values()), header=True))
    return recorded


def _remove_others(output: Path, before: Iterable[FaceRecord], now: Iterable[FaceRecord]) -> int:
    """Remove crops of an earlier call that show no face of today's pictures; returns how many."""
    others = {entry.crop for entry in before} - {entry.crop for entry in now}
    # a list that somebody changed may name anything
    crops = [crop for crop in others if crop.startswith(f"{FOLDER}/") and ".." not in PurePosixPath(crop).parts]
    for crop in crops:
        (output / crop).unlink(missing_ok=True)
    return len(crops)


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


def _cut_out(
    name: str, listing: Listing, finder: FaceFinder, output: Path, file: str, earlier: list[FaceRecord]
) -> list[FaceRecord]:
    """The records of one picture, those of an earlier call where its pixels are still the same and its crops there."""
    try:
        pixels = listing.read(name)
    except PluginError:  # a fault of the data set, not of the picture
        raise
    except UserError as error:
        return [FaceRecord(name, remarks="unreadable", reason=" ".join(str(error).split()))]
    content = f"{hash_of_pixels(pixels):016x}"
    if earlier and all(_is_there(entry, content, file, output) for entry in earlier):
        return earlier
    found = finder.find(pixels, name)
    if not found.crops:
        remark = "skipped" if found.faces else "no_face"
        return [FaceRecord(name, remarks=remark, faces=found.faces, content=content)]
    records = []
    for number, crop in enumerate(found.crops, start=1):
        path = file if number == 1 else f"{file.removesuffix('.png')}-face{number}.png"
        write_bytes(output / path, _png(crop))
        records.append(replace(record(name, path, found, crop), content=content))
    return records


def _is_there(entry: FaceRecord, content: str, file: str, output: Path) -> bool:
    """Whether a record is of these pixels, and its crop lies where it is to lie."""
    stem = file.removesuffix(".png")
    in_place = not entry.crop or (entry.crop.startswith(stem) and (output / entry.crop).is_file())
    return entry.content == content and in_place


def _png(crop: Crop) -> bytes:
    pixels = crop.pixels
    grey = pixels.shape[2] == 1 or bool((pixels == pixels[:, :, :1]).all())
    written = pixels[:, :, 0] if grey else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return bytes(np.asarray(cv2.imencode(".png", written)[1]).tobytes())
