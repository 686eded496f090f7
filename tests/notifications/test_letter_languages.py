"""Letters speak the language of whoever reads them, not of whoever caused them."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from sqlalchemy import update

from forum.accounts.actions import ask_for_reset
from forum.accounts.closing_actions import close_account
from forum.accounts.invitation_actions import invite
from forum.accounts.models import Community, Member
from forum.accounts.registration_actions import Applicant, register
from forum.db import db, transaction
from forum.permissions import OPERATOR
from forum.testing.factories import PASSWORD, Factories, Person

WORDS = {
    "%(author)s replied: %(title)s": "Antwort: %(title)s",
    "Choose a new password": "Neues Passwort",
    "Confirm your address": "Adresse bestätigen",
    "You already have an account": "Es gibt schon ein Konto",
    "Your account is closed": "Konto geschlossen",
    "You are invited to %(community)s": "Einladung zu %(community)s",
}


@pytest.fixture(autouse=True)
def translated(app: Flask, tmp_path: Path) -> None:
    """Subjects of letters in German, and in Brazilian Portuguese, whose tag has two parts."""
    for locale in ("de", "pt_BR"):
        catalog = Catalog(locale=locale)
        for english, german in WORDS.items():
            catalog.add(english, german if locale == "de" else f"pt: {german}")
        folder = tmp_path / "words" / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (folder / "messages.mo").open("wb") as file:
            write_mo(file, catalog)
    app.extensions["babel"].translation_directories = [str(tmp_path / "words")]


@pytest.fixture
def ada(app: Flask, factories: Factories) -> Person:
    """A member of an English community who reads German."""
    factories.community()
    return speaking(app, factories.member("Ada"), "de")


def speaking(app: Flask, person: Person, language: str) -> Person:
    """The same person, with the forum's words in this language."""
    with app.app_context(), transaction():
        mine = Member.id == person.id
        db.session.execute(update(Member).where(mine).values(language=language))
    return person


def subjects(app: Flask) -> dict[str, str]:
    """To whom letters went, with what each has as its subject."""
    letters = (
        message_from_bytes(path.read_bytes(), policy=default)
        for path in app.extensions["forum_settings"].mail_folder.iterdir()
    )
    return {letter["To"]: letter["Subject"] for letter in letters}


def test_each_reader_is_told_of_a_reply_in_their_own_language(
    app: Flask, factories: Factories, ada: Person, worker: Callable[[], int]
) -> None:
    bo = factories.member("Bo")
    jo = speaking(app, factories.member("Jo"), "pt-BR")
    for person in (ada, bo, jo):
        factories.reply(factories.thread(person, title="Glaze"), factories.member("Cy"))
    worker()
    assert subjects(app) == {
        ada.email: "Antwort: Glaze",
        bo.email: "Cy replied: Glaze",
        jo.email: "pt: Antwort: Glaze",
    }


def test_letters_about_an_account_are_in_its_language(
    app: Flask, ada: Person, factories: Factories, worker: Callable[[], int]
) -> None:
    other = speaking(app, factories.member("Bo"), "de")
    with app.test_request_context():
        ask_for_reset(ada.email, address=None)
        close_account(factories.actor(other), password=PASSWORD, empty_posts=False)
    worker()
    assert subjects(app) == {ada.email: "Neues Passwort", other.email: "Konto geschlossen"}


def test_who_registers_is_answered_in_the_language_of_whoever_reads_it(
    app: Flask, ada: Person, worker: Callable[[], int]
) -> None:
    with app.test_request_context():
        for email, language in ((ada.email, "en"), ("new@example.org", "de")):
            register(Applicant("Someone", email, PASSWORD, language=language), address=None)
    worker()
    assert subjects(app) == {
        ada.email: "Es gibt schon ein Konto",
        "new@example.org": "Adresse bestätigen",
    }


def test_letters_to_strangers_are_in_the_language_of_the_community(
    app: Flask, ada: Person, worker: Callable[[], int]
) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Community).values(language="de", name="Töpfer"))
    with app.test_request_context(), transaction():
        invite(OPERATOR, "new@example.org")
    worker()
    assert subjects(app) == {"new@example.org": "Einladung zu Töpfer"}
