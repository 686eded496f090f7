"""Five faults, each planted into the forum of the guessing game: what a careless build would keep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event, func, select, text
from sqlalchemy.engine import Engine

from benchmarks.anonymity_forum import Build, Played
from forum.accounts.models import MemberSession
from forum.clock import utcnow
from forum.db import db, transaction
from forum_anonymous_questions import period_actions
from forum_anonymous_questions.models import PREFIX, QUESTIONS
from forum_anonymous_questions.queries import claim_marks

SEEN = f"{PREFIX}seen"


def _do(forum: Played, statement: str, **values: object) -> None:
    with forum.forum.app.test_request_context(), transaction():
        db.session.execute(text(statement), values)


def _keep(forum: Played, column: str, value: object) -> None:
    """Keep something about the question that was just asked, to be written beside it."""
    with forum.forum.app.test_request_context():
        mark = claim_marks(forum.kept["code"])[0]
    forum.kept.setdefault("beside", []).append((column, value, mark))


def _write(forum: Played, _number: int) -> None:
    for column, value, mark in forum.kept.pop("beside", []):
        statement = f"UPDATE {QUESTIONS.name} SET {column} = :value WHERE code = :mark"
        _do(forum, statement, value=value, mark=mark)


def _add_column(forum: Played, column: str) -> None:
    _do(forum, f"ALTER TABLE {QUESTIONS.name} ADD COLUMN {column}")


def _newest_number(forum: Played) -> bytes:
    with forum.forum.app.test_request_context():
        number = db.session.scalar(select(func.max(MemberSession.id)))
    return int(number or 0).to_bytes(16, "big")


def _note_seen(forum: Played, member: int) -> None:
    _do(
        forum,
        f"INSERT INTO {SEEN} VALUES (:member, :at) "
        "ON CONFLICT (member_id) DO UPDATE SET at = excluded.at",
        member=member,
        at=utcnow().isoformat(sep=" "),
    )


@contextmanager
def _without_rewriting() -> Iterator[None]:
    """Nothing is written anew in another order, and the database's log is not cut."""
    kept = {name: getattr(period_actions, name) for name in ("rewrite_spent", "wipe_deleted")}

    def keep_log(connection: object, _record: object) -> None:
        connection.execute("PRAGMA wal_autocheckpoint=0")  # type: ignore[attr-defined]

    event.listen(Engine, "connect", keep_log)
    for name in kept:
        setattr(period_actions, name, lambda *_: None)
    try:
        yield
    finally:
        event.remove(Engine, "connect", keep_log)
        for name, value in kept.items():
            setattr(period_actions, name, value)


REAL = Build("as it is")
PLANTED = (
    Build(
        "member's number kept",
        prepare=lambda forum, _: _add_column(forum, "member_id INTEGER"),
        asks=lambda forum, member: _keep(forum, "member_id", member),
        ends=_write,
    ),
    Build(
        "exact time kept",
        prepare=lambda forum, _: _add_column(forum, "asked_at TEXT"),
        asks=lambda forum, _: _keep(forum, "asked_at", utcnow().isoformat(sep=" ")),
        ends=_write,
    ),
    Build("rewriting off", around=_without_rewriting),
    Build(
        "numbered in order",
        asks=lambda forum, _: _keep(forum, "id", _newest_number(forum)),
        ends=_write,
    ),
    Build(
        "last seen at /ask",
        prepare=lambda forum, _: _do(
            forum, f"CREATE TABLE {SEEN} (member_id INTEGER PRIMARY KEY, at TEXT)"
        ),
        reads=_note_seen,
    ),
)
