"""Damaged archives: each, and each member, is read or told by its name. Nothing else happens.

    python tests/benchmarks/reliability/archives.py [--tries 1000] [--seed 0]

Bytes are changed, cut off, doubled or put in between. Prints what became of archives and of members, by kind.
"""

import argparse
import io
import tarfile
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from gcnet_core.data.archives import open_archive
from gcnet_core.plugin_api import UserError

KINDS = ("zip", "tar", "tar.gz", "tar.bz2", "tar.xz")
NAMES = ("a.png", "in/b.jpg", "list.csv")


def write_archive(path: Path, generator: np.random.Generator) -> None:
    """A whole archive of the kind that the suffix says, with members that cannot be packed much."""
    members = {name: generator.bytes(int(generator.integers(1, 2000))) for name in NAMES}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return
    packed = path.suffix.removeprefix(".").replace("tar", "")
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=f"w:{packed}") as tar:  # type: ignore[call-overload]
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    path.write_bytes(file.getvalue())


def damaged(content: bytes, generator: np.random.Generator) -> bytes:
    """A content with one to three faults."""
    found = bytearray(content)
    for _ in range(int(generator.integers(1, 4))):
        place, length = int(generator.integers(len(found))), int(generator.integers(1, 40))
        match int(generator.integers(4)):
            case 0:
                found[place] ^= int(generator.integers(1, 256))
            case 1:
                del found[max(place, 1) :]
            case 2:
                found[place:place] = found[place : place + length]
            case _:
                found[place : place + length] = generator.bytes(length)
    return bytes(found)


def outcomes(path: Path) -> list[str]:
    """What became of an archive and of its members."""
    try:
        archive = open_archive(path)
    except UserError as error:
        return ["archive told" if str(path) in str(error) else f"unnamed: {error}"]
    found = ["archive read"]
    for name in archive.names:
        try:
            archive.read(name)
            found.append("member read")
        except UserError as error:
            found.append("member told" if f"{path}/{name}: " in str(error) else f"unnamed: {error}")
    return found


def main() -> None:
    """Damage, read, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generator, counts = np.random.default_rng(options.seed), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.tries):
            kind = KINDS[number % len(KINDS)]
            path = Path(folder) / f"{number}.{kind}"
            write_archive(path, generator)
            path.write_bytes(damaged(path.read_bytes(), generator))
            counts.update((kind, outcome) for outcome in outcomes(path))
    for (kind, outcome), number in sorted(counts.items()):
        print(f"{kind:8} {outcome:14} {number:6,}")


if __name__ == "__main__":
    main()
