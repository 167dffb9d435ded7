"""Files are whole or not there; what killed writers left goes; one process at a time writes into a folder."""

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from gcnet_core.faults import CannotWrite, cannot_do, machine_fault
from gcnet_core.files import append_text, beside, growing_text, write_bytes, write_text
from gcnet_core.locks import LOCK, locked
from gcnet_core.plugin_api import PluginError, RunFailed, UserError
from gcnet_core.temporary import holds_something, remove_leftovers, temporary_file, temporary_folder


def full(number: int = errno.ENOSPC) -> "mock._patch[Callable[..., None]]":
    """A disk that takes no more."""
    return mock.patch("os.fsync", side_effect=OSError(number, os.strerror(number)))


def by_beside(path: Path) -> None:
    with beside(path) as written:
        written.write_bytes(b"new")


def by_text(path: Path) -> None:
    write_text(path, "new")


def by_bytes(path: Path) -> None:
    write_bytes(path, b"new")


@pytest.mark.parametrize("write", [by_bytes, by_text, by_beside])
def test_a_file_is_replaced_as_a_whole_or_left_as_it_was(write: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "new" / f"{'n' * 251}.csv"  # the longest name that there may be
    write(path)
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o644
    path.write_text("old")
    with full(), pytest.raises(CannotWrite, match=r"csv: cannot be written: the disk is full .*free.*; make room"):
        write(path)
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (errno.EDQUOT, "the quota on this disk is used up (3 bytes needed, "),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "writing is not permitted there"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_the_reason_is_told(number: int, told: str, tmp_path: Path) -> None:
    with full(number), pytest.raises(CannotWrite) as caught:
        write_bytes(tmp_path / "a", b"new")
    assert str(caught.value).startswith(f"{tmp_path / 'a'}: cannot be written: {told}")
    assert isinstance(caught.value, RunFailed)


def test_a_library_may_word_a_full_disk_in_its_own_way(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="the disk is full"), beside(tmp_path / "a"):
        raise RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")
    with pytest.raises(ValueError, match="else"), beside(tmp_path / "a"):
        raise ValueError("something else")
    assert not list(tmp_path.iterdir())


def test_lines_are_added_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    append_text(path, "one\n")
    append_text(path, "zwei\n")
    assert path.read_text() == "one\nzwei\n"
    with pytest.raises(CannotWrite, match="/dev/full: cannot be written: the disk is full"):
        append_text(Path("/dev/full"), "three\n")


def test_what_grew_stays_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    with pytest.raises(KeyboardInterrupt), growing_text(path) as file:  # noqa: PT012
        file.write("a,\udcff\n")
        assert not path.exists()
        raise KeyboardInterrupt
    assert path.read_text() == "a,\\udcff\n"
    with pytest.raises(CannotWrite, match="rows.csv: cannot be written: the disk is full"), growing_text(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(FileNotFoundError), growing_text(path):  # a picture, say, that is not the file
        raise FileNotFoundError(errno.ENOENT, "No such file", "other")
    assert list(tmp_path.iterdir()) == [path]


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    dead = [tmp_path / ".gcnet-dead.part", tmp_path / "below" / ".gcnet-also.part"]
    other = [tmp_path / "recipe.yaml", tmp_path / ".hidden.part", tmp_path / ".gcnet-notes"]
    for path in (*dead, *other):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (tmp_path / ".gcnet-folder.part").mkdir()
    (tmp_path / ".gcnet-folder.part" / "half").touch()
    with temporary_file(tmp_path) as (_, living), temporary_folder(tmp_path) as folder:
        remove_leftovers(tmp_path)
        assert not dead[0].exists()
        assert not (tmp_path / ".gcnet-folder.part").exists()
        assert dead[1].exists(), "folders below are looked into only if asked for"
        remove_leftovers(tmp_path, below=True)
        assert not dead[1].exists()
        assert living.exists()
        assert folder.exists()
    assert sorted(tmp_path.iterdir()) == sorted([*other, tmp_path / "below"])
    remove_leftovers(tmp_path / "nowhere")


def test_a_folder_with_a_lock_and_leftovers_alone_counts_as_empty(tmp_path: Path) -> None:
    assert not holds_something(tmp_path / "new")
    assert not holds_something(tmp_path)
    (tmp_path / LOCK).touch()
    (tmp_path / ".gcnet-x.part").touch()
    assert not holds_something(tmp_path)
    (tmp_path / "recipe.yaml").touch()
    assert holds_something(tmp_path)
    assert holds_something(tmp_path / "recipe.yaml")


def test_one_process_at_a_time_keeps_a_folder_and_the_other_is_told_who_does(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "one"
    with locked(folder):
        told = f"{folder}: process {os.getpid()} on {socket.gethostname()} is writing here; wait"
        with pytest.raises(UserError) as caught, locked(folder):
            pass
        assert str(caught.value).startswith(told)
    assert not (tmp_path / "runs").exists(), "nothing was written into it"
    with locked(folder):
        (folder / "recipe.yaml").touch()
    assert [path.name for path in folder.iterdir()] == ["recipe.yaml"]


def test_the_lock_of_a_dead_process_does_not_block_and_its_leftovers_go(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        with locked(tmp_path), temporary_file(tmp_path):
            os._exit(9)  # as a kill does, nothing is put in order
    os.waitpid(child, 0)
    assert {path.suffix for path in tmp_path.iterdir()} == {"", ".part"}
    with locked(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [LOCK]
    assert not list(tmp_path.iterdir())


def test_faults_of_the_machine_are_found_below_what_was_made_of_them() -> None:
    import cv2
    import numpy as np
    import torch

    def raised(make: Callable[[], object]) -> BaseException:
        with pytest.raises(Exception) as caught:  # noqa: PT011 (numpy, torch and OpenCV have kinds of their own)
            make()
        return caught.value

    for make, size in (
        (lambda: np.empty((1 << 20, 1 << 20, 1 << 10)), "8.00 PiB"),
        (lambda: torch.empty(10**15), "4000.0 TB"),
        (lambda: cv2.resize(np.ones((8, 8), np.uint8), (2**30, 2**30)), ""),
    ):
        told = str(machine_fault(raised(make)))
        assert told.startswith("the memory of this machine does not suffice" + (f": {size} were" if size else ""))
        assert "training.batch_size" in told
    gpu = RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7 GiB")
    wrapped = PluginError("the part raised")
    wrapped.__cause__ = gpu
    assert "of the graphics card does not suffice: 2.00 GiB were asked" in str(machine_fault(wrapped))
    assert machine_fault(RuntimeError("shapes do not fit")) is None
    assert machine_fault(FileNotFoundError(errno.ENOENT, "No such file", "a")) is None
    assert str(cannot_do(FileNotFoundError(errno.ENOENT, "No such file", "a"))) == "a: No such file"
    assert str(machine_fault(OSError(errno.ENOSPC, "No space"))).startswith("standard output cannot be written: ")
