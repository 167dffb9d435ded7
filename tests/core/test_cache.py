"""The cache of prepared images: what comes out is what would be decoded, and nothing stale, half or foreign ever."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import safetensors.numpy
import torch

from gcnet_core.data.cache import files as cache_files
from gcnet_core.data.cache import shelf
from gcnet_core.data.cache.images import Origin, Prepared, cached_images
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.plugin_api import ImageConfig, Registry, UserError
from tests.runs import gcnet

IMAGE = ImageConfig(size=8, channels=1)
NAMES = ["a", "b", "c"]
COUNT = 3


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("GCNET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Source:
    """Three pictures that count how often they are decoded."""

    def __init__(self, level: int = 1) -> None:
        self.level, self.decoded, self.key = level, 0, "key"

    def __call__(self) -> Prepared:
        self.decoded += 1
        for row in range(COUNT):
            yield np.full((1, 8, 8), self.level + row, dtype=np.uint8), 100 + row

    def images(self) -> torch.Tensor | None:
        found = cached_images(Origin(lambda: self.key, "three"), NAMES, IMAGE, self)
        return None if found is None else found.images


def entries_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def pictures(root: Path, level: int = 0) -> None:
    """A person with two expressions, in a folder with a list, written an hour ago."""
    root.mkdir()
    rows = ["image,expression,subject"]
    for number, expression in enumerate(("neutral", "anger", "neutral", "anger")):
        cv2.imwrite(str(root / f"{number}.bmp"), np.arange(level, level + 64, dtype=np.uint8).reshape(8, 8) + number)
        rows.append(f"{number}.bmp,{expression},p{number // 2}")
    (root / "manifest.csv").write_text("\n".join(rows))


def table_of(root: Path, registry: Registry, **options: object) -> FaceTable:
    part = registry.part("dataset", "manifest", {"folder": str(root), **options})
    return load_faces(list_samples([part], {}, IMAGE, registry), IMAGE)


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as old at once, so that nobody need wait until their status is trusted."""
    monkeypatch.setattr(cache_files, "FRESH", 0)


def test_images_are_decoded_once_and_are_the_same(folder: Path) -> None:
    source = Source()
    first, second = source.images(), Source(9).images()
    assert source.decoded == 1
    assert first is not None
    assert torch.equal(first, second)
    assert first[:, 0, 0, 0].tolist() == [1, 2, 3]
    stored = safetensors.numpy.load_file(entries_of(folder)[0])
    assert np.array_equal(stored["images"], first.numpy())
    assert stored["content"].tolist() == [100, 101, 102]


@pytest.mark.parametrize("change", ["content", "names", "size", "channels", "resize_mode"])
def test_what_pixels_depend_on_is_another_entry(change: str, folder: Path) -> None:
    source = Source()
    source.images()
    key, names, image = "key", list(NAMES), IMAGE
    if change == "content":
        key = "other"
    elif change == "names":
        names.reverse()
    else:
        image = image.model_copy(update={change: {"size": 9, "channels": 3, "resize_mode": "crop"}[change]})
    shape = (image.channels, image.size, image.size)

    def other() -> Prepared:
        yield from ((np.zeros(shape, dtype=np.uint8), 0) for _ in names)

    found = cached_images(Origin(lambda: key, ""), names, image, other)
    assert found is not None
    assert not found.images.any()
    assert len(entries_of(folder)) == 2


def test_without_a_key_or_switched_off_nothing_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cached_images(Origin(lambda: None, ""), NAMES, IMAGE, Source()) is None
    monkeypatch.setenv("GCNET_CACHE", "off")
    assert Source().images() is None
    assert not folder.exists()


