"""When a job is tried again, by whom, and what it holds meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import insert, select, update

from forum.accounts.models import Group
from forum.app import create_app
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.jobs import worker as jobs
from forum.jobs.models import Job
from forum.jobs.queue import emit, enqueue
from forum.jobs.worker import Work, handler, work_off
from forum.plugin_api import PostPublished, hookimpl
from forum.testing.application import close

Register = Callable[..., None]


@pytest.fixture
def does(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Registers a handler for this test only: ``does("name", function, in_transaction=…)``."""
    monkeypatch.setattr(jobs, "HANDLERS", dict(jobs.HANDLERS))
    monkeypatch.setattr(jobs, "OUTSIDE", set(jobs.OUTSIDE))

    def register(name: str, function: Callable[[Work], None], **options: bool) -> None:
        handler(name, **options)(function)

    return register


def promise(app: Flask, name: str, /, **arguments: Any) -> None:
    """Enqueue one job and commit."""
    with app.app_context(), transaction():
        enqueue(name, **arguments)


def change_jobs(app: Flask, **values: Any) -> None:
    """Change all jobs, as time or a dead worker would."""
    with app.app_context(), transaction():
        db.session.execute(update(Job).values(**values))


def waiting(app: Flask) -> list[tuple[str, int, str, str]]:
    """The jobs that are left: name, attempts, state, error."""
    statement = select(Job.name, Job.attempts, Job.state, Job.last_error).order_by(Job.id)
    with app.app_context():
        return [tuple(row) for row in rows(statement)]


def groups(app: Flask) -> list[str]:
    """What handlers have written."""
    with app.app_context():
        return sorted(row.name for row in rows(select(Group.name)))


def write(work: Work) -> None:
    """A handler: write a group named by the job."""
    db.session.execute(insert(Group).values(name=work.arguments["name"]))


def write_and_fail(work: Work) -> None:
    """A handler: the same, but it cannot finish."""
    write(work)
    raise ValueError("the words of a member")


def test_job_that_failed_succeeds_later_once(app: Flask, does: Register) -> None:
    does("write", write_and_fail)
    promise(app, "write", name="late")
    work_off(app)
    does("write", write)
    change_jobs(app, run_at=utcnow())
    assert work_off(app) == 1
    assert (groups(app), waiting(app)) == (["late"], [])


def test_job_is_not_done_before_its_time(app: Flask, does: Register) -> None:
    does("write", write)
    promise(app, "write", run_at=utcnow() + timedelta(hours=1), name="later")
    assert (work_off(app), groups(app)) == (0, [])
    change_jobs(app, run_at=utcnow())
    assert (work_off(app), groups(app)) == (1, ["later"])


def test_worker_that_took_too_long_does_not_put_back_anothers_job(
    app: Flask, does: Register
) -> None:
    does("write", write_and_fail)
    promise(app, "write", name="never")
    with app.app_context():
        [late] = jobs._take(1)
    change_jobs(app, attempts=2, lease_until=utcnow() + timedelta(seconds=60))
    with app.app_context():
        jobs._do(late)
    assert waiting(app) == [("write", 2, "waiting", "")]


def test_outside_work_is_done_while_no_lock_is_held(app: Flask, does: Register) -> None:
    seen: list[tuple[bool, bool]] = []

    def look(_work: Work) -> None:
        is_writing = bool(g.get("writing"))
        # Another connection could not write now if this worker held the database's lock.
        with app.app_context(), transaction():
            db.session.execute(insert(Group).values(name="written meanwhile"))
        seen.append((is_writing, "written meanwhile" in groups(app)))

    does("look", look, in_transaction=False)
    promise(app, "look")
    work_off(app)
    assert (seen, waiting(app)) == ([(False, True)], [])
    assert "mail" in jobs.OUTSIDE


class Hearing:
    """A plugin that writes what it hears, or fails after writing."""

    def __init__(self, name: str, *, fails: bool = False) -> None:
        self.name, self.fails = name, fails

    @hookimpl
    def on_post_published(self, event: PostPublished) -> None:
        db.session.execute(insert(Group).values(name=f"{self.name} heard {event.post_id}"))
        if self.fails:
            raise ValueError(self.name)


@pytest.fixture
def listening(instance: Path, database: str) -> Iterator[tuple[Flask, Hearing]]:
    """A forum with three plugins, of which the one in the middle fails."""
    failing = Hearing("bent", fails=True)
    plugins = [("ample", Hearing("ample")), ("bent", failing), ("clear", Hearing("clear"))]
    app = create_app(instance, database=database, plugins=plugins)
    yield app, failing
    close(app)


def test_each_listener_hears_an_event_by_itself(listening: tuple[Flask, Hearing]) -> None:
    app, failing = listening
    with app.app_context(), transaction():
        emit(PostPublished(post_id=11, thread_id=7))
    work_off(app)
    assert groups(app) == ["ample heard 11", "clear heard 11"]
    [(name, attempts, state, _)] = waiting(app)
    assert (name, attempts, state) == ("deliver", 1, "waiting")

    failing.fails = False
    change_jobs(app, run_at=utcnow())
    work_off(app)
    assert groups(app) == ["ample heard 11", "bent heard 11", "clear heard 11"]
    assert waiting(app) == []
