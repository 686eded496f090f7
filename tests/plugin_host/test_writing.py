"""``with_*``: written together with the publication, or everything is undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from forum.db import db, rows, transaction
from forum.errors import NotAllowed
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.plugin_api import CaseNeeded, PublishedPost, hookimpl
from forum.plugin_host import HookFailed, PluginHost, current_host
from forum.testing.factories import Factories

MakeHost = Callable[..., PluginHost]
Written = Callable[[], list[str]]
POST = PublishedPost(
    post_id=11,
    thread_id=7,
    category_id=2,
    number=3,
    is_first=False,
    author_id=5,
    in_reply_to=1,
)
CASE = CaseNeeded(post_id=11, kind="hold", reason="It sells.")


class Doing:
    """A plugin that does something with a publication, or with a case."""

    def __init__(self, deed: Callable[[Any], object]) -> None:
        self.deed = deed

    @hookimpl
    def with_post_published(self, post: PublishedPost) -> None:
        self.deed(post)

    @hookimpl
    def with_case_needed(self, case: CaseNeeded) -> None:
        self.deed(case)


def enqueue_noted(given: PublishedPost | CaseNeeded) -> None:
    enqueue(f"noted {given.post_id}")


def broken_sql(_given: object) -> None:
    rows(text("SELECT nothing FROM nowhere"))


def hidden_broken_sql(given: object) -> None:
    try:
        broken_sql(given)
    except Exception:
        return


def half_a_row(_given: object) -> None:
    db.session.add(Job(name="half", arguments={}, state="never heard of"))


def refuse(_given: object) -> None:
    raise NotAllowed("Too late for that.")


def reach_for_what_is_not_there(given: Any) -> object:
    return given.nothing


def leave(_given: object) -> None:
    raise SystemExit(1)


FAILING = [broken_sql, half_a_row, refuse, reach_for_what_is_not_there, leave]


def test_what_writing_plugins_add_is_committed_with_the_action(
    inside: Flask, host_of: MakeHost, written: Written
) -> None:
    host = host_of(Doing(enqueue_noted))
    with transaction():
        enqueue("action")
        host.with_post_published(POST)
        host.with_case_needed(CASE)
    assert written() == ["action", "noted 11", "noted 11"]


def test_failing_part_undoes_the_whole_action_and_is_named(
    inside: Flask, host_of: MakeHost, written: Written
) -> None:
    def publish(host: PluginHost) -> None:
        with transaction():
            enqueue("action")
            host.with_post_published(POST)

    def hold(host: PluginHost) -> None:
        with transaction():
            enqueue("action")
            host.with_case_needed(CASE)

    for deed in FAILING:
        host = host_of(Doing(enqueue_noted), Doing(deed), Doing(enqueue_noted))
        with pytest.raises(HookFailed, match=r"^second: with_post_published failed$"):
            publish(host)
        with pytest.raises(HookFailed, match=r"^second: with_case_needed failed$"):
            hold(host)
    assert written() == []


def test_author_is_told_that_the_text_is_kept(inside: Flask) -> None:
    assert HookFailed("tally", "with_post_published").message == (
        "A part of the forum (tally) did not work, so this was undone. Your text is kept. "
        "Try again in a moment; tell an administrator if it happens again."
    )


def test_broken_sql_that_a_plugin_hides_is_never_half_committed(
    inside: Flask, host_of: MakeHost, written: Written
) -> None:
    with transaction():
        enqueue("before")
    failed = False
    try:
        with transaction():
            enqueue("action")
            host_of(Doing(hidden_broken_sql)).with_post_published(POST)
    except HookFailed:
        failed = True
    # SQLite goes on after an error, so there the action may stand; PostgreSQL does not.
    assert failed == (db.engine.dialect.name == "postgresql")
    assert written() == (["before"] if failed else ["before", "action"])


def test_writing_outside_of_a_transaction_is_refused(inside: Flask, host_of: MakeHost) -> None:
    with pytest.raises(RuntimeError, match="with_post_published was called outside"):
        host_of(Doing(enqueue_noted)).with_post_published(POST)


def test_reply_is_undone_with_a_failing_part(app: Flask, factories: Factories) -> None:
    thread = factories.thread()
    with app.app_context():
        current_host().register(Doing(broken_sql), "tally", may_write=True)
    with pytest.raises(HookFailed):
        factories.reply(thread)
    with app.app_context():
        assert [tuple(row) for row in rows(text("SELECT id, number FROM posts"))] == [
            (thread.id, 1)
        ]
        assert [tuple(row) for row in rows(text("SELECT last_number FROM threads"))] == [(1,)]


def test_writing_plugin_is_told_of_each_publication(app: Flask, factories: Factories) -> None:
    told: list[PublishedPost] = []
    with app.app_context():
        current_host().register(Doing(told.append), "tally", may_write=True)
    category, author = factories.category(), factories.member()
    thread = factories.thread(author, category)
    reply = factories.reply(thread, author, in_reply_to=1)
    assert told == [
        PublishedPost(thread.id, thread.thread_id, category.id, 1, True, author.id, None),
        PublishedPost(reply.id, thread.thread_id, category.id, 2, False, author.id, 1),
    ]
