"""The demo: an empty forum becomes a small community that shows what the real one can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from forum.admin.demo_actions import SignIn, fill_with_demo
from forum.db import row, rows, transaction, value
from forum.discussion.models import Post, PostFinding, PostPicture, Thread, ThreadTag
from forum.errors import Conflict
from forum.moderation.models import Case
from forum.permissions import OPERATOR
from forum.testing.factories import Factories
from forum.testing.forms import submit


@pytest.fixture
def people(app: Flask) -> list[SignIn]:
    """How the people of the demo sign in."""
    with app.test_request_context(), transaction():
        return fill_with_demo(OPERATOR)


@pytest.fixture
def inside(app: Flask, people: list[SignIn]) -> Iterator[None]:
    """The database of the demo, to be read."""
    with app.app_context():
        yield


@pytest.mark.usefixtures("inside")
def test_demo_has_one_of_each_thing_that_a_tour_shows() -> None:
    threads = row(
        select(
            func.count(),
            func.count(Thread.pinned_at),
            func.count(Thread.locked_at),
            func.count(Thread.answer_number),
        ).select_from(Thread)
    )
    assert tuple(threads or ()) == (8, 1, 1, 1)
    counted = [value(select(func.count()).select_from(table)) for table in (Post, PostPicture)]
    assert counted == [35, 1]
    assert value(select(func.count(ThreadTag.tag.distinct()))) > 8
    assert value(select(func.count()).select_from(Post).where(Post.html.contains("/members/"))) == 1


@pytest.mark.usefixtures("inside")
def test_demo_follows_its_own_advice() -> None:
    heavy = select(PostFinding.rule).where(PostFinding.severity.in_(("block", "hold", "warn")))
    assert ([found.rule for found in rows(heavy)], rows(select(Case.id))) == ([], [])


@pytest.mark.usefixtures("inside")
def test_dates_of_each_thread_go_forward_and_end_with_its_newest_post() -> None:
    posts = rows(select(Post.thread_id, Post.created_at).order_by(Post.thread_id, Post.number))
    assert [*posts] == sorted(posts, key=lambda post: (post.thread_id, post.created_at))
    newest = select(func.max(Post.created_at)).where(Post.thread_id == Thread.id).scalar_subquery()
    assert rows(select(Thread.id).where(Thread.last_posted_at != newest)) == []


def test_everybody_of_the_demo_can_sign_in(app: Flask, people: list[SignIn]) -> None:
    assert [person.role for person in people] == ["admin", "moderator", *["member"] * 5]
    for person in people:
        browser = app.test_client()
        answer = submit(browser, "/sign-in", email=person.email, password=person.password)
        assert (answer.status_code, answer.location) == (303, "/")


def test_forum_with_something_in_it_is_left_alone(app: Flask, factories: Factories) -> None:
    factories.community()
    with app.test_request_context(), pytest.raises(Conflict, match="empty forum"), transaction():
        fill_with_demo(OPERATOR)


def test_front_page_of_the_demo_leads_to_its_threads(
    client: FlaskClient, people: list[SignIn]
) -> None:
    page = client.get("/").text
    assert "The Night Pager" in page
    assert "The alert at ten past three that nobody acts on" in page
