"""Members are told by mail of a sign-in in a new browser, and of a new password."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from forum.accounts.models import Member
from forum.accounts.tokens import MOST_KNOWN, is_known, known_with
from forum.db import db, transaction
from forum.testing.factories import PASSWORD, Factories, Person
from forum.testing.forms import submit

Letters = Callable[[], list[EmailMessage]]
LinkIn = Callable[[EmailMessage], str]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
NEW_BROWSER = "You signed in in a new browser"
NEW_PASSWORD = "Your password was changed"
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def ada(factories: Factories) -> Person:
    """A member."""
    factories.community()
    return factories.member("Ada")


def sign_in(browser: FlaskClient, person: Person, password: str = PASSWORD) -> int:
    """The status of the answer."""
    browser.environ_base["HTTP_USER_AGENT"] = FIREFOX
    return submit(browser, "/sign-in", email=person.email, password=password).status_code


def told(letters: Letters, subject: str = NEW_BROWSER) -> list[str]:
    """Who got letters with this subject."""
    return [str(letter["To"]) for letter in letters() if letter["Subject"] == subject]


def test_sign_in_in_a_new_browser_is_told_once(
    app: Flask, factories: Factories, ada: Person, letters: Letters
) -> None:
    browser, bo = app.test_client(), factories.member("Bo")
    assert sign_in(browser, ada) == 303
    [letter] = letters()
    said = letter.get_content()
    assert (letter["To"], letter["Subject"]) == (ada.email, NEW_BROWSER)
    assert "Browser: Firefox on Linux" in said
    assert "(UTC)" in said
    for path in ("/reset", "/account/sessions"):
        assert f"http://127.0.0.1:8000{path}" in said

    submit(browser, "/sign-out")
    assert sign_in(browser, ada) == 303
    assert told(letters) == [ada.email]
    # Whoever else signs in there is told by themselves; both are known then.
    for person in (bo, ada, bo):
        assert sign_in(browser, person) == 303
    assert sorted(told(letters)) == sorted([ada.email, bo.email])
    assert sign_in(app.test_client(), ada) == 303
    assert sorted(told(letters)) == sorted([ada.email, ada.email, bo.email])


@ONE_DATABASE
def test_wrong_password_tells_nobody(app: Flask, ada: Person, letters: Letters) -> None:
    assert sign_in(app.test_client(), ada, "wrong and long") == 422
    assert letters() == []


@ONE_DATABASE
def test_account_that_was_just_made_knows_its_browser(
    app: Flask, factories: Factories, letters: Letters, link_in: LinkIn
) -> None:
    factories.community()
    browser = app.test_client()
    person = Person(0, "Nadia", "nadia@example.org")
    submit(browser, "/register", name="Nadia", email=person.email, password=PASSWORD)
    assert submit(browser, link_in(letters()[0]), password=PASSWORD).status_code == 303
    submit(browser, "/sign-out")
    assert sign_in(browser, person) == 303
    assert told(letters) == []


@ONE_DATABASE
def test_cookie_that_was_made_up_or_is_of_others_makes_no_browser_known(
    app: Flask, ada: Person, letters: Letters
) -> None:
    with app.test_request_context():
        others = known_with("", ada.id + 1)
        full = known_with("", ada.id)
    seed, mark = full.split(".")
    made_up = [others, seed, f"{'A' * 43}.{mark}", f"{seed}.{'0' * 40}", f"{mark}.{seed}"]
    made_up += ["ü.ü", ".", "x" * 3000, f"{seed}." + ".".join([mark] * 6), f'{full}"; Path=/']
    for cookie in made_up:
        browser = app.test_client()
        browser.set_cookie("known", cookie)
        assert sign_in(browser, ada) == 303, cookie
    assert told(letters) == [ada.email] * len(made_up)


@ONE_DATABASE
def test_cookie_names_nobody_and_does_not_grow(app: Flask) -> None:
    with app.test_request_context():
        cookies = [known_with("", 1) for _ in range(2)]
        assert not set(cookies[0].split(".")) & set(cookies[1].split("."))
        cookie = cookies[0]
        for member in range(1, 10):
            cookie = known_with(cookie, member)
        assert [member for member in range(1, 10) if is_known(cookie, member)] == [5, 6, 7, 8, 9]
        assert len(cookie.split(".")) == 1 + MOST_KNOWN


@ONE_DATABASE
def test_cookie_is_kept_from_scripts_and_other_sites(app: Flask, ada: Person) -> None:
    browser = app.test_client()
    sign_in(browser, ada)
    cookie = browser.get_cookie("known")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.max_age) == (True, "Lax", 400 * 86400)


@ONE_DATABASE
def test_letter_has_the_members_time_and_language(
    app: Flask, ada: Person, letters: Letters
) -> None:
    with app.app_context(), transaction():
        facts = {"zone": "Asia/Kathmandu", "language": "de"}
        db.session.execute(update(Member).where(Member.id == ada.id).values(**facts))
    sign_in(app.test_client(), ada)
    [letter] = letters()
    assert "(Asia/Kathmandu)" in letter.get_content()
    assert letter["Subject"] is not None


def test_new_password_is_told_and_signs_out_everywhere(
    app: Flask, factories: Factories, ada: Person, letters: Letters, link_in: LinkIn
) -> None:
    elsewhere, browser = factories.signed_in(ada), app.test_client()
    submit(browser, "/reset", email=ada.email)
    link = link_in(letters()[-1])
    assert submit(browser, link, password="another long password").status_code == 303
    assert told(letters, NEW_PASSWORD) == [ada.email]
    assert "every browser was signed out" in letters()[-1].get_content()
    assert elsewhere.get("/me").status_code == 303
    assert submit(browser, link.rpartition("/")[0], email=ada.email).status_code == 303
