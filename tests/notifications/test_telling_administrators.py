"""What administrators are told by letter, and who else is not."""

from __future__ import annotations

from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask

from forum.accounts.models import Member
from forum.db import db, transaction
from forum.errors import Conflict
from forum.jobs.worker import work_off
from forum.plugin_api import Phrase, tell_administrators
from forum.testing.factories import Factories, Person


def tell() -> int:
    return tell_administrators(
        Phrase("Settings"), Phrase("It has not been lit for three days."), path="/kiln"
    )


def letters(instance: Path) -> list[EmailMessage]:
    found = sorted((instance / "mail").glob("*administrators*"))
    return [message_from_bytes(path.read_bytes(), policy=default) for path in found]  # type: ignore[misc]


@pytest.fixture
def admins(factories: Factories) -> list[Person]:
    """Two of them, and others who are none."""
    first = factories.community()
    factories.member(role="moderator")
    factories.member()
    second = factories.member(role="admin")
    with factories.app.app_context(), transaction():
        db.session.get_one(Member, second.id).language = "de"
    return [first, second]


def test_each_administrator_is_told_in_their_language(
    app: Flask, instance: Path, admins: list[Person]
) -> None:
    with app.test_request_context(), transaction():
        assert tell() == 2
    work_off(app)
    told = {str(letter["To"]): letter for letter in letters(instance)}
    assert sorted(told) == sorted(person.email for person in admins)
    english, german = (told[person.email] for person in admins)
    assert str(english["Subject"]) == "Settings"
    assert str(german["Subject"]) == "Einstellungen"
    said = english.get_content()
    assert "It has not been lit for three days.\n\nhttp" in said
    assert said.split("\n\n")[2].endswith("/kiln")


def test_nobody_is_told_what_was_undone(app: Flask, instance: Path, admins: list[Person]) -> None:
    with app.test_request_context(), suppress(Conflict), transaction():
        tell()
        raise Conflict("")
    work_off(app)
    assert letters(instance) == []


def test_a_letter_to_somebody_who_left_meanwhile_is_not_sent(
    app: Flask, instance: Path, admins: list[Person]
) -> None:
    with app.test_request_context(), transaction():
        tell()
        left = db.session.get_one(Member, admins[1].id)
        left.email = left.password_hash = None
    work_off(app)
    assert [str(letter["To"]) for letter in letters(instance)] == [admins[0].email]
