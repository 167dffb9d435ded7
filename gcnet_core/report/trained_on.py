"""What a run was trained on, for its page: sizes, fingerprint, and whether it tests whom it was trained on."""

from pathlib import Path

import numpy as np

from gcnet_core.runs.files import DATA, DATA_ARRAYS, fold_folders
from gcnet_core.runs.intact import is_there
from gcnet_core.runs.trained_on import (
    NOTHING,
    TEST,
    TRAIN,
    TrainedOn,
    first_names,
    number_of,
    read_data_record,
    read_trained_on,
)


def fingerprints(run: Path) -> list[tuple[str, str]]:
    """Label and value of what tells the data of a run from others; nothing for a run of an older gcnet."""
    records = [record for folder in _with_record(run) if (record := read_data_record(folder))]
    data = dict.fromkeys(record.data for record in records)
    found = [("data", ", ".join(data))] if data else []
    return [*found, ("run", records[0].fingerprint)] if len(records) == 1 else found


def overlap_warnings(run: Path) -> list[str]:
    """A sentence for each fold that tests people, or the very images, that it was trained on.

    Published divisions may do so; a draw of gcnet never does.
    """
    found = []
    for folder in _with_record(run):
        stored = read_trained_on(folder)
        sentence = _overlap(stored) if stored else ""
        if sentence:
            found.append(sentence if folder == run else f"{folder.name}: {sentence}")
    return found


def _with_record(run: Path) -> list[Path]:
    """The run and its folds, as far as they say what they are trained on; that a file is gone is told elsewhere."""
    return [
        folder for folder in (run, *fold_folders(run)) if all(is_there(folder / name) for name in (DATA, DATA_ARRAYS))
    ]


def _overlap(stored: TrainedOn) -> str:
    tested, images = stored.part == TEST, stored.images
    people = sorted({*stored.people(TEST)} & {*stored.people(TRAIN)})
    shown = images.content[tested]
    copies = int((np.isin(shown, stored.contents(TRAIN)) & (shown != NOTHING)).sum())
    said = [
        f"{number_of(len(people), 'person', 'people')} of the training ({first_names(people)})" if people else "",
        f"{number_of(copies, 'image')} that are equal to one of the training, pixel for pixel" if copies else "",
    ]
    told = " and ".join(part for part in said if part)
    return f"Tested are {told}: the figures are too good." if told else ""