@pytest.mark.parametrize("damage", ["cut", "empty", "head", "pixel", "content"])
def test_a_damaged_entry_is_told_and_made_anew(damage: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    Source().images()
    path = entries_of(folder)[0]
    content = bytearray(path.read_bytes())
    if damage == "cut":
        del content[-1]
    elif damage == "empty":
        content.clear()
    else:
        content[{"head": 0, "pixel": -1, "content": -(COUNT * 64 + 20)}[damage]] ^= 255
    path.write_bytes(content)
    source = Source(5)
    found = source.images()
    assert found is not None
    assert found[:, 0, 0, 0].tolist() == [5, 6, 7]
    assert "damaged" in caplog.text
    assert Source().images() is not None
    assert source.decoded == 1


def test_one_of_many_at_once_decodes(folder: Path) -> None:
    source, seen = Source(), []
    threads = [threading.Thread(target=lambda: seen.append(source.images())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert source.decoded == 1
    assert all(torch.equal(images, seen[0]) for images in seen)
    assert len(list(folder.iterdir())) == 1  # no lock and no temporary file is left


@pytest.mark.skipif(not hasattr(os, "fork"), reason="killing as here is for Unix")
def test_a_killed_writer_leaves_nothing_that_is_read(folder: Path) -> None:
    process = os.fork()
    if not process:

        def dies() -> Prepared:
            yield np.zeros((1, 8, 8), dtype=np.uint8), 0
            os.kill(os.getpid(), signal.SIGKILL)

        cached_images(Origin(lambda: "key", ""), NAMES, IMAGE, dies)
    os.waitpid(process, 0)
    assert not entries_of(folder)
    assert list(folder.iterdir())  # what it wrote so far
    source = Source()
    assert source.images() is not None
    assert source.decoded == 1
    assert list(folder.iterdir()) == entries_of(folder)


def test_an_error_of_decoding_is_told_and_nothing_is_kept(folder: Path) -> None:
    def fails() -> Prepared:
        yield np.zeros((1, 8, 8), dtype=np.uint8), 0
        raise UserError("b: not an image")

    with pytest.raises(UserError, match="b: not an image"):
        cached_images(Origin(lambda: "key", ""), NAMES, IMAGE, fails)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("why", ["full", "no folder", "limit"])
def test_where_nothing_can_be_written_work_goes_on(
    why: str, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if why == "full":
        monkeypatch.setattr(shelf, "LEFT_FREE", 2**60)
    elif why == "limit":
        monkeypatch.setenv("GCNET_CACHE_GB", "0.0000001")
    else:
        folder.write_text("a file above it")
        monkeypatch.setenv("GCNET_CACHE", str(folder / "below"))
    assert Source().images() is None
    assert "without the cache" in caplog.text


def test_a_limit_that_is_no_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCNET_CACHE_GB", "many")
    with pytest.raises(UserError, match="GCNET_CACHE_GB=many"):
        Source().images()


def test_what_was_not_used_for_the_longest_time_makes_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source()
    for age, key in ((50, "used again"), (40, "oldest"), (30, "young")):
        source.key = key
        before = set(entries_of(folder)) if folder.exists() else set()
        source.images()
        new = (set(entries_of(folder)) - before).pop()
        os.utime(new, (time.time() - age, time.time() - age))
    source.key = "used again"
    source.images()
    size = entries_of(folder)[0].stat().st_size
    monkeypatch.setenv("GCNET_CACHE_GB", str(3.1 * size / 1e9))
    source.key = "new"
    source.images()
    decoded = source.decoded
    for key in ("used again", "young", "new"):
        source.key = key
        source.images()
    assert source.decoded == decoded == 4
    source.key = "oldest"
    source.images()
    assert source.decoded == 5


def test_a_set_of_files_is_read_once_wherever_it_lies(
    tmp_path: Path, registry: Registry, folder: Path, old: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures(tmp_path / "one")
    first = table_of(tmp_path / "one", registry)
    (tmp_path / "one").rename(tmp_path / "two")
    again = table_of(tmp_path / "two", registry)
    assert len(entries_of(folder)) == 1
    assert torch.equal(first.images, again.images)
    assert np.array_equal(first.content, again.content)
    monkeypatch.setenv("GCNET_CACHE", "off")
    decoded = table_of(tmp_path / "two", registry)
    assert torch.equal(decoded.images, first.images)
    assert np.array_equal(decoded.content, first.content)


@pytest.mark.usefixtures("old")
def test_unchanged_files_are_not_read(tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures(tmp_path / "one")
    before = table_of(tmp_path / "one", registry)

    def refuse(path: Path) -> str:
        raise AssertionError(f"{path} was read")

    monkeypatch.setattr(cache_files, "sha256", refuse)
    assert torch.equal(table_of(tmp_path / "one", registry).images, before.images)


@pytest.mark.parametrize("trusted", [True, False])
def test_a_picture_that_is_edited_in_place_is_never_stale(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    if trusted:
        monkeypatch.setattr(cache_files, "FRESH", 0)
    pictures(tmp_path / "one")
    table_of(tmp_path / "one", registry)
    for level in range(10, 20):  # one size, one inode, one second
        path = tmp_path / "one" / "2.bmp"
        status, content = path.stat(), bytearray(path.read_bytes())
        content[-1] = level
        with path.open("r+b") as file:
            file.write(content)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert path.stat().st_size == status.st_size
        assert level in table_of(tmp_path / "one", registry).images[2]


def test_pictures_that_change_while_they_are_read_are_not_kept(folder: Path) -> None:
    source = Source()

    def changes() -> Prepared:
        yield from source()
        source.key = "changed"

    assert cached_images(Origin(lambda: source.key, ""), NAMES, IMAGE, changes) is None
    assert not entries_of(folder)


def test_a_picture_that_is_gone_is_named(tmp_path: Path, registry: Registry) -> None:
    pictures(tmp_path / "one")
    table_of(tmp_path / "one", registry)
    (tmp_path / "one" / "1.bmp").unlink()
    with pytest.raises(UserError, match=r"1\.bmp"):
        table_of(tmp_path / "one", registry)


def test_drawn_faces_are_drawn_once(registry: Registry, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drawn(**options: object) -> FaceTable:
        part = registry.part("dataset", "synthetic_faces", {"subjects": 2, "images_per_expression": 1, **options})
        return load_faces(list_samples([part], {}, IMAGE, registry), IMAGE)

    first = drawn()
    from gcnet_datasets.synthetic.dataset import SyntheticFaces

    monkeypatch.setattr(SyntheticFaces, "read", None)
    assert torch.equal(drawn().images, first.images)
    monkeypatch.undo()
    monkeypatch.setenv("GCNET_CACHE", str(folder))
    assert not torch.equal(drawn(seed=1).images, first.images)


def test_several_sets_have_one_entry_together(tmp_path: Path, registry: Registry, folder: Path) -> None:
    pictures(tmp_path / "one")
    pictures(tmp_path / "two", level=7)

    def both() -> FaceTable:
        parts = [registry.part("dataset", "manifest", {"folder": str(tmp_path / name)}) for name in ("one", "two")]
        return load_faces(list_samples(parts, {}, IMAGE, registry), IMAGE)

    assert torch.equal(both().images, both().images)
    assert len(entries_of(folder)) == 1


def test_clear_removes_what_is_named_or_old(folder: Path) -> None:
    source = Source()
    source.images()
    source.key = "another"
    source.images()
    old, young = entries_of(folder)
    os.utime(old, (0, 0))
    assert [entry.path for entry in shelf.clear(folder, [], 30.0)] == [old]
    with pytest.raises(UserError, match="xyz: no entry of the cache"):
        shelf.clear(folder, ["xyz"], None)
    assert [entry.path for entry in shelf.clear(folder, [young.stem[:12]], None)] == [young]
    assert not entries_of(folder)
    assert not shelf.clear(folder / "nowhere", [], None)


def test_images_stay_usable_when_their_entry_is_removed(folder: Path) -> None:
    images = Source().images()
    assert images is not None
    shelf.clear(folder, [], None)
    assert images[:, 0, 0, 0].tolist() == [1, 2, 3]


def test_many_images_are_decoded_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    from gcnet_core.data import faces

    monkeypatch.setattr(faces, "BLOCK", 3)
    names = [f"{number}" for number in range(10)]

    def read(name: str) -> np.ndarray:
        return np.full((8, 8, 1), int(name), dtype=np.uint8)

    def levels(found: Iterator[tuple[np.ndarray, int]]) -> list[int]:
        return [int(pixels[0, 0, 0]) for pixels, _ in found]

    assert levels(faces.prepared(names, read, IMAGE)) == list(range(10))


def test_the_command_lists_and_clears(tmp_path: Path) -> None:
    images = Source().images()
    assert images is not None
    listed = json.loads(gcnet("cache", "list", "--json").stdout)
    (entry,) = listed["entries"]
    assert entry.items() >= {"data": "three", "images": 3, "prepared": "8 x 8 x 1, pad"}.items()
    assert "three" in gcnet("cache").stdout
    assert "removed 0 entries" in gcnet("cache", "clear", "--older-than", "1").stdout
    assert gcnet("cache", "clear", "nobody").returncode == 2
    assert "removed 1 entry" in gcnet("cache", "clear", entry["name"]).stdout
    assert json.loads(gcnet("cache", "list", "--json").stdout)["entries"] == []


def test_files_of_others_in_the_folder_are_left_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    foreign = [folder / "adapter_model.safetensors", folder / "encoder.safetensors", folder / "known" / "mine.txt"]
    for path in foreign:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(10_000))
        os.utime(path, (0, 0))
    Source().images()
    assert json.loads(gcnet("cache", "list", "--json").stdout)["entries"][0]["images"] == COUNT
    monkeypatch.setenv("GCNET_CACHE_GB", "0.000001")
    other = Source(level=7)
    other.key = "other"
    other.images()
    monkeypatch.delenv("GCNET_CACHE_GB")
    assert gcnet("cache", "clear").returncode == 0
    assert all(path.is_file() for path in foreign)
    assert not [path for path in entries_of(folder) if path not in foreign]


@pytest.mark.usefixtures("old")
def test_what_is_known_of_files_is_read_again_where_a_crash_left_nothing(
    tmp_path: Path, registry: Registry, folder: Path
) -> None:
    pictures(tmp_path / "faces")
    first = table_of(tmp_path / "faces", registry).images
    for known in (folder / "known").iterdir():
        known.write_text("")
    assert torch.equal(table_of(tmp_path / "faces", registry).images, first)
    assert all(len(known.read_text()) == 64 for known in (folder / "known").iterdir())


def test_a_damaged_head_is_listed_as_damaged(folder: Path) -> None:
    Source().images()
    (path,) = entries_of(folder)
    path.write_bytes(path.read_bytes().replace(b'"images": "3"', b'"images": "x"', 1))
    answer = gcnet("cache", "list", "--json")
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["entries"][0]["data"] == "damaged"


def test_a_file_in_place_of_the_folder_and_a_wrong_limit_are_told_whether_or_not_something_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Source().images()
    monkeypatch.setenv("GCNET_CACHE_GB", "many")
    with pytest.raises(UserError, match="GCNET_CACHE_GB=many"):
        Source().images()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GCNET_CACHE", str(tmp_path / "file"))
    with pytest.raises(UserError, match="is a file; name a folder"):
        Source().images()


def test_who_waits_for_another_process_says_so(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Source):
        def __call__(self) -> Prepared:
            begun.set()
            go_on.wait(60)
            yield from super().__call__()

    first = threading.Thread(target=Slow().images)
    first.start()
    assert begun.wait(60)
    second = threading.Thread(target=Source().images)
    second.start()
    while "another process decodes these images now" not in caplog.text:
        assert second.is_alive()
        second.join(0.01)
    go_on.set()
    first.join()
    second.join()
