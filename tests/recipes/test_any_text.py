"""Any bytes, any depth and any number of values end as file:line:column, soon; so do values that no machine holds."""

import math
import os
from pathlib import Path
from typing import Any

import pytest

from gcnet_core.plugin_api import Options, Registry, UserError
from gcnet_core.recipe import dump_recipe, load_candidates, load_recipe
from gcnet_core.recipe.problems import Problems
from gcnet_core.recipe.source import parse
from gcnet_core.recipe.text import one_line

BASE = (Path(__file__).parent / "errors" / "base.yaml").read_text(encoding="utf-8")


@pytest.fixture
def told(tmp_path: Path, registry: Registry) -> Any:
    """What is said of a recipe that extends the base of the error tests, without the folder."""

    def reader(written: str | bytes, *overrides: str) -> str:
        data = written if isinstance(written, bytes) else ("extends: base.yaml\n" + written).encode()
        (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
        (tmp_path / "r.yaml").write_bytes(data)
        with pytest.raises(UserError) as error:
            load_recipe(tmp_path / "r.yaml", overrides, registry)
        return str(error.value).replace(f"{tmp_path}{os.sep}", "")

    return reader


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 2000))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"extends: base.yaml\nsummary: caf\xe9\n", "r.yaml:2:13: the byte 0xe9 is not UTF-8; save the file as UTF-8"),
        (b"\xff\xfes\x00\xff\xd8", "r.yaml:1:2: the byte 0xff is not UTF-16; save the file as UTF-8"),
        ("seed: !!int x", "r.yaml:2:7: the text 'x' cannot be read as a whole number"),
        ("report: {tsne: !!bool x}", "r.yaml:2:16: the text 'x' cannot be read as true or false"),
        ("seed: !!float", "r.yaml:2:7: the text '' cannot be read as a number"),
        ("summary: !!binary aGk=", "r.yaml:2:10: the tag !!binary means nothing in a recipe; leave it out"),
        ("summary: !!timestamp x", "r.yaml:2:10: the tag !!timestamp means nothing in a recipe; leave it out"),
        ("labels: !!set {a: b}", "r.yaml:2:9: the tag !!set means nothing in a recipe; leave it out"),
        ("summary: !foo x", "r.yaml:2:10: the tag !foo means nothing in a recipe; leave it out"),
        ("seed: 1:2.3", "r.yaml:2:7: expected a whole number, not the text '1:2.3'"),
        ("seed: 0o9", "r.yaml:2:7: expected a whole number, not the text '0o9'"),
        ("a: " + "[" * 500, ": more than 50 levels in each other, which no recipe has"),
        ("a:\n" + "\n".join(" " * n + "a:" for n in range(1, 500)), ": more than 50 levels"),
        ("summary: " + "x" * 10_000_000, "r.yaml:1:1: this file has more than 1,000,000 bytes, which no recipe has"),
        ("\n".join(f"k{n}: 1" for n in range(30_000)), "more than 10,000 values, which no recipe has"),
        (LAUGHS, "more than 10,000 values, which no recipe has"),
        (CHAIN, "more than 50 levels in each other, which no recipe has"),
        ("a: &a [*a]", "r.yaml:2:4: an alias that contains itself"),
        ("summary: a\0b", "r.yaml:2:11: the character U+0000 cannot stand in a recipe; remove it"),
        ('summary: "a\\0b"', "r.yaml:2:10: the character U+0000 is no text; remove it"),
        ('summary: "\\ud800"', "r.yaml:2:10: the character U+D800 is no text; remove it"),
        ('model: {generator: {type: "\\ud800"}}', "r.yaml:2:27: the character U+D800 is no text; remove it"),
        ('summary: "\\U00110000"', "r.yaml:1:1: broken YAML: chr() arg not in range"),
        ("labels: {<<: {a: b}}", "r.yaml:2:10: recipes have no merge key `<<`; write the keys, or `extends` a file"),
        ("? [a]\n: 1", "r.yaml:2:3: a key must be plain text"),
        ("%YAML 9.9\n---\nseed: 1", "r.yaml:2:1: broken YAML"),
        ("seed: " + "9" * 24, "r.yaml:2:7: expected at most 9223372036854775807, not 999999999999999999999999"),
        ("seed: " + "9" * 5000, "r.yaml:2:7: the text '999"),
        ("seed: 1e400", "r.yaml:2:7: expected a finite number, not inf"),
        ("training: {clip_gradient: .inf}", "r.yaml:2:27: .inf is no number that can be computed with"),
        ("training: {optimizer: {learning_rate: .nan}}", "r.yaml:2:39: expected more than 0, not nan"),
        ("training: {optimizer: {learning_rate: 1e300}}", "r.yaml:2:39: 1e+300 is no number that can be computed with"),
        ("training: {optimizer: {betas: [0.9, 1]}}", "r.yaml:2:37: expected less than 1, not 1"),
        ("evaluation: {bootstrap: 1000000000000}", "r.yaml:2:25: expected at most 1000000, not 1000000000000"),
        ("model: {encoder: {type: timm, width: 10000000000}}", "r.yaml:2:38: expected at most 16384"),
        ("model: {encoder: {type: timm, options: {a: [.inf]}}}", "r.yaml:2:40: .inf is no number"),
        ("model: {encoder: {type: timm, name: resnet81}}", "r.yaml:2:37: timm has no model resnet81; did you mean"),
        ("name: ../x", "r.yaml:2:7: no folder is called . or ..; a name is one or more folders"),
        ("name: /x", "r.yaml:2:7: it begins with /; a name"),
        ("name: a/con.txt", "r.yaml:2:7: con.txt is a device on Windows; a name"),
        ("name: a\\b", "r.yaml:2:7: it holds a backslash; a name"),
        ('name: "a\\nb"', "r.yaml:2:7: it holds a character that cannot be seen; a name"),
        ("name: " + "x" * 300, "r.yaml:2:7: it is too long; a name"),
        ("name: a//b", "r.yaml:2:7: a folder between two slashes has no name; a name"),
    ],
    ids=range(44),
)  # fmt: skip
def test_text(told: Any, text: str | bytes, message: str) -> None:
    said = told(text)
    assert message in said
    assert len(said) < 3000


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=!!int x", "--set seed=!!int x: the text 'x' cannot be read as a whole number"),
        ("seed=" + "[" * 500, "more than 50 levels in each other"),
        (".".join("a" * 500) + "=1", "more than 50 levels in each other"),
        ("seed=\0", "the character U+0000 cannot stand in a recipe"),
        ("summary=" + "x" * 2_000_000 + "\0", "the character U+0000 cannot stand in a recipe"),
    ],
    ids=range(5),
)
def test_override(told: Any, override: str, message: str) -> None:
    said = told("seed: 1", override)
    assert message in said
    assert len(said) < 3000


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_what_windows_editors_save_is_read(mark: str, tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "r.yaml").write_bytes("extends: base.yaml\r\nsummary: café\r\n".encode(mark))
    assert load_recipe(tmp_path / "r.yaml", registry=registry).summary == "café"


