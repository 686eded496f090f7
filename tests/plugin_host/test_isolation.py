"""What keeps broken SQL apart, shown to fail without it; and plugins that end the transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from forum.db import db, rows, thrown_away, transaction
from forum.jobs.queue import enqueue
from forum.plugin_api import Draft, Finding, PostToCheck, PublishedPost, hookimpl
from forum.plugin_host import HookFailed, PluginHost, dispatch

MakeHost = Callable[..., PluginHost]
Written = Callable[[], list[str]]
DRAFT = Draft("One two three.")
CHECK = PostToCheck(7, 2, None, "One two three.", 5, False, ())
POST = PublishedPost(11, 7, 2, 3, False, 5, None)


class Doing:
    """A plugin that does the same at every hook."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self.deed = deed

    @hookimpl
    def review_draft(self) -> list[Finding]:
        self.deed()
        return []

    @hookimpl
    def check_post(self) -> None:
        self.deed()

    @hookimpl
    def with_post_published(self) -> None:
        self.deed()


CALLS: list[Callable[[PluginHost], object]] = [
    lambda host: host.review(DRAFT),
    lambda host: host.check_post(CHECK),
    lambda host: host.with_post_published(POST),
]
every_call = pytest.mark.parametrize("call", CALLS, ids=["review", "check", "with"])


def broken_sql() -> None:
    rows(text("SELECT nothing FROM nowhere"))


def roll_back() -> None:
    db.session.rollback()


def commit() -> None:
    db.session.commit()


def roll_back_in_sql() -> None:
    db.session.execute(text("ROLLBACK"))


def roll_back_the_connection() -> None:
    db.session.connection().rollback()


def close() -> None:
    db.session.close()


ENDING = [roll_back, commit, roll_back_in_sql, roll_back_the_connection, close]


# What SQLAlchemy says when a connection is rolled back behind its session's back.
@pytest.mark.filterwarnings("ignore:.*already deassociated:sqlalchemy.exc.SAWarning")
@every_call
def test_action_whose_transaction_a_plugin_ended_is_never_acknowledged(
    inside: Flask, host_of: MakeHost, written: Written, call: Callable[[PluginHost], object]
) -> None:
    def act(deed: Callable[[], object]) -> None:
        with transaction():
            enqueue(deed.__name__)
            call(host_of(Doing(deed)))
            enqueue("behind")

    for deed in ENDING:
        with pytest.raises(HookFailed, match=r"^first: "):
            act(deed)
    # A commit cannot be taken back, but nobody is told that the action is whole.
    assert written() == ["commit"]


@every_call
def test_transaction_inside_a_transaction_is_the_plugins_failure(
    inside: Flask, host_of: MakeHost, written: Written, call: Callable[[PluginHost], object]
) -> None:
    def write() -> None:
        with transaction():
            enqueue("never")

    with transaction():
        enqueue("before")
        try:
            call(host_of(Doing(write)))
        except HookFailed:
            assert call is CALLS[2]
        enqueue("behind")
    assert written() == ["before", "behind"]


@pytest.mark.parametrize("call", CALLS[:2], ids=["review", "check"])
def test_without_its_savepoint_broken_sql_would_poison_the_transaction(
    inside: Flask,
    host_of: MakeHost,
    monkeypatch: pytest.MonkeyPatch,
    call: Callable[[PluginHost], object],
) -> None:
    monkeypatch.setattr(dispatch, "thrown_away", nullcontext)
    assert _goes_on_after(call, host_of(Doing(broken_sql))) == (
        db.engine.dialect.name != "postgresql"
    )
    monkeypatch.setattr(dispatch, "thrown_away", thrown_away)
    assert _goes_on_after(call, host_of(Doing(broken_sql)))


def _goes_on_after(call: Callable[[PluginHost], object], host: PluginHost) -> bool:
    try:
        with transaction():
            call(host)
            return bool(rows(text("SELECT 1")))
    except InternalError:
        return False


def test_without_a_context_of_its_own_broken_sql_would_poison_the_readers_connection(
    inside: Flask, host_of: MakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def goes_on() -> Any:
        host_of(Doing(broken_sql)).review(DRAFT)
        try:
            return bool(rows(text("SELECT 1")))
        except InternalError:
            return False

    assert goes_on()
    monkeypatch.setattr(dispatch, "thrown_away", nullcontext)
    assert goes_on() == (db.engine.dialect.name != "postgresql")


def test_without_its_savepoint_a_reviewers_writing_would_stay(
    inside: Flask, host_of: MakeHost, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "thrown_away", nullcontext)
    with transaction():
        host_of(Doing(lambda: enqueue("leaked"))).review(DRAFT)
    assert written() == ["leaked"]
