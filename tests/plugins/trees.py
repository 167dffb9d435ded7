"""Small trees in the layouts of published data sets, for tests."""

import csv
from pathlib import Path

import cv2
import numpy as np


def picture(path: Path, value: int = 100, size: tuple[int, int] = (6, 5), *, colour: bool = False) -> str:
    """Write one picture and return its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((*size, 3) if colour else size, value, dtype=np.uint8)
    assert cv2.imwrite(str(path), pixels)
    return path.name


def pictures(root: Path, *names: str) -> Path:
    """Write pictures of different grey levels below a root."""
    for index, name in enumerate(names):
        picture(root / name, 20 + index)
    return root


def table(path: Path, header: str, *rows: str, end: str = "\n") -> Path:
    """Write a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(end.join([header, *rows, ""]).encode())
    return path


def pixels(value: int, side: int = 4) -> str:
    """Pixels of one grey level, as FER2013 writes them."""
    return " ".join([str(value)] * side * side)


def video(path: Path, levels: list[int], size: tuple[int, int] = (48, 64)) -> None:
    """Write a video of constant frames, without loss."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"FFV1"), 25, (size[1], size[0]))
    assert writer.isOpened()
    for level in levels:
        frame = np.full((*size, 3), level, dtype=np.uint8)
        frame[:, size[1] // 2 :] = level + 50  # the right half is lighter
        writer.write(frame)
    writer.release()


def csv_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
