"""Promises of data sets: the key by which their pictures are kept in the cache."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from gcnet_core.data.picture_files import split_name
from gcnet_core.interfaces import Dataset
from gcnet_core.plugin_api import UserError
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.datasets.files import LARGEST_COPY, places
from gcnet_core.testing.datasets.listing import built
from gcnet_core.testing.datasets.pictures import READ_AGAIN, reads_the_same_again, some_names


@check(reads_the_same_again)
def has_another_key_when_pictures_change(case: Case) -> None:
    """While `content_key()` is the same all pixels are, whatever options and files are: what is kept is never old."""
    dataset = built(case)
    key = dataset.content_key()
    if key is None:
        raise DoesNotApply("it has no content_key(), so its pictures are read anew in each run")
    if not isinstance(key, str) or not key:
        raise ContractError(f"content_key() gave {key!r:.80}; it is a text that is not empty, or None")
    if built(case, seed=1).content_key() != key:
        raise ContractError("content_key() differs between two objects, so that nothing that is kept is ever found")
    for option, other in _with_other_options(case):
        if other.content_key() == key and _differs(dataset, other):
            raise ContractError(f"the option {option} changes pixels, and content_key() is the same; it belongs in it")
    _check_files(case)


def _with_other_options(case: Case) -> Iterator[tuple[str, Dataset]]:
    """The data set with one number or switch of its options changed, where it accepts that."""
    config = case.part.config
    for option in type(config).model_fields:
        value = getattr(config, option)
        changed = not value if isinstance(value, bool) else value + 1 if isinstance(value, int | float) else None
        if changed is not None:
            try:
                yield option, built(replace(case, options={**case.options, option: changed}))
            except (UserError, ValueError):
                continue


def _differs(dataset: Dataset, other: Dataset) -> bool:
    there = {sample.image for sample in other.samples}
    names = [name for name in some_names(dataset, READ_AGAIN) if name in there]
    return any(not np.array_equal(dataset.read(name), other.read(name)) for name in names)


def _check_files(case: Case) -> None:
    """In a copy of each folder that the options name, a file with a picture is replaced by one of its size."""
    for option, folder in places(case).items():
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
        if not folder.is_dir() or sum(sizes) > LARGEST_COPY:
            continue
        with tempfile.TemporaryDirectory() as temporary:
            copy = Path(temporary) / "elsewhere"
            shutil.copytree(folder, copy)
            moved = replace(case, options={**case.options, option: str(copy)})
            dataset = built(moved)
            key = dataset.content_key()
            shown = (copy / split_name(name)[0] for name in some_names(dataset, READ_AGAIN))
            file = next((path for path in shown if path.is_file()), None)
            if file is None or key is None:
                continue
            file.write_bytes(file.read_bytes()[::-1])
            if dataset.content_key() == key:
                raise ContractError(
                    f"{file.name} was written anew, and content_key() is the same; it must tell what is in the files"
                )


CHECKS = (has_another_key_when_pictures_change,)
