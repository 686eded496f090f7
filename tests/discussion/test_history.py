"""The history of a post: every version, a page at a time."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from forum.db import transaction
from forum.discussion.actions import edit_post, prepare
from forum.discussion.queries import VERSIONS_A_PAGE
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
