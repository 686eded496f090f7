"""One mailbox is one account, in whatever letters its address is typed."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.mailboxes import normal_mailbox
from forum.accounts.models import Member
from forum.db import db, rows, transaction
from forum.testing.factories import PASSWORD
from forum.testing.forms import fields_of, submit
from forum.testing.pace import cpu_seconds
from tests.evidence import form_of

SAME = (
    ("Ünal@example.org", "ünal@EXAMPLE.org"),
    ("user@BÜCHER.example", "user@xn--bcher-kva.example"),
    ("ΟΔΟΣ@example.org", "ΟΔΟΣ@Example.org"),
    # The same letter, written in one and in two characters.
    ("\u00e9mile@example.org", "e\u0301mile@example.org"),
    ("Ann.Lee@example.org", "ann.lee@example.org"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_address_is_recognised_in_other_letters(
    app: Flask,
    client: FlaskClient,
    letters: Callable[[], list[EmailMessage]],
    link_in: Callable[[EmailMessage], str],
    one: str,
    other: str,
) -> None:
    submit(client, "/register", name="Ünal", email=one, password=PASSWORD)
    submit(client, link_in(letters()[-1]), password=PASSWORD)
    again = submit(client, "/register", name="Ünal", email=other, password=PASSWORD)
    subject = letters()[-1]["Subject"]
    entered = submit(client, "/sign-in", email=other, password=PASSWORD)
    assert (again.status_code, subject) == (303, "You already have an account")
    assert (entered.status_code, entered.location) == (303, "/")
    with app.app_context():
        assert len(rows(select(Member.id))) == 1


def test_letter_to_a_domain_of_any_script_has_an_address_that_every_server_takes(
    client: FlaskClient, letters: Callable[[], list[EmailMessage]]
) -> None:
    submit(client, "/register", name="Ada", email="user@bücher.example", password=PASSWORD)
    assert [letter["To"] for letter in letters()] == ["user@xn--bcher-kva.example"]


def test_address_of_any_length_is_refused_at_once() -> None:
    address = "a" * 900_000 + "@example.org"
    assert normal_mailbox(address) is None
    assert cpu_seconds(lambda: normal_mailbox(address), enough=0.1) < 0.1


def test_address_that_another_link_confirms_in_this_moment_is_confirmed_once(
    app: Flask,
    client: FlaskClient,
    letters: Callable[[], list[EmailMessage]],
    link_in: Callable[[EmailMessage], str],
) -> None:
    submit(client, "/register", name="Ada", email="ada@example.org", password=PASSWORD)
    link = link_in(letters()[0])
    token = fields_of(form_of(client.get(link)))["csrf_token"]
    with app.app_context(), ThreadPoolExecutor(1) as pool:
        with transaction():
            db.session.add(Member(name="Ann", email="ada@example.org", password_hash="x"))
            db.session.flush()
            following = pool.submit(
                client.post, link, data={"csrf_token": token, "password": PASSWORD}
            )
            time.sleep(0.3)
        answer = following.result()
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "This address is confirmed already. Sign in." in client.get("/sign-in").text
    with app.app_context():
        assert rows(select(Member.name)) == [("Ann",)]
