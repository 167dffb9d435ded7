"""People who are known: pictures, folders, tables, files; nobody is compared with the picture that is asked for."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gcnet_core.faces.finder import Crop, FaceFinder, Found
from gcnet_core.inference.known.known import enrolled
from gcnet_core.inference.known.people import known_people
from gcnet_core.inference.known.person import Person, as_known, read_person, write_person
from gcnet_core.inference.pictures import Picture, read_picture
from gcnet_core.inference.recognizer import Recognizer
from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.torch_answerer import TorchAnswerer
from gcnet_core.interfaces import Face
from gcnet_core.plugin_api import Registry, UserError
from tests.inference.known_models import answerer, save_faces, some_faces


@pytest.fixture(scope="module")
def model(registry: Registry) -> TorchAnswerer:
    return answerer(registry)


class Finder(FaceFinder):
    """Finds as many faces as it is told, of growing size."""

    def __init__(self, faces: int) -> None:
        self.faces = faces

    def find(self, pixels: np.ndarray, name: str) -> Found:
        faces = [Face((8.0 * place, 0.0, 4.0 + place, 4.0 + place), 1.0) for place in range(self.faces)]
        return Found(len(faces), tuple(Crop(face, pixels // (place + 1), 0.0) for place, face in enumerate(faces)))


def shares(model: TorchAnswerer, queries: np.ndarray, codes: np.ndarray | None) -> np.ndarray:
    person = None if codes is None else Person("", codes, ("",) * len(codes))
    return model.answer(queries, as_known([person] * len(queries))).probabilities


def test_predict_compares_with_a_calm_picture_and_an_album(model: TorchAnswerer, registry: Registry) -> None:
    recognizer = Recognizer(model, registry)
    queries, calm, album = some_faces(3), some_faces(1, seed=1), some_faces(2, seed=2)

    def asked(**known: Any) -> np.ndarray:
        results = recognizer.predict([query[0] for query in queries], faces="prepared", **known)
        return np.array([list(result.probabilities.values()) for result in results])

    both = np.concatenate([model.codes(calm, calm=True), model.codes(album, calm=False)])
    np.testing.assert_allclose(asked(), shares(model, queries, None), atol=1e-6)
    np.testing.assert_allclose(asked(reference=calm[0, 0]), shares(model, queries, both[:1]), atol=1e-6)
    np.testing.assert_allclose(asked(album=[one[0] for one in album]), shares(model, queries, both[1:]), atol=1e-6)
    np.testing.assert_allclose(
        asked(reference=calm[0, 0], album=[one[0] for one in album]), shares(model, queries, both), atol=1e-6
    )


def test_a_picture_is_not_compared_with_itself_nor_with_a_copy(
    model: TorchAnswerer, registry: Registry, tmp_path: Path
) -> None:
    album = save_faces(tmp_path / "album", 3)
    (tmp_path / "copy.png").write_bytes(album[0].read_bytes())
    recognizer = Recognizer(model, registry)
    inside, copy = recognizer.predict([album[0], tmp_path / "copy.png"], album=album, faces="prepared")
    beside = recognizer.predict(album[0], album=album[1:], faces="prepared")[0]
    assert inside.probabilities == pytest.approx(beside.probabilities, abs=1e-6)
    assert copy.probabilities == pytest.approx(beside.probabilities, abs=1e-6)


def test_a_picture_of_a_person_must_show_their_face(model: TorchAnswerer, tmp_path: Path) -> None:
    picture = Picture("[bold]anna.jpg", some_faces(1)[0, 0][..., None])
    with pytest.raises(UserError, match=r"\[bold\]anna.jpg: no face found; a picture of a person must show"):
        enrolled(model, Finder(0), [picture], calm=True)
    with pytest.raises(UserError, match="2 faces, and nobody knows whose"):
        enrolled(model, Finder(2), [picture], calm=True)
    notes: list[str] = []
    largest = enrolled(model, Finder(2), [picture], calm=True, tell=notes.append)
    assert notes == ["note: [bold]anna.jpg: 2 faces; the largest is taken"]
    np.testing.assert_allclose(largest.codes, model.codes(some_faces(1) // 2, calm=True), atol=1e-6)
    with pytest.raises(UserError, match="nothing.png: cannot be read"):
        enrolled(model, None, [read_picture(tmp_path / "nothing.png")], calm=True)
    frames = [Picture("anna.mp4", None, 0, 0.0, "damaged"), Picture("anna.mp4", picture.pixels, 1, 0.5)]
    assert enrolled(model, None, frames, calm=True).checksums == ("",)


def people_folder(folder: Path) -> Path:
    save_faces(folder / "anna", 2, seed=1)
    save_faces(folder / "anna" / "calm", 1, seed=2)
    save_faces(folder / "ben", 1, seed=3)
    return folder


def face_of(path: Path, number: int = 1) -> FaceResult:
    return FaceResult(str(path), number=number, query=some_faces(1)[0])


def test_people_are_told_by_the_folders_of_the_queries(model: TorchAnswerer, tmp_path: Path) -> None:
    known = known_people(model, None, people_folder(tmp_path / "people"), print)
    anna, ben, nobody = (save_faces(tmp_path / "asked" / name, 1, seed=9)[0] for name in ("anna/monday", "ben", "cid"))
    found = known([face_of(anna), face_of(ben), face_of(nobody)])
    assert found is not None
    assert found.known.sum(axis=1).tolist() == [3, 1, 0]
    assert known.alone == 1
    calm = model.codes(some_faces(1, seed=2), calm=True)
    assert np.abs(found.codes[0] - calm).max(axis=1).min() < 1e-6
    own = known([face_of(tmp_path / "people" / "anna" / "1_0.png")])
    assert own is not None
    assert own.known.sum() == 2  # the album without the picture that is asked for


def test_people_are_told_by_a_table_with_numbers_of_faces(model: TorchAnswerer, tmp_path: Path) -> None:
    folder, both = people_folder(tmp_path / "people"), save_faces(tmp_path / "asked", 1, seed=9)[0]
    table = folder / "people.csv"
    table.write_text("file,face,person\n../asked/9_0.png,1,anna\n../asked/9_0.png,2,ben\n")
    found = known_people(model, None, folder, print)([face_of(both, number) for number in (1, 2, 3)])
    assert found is not None
    assert found.known.sum(axis=1).tolist() == [3, 1, 0]
    for line, told in (
        ("x.png,,bem", "nobody called 'bem' is known; did you mean ben?"),
        ("x.png,one,ben", "no number"),
    ):
        table.write_text(f"file,face,person\n{line}\n")
        with pytest.raises(UserError, match=f"people.csv:2: .*{told}"):
            known_people(model, None, folder, print)
    table.write_text("file\nx.png\n")
    with pytest.raises(UserError, match="people.csv:1: no column person"):
        known_people(model, None, folder, print)


def test_a_folder_without_people_is_refused(model: TorchAnswerer, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        known_people(model, None, tmp_path / "nothing", print)
    with pytest.raises(UserError, match="nobody here"):
        known_people(model, None, tmp_path, print)
    (tmp_path / "anna").mkdir()
    with pytest.raises(UserError, match="no picture here; expected some of anna"):
        known_people(model, None, tmp_path, print)


def test_a_persons_file_holds_codes_of_one_model_and_no_picture(
    model: TorchAnswerer, registry: Registry, tmp_path: Path
) -> None:
    paths = save_faces(tmp_path / "anna", 2)
    person = enrolled(model, None, map(read_picture, paths), calm=False, name="anna")
    file = tmp_path / "anna.json"
    write_person(file, person, model, "any")
    read = read_person(file, model)
    np.testing.assert_allclose(read.codes, person.codes, atol=1e-6)
    assert read.checksums == person.checksums
    written = json.loads(file.read_text())
    assert set(written["pictures"][0]) == {"sha256", "expressions", "code"}
    with pytest.raises(UserError, match="made by another model"):
        read_person(file, answerer(registry, flip=True))
    with pytest.raises(UserError, match="no such file"):
        read_person(tmp_path / "ben.json", model)
    file.write_text("{}")
    with pytest.raises(UserError, match="damaged, or not written by gcnet"):
        read_person(file, model)
    people = tmp_path / "people"
    people.mkdir()
    write_person(people / "anna.json", person, model, "any")
    found = known_people(model, None, people, print)([face_of(tmp_path / "anna" / "other.png")])
    assert found is not None
    assert found.known.sum() == 2
