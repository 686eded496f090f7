"""The first administrator: whoever holds the newest link, once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.actions import Browser
from forum.accounts.community_actions import CommunityStatement, new_setup_token, set_up
from forum.accounts.models import Community, Member, MemberRole
from forum.accounts.queries import is_set_up
from forum.accounts.registration_actions import Applicant
from forum.db import rows, transaction
from forum.errors import Conflict, NotFound
from forum.permissions import allowed
from forum.testing.factories import PASSWORD, Factories, Person
from forum.testing.forms import submit

FORM = {
    "community": "  The   Potters ",
    "for_whom": "People who throw pots.",
    "not_for_whom": "Sellers of pots.",
    "name": "Olga",
    "email": "olga@example.org",
    "password": PASSWORD,
    "zone": "Europe/Oslo",
}


def new_link(app: Flask) -> str | None:
    """What a start of the forum prints."""
    with app.test_request_context(), transaction():
        token = new_setup_token()
    return None if token is None else f"/setup/{token}"


def administrators(app: Flask) -> list[str]:
    """The addresses of the administrators."""
    statement = (
        select(Member.email)
        .join(MemberRole, MemberRole.member_id == Member.id)
        .where(MemberRole.role == "admin")
    )
    with app.app_context():
        return [row.email for row in rows(statement)]


def community(app: Flask) -> list[tuple[str, str, str, str]]:
    """What the community says of itself."""
    statement = select(Community.name, Community.for_whom, Community.not_for_whom, Community.zone)
    with app.app_context():
        return [tuple(row) for row in rows(statement)]


def test_setup_makes_the_community_and_its_first_administrator(
    app: Flask, client: FlaskClient, factories: Factories
) -> None:
    link = new_link(app)
    assert link is not None
    answer = submit(client, link, **FORM)

    assert (answer.status_code, answer.location) == (303, "/admin/categories")
    assert client.get("/admin/categories").status_code == 200
    assert administrators(app) == ["olga@example.org"]
    assert community(app) == [
        ("The Potters", "People who throw pots.", "Sellers of pots.", "Europe/Oslo")
    ]
    with app.app_context():
        assert is_set_up()
        [found] = rows(select(Member.id, Member.name, Member.zone))
    assert (found.name, found.zone) == ("Olga", "Europe/Oslo")
    actor = factories.actor(Person(found.id, "Olga", "olga@example.org"))
    assert (actor.roles, allowed(actor, "community.manage")) == (
        {"guest", "member", "admin"},
        True,
    )


def test_setup_link_works_once(app: Flask, client: FlaskClient) -> None:
    link = new_link(app)
    assert link is not None
    stranger = app.test_client()
    page = BeautifulSoup(stranger.get(link).text, "html.parser")
    token = page.select_one("input[name=csrf_token]")
    assert token is not None
    submit(client, link, **FORM)
    late = {**FORM, "csrf_token": str(token["value"]), "email": "eve@example.org"}
    assert stranger.get(link).status_code == 404
    assert stranger.post(link, data=late).status_code == 404
    assert administrators(app) == ["olga@example.org"]


def test_each_start_replaces_the_link(app: Flask, client: FlaskClient) -> None:
    first, second = new_link(app), new_link(app)
    assert first is not None
    assert second is not None
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_forum_that_is_set_up_gives_no_link(app: Flask, factories: Factories) -> None:
    factories.community()
    assert new_link(app) is None


def test_link_is_refused_once_the_forum_is_set_up(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        with transaction():
            token = new_setup_token() or ""
        person = Applicant("Olga", "olga@example.org", PASSWORD)
        statement = CommunityStatement("Potters", "People.", "")
        set_up(token, person, statement, browser=Browser())
        with pytest.raises(NotFound):
            set_up(token, person, statement, browser=Browser())
    assert client.get(f"/setup/{token}").status_code == 404


def test_two_who_use_the_link_at_once_make_one_administrator(app: Flask) -> None:
    with app.test_request_context(), transaction():
        token = new_setup_token() or ""
    start = threading.Barrier(2)

    def use(name: str) -> str:
        with app.test_request_context():
            start.wait()
            try:
                person = Applicant(name, f"{name}@example.org", PASSWORD)
                set_up(token, person, CommunityStatement(name, "People.", ""), browser=Browser())
            except (NotFound, Conflict):
                return "refused"
        return name

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(use, ["ada", "eve"]))
    [winner] = [name for name in found if name != "refused"]
    assert administrators(app) == [f"{winner}@example.org"]
    assert [row[0] for row in community(app)] == [winner]


def test_wrong_setup_form_gives_everything_back_but_the_password(
    app: Flask, client: FlaskClient
) -> None:
    link = new_link(app)
    assert link is not None
    answer = submit(client, link, **{**FORM, "email": "no address"})
    page = BeautifulSoup(answer.text, "html.parser")
    values = {str(field["name"]): str(field.get("value", "")) for field in page.select("input")}
    texts = {str(field["name"]): field.get_text().strip() for field in page.select("textarea")}
    assert answer.status_code == 422
    assert [str(error["id"]) for error in page.select("[id$=-error]")] == ["email-error"]
    given = {name: (values | texts)[name] for name in FORM}
    assert given == {**FORM, "email": "no address", "password": ""}
    assert submit(client, link, **FORM).status_code == 303


def test_community_gets_the_language_in_which_it_is_set_up(app: Flask, client: FlaskClient) -> None:
    link = new_link(app)
    assert link is not None
    client.set_cookie("language", "de")
    submit(client, link, **FORM)
    assert '<html lang="de"' in app.test_client().get("/").text
    with app.app_context():
        assert [tuple(row) for row in rows(select(Member.language))] == [("de",)]
