"""Plugins' doors: WSGI applications of their own, before anything of the forum's is asked.

Behind a door nothing may know who asks. So it is answered before the session, the limits, the log and
the figures; the application is given no cookies but its own, and of the headers only what a page needs.
What is under way there or fails, the reviewers of a draft included, is not noted as other calls of
plugins are: that is a line, a row or a figure with the time. Instead the forum looks at each door itself
now and then, and tells administrators what fails then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import Flask
from flask_babel import gettext
from sqlalchemy import exc
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.test import EnvironBuilder

from forum.config import current_settings
from forum.hookspecs import Door
from forum.jobs.worker import tidier
from forum.plugin_host import PluginHost
from forum.plugin_host.answers import WrongAnswer
from forum.plugin_host.dispatch import current_host
from forum.plugin_host.unnoticed import unnoticed
from forum.web.door_page import failure_page, in_language, language_for
from forum.web.headers import headers_of_doors
from forum.web.hosts import host_in
from forum.web.kept import beginning_of, texts_in
from forum.web.maintenance import RETRY_SECONDS, note_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]
_BREAKS = re.compile(r"[\r\n\0]")
MOST_ANSWER_BYTES = 4 * 1024 * 1024
FORM = "application/x-www-form-urlencoded"
# Of a form whose texts are given back.
MOST_FIELDS = 100
# What of a request its application is given, besides what WSGI itself has there.
GIVEN = frozenset(
    {"REQUEST_METHOD", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_NAME"}
    | {"SERVER_PORT", "SERVER_PROTOCOL", "REMOTE_ADDR", "HTTP_HOST", "HTTP_ACCEPT"}
    | {"HTTP_ACCEPT_LANGUAGE", "HTTP_ORIGIN", "HTTP_REFERER"}
    | {"HTTP_SEC_FETCH_DEST", "HTTP_SEC_FETCH_MODE", "HTTP_SEC_FETCH_SITE", "HTTP_SEC_FETCH_USER"}
)
# The forum says these of every answer, and nobody else.
OURS = frozenset({"content-length", "connection", "date", "server", "transfer-encoding"})


@dataclass(slots=True)
class _Answer:
    status: str = ""
    headers: Headers = field(default_factory=list)
    body: bytes = b""


class HeardInput:
    """The body of a request, of which is kept what was read: to be given back if that comes to nothing."""

    def __init__(self, body: Any) -> None:
        self._body, self.heard = body, bytearray()

    def read(self, size: int = -1) -> bytes:
        """As WSGI has it (PEP 3333)."""
        return self._hear(self._body.read(size))

    def readline(self, size: int = -1) -> bytes:
        """As WSGI has it."""
        return self._hear(self._body.readline(size))

    def readlines(self, hint: int = -1) -> list[bytes]:
        """As WSGI has it."""
        return [self._hear(line) for line in self._body.readlines(hint)]

    def __iter__(self) -> Iterator[bytes]:
        return (self._hear(line) for line in self._body)

    def _hear(self, some: bytes) -> bytes:
        self.heard += some
        return some


class Doors:
    """WSGI middleware: what lies below a door goes to its plugin, and all else to the forum."""

    def __init__(self, application: WSGIApplication, app: Flask, host: PluginHost) -> None:
        self._application, self._app = application, app
        self._doors = {door.path: door for door, _deed in host.doors.values()}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path: str = environ.get("PATH_INFO", "")
        found = self._doors.get("/" + path[1:].partition("/")[0])
        if found is None:
            return self._application(environ, start_response)
        with self._app.app_context():
            answer = self._answer(found, environ)
            headers = [*answer.headers, *headers_of_doors()]
        headers.append(("Content-Length", str(len(answer.body))))
        start_response(answer.status, headers)
        return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else answer.body]

    def _answer(self, door: Door, environ: WSGIEnvironment) -> _Answer:
        if host_in(environ.get("HTTP_HOST", "")) not in self._app.extensions["forum_hosts"]:
            words = gettext("The forum does not answer to the name in this address.")
            return _plain("400 BAD REQUEST", words)
        with in_language(language_for(environ.get("HTTP_ACCEPT_LANGUAGE", ""))):
            if refused := self._refused_body(environ):
                return refused
            if note_of(self._app.extensions["forum_settings"].instance).exists():
                return _closed(environ)
            return _let_in(door, environ)

    def _refused_body(self, environ: WSGIEnvironment) -> _Answer | None:
        length = environ.get("CONTENT_LENGTH") or "0"
        if environ.get("HTTP_TRANSFER_ENCODING") or not length.isdigit():
            return _plain(
                "411 LENGTH REQUIRED", gettext("The request does not say how long it is.")
            )
        most: int = self._app.config["MAX_CONTENT_LENGTH"]
        if int(length) > most:
            words = gettext(
                "That is too much at once, and nothing of it was read. Go back, where your text still "
                "stands, and shorten it."
            )
            return _plain("413 CONTENT TOO LARGE", words)
        return None


def _let_in(door: Door, environ: WSGIEnvironment) -> _Answer:
    body = HeardInput(environ["wsgi.input"])
    try:
        with unnoticed():
            return _asked(door, {**_given(door, environ), "wsgi.input": body})
    except KeyboardInterrupt:
        raise
    # A plugin may raise anything; its door is shut for a moment, and nothing else.
    except BaseException as error:
        kept = _kept(environ, bytes(body.heard))
        if not _is_out_of_reach(error):
            return _plain("500 INTERNAL SERVER ERROR", _could_not(), kept)
        answer = _plain("503 SERVICE UNAVAILABLE", _no_data(), kept)
        answer.headers.append(("Retry-After", str(RETRY_SECONDS)))
        return answer


def _is_out_of_reach(error: BaseException) -> bool:
    """Whether the database did not answer; what is wrong with a statement is a fault like others."""
    if isinstance(error, OperationalError | InterfaceError):
        # Python calls it the same, whether a file is locked or a column is missing.
        return getattr(error.orig, "sqlite_errorname", "") != "SQLITE_ERROR"
    return isinstance(error, exc.TimeoutError)


def _closed(environ: WSGIEnvironment) -> _Answer:
    """Says that somebody is working on the forum, and gives back what was written, as its own pages do."""
    size = int(environ.get("CONTENT_LENGTH") or 0)
    kept = _kept(environ, environ["wsgi.input"].read(size)) if size else []
    words = gettext("Somebody is working on it. Come back soon.")
    if kept:
        not_kept = gettext(
            "Nothing was kept of what you sent. Copy it now, then go back and send the same form again later."
        )
        words = f"{words} {not_kept}"
    closed = _plain("503 SERVICE UNAVAILABLE", words, kept)
    closed.headers.append(("Retry-After", str(RETRY_SECONDS)))
    return closed


def _kept(environ: WSGIEnvironment, body: bytes) -> list[tuple[str, str]]:
    """What somebody wrote in the fields of a form, as (label, text); nothing where it is no such form."""
    kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if environ.get("REQUEST_METHOD") != "POST" or kind != FORM:
        return []
    words = body.decode(errors="replace")
    try:
        fields = parse_qsl(words, errors="replace", max_num_fields=MOST_FIELDS)
    except ValueError:
        return []
    written = texts_in(
        {name: value.replace("\0", "\N{REPLACEMENT CHARACTER}") for name, value in fields}
    )
    return beginning_of(written)


def _no_data() -> str:
    words = gettext("The forum could not reach its data just now.")
    return f"{words} {_copy_it()}"


def _could_not() -> str:
    words = gettext(
        "This part of the forum did not work. Nobody is told that you were here. Every hour the forum opens "
        "the first page here by itself, and tells its administrators what fails then."
    )
    return f"{words} {_copy_it()}"


def _copy_it() -> str:
    return str(
        gettext(
            "What you wrote may not have been kept, so copy it first if it stands below. Then go back, and "
            "send the same form again in a few minutes."
        )
    )


def _plain(status: str, words: str, kept: Iterable[tuple[str, str]] = ()) -> _Answer:
    body = failure_page(words, list(kept)).encode()
    return _Answer(status, [("Content-Type", "text/html; charset=utf-8")], body)


@tidier
def look_at_doors() -> None:
    """Open the first page of each door as a stranger would, by the forum's own clock, and note what fails.

    What fails for whoever comes to a door is noted nowhere, as it would tell when that was.
    """
    for door, deed in current_host().doors.values():
        start = perf_counter()
        try:
            with unnoticed(), in_language("en"):
                _look(door)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            deed.note_crash(error, start)


def _look(door: Door) -> None:
    builder = EnvironBuilder(path=door.path, base_url=current_settings().base_url)
    status = _asked(door, _given(door, builder.get_environ())).status
    if status.startswith("5"):
        raise WrongAnswer(f"answered {status[:3]}")


def _given(door: Door, environ: WSGIEnvironment) -> dict[str, Any]:
    given = {k: v for k, v in environ.items() if k in GIVEN or k.startswith("wsgi.")}
    given["SCRIPT_NAME"] = door.path
    given["PATH_INFO"] = environ["PATH_INFO"][len(door.path) :]
    if cookies := _own_cookies(door, environ.get("HTTP_COOKIE", "")):
        given["HTTP_COOKIE"] = cookies
    return given


def _own_cookies(door: Door, header: str) -> str:
    parts = (part.strip() for part in header.split(";"))
    own = (part for part in parts if part.startswith(door.cookies)) if door.cookies else ()
    return "; ".join(part for part in own if "=" in part)


def _asked(door: Door, environ: dict[str, Any]) -> _Answer:
    answer, pieces = _Answer(), bytearray()

    def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], Any]:
        answer.status, answer.headers = status, list(headers)
        return pieces.extend

    given = door.application(environ, start)
    try:
        for piece in given:
            pieces.extend(piece)
            if len(pieces) > MOST_ANSWER_BYTES:
                raise WrongAnswer(f"answered more than {MOST_ANSWER_BYTES} bytes")
    finally:
        if hasattr(given, "close"):
            given.close()
    if not answer.status[:3].isdigit():
        raise WrongAnswer("answered without a status")
    said_here = {name.lower() for name, _ in headers_of_doors()} | OURS
    answer.headers = [(n, v) for n, v in answer.headers if n.lower() not in said_here]
    answer.headers = [(name, _sound(door, name, value)) for name, value in answer.headers]
    answer.body = bytes(pieces)
    return answer


def _sound(door: Door, name: str, value: str) -> str:
    if not (isinstance(value, str) and isinstance(name, str)) or _BREAKS.search(name + value):
        raise WrongAnswer("answered with a header of more than one line")
    return _own_cookie(door, value) if name.lower() == "set-cookie" else value


def _own_cookie(door: Door, value: str) -> str:
    try:
        found = SimpleCookie(value)
    except CookieError:
        found = SimpleCookie()
    is_own = all(n.startswith(door.cookies) and found[n]["path"] == door.path for n in found)
    if len(found) != 1 or not door.cookies or not is_own:
        raise WrongAnswer("set a cookie that is not one of its door")
    [cookie] = found.values()
    wanted = {"httponly": "HttpOnly", "samesite": "SameSite=Lax"}
    wanted |= {"secure": "Secure"} if current_settings().has_secure_cookies else {}
    return "; ".join([value, *(words for key, words in wanted.items() if not cookie[key])])
