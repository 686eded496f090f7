"""The one door for writes: whole, in line, and durable on every connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from traceback import format_exception
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from forum import db as database
from forum.accounts.models import Attempt, Group, GroupMember
from forum.db import NotDurable, db, engine_options, prepare_engine, savepoint, transaction
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.testing.figures import Note

TIMES, THREADS = 400, 8


def jobs(app: Flask) -> list[str]:
    """Names of the jobs that are durable."""
    with app.app_context():
        return [row.name for row in database.rows(select(Job.name).order_by(Job.id))]


def add_nobody_to_no_group() -> None:
    """Write a job, and then what the database refuses."""
    enqueue("undone")
    db.session.execute(insert(GroupMember), {"group_id": 7, "member_id": 7})


def test_transaction_writes_all_or_nothing(app: Flask) -> None:
    with app.app_context():
        with transaction():
            enqueue("first")
        with pytest.raises(IntegrityError), transaction():
            add_nobody_to_no_group()
    assert jobs(app) == ["first"]


def test_transaction_inside_another_is_refused_and_the_outer_one_stays_whole(app: Flask) -> None:
    with app.app_context(), transaction():
        enqueue("before")
        with pytest.raises(RuntimeError, match="one transaction"), transaction():
            enqueue("never")
        enqueue("after")
    assert jobs(app) == ["before", "after"]


def test_change_made_outside_of_a_transaction_is_refused(app: Flask) -> None:
    with app.app_context():
        db.session.add(Group(name="Kiln masters"))
        with pytest.raises(RuntimeError, match="one transaction"), transaction():
            enqueue("never")
    assert jobs(app) == []


def test_savepoint_undoes_its_part_only(app: Flask) -> None:
    with app.app_context(), transaction():
        enqueue("before")
        with pytest.raises(IntegrityError), savepoint():
            add_nobody_to_no_group()
        enqueue("after")
    assert jobs(app) == ["before", "after"]


def test_reading_outside_sees_only_what_is_committed(app: Flask) -> None:
    count = select(func.count()).select_from(Job)
    with app.app_context(), transaction():
        enqueue("under way")
        inside = database.value(count)
        with database.read_session() as apart:
            outside = apart.execute(count).scalar_one()
    assert (inside, outside) == (1, 0)


def test_moments_come_back_in_utc_and_need_a_zone(app: Flask) -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    at = datetime(2024, 3, 1, 4, 0, tzinfo=kolkata)
    with app.app_context():
        with transaction():
            enqueue("later", run_at=at)
        found = database.value(select(Job.run_at))
        with pytest.raises(Exception, match="without a time zone"), transaction():
            enqueue("never", run_at=datetime(2024, 3, 1))
    assert (found, found.tzinfo) == (datetime(2024, 2, 29, 22, 30, tzinfo=UTC), UTC)


def asked_of_each_connection(engine: Engine, *questions: str) -> set[tuple[Any, ...]]:
    """The answers of as many connections as the pool gives at once."""
    with ExitStack() as open_ones:
        connections = [open_ones.enter_context(engine.connect()) for _ in range(12)]
        return {
            tuple(connection.execute(text(question)).scalar_one() for question in questions)
            for connection in connections
        }


def test_every_pooled_connection_syncs(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            asked = ("PRAGMA synchronous", "PRAGMA foreign_keys", "PRAGMA journal_mode")
            expected: tuple[Any, ...] = (2, 1, "wal")
        else:
            asked, expected = ("SHOW fsync", "SHOW synchronous_commit"), ("on", "on")
        assert asked_of_each_connection(db.engine, *asked) == {expected}


class LaxConnection(sqlite3.Connection):
    """A planted SQLite that does not sync as it is told."""

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """Run the statement, less strictly."""
        return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), *values)


LAX: dict[str, dict[str, Any]] = {
    "sqlite": {"factory": LaxConnection},
    "postgresql": {"options": "-c synchronous_commit=off"},
}


def test_database_that_does_not_sync_is_refused(database: str) -> None:
    options = engine_options(database)
    options["connect_args"] |= LAX[database.partition(":")[0].partition("+")[0]]
    engine = create_engine(database, **options)
    prepare_engine(engine)
    with pytest.raises(NotDurable):
        engine.connect()
    engine.dispose()


def test_errors_do_not_quote_what_people_wrote(app: Flask) -> None:
    twice = insert(Group).values([{"name": "secret words"}, {"name": "secret words"}])
    with app.app_context(), pytest.raises(IntegrityError) as refused, transaction():
        db.session.execute(twice)
    assert "groups" in str(refused.value)
    assert "secret words" not in "".join(format_exception(refused.value))


def add_in_sql() -> None:
    with transaction():
        db.session.execute(update(Attempt).values(count=Attempt.count + 1))


def read_and_write_in_line() -> None:
    with transaction():
        count = db.session.scalar(select(Attempt.count))
        assert count is not None
        db.session.execute(update(Attempt).values(count=count + 1))


def read_and_write_with_plain_begin() -> None:
    try:
        with db.engine.begin() as connection:
            count = connection.execute(select(Attempt.count)).scalar_one()
            connection.execute(update(Attempt).values(count=count + 1))
    except OperationalError:
        pass  # SQLite says at once that it cannot; whoever ignores that has lost it.


def kind_of(app: Flask) -> str:
    with app.app_context():
        return db.engine.dialect.name


def lost_of(app: Flask, add_one: Callable[[], None]) -> int:
    """How many of ``TIMES`` increments by several threads at once are missing."""
    with app.app_context(), transaction():
        db.session.execute(insert(Attempt), {"key": "visits", "window": 1, "count": 0})

    def add(_: int) -> None:
        with app.app_context():
            add_one()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(add, range(TIMES)))
    with app.app_context():
        return TIMES - int(database.value(select(Attempt.count)))


# BEGIN IMMEDIATE puts writers in line, so even what was read first is still true when it is written.
IN_LINE = {"sqlite": read_and_write_in_line, "postgresql": add_in_sql}


def test_no_increment_is_lost(app: Flask) -> None:
    assert lost_of(app, IN_LINE[kind_of(app)]) == 0


def test_the_same_increments_with_plain_begin_lose_some(app: Flask, figure: Note) -> None:
    lost = lost_of(app, read_and_write_with_plain_begin)
    figure(f"increments lost of {TIMES} ({kind_of(app)}): 0 in line, {lost} by plain BEGIN")
    assert lost > 0
