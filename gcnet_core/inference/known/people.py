"""Several people who are known: a folder for each, and a table or the folders of the queries that say who is who."""

from collections.abc import Callable, Mapping
from pathlib import Path

from gcnet_core.data.folders import pictures_below
from gcnet_core.data.picture_files import is_hidden, read_file
from gcnet_core.data.text import read_table
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.inference.answers import Answerer
from gcnet_core.inference.known.known import KnownPeople, Tell, enrolled
from gcnet_core.inference.known.person import Person, read_person, together
from gcnet_core.inference.pictures import read_picture
from gcnet_core.inference.results import FaceResult
from gcnet_core.plugin_api import UserError
from gcnet_core.plugin_api.suggest import suggestion

CALM = "calm"
"""Folder inside that of a person, for the pictures that show the face at rest."""
TABLE = "people.csv"
"""Who is who, where the folders of the queries do not say it."""


def known_people(answerer: Answerer, finder: FaceFinder | None, source: Path, tell: Tell) -> KnownPeople:
    """People of a folder.

    Args:
        answerer: the model.
        finder: cuts out faces; None if each picture is a prepared face.
        source: holds a folder for each person, with pictures of any expressions and, in its folder `calm`, some of the
            face at rest; or a file NAME.json of `gcnet calibrate`. Who is in a query is told by a table `people.csv` in
            it with the columns file, person and perhaps face; where there is none by the folder in which the query
            lies, at any depth, if it has a person's name.
        tell: takes a note where the largest of several faces is taken.

    Raises:
        UserError: if there are no people, or something in the folder cannot be used; the text says what.
    """
    people = read_people(answerer, finder, source, tell)
    table = source / TABLE
    name_of = by_table(table, people) if table.is_file() else by_folder(people)
    return KnownPeople(lambda face: people.get(name_of(face) or ""))


def read_people(answerer: Answerer, finder: FaceFinder | None, source: Path, tell: Tell) -> dict[str, Person]:
    """The people of a folder by name; see `known_people`."""
    if not source.is_dir():
        raise UserError(f"{source}: no such folder; --people takes one that holds a folder of pictures for each person")
    people = {}
    for place in sorted(source.iterdir()):
        if is_hidden(place.name):
            continue
        if place.is_dir():
            people[place.name] = _of_folder(answerer, finder, place, tell)
        elif place.suffix == ".json":
            people[place.stem] = read_person(place, answerer)
    if not people:
        raise UserError(f"{source}: nobody here; expected a folder of pictures for each person, or files NAME.json")
    return people


def _of_folder(answerer: Answerer, finder: FaceFinder | None, folder: Path, tell: Tell) -> Person:
    everything = pictures_below(folder)
    calm = [path for path in everything if path.relative_to(folder).parts[0] == CALM]
    found = [
        enrolled(answerer, finder, map(read_picture, paths), calm=at_rest, name=folder.name, tell=tell)
        for paths, at_rest in ((calm, True), ([path for path in everything if path not in calm], False))
        if paths
    ]
    if not found:
        raise UserError(f"{folder}: no picture here; expected some of {folder.name}")
    return together(found)


def by_folder(people: Mapping[str, Person]) -> Callable[[FaceResult], str | None]:
    """The person whose name a folder above a query has, the nearest one."""

    def name_of(face: FaceResult) -> str | None:
        return next((above.name for above in Path(face.file).absolute().parents if above.name in people), None)

    return name_of


def by_table(table: Path, people: Mapping[str, Person]) -> Callable[[FaceResult], str | None]:
    """The person whom a table names.

    Args:
        table: CSV with the columns file, relative to the table's folder or to where the command runs, and person; with
            a column face, the number of a face in its picture, where several people are in one.
        people: that are known.

    Raises:
        UserError: if a column is missing, a person is not known, or a number is none; naming the line.
    """
    names: dict[tuple[Path, int | None], str] = {}
    _, rows = read_table(read_file(table), table, ("file", "person"))
    for _, where, cells in rows:
        name, number = cells["person"], cells.get("face") or ""
        if name not in people:
            raise UserError(f"{where}: nobody called {name!r} is known; {suggestion(name, list(people))}")
        if number and not (number.isascii() and number.isdecimal()):
            raise UserError(f"{where}: face {number!r} is no number; faces are counted from 1 at the left")
        beside = table.parent / cells["file"]
        file = beside if beside.exists() else Path(cells["file"])
        names[file.resolve(), int(number) if number else None] = name

    def name_of(face: FaceResult) -> str | None:
        file = Path(face.file).resolve()
        return names.get((file, face.number)) or names.get((file, None))

    return name_of
