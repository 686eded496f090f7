"""From wanting an account to having one, and how little a stranger learns on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from forum.accounts.actions import Browser
from forum.accounts.models import Member, Registration
from forum.accounts.registration_actions import confirm
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.errors import NotFound
from forum.testing.factories import PASSWORD, Factories
from forum.testing.forms import fields_of, submit
from tests.evidence import form_of

Letters = Callable[[], list[EmailMessage]]
LinkIn = Callable[[EmailMessage], str]
ADA = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD}


def said(answer: TestResponse) -> str:
    """The words of a page's main part."""
    main = BeautifulSoup(answer.text, "html.parser").select_one("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


def names(app: Flask) -> list[str]:
    """Everybody who has an account."""
    with app.app_context():
        return [row.name for row in rows(select(Member.name))]


def whole(answer: TestResponse) -> tuple[int, str | None, bytes]:
    """What somebody sees of an answer."""
    return answer.status_code, answer.headers.get("Location"), answer.data


def test_newcomer_registers_confirms_and_signs_in(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    asked = submit(client, "/register", **ADA)
    assert (asked.status_code, asked.location) == (303, "/register/sent")
    [letter] = letters()
    assert (letter["To"], letter["Subject"]) == ("ada@example.org", "Confirm your address")
    link = link_in(letter)

    looked = client.get(link)
    assert (looked.status_code, names(app)) == (200, [])
    assert "You registered as Ada." in said(looked)
    confirmed = submit(client, link, password=PASSWORD)
    assert (confirmed.status_code, confirmed.location) == (303, "/")
    assert names(app) == ["Ada"]
    assert client.get("/me").status_code == 200

    elsewhere = app.test_client()
    entered = submit(elsewhere, "/sign-in", email="ada@example.org", password=PASSWORD)
    assert (entered.status_code, entered.location) == (303, "/")


def test_nobody_can_sign_in_before_confirming(client: FlaskClient) -> None:
    submit(client, "/register", **ADA)
    answer = submit(client, "/sign-in", email="ada@example.org", password=PASSWORD)
    assert answer.status_code == 422


def test_link_alone_makes_no_account_with_a_strangers_password(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    submit(app.test_client(), "/register", **{**ADA, "password": "only the stranger has it"})
    link = link_in(letters()[0])
    answers = [submit(client, link, password=typed) for typed in ("", PASSWORD)]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert "This is not the password you registered with." in said(answers[1])
    assert names(app) == []
    submit(client, "/register", **ADA)
    assert submit(client, link_in(letters()[-1]), password=PASSWORD).status_code == 303
    stranger = {"email": ADA["email"], "password": "only the stranger has it"}
    assert submit(app.test_client(), "/sign-in", **stranger).status_code == 422


def test_eleventh_password_for_a_registration_is_refused(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    submit(client, "/register", **ADA)
    link = link_in(letters()[0])
    wrong = [submit(client, link, password="wrong" * 3).status_code for _ in range(10)]
    answer = submit(client, link, password=PASSWORD)
    assert (wrong, answer.status_code) == ([422] * 10, 429)
    assert names(app) == []


def test_confirmation_link_works_once(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    submit(client, "/register", **ADA)
    link = link_in(letters()[0])
    submit(client, link, password=PASSWORD)
    again = client.get(link)
    assert again.status_code == 404
    assert "This link was used already, or is too old. Sign in, or register again." in said(again)
    assert names(app) == ["Ada"]


def test_confirmation_sent_twice_makes_one_account(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    submit(client, "/register", **ADA)
    link = link_in(letters()[0])
    browsers = [app.test_client() for _ in range(2)]
    forms = [fields_of(form_of(browser.get(link))) for browser in browsers]
    answers = [
        browser.post(link, data={**form, "password": PASSWORD})
        for browser, form in zip(browsers, forms, strict=True)
    ]
    assert [answer.status_code for answer in answers] == [303, 404]
    assert names(app) == ["Ada"]


def test_confirmation_followed_twice_at_once_makes_one_account(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    submit(client, "/register", **ADA)
    token = link_in(letters()[0]).rpartition("/")[2]
    start = threading.Barrier(2)

    def follow(_: int) -> str:
        with app.test_request_context():
            start.wait()
            try:
                return confirm(token, PASSWORD, browser=Browser())
            except NotFound:
                return ""

    with ThreadPoolExecutor(2) as pool:
        assert sorted(map(bool, pool.map(follow, range(2)))) == [False, True]
    assert names(app) == ["Ada"]


def test_of_two_registrations_of_one_address_the_confirmed_one_counts(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    submit(client, "/register", **ADA)
    submit(client, "/register", **{**ADA, "name": "Countess", "email": "ADA@example.org"})
    by_name = {
        name: link
        for link in map(link_in, letters())
        for name in ("Ada", "Countess")
        if f"registered as {name}." in said(client.get(link))
    }
    assert set(by_name) == {"Ada", "Countess"}
    submit(app.test_client(), by_name["Countess"], password=PASSWORD)
    answer = submit(client, by_name["Ada"], password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "This address is confirmed already. Sign in." in client.get("/sign-in").text
    assert names(app) == ["Countess"]


def test_confirmation_link_that_is_too_old_makes_no_account(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    submit(client, "/register", **ADA)
    link = link_in(letters()[0])
    page = BeautifulSoup(client.get(link).text, "html.parser")
    token = page.select_one("input[name=csrf_token]")
    assert token is not None
    with app.app_context(), transaction():
        past = utcnow() - timedelta(seconds=1)
        db.session.execute(update(Registration).values(expires_at=past))
    assert client.get(link).status_code == 404
    assert client.post(link, data={"csrf_token": token["value"]}).status_code == 404
    assert names(app) == []


@pytest.mark.parametrize("path", ["/register", "/reset"])
def test_answer_does_not_tell_whether_an_account_exists(
    app: Flask, factories: Factories, path: str
) -> None:
    member = factories.member("Ada")
    answers = []
    for email in (member.email, "nobody@example.org"):
        client = app.test_client()
        values = {**ADA, "email": email} if path == "/register" else {"email": email}
        asked = submit(client, path, **values)
        answers.append((whole(asked), said(client.get(asked.location))))
    assert answers[0] == answers[1]
    assert answers[0][0][:2] == (303, f"{path}/sent")


def test_letters_tell_only_the_owner_of_the_address(
    app: Flask, client: FlaskClient, factories: Factories, letters: Letters
) -> None:
    member = factories.member("Ada")
    for email in (member.email, "nobody@example.org"):
        submit(client, "/register", **{**ADA, "email": email})
        submit(client, "/reset", email=email)
    assert sorted((letter["To"], letter["Subject"]) for letter in letters()) == [
        (member.email, "Choose a new password"),
        (member.email, "You already have an account"),
        ("nobody@example.org", "Confirm your address"),
    ]


def test_wrong_password_and_unknown_account_are_answered_alike(
    app: Flask, factories: Factories, hasher: Any
) -> None:
    member = factories.member()
    # The first unknown account of a process also makes the hash that nobody's password has.
    submit(app.test_client(), "/sign-in", email="first@example.org", password="wrong" * 3)
    answers, costs = [], []
    for email in (member.email, "nobody@example.org"):
        before = hasher.verified, hasher.hashed
        answer = submit(app.test_client(), "/sign-in", email=email, password="wrong" * 3)
        costs.append((hasher.verified - before[0], hasher.hashed - before[1]))
        answers.append((answer.status_code, said(answer)))
    assert answers[0] == answers[1]
    assert answers[0][0] == 422
    assert "Address and password do not belong together. Try again." in answers[0][1]
    assert costs == [(1, 0), (1, 0)]


def test_registration_costs_a_hash_whether_the_account_exists_or_not(
    app: Flask, factories: Factories, hasher: Any
) -> None:
    member = factories.member("Ada")
    costs = []
    for email in (member.email, "nobody@example.org"):
        before = hasher.hashed
        submit(app.test_client(), "/register", **{**ADA, "email": email})
        costs.append(hasher.hashed - before)
    assert costs == [1, 1]


NO_EMAIL = "Enter an e-mail address like name@example.org."
INVISIBLE = "Leave invisible characters out of the name."
MIXED = (
    "Write each word of the name with letters of one script. Some of another look the same, so that "
    "two names could not be told apart."
)
REFUSED = [
    ("name", "", "Enter the name the others should see."),
    ("name", " \t ", "Enter the name the others should see."),
    ("name", "a" * 61, "Shorten the name to 60 characters."),
    ("name", "A\u200bda", INVISIBLE),
    ("name", "Ada\u202eabc", INVISIBLE),
    ("name", "A\x00da", INVISIBLE),
    ("name", "\u3164", INVISIBLE),
    ("name", "\u2800 \u2800", INVISIBLE),
    ("name", "\u200d\u200d", INVISIBLE),
    ("name", "\u0410da", MIXED),
    ("email", "", "Enter your e-mail address."),
    ("email", "ada.example.org", NO_EMAIL),
    ("email", "ada@exa mple.org", NO_EMAIL),
    ("email", "ada@example.org\r\nBcc: eve@example.org", NO_EMAIL),
    ("email", "ada@example.org\nBcc: eve@example.org", NO_EMAIL),
    ("email", "a\x00da@example.org", NO_EMAIL),
    ("email", "a" * 288 + "@example.org", NO_EMAIL),
    ("email", "ada@" + "b" * 284 + ".example.org", NO_EMAIL),
    ("password", "", "Choose a password."),
    ("password", "nine char", "Choose a password of at least 10 characters."),
    ("password", "p" * 201, "Choose a password of at most 200 characters."),
]


@pytest.mark.parametrize(("field", "typed", "message"), REFUSED, ids=lambda word: word[:20])
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_cannot_be_taken_is_said_at_its_field_and_given_back(
    client: FlaskClient, letters: Letters, field: str, typed: str, message: str
) -> None:
    values = {**ADA, field: typed}
    answer = submit(client, "/register", **values)
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    errors = {str(e["id"]): " ".join(e.get_text().split()) for e in page.select("[id$=-error]")}
    assert set(errors) == {f"{field}-error"}
    assert message in errors[f"{field}-error"]
    given_back = {
        name: str(page.select_one(f"input[name={name}]").get("value", ""))  # type: ignore[union-attr]
        for name in ("name", "email", "password")
    }
    # A parser of pages makes U+FFFD of NUL (HTML, 13.2.5.1).
    expected = {name: typed.replace("\x00", "\ufffd") for name, typed in values.items()}
    got = {name: value.replace("\x00", "\ufffd") for name, value in given_back.items()}
    assert got == {**expected, "password": ""}
    assert letters() == []


@pytest.mark.parametrize("password", ["ten chars!", "ü" * 200])
def test_shortest_and_longest_passwords_are_taken(
    client: FlaskClient, letters: Letters, link_in: LinkIn, password: str
) -> None:
    submit(client, "/register", **{**ADA, "password": password})
    confirmed = submit(client, link_in(letters()[0]), password=password)
    answer = submit(client, "/sign-in", email=ADA["email"], password=password)
    assert (confirmed.status_code, answer.status_code) == (303, 303)


def test_name_is_kept_with_its_white_space_folded(
    app: Flask, client: FlaskClient, letters: Letters, link_in: LinkIn
) -> None:
    submit(client, "/register", **{**ADA, "name": "  Ada \r\n  Lovelace "})
    submit(client, link_in(letters()[0]), password=PASSWORD)
    assert names(app) == ["Ada Lovelace"]


@pytest.mark.parametrize("email", ["a\x00b@example.org", "nobody", "x" * 10_000, "\ud800"])
def test_signing_in_with_what_is_no_address_is_a_wrong_address(
    client: FlaskClient, email: str
) -> None:
    typed = email.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    answer = submit(client, "/sign-in", email=typed, password=PASSWORD)
    assert answer.status_code == 422
    assert "Address and password do not belong together. Try again." in said(answer)
