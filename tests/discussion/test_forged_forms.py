"""Addresses and hidden fields that no page of ours has: a clear answer, and the text comes back."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.models import Group
from forum.categories.queries import Audiences
from forum.db import rows
from forum.discussion.models import Draft, Post
from forum.testing.factories import Factories
from forum.testing.forms import fields_of
from tests.evidence import form_of, text_given_back

TEXT = "A glaze that crawls."
# More than PostgreSQL's INTEGER holds, less than our addresses take.
HUGE = "9" * 18


@pytest.fixture
def ada(factories: Factories) -> FlaskClient:
    """The browser of whoever started thread 1."""
    factories.community()
    author = factories.member("Ada")
    factories.thread(author)
    return factories.signed_in(author)


def send_forged(browser: FlaskClient, path: str, **values: str) -> tuple[int, str | None]:
    """Status and text given back for a form with these values in place of the page's."""
    fields = fields_of(form_of(browser.get(path))) | {"source": TEXT, "action": "preview"}
    answer = browser.post(path, data=fields | values)
    return answer.status_code, text_given_back(answer)


@pytest.mark.parametrize(
    "address",
    [f"/t/1/{HUGE}/history", f"/t/1/{HUGE}/edit", f"/t/1/reply?to={HUGE}", "/c/%00", "/c/a%00b"],
)
def test_what_no_database_holds_is_not_found(ada: FlaskClient, address: str) -> None:
    assert ada.get(address).status_code == 404


@pytest.mark.parametrize("category", ["999", HUGE])
def test_draft_for_a_category_that_is_not_there_is_kept_without_it(
    app: Flask, ada: FlaskClient, category: str
) -> None:
    assert send_forged(ada, "/new", title="Crawling", category=category) == (200, TEXT)
    with app.app_context():
        drafts = rows(select(Draft.title, Draft.category_id, Draft.source))
    assert drafts == [("Crawling", None, TEXT)]


def test_draft_that_replies_to_an_impossible_number_is_kept_without_it(
    app: Flask, ada: FlaskClient
) -> None:
    assert send_forged(ada, "/t/1/1/edit", in_reply_to=HUGE) == (200, TEXT)
    with app.app_context():
        assert rows(select(Draft.in_reply_to, Draft.source)) == [(None, TEXT)]


def test_reply_to_an_impossible_number_gives_the_text_back(ada: FlaskClient) -> None:
    assert send_forged(ada, "/t/1/reply", in_reply_to=HUGE) == (404, TEXT)


def test_nul_in_a_text_is_said_and_not_published(app: Flask, ada: FlaskClient) -> None:
    status, _ = send_forged(ada, "/t/1/reply", source="A \0 glaze", action="publish")
    with app.app_context():
        assert (status, rows(select(Post.number))) == (422, [(1,)])


@pytest.mark.parametrize("word", ["a\0b", "x" * 44])
def test_submission_that_is_not_ours_gives_the_text_back(
    app: Flask, ada: FlaskClient, word: str
) -> None:
    forged = send_forged(ada, "/t/1/reply", submission=word, action="publish")
    with app.app_context():
        assert (forged, rows(select(Post.number))) == ((422, TEXT), [(1,)])


def test_old_form_with_another_text_loses_nothing(app: Flask, ada: FlaskClient) -> None:
    form = fields_of(form_of(ada.get("/t/1/reply"))) | {"action": "publish"}
    first = ada.post("/t/1/reply", data=form | {"source": "One."})
    # Back in the browser, and another text in the same form.
    again = ada.post("/t/1/reply", data=form | {"source": "Two."})
    assert (first.status_code, again.status_code, text_given_back(again)) == (303, 409, "Two.")
    sent = ada.post("/t/1/reply", data=fields_of(form_of(again)) | {"action": "publish"})
    assert (sent.status_code, sent.location) == (303, "/t/1/3")
    with app.app_context():
        assert rows(select(Post.number).order_by(Post.number)) == [(1,), (2,), (3,)]


@pytest.mark.parametrize("place", ["/t/2/reply", "/t/99/reply", "/t/1/1/edit", "/t/99/1/edit"])
def test_text_whose_place_is_closed_meanwhile_becomes_a_new_threads(
    app: Flask, factories: Factories, ada: FlaskClient, place: str
) -> None:
    # Thread 2 is for a group to see; thread 1 is Ada's, so its first post is hers to change.
    with app.app_context():
        factories.member("Kim", group="Kilns")
        group = str(rows(select(Group.id))[0][0])
    hidden = factories.category("Kilns", audiences=Audiences(see=group))
    factories.thread(factories.member(group="Kilns"), hidden)
    reader = factories.member("Ben")
    browser = app.test_client()
    token = fields_of(form_of(browser.get("/sign-in")))["csrf_token"]
    given = {"csrf_token": token, "email": reader.email, "password": reader.password}
    resumed = browser.post("/resume", data=given | {"url": place, "source": TEXT})
    assert (resumed.status_code, resumed.location) == (303, "/new")
    assert text_given_back(browser.get("/new")) == TEXT
