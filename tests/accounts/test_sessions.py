"""Being signed in: for as long as the session's row is there, and not a moment longer."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, cast, select, update

from forum.accounts.actions import Browser, reset_password, sign_in
from forum.accounts.models import MemberSession, OneTimeToken
from forum.accounts.tokens import token_hash
from forum.admin.retention_actions import remove_old
from forum.app import create_app
from forum.clock import utcnow
from forum.db import Base, db, rows, transaction
from forum.errors import NotFound
from forum.permissions import OPERATOR
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit

NEW_PASSWORD = "another battery, another staple"
Letters = Callable[[], list[EmailMessage]]
LinkIn = Callable[[EmailMessage], str]


def cookie_of(client: FlaskClient) -> str:
    """The session cookie that the browser has."""
    cookie = client.get_cookie("forum")
    assert cookie is not None
    return cookie.value


def thief_with(app: Flask, cookie: str) -> FlaskClient:
    """Another browser with a copy of somebody's cookie."""
    client = app.test_client()
    client.set_cookie("forum", cookie)
    return client


def is_signed_in(client: FlaskClient) -> bool:
    """Whether this browser may see a member's own page."""
    answer = client.get("/me")
    assert (answer.status_code, answer.location) in [(200, None), (303, "/sign-in?next=/me")]
    return answer.status_code == 200


def everything_stored(app: Flask) -> Iterator[str]:
    """Every value of every column of every table, as text."""
    with app.app_context():
        for table in Base.metadata.tables.values():
            for column in table.columns:
                yield from (str(row[0]) for row in rows(select(cast(column, String))))


def test_signing_out_takes_the_power_from_the_cookie(app: Flask, factories: Factories) -> None:
    client = factories.signed_in(factories.member())
    thief = thief_with(app, cookie_of(client))
    assert is_signed_in(thief)
    answer = submit(client, "/sign-out")
    assert (answer.status_code, answer.location) == (303, "/")
    assert (is_signed_in(client), is_signed_in(thief)) == (False, False)


def test_signing_out_leaves_other_browsers_signed_in(factories: Factories) -> None:
    member = factories.member()
    here, there = factories.signed_in(member), factories.signed_in(member)
    submit(here, "/sign-out")
    assert (is_signed_in(here), is_signed_in(there)) == (False, True)


