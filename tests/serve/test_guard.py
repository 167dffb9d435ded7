"""Who may ask: this server by its own names, its own page, programs; no page of another site."""

import pytest

from tests.serve.conftest import Start, png, sent

PREPARED = {"faces": "prepared"}


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "192.168.0.7:80", "lab.example"],
)
def test_own_names_and_addresses_are_answered(start: Start, host: str) -> None:
    answer = start(hosts=["lab.example"]).get("/api/health", headers={"host": host})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "[",
        "a@b@evil.example",
    ],
)
def test_a_name_that_somebody_lets_point_here_is_refused(start: Start, host: str) -> None:
    for path in ("/", "/api/model", "/static/app.js"):
        assert start().get(path, headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://localhost:8000"}, 200),
        ({"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost:3000"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": ""}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
    ],
)
def test_pages_of_others_cannot_send_pictures(start: Start, headers: dict[str, str], status: int) -> None:
    answer = start().post("/api/predict", files=sent(png(1)), data=PREPARED, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/", "/about", "/static/app.js", "/static/style.css", "/api/model", "/nowhere"])
def test_every_answer_forbids_scripts_of_others_and_keeping(start: Start, path: str) -> None:
    headers = start().get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_refusals_have_the_same_headers(start: Start) -> None:
    answer = start().get("/", headers={"host": "evil.example"})
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    "path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static//etc/passwd"]
)
def test_only_files_of_the_page_are_served(start: Start, path: str) -> None:
    assert start().get(path).status_code == 404


@pytest.mark.parametrize("name", ["/dev/zero", "../../etc/passwd", "<img src=x onerror=alert(1)>", "=1+1"])
def test_names_of_files_are_words_and_no_paths(start: Start, name: str) -> None:
    files = [("files", (name, png(1), "image/png")), ("files", (name, b"", "image/png"))]
    answer = start().post("/api/predict", files=files, data=PREPARED)
    assert [picture["file"] for picture in answer.json()["pictures"]] == [name, name]
    assert answer.headers["content-type"] == "application/json"
