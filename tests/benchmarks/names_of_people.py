"""Names of people in nine alphabets, written into file names, folders and lists, and read back.

python tests/benchmarks/names_of_people.py                  10,000 trees and lists, and how many were misread
python tests/benchmarks/names_of_people.py --tries 200
"""

import argparse
import tempfile
import time
import unicodedata
from pathlib import Path

import numpy as np
from gcnet_datasets.files.class_folders import FolderConfig
from gcnet_datasets.files.manifest import ManifestConfig

from gcnet_core.data.people import spelt_alike
from gcnet_core.data_validation.who import check_who
from gcnet_core.plugin_api import Sample

ALPHABETS = {
    "latin": "aábcçdeéfgğhiíjklłmnñoöpqrsštuüvwxyzž",
    "greek": "αάβγδεζηθικλμνξοπρστυφχψω",
    "cyrillic": "абвгдеёжзийклмнопрстуфхцчшщыэюя",
    "hebrew": "אבגדהוזחטיכלמנסעפצקרשת",
    "arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "devanagari": "अआइईकखगघचजटडतदनपबमयरलवशसह\u093e\u093f\u0940\u0947\u094d",
    "thai": "กขคงจชซดตถทนบปพมยรลวสห\u0e31\u0e34\u0e35\u0e48",
    "chinese": "山田佐藤王李张刘陈杨黄赵吴周徐孙马朱胡林",
    "korean": "김이박최정강조윤장임한오서신권황안송류전",
}
NOBODY = ("nan", "NA", "None", "null", "?", "-", "unknown", " ", "")
CLASSES = ("happy", "sad", "angry")


def main() -> None:
    """Try, and print what was misread."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=10_000)
    tries, random, started = parser.parse_args().tries, np.random.default_rng(0), time.monotonic()
    attempts = (file_names, folders, lists, spellings)
    misread: dict[str, list[str]] = {attempt.__name__: [] for attempt in attempts}
    for number in range(tries):
        attempt = attempts[number % len(attempts)]
        with tempfile.TemporaryDirectory() as folder:
            fault = attempt(Path(folder), random)
        if fault:
            misread[attempt.__name__].append(fault)
    for name, faults in misread.items():
        print(f"{name}: {len(faults)} misread of {tries // len(attempts):,}", *faults[:3], sep="\n  ")
    print(f"{time.monotonic() - started:.0f} s")


def people(random: np.random.Generator) -> list[str]:
    """Names of two to six people; the marks of Indian and Thai names follow a letter."""
    letters = ALPHABETS[str(random.choice(list(ALPHABETS)))]
    names = set[str]()
    while len(names) < random.integers(2, 7):
        name = "".join(random.choice(list(letters), random.integers(2, 9)))
        if not unicodedata.category(name[0]).startswith("M"):
            names.add(unicodedata.normalize("NFC", name))
    return sorted(names)


def encoded(name: str, random: np.random.Generator) -> str:
    """The name in one of two encodings."""
    return unicodedata.normalize(str(random.choice(["NFC", "NFD"])), name)


def file_names(root: Path, random: np.random.Generator) -> str | None:
    """happy/NAME_1.png"""
    written = people(random)
    for name in written:
        for expression in CLASSES:
            end = random.choice(["_1", "-2", " 3", ".4", "_b", ""])
            (root / expression).mkdir(exist_ok=True)
            (root / expression / f"{encoded(name, random)}{end}.png").touch()
    return compared(written, FolderConfig(folder=str(root)).samples(), len(CLASSES))


def folders(root: Path, random: np.random.Generator) -> str | None:
    """NAME/happy/1.png"""
    written = people(random)
    for name in written:
        for expression in CLASSES:
            place = root / encoded(name, random) / expression
            place.mkdir(parents=True)
            (place / "1.png").touch()
    found = FolderConfig(folder=str(root)).samples()
    return (
        compared(written, found, len(CLASSES))
        if len(found) == len(written) * len(CLASSES)
        else f"{written}: {len(found)}"
    )


def lists(root: Path, random: np.random.Generator) -> str | None:
    """manifest.csv, with cells that name nobody among the others."""
    written = people(random)
    cells = [encoded(name, random) + " " * int(random.integers(0, 2)) for name in written] * 2
    cells += [str(word) for word in random.choice(NOBODY, 2)]
    rows = [f"{number}.png,{cell},{CLASSES[number // len(written)]}" for number, cell in enumerate(cells)]
    (root / "manifest.csv").write_text("\n".join(["image,subject,expression", *rows, ""]), encoding="utf-8")
    found = ManifestConfig(folder=str(root)).samples()
    nobody = sum(sample.subject is None for sample in found)
    return compared(written, found, 2) if nobody == 2 else f"{cells}: {nobody} are nobody"


def spellings(root: Path, random: np.random.Generator) -> str | None:
    """S7, s07 and " S007" are found to be one; no others are."""
    numbers = random.choice(400, int(random.integers(2, 9)), replace=False)
    plain = [f"S{number}" for number in numbers]
    variants = [f"{random.choice(['S', 's'])}{'0' * int(random.integers(1, 4))}{number}" for number in numbers]
    groups = spelt_alike([*plain, *variants])
    pairs = set(map(frozenset, zip(plain, variants, strict=True)))
    if spelt_alike(plain) or set(map(frozenset, groups)) != pairs:
        return f"{plain} {variants}: {groups}"
    return None


def compared(written: list[str], found: list[Sample], each: int) -> str | None:
    """What is wrong with the people that were found."""
    names = sorted(sample.subject for sample in found if sample.subject is not None)
    wrong = [finding.name for finding in check_who(found) if finding.severity != "note"]
    return None if names == sorted(written * each) and not wrong else f"{written}: {sorted(set(names))} {wrong}"


if __name__ == "__main__":
    main()