def test_new_password_ends_all_sessions_of_its_member(
    app: Flask, factories: Factories, letters: Letters, link_in: LinkIn
) -> None:
    member, other = factories.member(), factories.member()
    browsers = [factories.signed_in(person) for person in (member, member, other)]
    stranger = app.test_client()
    submit(stranger, "/reset", email=member.email.upper())
    [letter] = letters()
    answer = submit(stranger, link_in(letter), password=NEW_PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert [is_signed_in(browser) for browser in browsers] == [False, False, True]
    old = submit(app.test_client(), "/sign-in", email=member.email, password=member.password)
    new = submit(app.test_client(), "/sign-in", email=member.email, password=NEW_PASSWORD)
    assert (old.status_code, new.status_code) == (422, 303)


def test_reset_link_works_once_and_ends_the_others(
    app: Flask, client: FlaskClient, factories: Factories, letters: Letters, link_in: LinkIn
) -> None:
    member = factories.member()
    for _ in range(2):
        submit(client, "/reset", email=member.email)
    links = [link_in(letter) for letter in letters()]
    assert [client.get(link).status_code for link in links] == [200, 200]
    submit(client, links[0], password=NEW_PASSWORD)
    assert [client.get(link).status_code for link in links] == [404, 404]
    assert "This link was used already, or is too old." in client.get(links[0]).text


def test_reset_link_that_is_too_old_changes_nothing(
    app: Flask, client: FlaskClient, factories: Factories, letters: Letters, link_in: LinkIn
) -> None:
    member = factories.member()
    submit(client, "/reset", email=member.email)
    link = link_in(letters()[0])
    with app.app_context(), transaction():
        db.session.execute(update(OneTimeToken).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert client.get(link).status_code == 404
    assert is_signed_in(factories.signed_in(member))


def test_reset_link_survives_a_password_that_is_too_short(
    client: FlaskClient, factories: Factories, letters: Letters, link_in: LinkIn
) -> None:
    submit(client, "/reset", email=factories.member().email)
    link = link_in(letters()[0])
    assert submit(client, link, password="short").status_code == 422
    assert submit(client, link, password=NEW_PASSWORD).status_code == 303


def test_of_two_who_follow_a_reset_link_at_once_one_is_refused(
    app: Flask, client: FlaskClient, factories: Factories, letters: Letters, link_in: LinkIn
) -> None:
    member = factories.member()
    submit(client, "/reset", email=member.email)
    token = link_in(letters()[0]).rpartition("/")[2]
    start = threading.Barrier(2)

    def follow(password: str) -> str:
        with app.test_request_context():
            start.wait()
            try:
                reset_password(token, password)
            except NotFound:
                return ""
        return password

    with ThreadPoolExecutor(2) as pool:
        set_by = sorted(pool.map(follow, ["first password", "second password"]))
    assert set_by[0] == ""
    answer = submit(app.test_client(), "/sign-in", email=member.email, password=set_by[1])
    assert answer.status_code == 303


def test_database_has_no_token_that_works(
    app: Flask, client: FlaskClient, factories: Factories, letters: Letters, link_in: LinkIn
) -> None:
    member = factories.member()
    with app.test_request_context():
        session = sign_in(member.email, member.password, browser=Browser("127.0.0.1"))
    submit(client, "/reset", email=member.email)
    [letter] = [one for one in letters() if one["Subject"] == "Choose a new password"]
    reset = link_in(letter).rpartition("/")[2]
    stored = list(everything_stored(app))
    for token in (session, reset):
        assert token_hash(token) in stored, "the search would not find a token"
        assert not [text for text in stored if token in text]
    assert not [text for text in stored if member.password in text]


def test_cookie_from_before_signing_in_gains_nothing(app: Flask, factories: Factories) -> None:
    member = factories.member()
    victim = app.test_client()
    victim.get("/sign-in")
    planted = cookie_of(victim)
    submit(victim, "/sign-in", email=member.email, password=member.password)
    assert is_signed_in(victim)
    assert cookie_of(victim) != planted
    assert not is_signed_in(thief_with(app, planted))


def test_each_signing_in_is_a_session_of_its_own(app: Flask, factories: Factories) -> None:
    member = factories.member()
    first = cookie_of(factories.signed_in(member))
    second = cookie_of(factories.signed_in(member))
    assert first != second
    with app.app_context():
        assert len(set(rows(select(MemberSession.token_hash)))) == 2


def test_expired_session_is_a_guests(app: Flask, factories: Factories) -> None:
    client = factories.signed_in(factories.member())
    with app.app_context(), transaction():
        past = utcnow() - timedelta(microseconds=1)
        db.session.execute(update(MemberSession).values(expires_at=past))
    assert not is_signed_in(client)


def test_a_cookie_that_was_checked_before_ends_with_its_time(
    app: Flask, factories: Factories
) -> None:
    client = factories.signed_in(factories.member())
    before = is_signed_in(client)
    app.permanent_session_lifetime = timedelta(seconds=-1)
    assert (before, is_signed_in(client)) == (True, False)


def test_tidying_removes_expired_sessions_only(app: Flask, factories: Factories) -> None:
    gone, stays = factories.member(), factories.member()
    browsers = [factories.signed_in(person) for person in (gone, stays)]
    with app.app_context(), transaction():
        db.session.execute(
            update(MemberSession)
            .where(MemberSession.member_id == gone.id)
            .values(expires_at=utcnow() - timedelta(microseconds=1))
        )
    with app.app_context():
        with transaction():
            remove_old(OPERATOR)
        assert [row.member_id for row in rows(select(MemberSession.member_id))] == [stays.id]
    assert [is_signed_in(browser) for browser in browsers] == [False, True]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/latest", "/latest"),
        ("/t/7?page=2", "/t/7?page=2"),
        ("//evil.example", "/"),
        ("///evil.example", "/"),
        ("https://evil.example", "/"),
        ("https:/evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
        (" //evil.example", "/"),
        ("//[", "/"),
        ("/%09/evil.example", "/%09/evil.example"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_to_this_forum_only(
    app: Flask, person: Person, wanted: str, got: str
) -> None:
    asked = app.test_client().get("/sign-in", query_string={"next": wanted})
    assert asked.status_code == 200
    field = re.search(r'name="next"[^>]*value="([^"]*)"', asked.text)
    assert field is not None
    assert field[1] == got
    answer = submit(
        app.test_client(), "/sign-in", email=person.email, password=person.password, next=wanted
    )
    assert (answer.status_code, answer.location) == (303, got)


@pytest.fixture
def person(factories: Factories) -> Person:
    """Somebody who could sign in."""
    return factories.member()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("secure", [False, True])
def test_cookie_is_kept_from_scripts_and_other_sites(
    instance: Path, database: str, secure: bool
) -> None:
    app = create_app(instance, database=database, secure_cookies=secure)
    factories = Factories(app)
    member = factories.member()
    client: Any = app.test_client()
    base = "https://localhost" if secure else "http://localhost"
    answer = submit(_At(client, base), "/sign-in", email=member.email, password=member.password)
    close(app)
    found = {}
    for cookie in answer.headers.getlist("Set-Cookie"):
        name, *flags = cookie.split("; ")
        kept = {flag for flag in flags if not flag.startswith(("Expires=", "Max-Age="))}
        found[name.partition("=")[0]] = kept
    prefix = "__Host-" if secure else ""
    flags = {"HttpOnly", "Path=/", "SameSite=Lax"} | ({"Secure"} if secure else set())
    assert found == {f"{prefix}forum": flags, f"{prefix}known": flags}


class _At:
    """A browser that reaches the forum at another address."""

    def __init__(self, client: Any, base: str) -> None:
        self._client, self._base = client, base

    def get(self, path: str) -> Any:
        """As the client's."""
        return self._client.get(path, base_url=self._base)

    def post(self, path: str, data: dict[str, str]) -> Any:
        """As the client's."""
        return self._client.post(path, data=data, base_url=self._base)


def test_signing_in_again_ends_the_session_the_browser_had(
    app: Flask, factories: Factories
) -> None:
    member = factories.member()
    browser = factories.signed_in(member)
    thief = thief_with(app, cookie_of(browser))
    submit(browser, "/sign-in", email=member.email, password=member.password)
    assert (is_signed_in(browser), is_signed_in(thief)) == (True, False)
    with app.app_context():
        assert len(rows(select(MemberSession.id))) == 1
