"""What the doctor says of a mail server and a proxy; both are real ones on this machine."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from forum.app import create_app
from forum.config import Settings, load_settings
from forum.doctor import outside
from forum.doctor.result import State
from forum.testing.application import close
from forum.testing.site import free_port
from forum.web.health import NONCE_FILE, NONCE_HEADER

LOOK, WRONG = State.LOOK, State.WRONG


@contextmanager
def mail_server(answers: dict[str, str]) -> Iterator[int]:
    """A server that answers each command by its first word; without a greeting it says nothing."""

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if "greeting" not in answers:
                self.rfile.readline()
                return
            self.wfile.write(answers["greeting"].encode() + b"\r\n")
            while line := self.rfile.readline():
                word = line.split()[0].decode().upper() if line.split() else ""
                self.wfile.write(answers.get(word, "502 no").encode() + b"\r\n")

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


FINE = {
    "greeting": "220 here",
    "EHLO": "250-here\r\n250 AUTH PLAIN",
    "AUTH": "235 welcome",
    "NOOP": "250 yes",
    "QUIT": "221 bye",
}


def of_mail(folder: Path, port: int, **more: Any) -> tuple[State, str]:
    options = {"smtp_tls": "none", "smtp_user": "forum", "smtp_password": "x", **more}
    settings = load_settings(folder, smtp_host="127.0.0.1", smtp_port=port, **options)
    (result,) = outside.mail(settings)
    assert bool(result.next) == bool(result.state)
    return result.state, result.says


def test_mail_server_that_lets_the_forum_in_is_well(tmp_path: Path) -> None:
    with mail_server(FINE) as port:
        assert of_mail(tmp_path, port)[0] == State.OK


@pytest.mark.parametrize(
    ("answers", "options", "says"),
    [
        ({**FINE, "AUTH": "535 no"}, {}, "does not accept user and password"),
        (FINE, {"smtp_tls": "starttls"}, "offers no encryption"),
        (FINE, {"smtp_tls": "tls"}, "No encrypted connection"),
        ({"greeting": "554 go away"}, {}, "does not answer as a mail server"),
        ({}, {}, "does not answer as a mail server (SMTPServerDisconnected)"),
    ],
)
def test_mail_server_that_does_not_is_named_with_its_reason(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answers: dict[str, str],
    options: dict[str, str],
    says: str,
) -> None:
    monkeypatch.setattr(outside, "SECONDS", 0.5)
    with mail_server(answers) as port:
        state, said = of_mail(tmp_path, port, **options)
    assert (state, says in said) == (WRONG, True), said


def test_mail_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert of_mail(tmp_path, free_port())[0] == WRONG


def test_forum_for_people_without_a_mail_server_should_get_one(tmp_path: Path) -> None:
    local = load_settings(tmp_path)
    public = load_settings(tmp_path, public_url="https://forum.example.org")
    assert [[r.state for r in outside.mail(s)] for s in (local, public)] == [[State.OK], [LOOK]]


@contextmanager
def behind(app: Flask, environment: dict[str, Any]) -> Iterator[None]:
    """The forum at its public address, as a proxy would hand requests on to it."""
    settings: Settings = app.extensions["forum_settings"]
    inner = app.wsgi_app

    def handed_on(environ: dict[str, Any], start: Any) -> Any:
        return inner({**environ, **environment}, start)

    app.wsgi_app = handed_on  # type: ignore[method-assign]
    port = int(settings.public_url.rpartition(":")[2])
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def public(tmp_path: Path, sqlite_template: Path) -> Iterator[Flask]:
    """A forum with an address that people use."""
    url = f"http://127.0.0.1:{free_port()}"
    app = create_app(tmp_path, database=f"sqlite:///{sqlite_template}", public_url=url)
    yield app
    close(app)


def of_proxy(app: Flask) -> list[tuple[State, str]]:
    return [(r.state, r.says) for r in outside.proxy(app.extensions["forum_settings"])]


def test_forum_that_answers_at_its_public_address_is_well(public: Flask) -> None:
    with behind(public, {}):
        assert [state for state, _ in of_proxy(public)] == [State.OK]
    note = public.extensions["forum_settings"].running_folder / NONCE_FILE
    assert not note.exists()


def test_proxy_that_changes_the_host_is_named(public: Flask) -> None:
    with behind(public, {"HTTP_HOST": "localhost:8000"}):
        assert of_proxy(public) == [(WRONG, "Host arrives as 'localhost:8000'.")]


def test_address_that_nobody_answers_is_named(public: Flask) -> None:
    [(state, says)] = of_proxy(public)
    assert (state, "ConnectionRefusedError" in says) == (LOOK, True)


def test_another_program_at_the_public_address_is_no_forum(public: Flask) -> None:
    public.view_functions["health.alive"] = lambda: '["something", "else"]'
    with behind(public, {}):
        assert [state for state, _ in of_proxy(public)] == [LOOK]


SEEN = {"host": "f.example.org", "peer": "10.0.0.9", "scheme": "https"}


@pytest.mark.parametrize(
    ("seen", "says"),
    [
        ({"is_proxied": True, "forwarded": True}, "Host, address and scheme"),
        ({"is_proxied": False, "forwarded": True}, "10.0.0.9 is not trusted"),
        ({"is_proxied": True, "forwarded": False}, "X-Forwarded-For does not arrive"),
        ({"is_proxied": True, "forwarded": True, "scheme": "http"}, "takes HTTPS for HTTP"),
    ],
)
def test_what_does_not_reach_the_forum_over_https_is_named(
    tmp_path: Path, seen: dict[str, Any], says: str
) -> None:
    settings = load_settings(tmp_path, public_url="https://f.example.org")
    (result,) = outside._judged(settings, {**SEEN, **seen})
    assert says in result.says
    assert bool(result.next) == bool(result.state)


def test_only_the_doctor_is_told_what_the_forum_sees(public: Flask) -> None:
    client = public.test_client()
    plain = client.get("/healthz").text
    with outside._nonce(public.extensions["forum_settings"]) as nonce:
        told = client.get("/healthz", headers={NONCE_HEADER: nonce}).text
        guesses = [
            client.get("/healthz", headers={NONCE_HEADER: guess}).text
            for guess in ("", "x", nonce[:-1], "ü")
        ]
    after = client.get("/healthz", headers={NONCE_HEADER: nonce}).text
    assert set(json.loads(told)) == {"host", "scheme", "peer", "is_proxied", "forwarded"}
    assert {*guesses, after} == {plain}
