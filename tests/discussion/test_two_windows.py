"""One place, two windows: neither silently replaces what the other has kept."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.db import rows
from forum.discussion.models import Draft
from forum.testing.factories import Factories, Person
from forum.testing.forms import send, submit
from tests.evidence import form_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
APART = (
    "Another window had kept other words here. Both are kept: this text is now a draft of its own, "
    "the other one stands under “Your drafts”."
)
REPLY = "/t/1/reply"


@pytest.fixture
def ada(factories: Factories) -> Person:
    """Who has started thread 1."""
    factories.community()
    ada = factories.member("Ada")
    factories.thread(ada)
    return ada


@pytest.fixture
def browser(factories: Factories, ada: Person) -> FlaskClient:
    """Her browser."""
    return factories.signed_in(ada)


def drafts(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {r.place: r.source for r in rows(select(Draft.place, Draft.source))}


def test_later_window_gets_a_draft_of_its_own(app: Flask, browser: FlaskClient) -> None:
    one, two = form_of(browser.get(REPLY)), form_of(browser.get(REPLY))
    first = send(browser, REPLY, one, button="Preview", source="One.")
    second = send(browser, REPLY, two, button="Preview", source="Two.")
    assert words_of(first, ".composer > .notice") == []
    assert (words_of(second, ".composer > .notice"), text_given_back(second)) == ([APART], "Two.")
    assert drafts(app) == {"reply:1": "One.", "reply:1~2": "Two."}
    # Each goes on with its own.
    send(browser, REPLY, form_of(first), button="Preview", source="One more.")
    again = send(browser, REPLY, form_of(second), button="Preview", source="Two more.")
    assert words_of(again, ".composer > .notice") == []
    assert drafts(app) == {"reply:1": "One more.", "reply:1~2": "Two more."}
    # What is published is its own, too.
    assert send(browser, REPLY, form_of(again), button="Publish").location == "/t/1/2"
    assert drafts(app) == {"reply:1": "One more."}
    assert text_given_back(browser.get(REPLY)) == "One more."


def test_going_back_in_the_same_window_replaces(app: Flask, browser: FlaskClient) -> None:
    page = form_of(browser.get(REPLY))
    for text in ("First.", "Second.", "Third."):
        answer = send(browser, REPLY, page, button="Preview", source=text)
        assert words_of(answer, ".composer > .notice") == []
    assert drafts(app) == {"reply:1": "Third."}


def test_window_that_was_opened_with_the_draft_replaces_it(
    app: Flask, browser: FlaskClient
) -> None:
    submit(browser, "/new", button="Preview", source="Begun.")
    submit(browser, "/new", button="Preview", source="Begun, and gone on.")
    assert drafts(app) == {"new": "Begun, and gone on."}


@ONE_DATABASE
def test_draft_of_its_own_is_opened_by_its_address(browser: FlaskClient) -> None:
    pages = [form_of(browser.get("/new")) for _ in range(2)]
    for page, text in zip(pages, ("One.", "Two."), strict=True):
        send(browser, "/new", page, button="Preview", source=text)
    composer = browser.get("/new?draft=2")
    assert text_given_back(composer) == "Two."
    assert words_of(composer, "label")[0].startswith("Title")
    asked = send(browser, "/new", form_of(composer), button="Discard draft")
    assert asked.location == "/drafts/discard?place=new~2"
    assert submit(browser, asked.location).location == "/drafts"
    assert [browser.get(f"/new?draft={word}").status_code for word in ("2", "1", "x", "")] == [
        404,
        200,
        200,
        200,
    ]


@ONE_DATABASE
def test_too_many_drafts_for_one_place_give_the_text_back(app: Flask, browser: FlaskClient) -> None:
    pages = [form_of(browser.get(REPLY)) for _ in range(10)]
    answers = [
        send(browser, REPLY, page, button="Preview", source=f"Text {n}.")
        for n, page in enumerate(pages)
    ]
    assert [a.status_code for a in answers] == [200] * 9 + [409]
    assert text_given_back(answers[-1]) == "Text 9."
    assert "There are too many drafts for this place." in answers[-1].text
    assert len(drafts(app)) == 9


def test_text_resumed_after_signing_in_does_not_replace_another_draft(
    app: Flask, factories: Factories, browser: FlaskClient, ada: Person
) -> None:
    submit(browser, "/new", button="Preview", title="Mine", source="A thread begun.")
    form = form_of(browser.get(REPLY))
    submit(browser, "/sign-out")
    answer = send(browser, REPLY, form, button="Publish", source="A reply.")
    resumed = send(
        browser, REPLY, form_of(answer), email=ada.email, password=ada.password, url="/t/404/reply"
    )
    assert resumed.location == "/new?draft=2"
    assert drafts(app) == {"new": "A thread begun.", "new~2": "A reply."}
    page = browser.get("/new?draft=2")
    assert (text_given_back(page), words_of(page, ".notices .notice")[1]) == ("A reply.", APART)