def test_names_of_runs(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "recipes").mkdir()
    path = tmp_path / "recipes" / ".." / "a b.yaml"
    path.write_text(f"{BASE}\nname: ar/表情 2 ü\n", encoding="utf-8")
    assert load_recipe(path, registry=registry).name == "ar/表情 2 ü"
    path.write_text(BASE, encoding="utf-8")
    assert load_recipe(path, registry=registry).name == "a b"  # not ../a b, which would lie outside runs/
    path = tmp_path / "a\nb.yaml"
    path.write_text(BASE, encoding="utf-8")
    with pytest.raises(UserError, match="`name` is missing, and that of the file will not do: it holds a character"):
        load_recipe(path, registry=registry)


def test_what_is_varied_stays_inside_the_comparison(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "r.yaml").write_text(BASE, encoding="utf-8")
    options = "summary=a/../../../x,b"
    found = load_candidates([str(tmp_path / "r.yaml")], [options, f"name=n,{'m' * 190}"], [], registry)
    for candidate in found:
        pieces = candidate.slug.split("/")
        assert not {"", ".", ".."} & set(pieces)
        assert all(len(piece.encode()) < 256 for piece in pieces)
    assert len({candidate.slug for candidate in found}) == 4


@pytest.mark.parametrize("kind", ["folder", "pipe", "circle", "long"])
def test_what_is_no_file(kind: str, told: Any, tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / ("other" if kind != "long" else "x" * 300)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "circle":
        path.symlink_to(tmp_path / "second")
        (tmp_path / "second").symlink_to(path)
    assert told(f"extends: [base.yaml, {path.name}]".encode()).startswith("r.yaml:1:22: extends: no such file")
    with pytest.raises(UserError, match="no such file|this is"):
        load_recipe(path, registry=registry)


def test_files_that_extend_each_other_without_end(told: Any, tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}.yaml").write_text(f"extends: {number + 1}.yaml\n")
    assert "48.yaml:1:10: extends: more than 50 files on top of each other" in told(b"extends: 0.yaml\n")
    for number in range(30):  # 3 ** 30 readings, if each file were read as often as it is named
        (tmp_path / f"{number}.yaml").write_text(f"extends: [{', '.join([f'{number + 1}.yaml'] * 3)}]\n")
    (tmp_path / "30.yaml").write_text("seed: x\n")
    assert "30.yaml:1:7: expected a whole number" in told(b"extends: 0.yaml\n")


def test_home(tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "r.yaml").write_text(
        "extends: ~/base.yaml\nmodel: {encoder: {type: timm, weights: ~/w}}\n"
        "training: {init_from: {encoder: ~/run, classifier: a/~/b}}\nsummary: ~/x\n",
        encoding="utf-8",
    )
    recipe = load_recipe("~/r.yaml", registry=registry)
    assert recipe.model.config.encoder.config.weights == f"{tmp_path}/w"
    assert recipe.training.init_from == {"encoder": f"{tmp_path}/run", "classifier": "a/~/b"}
    assert recipe.summary == "~/x"
    overrides = ["data={type: folder, folder: ~/faces}"]
    with pytest.raises(UserError, match=str(tmp_path / "faces")):
        load_recipe("~/r.yaml", overrides, registry).data.config.info()


def test_home_in_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gcnet_core.cli.anywhere import at_home

    monkeypatch.setenv("HOME", str(tmp_path))
    assert at_home("~/runs") == at_home("--output=~/runs").removeprefix("--output=") == f"{tmp_path}/runs"
    assert at_home("--set=data.folder=~/x") == "--set=data.folder=~/x"  # which the recipe's own rule reads
    assert at_home("a~/b") == "a~/b"


class Special(Options):
    """Options of a third party: one default is infinite, and stays allowed."""

    reach: float = math.inf
    count: int = 1


def test_special_numbers_are_read_back() -> None:
    assert Special(reach=math.inf).model_dump(mode="json") == {"reach": math.inf, "count": 1}
    with pytest.raises(ValueError, match=r"too large; the largest whole number is 9,007,199,254,740,992"):
        Special(count=2**53 + 1)
    values = [math.inf, -math.inf, 1e-300, 1.5, 3, "é", "1", ".inf", None, True, [1, {"a b: c": [math.inf]}], {}, "💥"]
    for value in values:
        problems = Problems()
        assert parse(one_line(value), "text", problems).plain() == (value if value != {} else {})
        assert not problems.found
    assert math.isnan(parse(one_line(math.nan), "text", Problems()).plain())


def test_special_numbers_of_a_recipe_are_stored_as_they_are(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(BASE, encoding="utf-8")
    recipe = load_recipe(path, ["model.encoder={type: timm}", "training.optimizer.weight_decay=1e-300"], registry)
    encoder = recipe.model.config.encoder.config
    encoder.options.update(low=-math.inf, high=[math.inf])  # as a default of a third party could be
    text = dump_recipe(recipe)
    assert "low: -.inf" in text
    problems = Problems()
    stored = parse(text, "stored", problems).plain()
    assert stored["model"]["encoder"]["options"] == {"low": -math.inf, "high": [math.inf]}
    assert stored["training"]["optimizer"]["weight_decay"] == 1e-300
