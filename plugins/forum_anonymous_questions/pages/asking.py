"""What somebody at the door asks, and what they are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from forum.plugin_api import (
    Conflict,
    ForumError,
    Invalid,
    NotAllowed,
    NotFound,
    TooMany,
    door_page,
)
from forum_anonymous_questions import csrf
from forum_anonymous_questions.codes import normal_code
from forum_anonymous_questions.limits import neighbourhood
from forum_anonymous_questions.queries import unspent
from forum_anonymous_questions.texts import gettext
from forum_anonymous_questions.tickets import COOKIE, Ticket, read_tickets, signed_tickets

PATH = "/ask"
FORM = "application/x-www-form-urlencoded"
# The longest form has eleven.
MOST_FIELDS = 30
TEXT_BYTES = 224 * 1024
"""Of a form with a text of 32 KiB, which may bring along another one, from before the last repair: each byte
of both may be sent as three, and there is more."""
FORM_BYTES = 8 * 1024
"""Of any other form; the longest has twelve tickets as words."""
HAS_TEXT = ("/write", "/clarify")
HTML = ("Content-Type", "text/html; charset=utf-8")


class TooLong(Invalid):
    """More was sent than the longest form has, and nothing of it was read."""


STATUS = (
    (TooLong, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (Invalid, HTTPStatus.UNPROCESSABLE_ENTITY),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Conflict, HTTPStatus.CONFLICT),
    (TooMany, HTTPStatus.TOO_MANY_REQUESTS),
)


@dataclass(frozen=True)
class Asked:
    """A request at the door. What was sent is not read before somebody looks at its fields.

    Attributes:
        path: below the door, such as ``/write``.
        cookies: the values of the ticket cookies by their names.
    """

    environ: Mapping[str, Any] = field(repr=False)
    method: str
    path: str
    cookies: Mapping[str, str]
    visitor: bytes
    is_from_here: bool

    @classmethod
    def read(cls, environ: Mapping[str, Any]) -> Asked:
        """What this request asks."""
        method = environ["REQUEST_METHOD"]
        return cls(
            environ=environ,
            method="GET" if method == "HEAD" else method,
            path=environ.get("PATH_INFO", "").rstrip("/"),
            cookies=_cookies(environ.get("HTTP_COOKIE", "")),
            visitor=neighbourhood(environ.get("REMOTE_ADDR", "")),
            is_from_here=csrf.is_from_here(environ),
        )

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """The fields of the form that was sent; of several with one name the last.

        Raises:
            TooLong: it is longer than any form of this page can be.
            Invalid: it is no form that anybody could have filled in.
        """
        most = TEXT_BYTES if self.path in HAS_TEXT else FORM_BYTES
        return _fields(self.environ, most) if self.method == "POST" else {}

    @property
    def kept(self) -> list[tuple[str, str, str]]:
        """The texts that were sent, to be given back: an id, a label, the text.

        Raises:
            As ``fields``.
        """
        title, source = self.fields.get("title", ""), self.fields.get("source", "")
        sent = [("kept-title", gettext("Title"), title), ("kept", gettext("Your text"), source)]
        return [one for one in sent if one[2].strip()]

    @cached_property
    def holds_signed(self) -> bool:
        """Whether this browser holds a ticket that this forum gave, be it spent or over: whoever has none
        is not read."""
        return bool(signed_tickets(list(self.cookies.values())))

    @cached_property
    def tickets(self) -> list[Ticket]:
        """The tickets that this browser holds, spent ones too."""
        return read_tickets(list(self.cookies.values()))

    @cached_property
    def unspent(self) -> list[Ticket]:
        """Those of them with which somebody can ask."""
        return unspent(self.tickets) if self.tickets else []

    @property
    def code(self) -> str:
        """The claim code that was sent; empty when it can be none."""
        return normal_code(self.fields.get("code", ""))

    @property
    def token(self) -> str:
        """The token of forms for whoever holds these tickets."""
        return csrf.token_for(*(ticket.nonce for ticket in self.tickets))

    @property
    def has_token(self) -> bool:
        """Whether the form holds it."""
        given = self.fields.get("csrf_token", "")
        return csrf.is_token(given, *(ticket.nonce for ticket in self.tickets))

    @property
    def has_token_of_code(self) -> bool:
        """Whether the form holds the token of whoever knows the claim code."""
        return csrf.is_token(self.fields.get("csrf_token", ""), self.code.encode())


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Attributes:
        cookies: whole lines for ``Set-Cookie``.
        leads_to: an address of the door's to go to instead.
    """

    html: str = ""
    status: HTTPStatus = HTTPStatus.OK
    cookies: tuple[str, ...] = ()
    leads_to: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())

    def send(self, start_response: Callable[..., Any]) -> list[bytes]:
        """Give it to the server."""
        status = HTTPStatus.SEE_OTHER if self.leads_to else self.status
        headers = [HTML, *self.headers, *(("Set-Cookie", line) for line in self.cookies)]
        if self.leads_to:
            headers.append(("Location", PATH + self.leads_to))
        start_response(f"{status.value} {status.phrase}", headers)
        return [self.html.encode()]


Page = Callable[[Asked], Answer]


def page(template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> Answer:
    """A page from one of the plugin's templates."""
    return Answer(door_page(f"forum_anonymous_questions/{template}", **values), status)


def status_of(error: ForumError) -> HTTPStatus:
    """The status for what was refused."""
    return next((s for kind, s in STATUS if isinstance(error, kind)), HTTPStatus.BAD_REQUEST)


def refusal(error: ForumError, *, kept: Sequence[tuple[str, str, str]] = ()) -> Answer:
    """A page that says what was refused; what was written is given back on it."""
    status = status_of(error)
    later = (("Retry-After", str(error.retry_after)),) if isinstance(error, TooMany) else ()
    shown = page("refused.html", status=status, message=error.message, kept=kept)
    return Answer(shown.html, status, headers=later)


def forgery() -> NotAllowed:
    """Says that a form came from somewhere else, or is older than the tickets."""
    return NotAllowed(
        gettext("This form was not sent from this page, or your tickets changed. Send it again.")
    )


def cookie_line(name: str, value: str, seconds: int) -> str:
    """A cookie of the door's; with 0 seconds it is removed. The forum adds what keeps it safe."""
    return f"{name}={value}; Path={PATH}; Max-Age={seconds}"


def _fields(environ: Mapping[str, Any], most: int) -> dict[str, str]:
    kind = str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if kind != FORM:
        raise Invalid(
            "", gettext("Nothing that could be read was sent. Go back and send it again.")
        )
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size > most:
        raise TooLong(
            "",
            gettext(
                "What you sent is far longer than it can be, so nothing of it was read. Go back, where your "
                "text still stands, and shorten it."
            ),
        )
    body = environ["wsgi.input"].read(size)
    if body.count(b"&") >= MOST_FIELDS:
        raise Invalid(
            "", gettext("Nothing that could be read was sent. Go back and send it again.")
        )
    words = body.decode(errors="replace")
    found = parse_qsl(words, keep_blank_values=True, errors="replace")
    # No page can show a NUL, and no database keeps one.
    return {name: value.replace("\0", "\N{REPLACEMENT CHARACTER}") for name, value in found}


def _cookies(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.split(";"):
        try:
            read = SimpleCookie(part.strip())
        except CookieError:
            continue
        found |= {name: one.value for name, one in read.items() if name.startswith(COOKIE)}
    return found
