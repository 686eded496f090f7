"""The moderators' list: who sees it, in which order, and what closing a case does."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.db import rows, transaction
from forum.discussion.models import Post, Thread
from forum.errors import NotAllowed, NotFound
from forum.hookspecs import CaseNeeded
from forum.moderation.actions import close_case, open_case
from forum.moderation.models import Case
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import words_of


@pytest.fixture
def mo(factories: Factories) -> Person:
    """A moderator of a community."""
    factories.community()
    return factories.member("Mo", role="moderator")


def ask_for_help(app: Flask, post: Post, reason: str = "Please help.") -> None:
    """Open a case as an author does."""
    with app.test_request_context(), transaction():
        open_case(CaseNeeded(post_id=post.id, kind="help", reason=reason))


def cases(app: Flask) -> list[tuple[int, str, str, int | None]]:
    """All cases: (post, kind, reason, who closed it)."""
    columns = (Case.post_id, Case.kind, Case.reason, Case.closed_by)
    with app.app_context():
        return [tuple(row) for row in rows(select(*columns).order_by(Case.id))]


def test_list_is_for_moderators_and_administrators(
    factories: Factories, mo: Person, client: FlaskClient
) -> None:
    member = factories.signed_in(factories.member())
    admin = factories.signed_in(factories.member(role="admin"))
    visitors = (client, member, factories.signed_in(mo), admin)
    assert [visitor.get("/moderation").status_code for visitor in visitors] == [403, 403, 200, 200]
    named = ["/moderation" in visitor.get("/").text for visitor in visitors]
    assert named == [False, False, True, True]


def test_oldest_case_stands_first_with_its_reason_and_post(
    app: Flask, factories: Factories, mo: Person
) -> None:
    ada = factories.member("Ada")
    first = factories.thread(ada, title="Crackle", source="How *fine*?")
    second = factories.thread(ada, title="Slip", source="How thick?")
    ask_for_help(app, second, "A table.")
    ask_for_help(app, first, "A <b>heading</b>.")
    page = factories.signed_in(mo).get("/moderation")
    assert words_of(page, ".case h2") == ["Slip", "Crackle"]
    assert words_of(page, ".case p:has(.label)") == [
        "asks for help A table.",
        "asks for help A <b>heading</b>.",
    ]
    assert words_of(page, ".case .words") == ["How thick?", "How fine?"]


def test_post_has_one_case_of_a_kind(app: Flask, factories: Factories, mo: Person) -> None:
    post = factories.thread()
    ask_for_help(app, post, "First.")
    ask_for_help(app, post, "Second.")
    assert cases(app) == [(post.id, "help", "First.", None)]


def test_help_that_was_given_closes_the_case_and_changes_nothing_else(
    app: Flask, factories: Factories, mo: Person
) -> None:
    post = factories.thread()
    ask_for_help(app, post)
    with app.app_context():
        before = rows(select(Thread.last_number, Thread.last_posted_at, Post.created_at).join(Post))
    moderator = factories.signed_in(mo)
    answer = submit(moderator, "/moderation", button="Done")
    assert (answer.status_code, answer.location) == (303, "/moderation")
    assert cases(app) == [(post.id, "help", "Please help.", mo.id)]
    assert words_of(moderator.get("/moderation"), ".case") == []
    with app.app_context():
        after = rows(select(Thread.last_number, Thread.last_posted_at, Post.created_at).join(Post))
    assert after == before


def test_only_moderators_close_cases(app: Flask, factories: Factories, mo: Person) -> None:
    post = factories.thread()
    ask_for_help(app, post)
    with app.app_context():
        [case_id] = [row.id for row in rows(select(Case.id))]
    actor, moderator = factories.actor(factories.member()), factories.actor(mo)
    with app.test_request_context():
        with pytest.raises(NotAllowed, match="Only moderators"), transaction():
            close_case(actor, case_id)
        with pytest.raises(NotFound, match="no such case"), transaction():
            close_case(moderator, case_id + 1)
    assert cases(app) == [(post.id, "help", "Please help.", None)]
