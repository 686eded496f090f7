"""Links and cookies that open something: forged, expired, replayed, or meant for something else.

Every kind stands in one table; each must be refused with a page that says so, and change nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from forum.accounts import token_actions
from forum.accounts.models import OneTimeToken
from forum.accounts.tokens import token_hash
from tests.security.table import TABLE, Line, lines
from tests.security.town import Town

LONG_AGO = "2020-01-01 00:00:00.000000"
POSTS = {line.address: line for line in lines(TABLE.read_text("utf-8")) if line.method == "POST"}

# kind: the address of its link, the table its hash stands in, and who may follow it
KINDS = {
    "confirm": ("/confirm/{confirm}", "registrations", "guest"),
    "reset": ("/reset/{reset}", "one_time_tokens", "guest"),
    "address": ("/account/address/{address}", "one_time_tokens", "author"),
    "invitation": ("/invitation/{invitation}", "invitations", "guest"),
}
KIND = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def as_it_was(town: Town) -> Iterator[None]:
    """Each test finds the town as it was kept."""
    yield
    town.restore()


def follow(town: Town, kind: str, token: str, *, press: bool = True) -> TestResponse:
    """Open the link with this token and, unless told otherwise, send its form."""
    address, _table, who = KINDS[kind]
    line: Line = POSTS[address]
    path = line.address.replace("{" + kind + "}", token)
    browser = town.browser(who)
    if not press:
        return browser.get(path)
    return browser.post(path, data={"csrf_token": town.token_of(who), **line.fields(town)})


def refusals(town: Town, kind: str, token: str) -> list[str]:
    """What a token got that must get nothing: empty when page and form refuse and nothing changed."""
    before = town.rows()
    got = [follow(town, kind, token, press=press).status_code for press in (False, True)]
    wrong = [f"{kind}: {status}" for status in got if status != 404]
    return wrong + ([f"{kind}: something changed"] if town.rows() != before else [])


@KIND
def test_token_works_once(town: Town, kind: str) -> None:
    token = town.places[kind]
    assert follow(town, kind, token).status_code == 303
    assert refusals(town, kind, token) == []


@KIND
def test_forged_token_is_refused(town: Town, kind: str) -> None:
    token = town.places[kind]
    forged = [
        token[:-1],
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.swapcase(),
        token + "=",
        "0" * len(token),
        "%00" + token[3:],
        "x" * 5_000,
        token_hash(token),
    ]
    assert [found for one in forged for found in refusals(town, kind, one)] == []


@KIND
def test_token_of_another_kind_is_refused(town: Town, kind: str) -> None:
    others = [town.places[other] for other in KINDS if other != kind]
    assert [found for one in others for found in refusals(town, kind, one)] == []


@KIND
def test_expired_token_is_refused(town: Town, kind: str) -> None:
    expire(town, KINDS[kind][1])
    assert refusals(town, kind, town.places[kind]) == []


def expire(town: Town, table: str) -> None:
    with closing(sqlite3.connect(Path(town.app.instance_path) / "forum.sqlite3")) as database:
        database.execute(f"UPDATE {table} SET expires_at = ?", (LONG_AGO,))
        database.commit()


def test_no_token_of_a_member_sets_the_forum_up_again(town: Town) -> None:
    for kind in KINDS:
        assert town.browser("guest").get(f"/setup/{town.places[kind]}").status_code == 404


def test_link_for_a_new_address_works_for_nobody_else(town: Town) -> None:
    path = f"/account/address/{town.places['address']}"
    for who in ("member", "admin"):
        answer = town.browser(who).post(path, data={"csrf_token": town.token_of(who)})
        assert (answer.status_code, town.changed()) == (403, set())


def test_forged_and_expired_sessions_are_guests(town: Town) -> None:
    name = town.app.config["SESSION_COOKIE_NAME"]
    cookie = town.browser("admin").get_cookie(name)
    assert cookie is not None
    payload, moment, signature = cookie.value.rsplit(".", 2)
    forged = [
        cookie.value[:-1],
        f"{payload}.{moment}.{signature[::-1]}",
        f"{payload[::-1]}.{moment}.{signature}",
        "e30.aaaa.bbbb",
        "x" * 4_000,
        "",
    ]
    for value in forged:
        browser = town.app.test_client()
        browser.set_cookie(name, value)
        assert browser.get("/admin/jobs").status_code == 403, value
    assert town.browser("admin").get("/admin/jobs").status_code == 200
    expire(town, "member_sessions")
    assert town.browser("admin").get("/admin/jobs").status_code == 403


# That it can fail


def test_token_that_works_for_ever_is_found(monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    def never_looks_at_the_clock(token: str, purpose: str) -> object:
        return OneTimeToken.token_hash == token_hash(token)

    monkeypatch.setattr(token_actions, "_works", never_looks_at_the_clock)
    expire(town, "one_time_tokens")
    assert refusals(town, "reset", town.places["reset"]) == [
        "reset: 200",
        "reset: 303",
        "reset: something changed",
    ]
    town.restore()
    # And for another purpose.
    assert refusals(town, "reset", town.places["address"])[0] == "reset: 200"


def test_token_that_is_not_used_up_is_found(monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    def keeps_it(token: str, purpose: str) -> object:
        return token_actions.require_token(token, purpose).member_id

    looked: Callable[..., object] = keeps_it
    monkeypatch.setattr("forum.accounts.address_actions.use_up", looked)
    monkeypatch.setattr("forum.accounts.actions.use_up", looked)
    monkeypatch.setattr("forum.accounts.actions.delete", lambda table: _nothing_of(table))
    follow(town, "reset", town.places["reset"])
    assert refusals(town, "reset", town.places["reset"])[0] == "reset: 200"


def _nothing_of(table: type) -> object:
    from sqlalchemy import delete, false

    return delete(table).where(false())
