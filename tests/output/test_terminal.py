"""What is printed: text as it is, on every terminal and into every pipe."""

import io
import os
import subprocess
import sys
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.table import Table

from gcnet_core.output.console import Console
from gcnet_core.output.streams import ESCAPED, reader_left, tell
from gcnet_core.output.visible import HIDDEN, one_line, visible
from tests.runs import COMMAND, environment, gcnet

NASTY = "[red]x[/y] :smile: \x1b[31m\a\r\u202e\udcff"
SHOWN = "[red]x[/y] :smile: \\x1b[31m\\x07\\r\\u202e\\xff"


def console(encoding: str, width: int = 80) -> tuple[Console, io.BytesIO]:
    written = io.BytesIO()
    file = io.TextIOWrapper(written, encoding=encoding, errors=ESCAPED, write_through=True)
    return Console(file=file, width=width), written


def test_what_is_hidden_is_shown() -> None:
    assert visible(f"{NASTY}\n") == f"{SHOWN}\n"
    assert one_line("a\n\tb") == "a\\n\\tb"
    assert visible("سلام\u200cها 开心 👩\u200d🔬") == "سلام\u200cها 开心 👩\u200d🔬"  # joiners are letters


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.characters() | st.characters(categories=["Cc", "Cf", "Cs"])))
def test_no_control_is_left(text: str) -> None:
    assert not HIDDEN.search(visible(text))
    assert one_line(text).isprintable() or not set(one_line(text)) & set("\n\r\t\x1b")
    visible(text).encode("utf-8")


def test_strings_are_no_markup_wherever_they_stand() -> None:
    on, written = console("utf-8", width=200)
    table = Table(NASTY, title=NASTY)
    table.add_row(NASTY)
    on.print(NASTY)
    on.print(table)
    on.rule(NASTY)
    assert written.getvalue().decode("utf-8").count(SHOWN) == 5
    assert b"\x1b" not in written.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8", "utf-16", "shift_jis"])
@pytest.mark.parametrize("width", [80, 20, 1])
def test_every_encoding_prints_everything(encoding: str, width: int) -> None:
    on, written = console(encoding, width)
    table = Table("开心", "−")
    table.add_row("قهر", NASTY)
    on.print(table, "开心 – ✓")
    assert written.getvalue().decode(encoding)


def test_what_an_encoding_lacks_is_readable_and_json() -> None:
    assert "开é😀".encode("ascii", ESCAPED) == b"\\u5f00\\u00e9\\ud83d\\ude00"
    on, written = console("ascii")
    on.print("a − b – c")
    assert written.getvalue() == b"a - b - c\n"


def test_messages_are_told_without_controls(capsys: pytest.CaptureFixture[str]) -> None:
    tell("no such file: \x1b[2Jx\nhere", err=True)
    assert capsys.readouterr().err == "no such file: \\x1b[2Jx\nhere\n"


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "cp1252", "COLUMNS": "20"},
        {"PYTHONIOENCODING": "ascii", "COLUMNS": "0", "TERM": "dumb"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "COLUMNS": "1"},
    ],
)
def test_commands_run_on_poor_terminals(variables: dict[str, str]) -> None:
    with mock.patch.dict(os.environ, variables):
        words = [*COMMAND, "recipes", "list"]
        given = environment() | {"COLUMNS": variables["COLUMNS"]}
        answer = subprocess.run(words, capture_output=True, env=given)
    assert answer.returncode == 0, answer.stderr
    assert b"Traceback" not in answer.stderr


def test_errors_show_names_without_controls() -> None:
    missing = gcnet("run", "开心\x1b.yaml")
    assert missing.returncode == 2
    assert "开心\\x1b.yaml" in missing.stderr


@pytest.mark.parametrize("closed", ["reader", "stdout"])
def test_a_reader_that_left_is_no_failure(closed: str) -> None:
    words = "import sys; from gcnet_core.cli import main; sys.argv[1:] = ['recipes', 'list']; main()"
    reading, writing = os.pipe()
    os.close(reading)
    answer = subprocess.run(
        [sys.executable, "-c", words],
        stdout=writing, stderr=subprocess.PIPE, env=environment(),
        preexec_fn=(lambda: os.close(1)) if closed == "stdout" else None,
    )  # fmt: skip
    os.close(writing)
    assert (answer.returncode, answer.stderr) == (0, b"")


def test_only_protected_streams_tell_that_their_reader_left() -> None:
    assert not reader_left(io.StringIO())
