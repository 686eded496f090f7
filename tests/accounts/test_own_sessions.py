"""The page of one's sessions: which browsers, and ending them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from forum.text.browsers import browser_and_system
from tests.evidence import everything, words_of

PAGE = "/account/sessions"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


def signed_in_with(app: Flask, person: Person, agent: str) -> FlaskClient:
    """A browser of this kind in which the person signs in."""
    browser = app.test_client()
    browser.environ_base["HTTP_USER_AGENT"] = agent
    answer = submit(browser, "/sign-in", email=person.email, password=person.password)
    assert answer.status_code == 303
    return browser


@pytest.mark.parametrize(
    ("agent", "names"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (EDGE, ("Edge", "Windows")),
        (IPHONE, ("Safari", "iPhone")),
        ("curl/8.0", ("", "")),
        ("", ("", "")),
    ],
)
def test_browsers_are_named_in_plain_words(agent: str, names: tuple[str, str]) -> None:
    assert browser_and_system(agent) == names


def test_page_lists_own_sessions_and_ends_one(app: Flask, factories: Factories) -> None:
    ada = factories.member("Ada")
    factories.signed_in(factories.member("Bo"))
    there = signed_in_with(app, ada, EDGE)
    strange = signed_in_with(app, ada, "<script>")
    here = signed_in_with(app, ada, FIREFOX)
    page = here.get(PAGE)
    assert words_of(page, "main h2") == [
        "Firefox on Linux",
        "An unknown browser",
        "Edge on Windows",
    ]
    assert words_of(page, "main .about")[0].startswith("This browser · ")

    answer = submit(here, PAGE, form="form[action$='/end']")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert [browser.get("/me").status_code for browser in (here, there, strange)] == [200, 200, 303]


def test_all_other_sessions_end_at_once(app: Flask, factories: Factories) -> None:
    ada, bo = factories.member("Ada"), factories.member("Bo")
    others = [factories.signed_in(ada), factories.signed_in(ada), factories.signed_in(bo)]
    here = factories.signed_in(ada)
    assert submit(here, PAGE, form="form[action$='end-others']").status_code == 303
    assert [browser.get("/me").status_code for browser in (here, *others)] == [200, 303, 303, 200]


def test_session_of_somebody_else_cannot_be_ended(app: Flask, factories: Factories) -> None:
    ada, bo = factories.member("Ada"), factories.member("Bo")
    victim = factories.signed_in(bo)
    factories.signed_in(ada)
    here = factories.signed_in(ada)
    token = words_in_form(here)
    before = everything(app)
    for number in (1, 99):
        answer = here.post(f"{PAGE}/{number}/end", data={"csrf_token": token})
        assert answer.status_code == 404
    assert everything(app) == before
    assert victim.get("/me").status_code == 200


def words_in_form(browser: FlaskClient) -> str:
    """The token of the page's forms."""
    return browser.get(PAGE).text.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]


def test_signing_in_again_in_one_browser_leaves_one_session(
    app: Flask, factories: Factories
) -> None:
    ada = factories.member("Ada")
    here = factories.signed_in(ada)
    submit(here, "/sign-in", email=ada.email, password=ada.password)
    assert len(words_of(here.get(PAGE), "main h2")) == 1


def test_guests_are_asked_to_sign_in(client: FlaskClient, factories: Factories) -> None:
    factories.community()
    answer = client.get(PAGE)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={PAGE}")


def test_page_takes_as_many_statements_for_one_session_as_for_many(
    app: Flask, factories: Factories
) -> None:
    ada = factories.member("Ada")
    counts = []
    for others in (0, 4):
        for _ in range(others):
            factories.signed_in(ada)
        here = factories.signed_in(ada)
        with count_statements(app) as statements:
            here.get(PAGE)
        counts.append(len(statements))
    assert counts[0] == counts[1]
