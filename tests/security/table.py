"""Reads ``roles.txt``, and does what it says: every address, asked for by everybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, RequestRedirect

from tests.files.drawing import drawn
from tests.security.town import Town

TABLE = Path(__file__).with_name("roles.txt")
COLUMNS = ("guest", "member", "author", "insider", "moderator", "admin")
# Whoever was signed in once must get what a guest gets.
LIKE_GUESTS = ("ended", "closed")
METHODS = ("GET", "POST")
_LINE = re.compile(
    rf"(GET|POST) +(\S+) +((?:\d{{3}}[=~+] +){{{len(COLUMNS) - 1}}}\d{{3}}[=~+])(?:  +(\S+))?"
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: what is asked for, what is sent, and what each column gets: a status,
    and behind it what was written meanwhile, which ``roles.txt`` explains."""

    number: int
    method: str
    address: str
    expected: dict[str, str]
    sent: str = ""

    def path(self, town: Town) -> str:
        """The address with the town's things in it."""
        return self.address.format_map(town.places)

    def fields(self, town: Town) -> dict[str, Any]:
        """What is sent with a POST, besides its token."""
        sent = parse_qsl(self.sent, keep_blank_values=True)
        return {name: _filled(value, town) for name, value in sent}


def _filled(value: str, town: Town) -> Any:
    return (BytesIO(drawn("png")), "kiln.png") if value == "@png" else value.format_map(town.places)


def lines(text: str) -> list[Line]:
    """The lines of a table.

    Raises:
        ValueError: a line is none.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = _LINE.fullmatch(line.rstrip())
        if parts is None:
            raise ValueError(f"roles.txt, line {number}: {line}")
        method, address, statuses, sent = parts.groups()
        expected = dict(zip(COLUMNS, statuses.split(), strict=True))
        found.append(Line(number, method, address, expected, sent or ""))
    return found


def answered(town: Town, line: Line, who: str) -> str:
    """What this person gets: the status, and what was written meanwhile, as in the table."""
    client, path = town.browser(who), line.path(town)
    if line.method == "GET":
        answer = client.get(path)
    else:
        answer = client.post(path, data={"csrf_token": town.token_of(who), **line.fields(town)})
    answer.close()
    changed = town.changed()
    if changed:
        town.restore()
    return f"{answer.status_code}{_mark(changed)}"


def _mark(changed: set[str]) -> str:
    return "=" if not changed else "~" if changed == {"drafts"} else "+"


def faults(town: Town, line: Line) -> Iterator[str]:
    """Where somebody gets another answer than the table says, in words."""
    for who in (*COLUMNS, *LIKE_GUESTS):
        expected = line.expected["guest" if who in LIKE_GUESTS else who]
        got = answered(town, line, who)
        if got != expected:
            yield f"{line.method} {line.address}: {who} gets {got} instead of {expected}"


def missing(urls: Map, table: list[Line], town: Town) -> list[str]:
    """Routes of the URL map, with their methods, for which the table has no line."""
    named = {(line.method, _rule_of(urls, line, town)) for line in table}
    routes = {
        (method, rule.rule)
        for rule in urls.iter_rules()
        for method in METHODS
        if method in (rule.methods or ())
    }
    return sorted(f"{method} {rule}" for method, rule in routes - named)


def _rule_of(urls: Map, line: Line, town: Town) -> str:
    path = urlsplit(line.path(town)).path
    try:
        rule, _values = urls.bind("localhost").match(path, method=line.method, return_rule=True)
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return ""
    return str(rule.rule)
