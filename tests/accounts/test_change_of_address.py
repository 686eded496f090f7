"""Changing one's address: it takes the password, the new mailbox and being signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from forum.accounts.models import Member, OneTimeToken
from forum.clock import utcnow
from forum.db import db, transaction
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import everything

Letters = Callable[[], list[EmailMessage]]
PAGE = "/account/address"
NEW = "new@example.net"


def ask(browser: FlaskClient, person: Person, email: str = NEW) -> int:
    """Ask for another address: the status of the answer."""
    return submit(browser, PAGE, email=email, password=person.password).status_code


def link_in(letters: list[EmailMessage], to: str = NEW) -> str:
    """The path of the link in the newest letter to this address."""
    text = [letter for letter in letters if letter["To"] == to][-1].get_content()
    return urlsplit(next(word for word in text.split() if PAGE in word)).path


def address_of(app: Flask, person: Person) -> str | None:
    """Where the member's letters go."""
    with app.app_context():
        return db.session.get_one(Member, person.id).email


@pytest.fixture
def ada(factories: Factories) -> Person:
    """A member."""
    factories.community()
    return factories.member("Ada")


def test_address_changes_when_the_link_is_followed(
    app: Flask, factories: Factories, ada: Person, letters: Letters
) -> None:
    here, there = factories.signed_in(ada), factories.signed_in(ada)
    assert ask(here, ada) == 303
    sent = letters()
    assert sorted(letter["To"] for letter in sent) == sorted([ada.email, NEW])
    assert address_of(app, ada) == ada.email
    link = link_in(sent)
    assert NEW in here.get(link).text
    assert address_of(app, ada) == ada.email

    assert submit(here, link).location == "/me"

    assert address_of(app, ada) == NEW
    assert there.get("/me").status_code == 200
    assert here.get(link).status_code == 404
    assert submit(app.test_client(), "/sign-in", email=NEW, password=ada.password).location == "/"


def test_taken_address_gets_the_same_answer_and_no_link(
    app: Flask, factories: Factories, ada: Person, letters: Letters
) -> None:
    bo = factories.member("Bo")
    assert ask(factories.signed_in(ada), ada, bo.email.upper()) == 303
    subjects = {letter["To"].lower(): letter["Subject"] for letter in letters()}
    assert subjects[bo.email] == "You already have an account"
    with app.app_context():
        assert db.session.query(OneTimeToken).count() == 0


def test_address_taken_meanwhile_is_refused(
    app: Flask, factories: Factories, ada: Person, letters: Letters
) -> None:
    bo, browser = factories.member("Bo"), factories.signed_in(ada)
    ask(browser, ada)
    link = link_in(letters())
    with app.app_context(), transaction():
        db.session.execute(update(Member).where(Member.id == bo.id).values(email=NEW))
    assert submit(browser, link).status_code == 409
    assert address_of(app, ada) == ada.email


def test_link_is_nothing_to_others_or_when_too_old(
    app: Flask, factories: Factories, ada: Person, letters: Letters
) -> None:
    browser, other = factories.signed_in(ada), factories.signed_in(factories.member("Bo"))
    ask(browser, ada)
    earlier = link_in(letters())
    ask(browser, ada, "newer@example.net")
    link = link_in(letters(), "newer@example.net")
    guest = app.test_client().get(link)
    assert (guest.status_code, guest.location) == (303, f"/sign-in?next={link}")
    assert (other.get(link).status_code, browser.get(earlier).status_code) == (403, 404)
    with app.app_context(), transaction():
        db.session.execute(update(OneTimeToken).values(expires_at=utcnow() - timedelta(seconds=1)))
    assert browser.get(link).status_code == 404
    assert address_of(app, ada) == ada.email


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"email": NEW, "password": "wrong password"}, "This is not your password."),
        ({"email": NEW, "password": ""}, "Enter your password."),
        ({"email": "nowhere", "password": ""}, "Enter your password."),
        ({"email": "", "password": "x"}, "Enter your e-mail address."),
        ({"email": "nowhere", "password": "x"}, "Enter an e-mail address like"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_sent(
    app: Flask, factories: Factories, ada: Person, given: dict[str, str], said: str
) -> None:
    browser = factories.signed_in(ada)
    before = everything(app, less=("attempts",))
    answer = submit(browser, PAGE, **given)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert everything(app, less=("attempts",)) == before


def test_own_address_is_named_and_guests_are_asked_to_sign_in(
    client: FlaskClient, factories: Factories, ada: Person
) -> None:
    assert ask(factories.signed_in(ada), ada, ada.email) == 422
    assert client.get(PAGE).location == f"/sign-in?next={PAGE}"
