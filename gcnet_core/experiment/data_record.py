"""What a run is trained on, stored when it begins; it goes on only with the same."""

from collections.abc import Sequence
from pathlib import Path

from gcnet_core.data.same_data import differences
from gcnet_core.plugin_api import UserError
from gcnet_core.plugin_api.samples import Sample
from gcnet_core.runs.files import CHECKPOINT, DATA, RECIPE, fold_folders
from gcnet_core.runs.trained_on import Images, TrainedOn, read_data_record, read_trained_on

NOT_STORED = (
    "was begun by an older gcnet, which did not store what it is trained on; that nothing was changed since then "
    "cannot be told"
)


def check_same_data(folder: Path, now: Images, samples: Sequence[Sample], option: str = "--resume") -> None:
    """See that the data of a run are those that it was begun on.

    Args:
        folder: of a run of one fold, begun or finished.
        now: its data.
        samples: the same.
        option: that asks for it, for the message.

    Raises:
        UserError: with what differs.
    """
    record = read_data_record(folder)
    if record is None or record.data == now.fingerprint:
        return
    stored = read_trained_on(folder)
    found = differences(stored.images, now, samples) if stored else []
    if found:
        raise UserError(
            f"{option}: {folder} was begun on other data: {'; '.join(found)}. "
            "Put the data back as they were, or give another --output to train on them as they are"
        )


def check_as_begun(folder: Path, now: TrainedOn, samples: Sequence[Sample]) -> str | None:
    """See that a run goes on with the data, and the parts of them, with which it began.

    Returns:
        A note, where an older gcnet stored nothing to be compared with.

    Raises:
        UserError: with what differs.
    """
    check_same_data(folder, now.images, samples)
    stored = read_trained_on(folder)
    if stored is None:
        return f"{folder.name} {NOT_STORED}" if (folder / CHECKPOINT).is_file() else None
    if stored.division != now.division:
        raise UserError(
            f"--resume: {folder} was begun with its images in other parts than they are now: the data set's folds or "
            "parts were changed, or gcnet was; give another --output to train on them as they are"
        )
    return None


def check_smoke(folder: Path, smoke: bool, where: str) -> None:
    """See that a run of a few steps is not taken for a whole one, or the other way round; no data are looked at.

    Args:
        folder: of a run, of one fold or of all, begun or finished.
        smoke: whether a few steps are wanted only.
        where: what the message begins with.

    Raises:
        UserError: if the folder was begun as the other.
    """
    parts = [folder, *(path.parent for path in sorted(folder.glob(f"fold-*/{RECIPE}"))), *fold_folders(folder)]
    for part in parts:
        record = read_data_record(part)
        if record and record.smoke != smoke:
            begun, way = (
                ("with --smoke, a few steps only", "add --smoke")
                if record.smoke
                else ("without --smoke", "leave out --smoke")
            )
            raise UserError(
                f"{where}: {part} was begun {begun} ({DATA}); {way} to go on with it, or give another --output"
            )
