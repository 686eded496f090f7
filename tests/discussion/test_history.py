"""The history of a post: every version, a page at a time."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion.actions import edit_post, prepare
from forum.discussion.history_queries import VERSIONS_A_PAGE
from forum.discussion.models import Revision
from forum.testing.application import count_statements
from forum.testing.factories import Factories
from tests.evidence import links_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def edit_often(app: Flask, factories: Factories, times: int) -> None:
    """Thread 1, whose first post has been changed so often."""
    author = factories.member()
    post = factories.thread(author, source="Text 1.")
    actor = factories.actor(author)
    for version in range(1, times + 1):
        with app.test_request_context():
            text = prepare(f"Text {version + 1}.")
            with transaction():
                edit_post(actor, post.id, text=text, based_on=version)


@ONE_DATABASE
def test_history_of_a_post_changed_often_comes_in_pages(
    app: Flask, factories: Factories, client: FlaskClient
) -> None:
    edit_often(app, factories, 2 * VERSIONS_A_PAGE)
    versions, addresses = [], ["/t/1/1/history"]
    while addresses:
        page = client.get(addresses[0])
        assert f"{2 * VERSIONS_A_PAGE + 1} versions, newest first" in page.text
        versions.append(words_of(page, ".revision pre"))
        addresses = links_of(page, "nav.pages a[rel=next]")
    expected = [f"Text {n}." for n in range(2 * VERSIONS_A_PAGE + 1, 0, -1)]
    assert [len(found) for found in versions] == [VERSIONS_A_PAGE, VERSIONS_A_PAGE, 1]
    assert [text for found in versions for text in found] == expected


@ONE_DATABASE
def test_later_page_of_a_history_leads_back_to_the_newest(
    app: Flask, factories: Factories, client: FlaskClient
) -> None:
    edit_often(app, factories, 1)
    page = client.get("/t/1/1/history?after=2")
    assert words_of(page, ".revision h2") == ["Version 1"]
    assert links_of(page, "nav.pages a[rel=prev]") == ["/t/1/1/history"]


@ONE_DATABASE
@pytest.mark.parametrize("word", ["0", "-1", "abc", "", "9" * 19])
def test_place_in_a_history_that_is_none_is_not_found(
    factories: Factories, client: FlaskClient, word: str
) -> None:
    factories.thread()
    assert client.get("/t/1/1/history", query_string={"after": word}).status_code == 404


def test_place_beyond_a_history_shows_its_newest(factories: Factories, client: FlaskClient) -> None:
    factories.thread(source="Only this.")
    page = client.get("/t/1/1/history", query_string={"after": "9" * 18})
    assert (page.status_code, words_of(page, ".revision pre")) == (200, ["Only this."])


def edited(app: Flask, factories: Factories, *texts: str) -> None:
    """Thread 1, whose first post had these texts."""
    author = factories.member()
    post = factories.thread(author, source=texts[0])
    actor = factories.actor(author)
    for version, source in enumerate(texts[1:], 1):
        with app.test_request_context():
            text = prepare(source)
            with transaction():
                edit_post(actor, post.id, text=text, based_on=version)


def test_each_version_shows_what_it_changed(
    app: Flask, factories: Factories, client: FlaskClient
) -> None:
    edited(app, factories, "How fine?", "How <wide>?", "How <wide> can it be?")
    page = client.get("/t/1/1/history")
    assert words_of(page, ".changes") == [
        "How <wide>[added: can it be end of added]?",
        "How [removed: fine end of removed][added: <wide> end of added]?",
    ]
    assert words_of(page, ".changes del, .changes ins") == [
        "[added: can it be end of added]",
        "[removed: fine end of removed]",
        "[added: <wide> end of added]",
    ]
    assert words_of(page, "details pre, section > pre") == [
        "How <wide> can it be?",
        "How <wide>?",
        "How fine?",
    ]


@ONE_DATABASE
def test_last_version_of_a_page_is_compared_with_the_first_of_the_next(
    app: Flask, factories: Factories, client: FlaskClient
) -> None:
    edit_often(app, factories, VERSIONS_A_PAGE)
    changes = words_of(client.get("/t/1/1/history"), ".changes")
    assert len(changes) == VERSIONS_A_PAGE
    assert changes[-1] == "Text [removed: 1 end of removed][added: 2 end of added]."


@ONE_DATABASE
def test_what_was_emptied_is_said_and_not_compared(
    app: Flask, factories: Factories, client: FlaskClient
) -> None:
    edited(app, factories, "First.", "Second.", "Third.")
    moderator = factories.member("Olga", role="moderator")
    with app.app_context(), transaction():
        db.session.execute(
            update(Revision)
            .where(Revision.version == 2)
            .values(source="", emptied_at=utcnow(), emptied_by=moderator.id)
        )
    page = client.get("/t/1/1/history")
    assert words_of(page, ".changes, del, ins") == []
    said = words_of(page, ".revision > p:not(.quiet)")
    gone = "The words of the version before are gone, so this one cannot be compared with it."
    assert said[0] == gone
    assert said[1].startswith("Olga took the words of this version out for good on ")
    assert (len(said), words_of(page, "pre")) == (2, ["Third.", "First."])


@ONE_DATABASE
def test_history_costs_the_same_however_many_versions(
    app: Flask, factories: Factories, client: FlaskClient
) -> None:
    counted = []
    for times in (1, VERSIONS_A_PAGE + 3):
        edit_often(app, factories, times)
        thread = len(counted) + 1
        client.get(f"/t/{thread}/1/history")
        with count_statements(app) as statements:
            assert client.get(f"/t/{thread}/1/history").status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1]
