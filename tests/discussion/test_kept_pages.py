"""Pages of threads are kept in memory; nobody may be shown what was kept for somebody else."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from forum.accounts.models import Community, Grant
from forum.community.setting_actions import change_settings
from forum.db import db, transaction
from forum.discussion.articles import Articles
from forum.discussion.models import Post
from forum.permissions import OPERATOR
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from forum.web.page import Page


@pytest.fixture
def author(factories: Factories) -> Person:
    """Who has written a thread, which a guest has just read."""
    factories.community()
    return factories.member("Ada")


@pytest.fixture
def thread(factories: Factories, author: Person, client: FlaskClient) -> Post:
    """The thread, kept as a guest sees it."""
    thread = factories.thread(author, source="Slip and scratch.")
    client.get("/t/1")
    return thread


def test_each_reader_gets_the_links_they_may_use(
    factories: Factories, author: Person, thread: Post, client: FlaskClient
) -> None:
    readers = {
        "author": factories.signed_in(author),
        "member": factories.signed_in(factories.member("Bo")),
        "guest": client,
    }
    shown = {
        name: (
            f'href="/t/{thread.thread_id}/1/edit"' in page,
            f'class="button" href="/t/{thread.thread_id}/reply"' in page,
            "/sign-in?next=" in page,
        )
        for name, reader in readers.items()
        for page in (reader.get("/t/1").text, reader.get("/t/1").text)
    }
    assert shown == {
        "author": (True, True, False),
        "member": (False, True, False),
        "guest": (False, False, True),
    }


def test_a_right_taken_away_shows_at_once(app: Flask, factories: Factories, thread: Post) -> None:
    member = factories.signed_in(factories.member("Bo"))
    before = 'href="/t/1/reply"' in member.get("/t/1").text
    with app.app_context(), transaction():
        db.session.execute(delete(Grant).where(Grant.permission == "thread.reply"))
    assert (before, 'href="/t/1/reply"' in member.get("/t/1").text) == (True, False)


def test_an_edit_and_a_reply_show_at_once(
    factories: Factories, author: Person, thread: Post, client: FlaskClient
) -> None:
    submit(factories.signed_in(author), "/t/1/1/edit", button="Publish", source="Wax and wait.")
    factories.reply(thread, source="Thank you.", in_reply_to=1)
    page = client.get("/t/1").text
    assert ["Slip and scratch" in page, "Wax and wait" in page, "Thank you" in page] == [
        False,
        True,
        True,
    ]
    assert "Reply: <a" in " ".join(page.split())


@pytest.mark.parametrize(
    ("cookie", "value", "shown"),
    [("mode", "dark", 'data-mode="dark"'), ("language", "de", '<html lang="de"')],
)
def test_guests_see_what_each_chose(
    cookie: str, value: str, shown: str, app: Flask, thread: Post, client: FlaskClient
) -> None:
    other = app.test_client()
    other.set_cookie(cookie, value)
    pages = [reader.get("/t/1").text for reader in (client, other, client, other)]
    assert [shown in page for page in pages] == [False, True, False, True]


def test_guests_see_a_new_name_of_the_community_and_that_feeds_are_off_at_once(
    app: Flask, thread: Post, client: FlaskClient
) -> None:
    before = client.get("/t/1").text
    with app.app_context(), transaction():
        db.session.execute(update(Community).values(name="Weavers"))
        change_settings(OPERATOR, {"feeds": "no"})
    after = client.get("/t/1").text
    assert ["Weavers" in before, "atom+xml" in before] == [False, True]
    assert ["Weavers" in after, "atom+xml" in after] == [True, False]


def test_everything_that_a_layout_offers_is_part_of_what_it_shows() -> None:
    """Whoever adds something to the layout decides here whether guests' kept pages depend on it."""
    shown = {"is_administration", "mode", "notices", "script", "stylesheet"}
    in_the_bar = {"community", "knows_visitor", "language", "member", "navigation"}
    made_of_these = {"bar", "direction", "foot", "shown", "visit"}
    offered = {name for name in (*dir(Page), "visit") if not name.startswith("_")}
    assert offered == shown | in_the_bar | made_of_these


def test_the_longest_unused_make_room() -> None:
    articles = Articles(most=2)
    for key in ("a", "b", "a", "c"):
        if articles.get(key) is None:
            articles.put(key, f"article {key}")
    assert [articles.get(key) for key in "abc"] == ["article a", None, "article c"]


def test_large_ones_make_room_by_bytes() -> None:
    articles = Articles(size=5000)
    for key in "abc":
        articles.put(key, key * 2000)
    assert [articles.get(key) is not None for key in "abc"] == [False, True, True]
