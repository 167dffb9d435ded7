"""The command: where it listens, what it says, and mistakes told before the model is read."""

import signal
import socket
import sys
from typing import Any

import pytest

from gcnet_core.plugin_api import UserError
from gcnet_core.serve import server
from gcnet_core.serve.server import FIRST_PORT, address, is_loopback, listen
from tests.runs import gcnet


def test_the_next_free_port_is_taken_unless_one_is_named() -> None:
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        ports = [place.getsockname()[1] for place in (first, second)]
        assert FIRST_PORT <= ports[0] < ports[1]
        assert address(first, "127.0.0.1") == f"http://127.0.0.1:{ports[0]}/"
        with pytest.raises(UserError, match=f"port {ports[0]} is taken"):
            listen("127.0.0.1", ports[0])


def test_a_foreign_address_is_told() -> None:
    with pytest.raises(UserError, match="cannot listen on 192\\.0\\.2\\.1"):
        listen("192.0.2.1", None)


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("lab.example", False)],
)
def test_loopback_is_this_machine_alone(host: str, own: bool) -> None:
    assert is_loopback(host) is own


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "nowhere"),
        (("--device", "quantum"), "--device quantum"),
        (("--set", "eye_distance=9", "--port", "0", "nowhere"), "nowhere"),
    ],
)
def test_mistakes_are_told_without_a_traceback(words: tuple[str, ...], message: str) -> None:
    answer = gcnet("serve", *words)
    assert answer.returncode == 2
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = gcnet("serve", "--port", taken.getsockname()[1])
    assert answer.returncode == 2
    assert "is taken; name another one with --port" in answer.stderr


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    answer = gcnet("serve")
    assert answer.returncode == 2
    assert "pip install 'gcnet[serve]'" in answer.stderr


def test_what_the_terminal_says(monkeypatch: pytest.MonkeyPatch, recognizer: Any) -> None:
    from gcnet_core.inference import recognizer as module

    def serve(app: Any, listening: socket.socket, started: Any) -> None:
        started()
        listening.close()

    monkeypatch.setattr(module, "load", lambda *_, **__: recognizer())
    monkeypatch.setattr(server, "serve", serve)
    answer = gcnet("serve", "--port", 0, "--host", "0.0.0.0")
    assert answer.returncode == 0, answer.stderr
    assert "bright at http://127.0.0.1:" in answer.stdout or "by_brightness at http://127.0.0.1:" in answer.stdout
    assert "note: only prepared faces can be sent" in answer.stderr
    assert "warning: whoever reaches 0.0.0.0 can use this server" in answer.stderr
    assert "warning" not in gcnet("serve", "--port", 0).stderr


def test_ctrl_c_ends_it_in_peace(monkeypatch: pytest.MonkeyPatch, recognizer: Any) -> None:
    from gcnet_core.inference import recognizer as module

    monkeypatch.setattr(module, "load", lambda *_, **__: recognizer())
    monkeypatch.setattr(server, "open_browser", lambda url: signal.raise_signal(signal.SIGINT))
    answer = gcnet("serve", "--port", 0, "--open")
    assert answer.returncode == 0
    assert "at http://127.0.0.1:" in answer.stdout
    assert "stopped" not in answer.stderr
