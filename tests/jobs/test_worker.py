"""Promised work is done: on the database exactly once, on the world outside at least once."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.accounts.models import Group
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.errors import NotAllowed
from forum.jobs import worker
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import LEASE_SECONDS, MOST_ATTEMPTS, Work, run_worker, tidy, work_off
from forum.testing.factories import Factories

Register = Callable[..., None]
Facts = list[tuple[Any, ...]]


@pytest.fixture
def does(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Registers what does the jobs of a name, for this test."""

    def register(name: str, handler: Callable[[Work], None], *, outside: bool = False) -> None:
        monkeypatch.setitem(worker.HANDLERS, name, handler)
        if outside:
            monkeypatch.setattr(worker, "OUTSIDE", worker.OUTSIDE | {name})

    return register


@pytest.fixture
def promise(app: Flask) -> Callable[..., None]:
    """Enqueues a job and commits."""

    def add(name: str, **arguments: Any) -> None:
        with app.app_context(), transaction():
            enqueue(name, **arguments)

    return add


Promise = Callable[..., None]


def write(work: Work) -> None:
    """Work on the database that shows when it is done twice: the name is unique."""
    db.session.add(Group(name=f"job {work.arguments['number']}"))


def written(app: Flask) -> list[str]:
    """What ``write`` has written."""
    with app.app_context():
        return [row.name for row in rows(select(Group.name).order_by(Group.id))]


def facts(app: Flask, *columns: Any) -> Facts:
    """What the jobs table says."""
    with app.app_context():
        return [tuple(row) for row in rows(select(*columns).order_by(Job.id))]


def change(app: Flask, **values: Any) -> None:
    """Change all jobs, as time does."""
    with app.app_context(), transaction():
        db.session.execute(update(Job).values(**values))


def ago(seconds: float) -> datetime:
    return utcnow() - timedelta(seconds=seconds)


def test_job_is_done_and_gone(app: Flask, does: Register, promise: Promise) -> None:
    does("write", write)
    promise("write", number=1)
    assert (work_off(app), written(app), facts(app, Job.name)) == (1, ["job 1"], [])
    assert work_off(app) == 0


def test_jobs_are_done_in_the_order_in_which_they_fall_due(
    app: Flask, does: Register, promise: Promise
) -> None:
    does("write", write)
    promise("write", number=1, run_at=ago(5))
    promise("write", number=2, run_at=ago(9))
    promise("write", number=3, run_at=ago(5))
    promise("write", number=4, run_at=ago(-60))
    assert work_off(app) == 3
    assert written(app) == ["job 2", "job 1", "job 3"]
    assert facts(app, Job.name) == [("write",)]


def enqueue_and_refuse() -> None:
    """An action that is refused after it has promised work."""
    enqueue("write", number=1)
    raise NotAllowed("Not now.")


def test_undone_action_leaves_no_job(app: Flask, factories: Factories, worker: Any) -> None:
    thread, author = factories.thread(), factories.member()
    worker()
    with app.app_context(), pytest.raises(NotAllowed), transaction():
        enqueue_and_refuse()
    assert facts(app, Job.name) == []
    factories.reply(thread, author)
    assert facts(app, Job.name) == [("event",)]


def test_failed_job_undoes_its_work_and_keeps_no_words(
    app: Flask, does: Register, promise: Promise, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(work: Work) -> None:
        write(work)
        db.session.flush()
        raise ValueError("private words")

    does("fail", fail)
    promise("fail", number=1)
    before = utcnow()
    assert work_off(app) == 1
    [(attempts, state, error, run_at, lease)] = facts(
        app, Job.attempts, Job.state, Job.last_error, Job.run_at, Job.lease_until
    )
    assert (attempts, state, error, lease, written(app)) == (1, "waiting", "ValueError", None, [])
    assert timedelta(seconds=5) <= run_at - before < timedelta(seconds=65)
    assert [record.levelname for record in caplog.records if record.name == "forum.jobs"] == [
        "ERROR"
    ]


def test_waits_double_until_the_job_is_set_aside(
    app: Flask, does: Register, promise: Promise
) -> None:
    does("fail", lambda _: 1 // 0)  # type: ignore[arg-type, return-value]
    promise("fail")
    seen = []
    for _ in range(MOST_ATTEMPTS):
        before = utcnow()
        change(app, run_at=before)
        assert work_off(app) == 1
        [(attempts, state, run_at)] = facts(app, Job.attempts, Job.state, Job.run_at)
        seen.append((attempts, state, int((run_at - before).total_seconds() / 5).bit_length()))
    expected = [(n, "waiting", n) for n in range(1, MOST_ATTEMPTS)]
    assert seen == [*expected, (MOST_ATTEMPTS, "set aside", MOST_ATTEMPTS)]
    change(app, run_at=ago(1))
    assert work_off(app) == 0


def test_job_that_nobody_knows_waits_and_keeps_no_other_from_being_done(
    app: Flask, does: Register, promise: Promise
) -> None:
    does("write", write)
    promise("from a later version")
    promise("write", number=2)
    assert (work_off(app), written(app)) == (2, ["job 2"])
    assert facts(app, Job.name, Job.last_error) == [("from a later version", "KeyError")]


@pytest.mark.parametrize("outside", [False, True])
def test_job_of_a_dead_worker_is_done_by_another_after_the_lease(
    app: Flask, does: Register, promise: Promise, outside: bool
) -> None:
    tries: list[int] = []

    def die_at_first(work: Work) -> None:
        tries.append(work.attempts)
        if not outside:
            write(work)
            db.session.flush()
        if len(tries) == 1:
            raise SystemExit  # Nothing in the worker answers this; it is as good as dead.

    does("die", die_at_first, outside=outside)
    promise("die", number=1)
    with pytest.raises(SystemExit):
        work_off(app)
    # The dead worker's lease still stands.
    assert work_off(app) == 0
    [(lease,)] = facts(app, Job.lease_until)
    assert timedelta(0) < lease - utcnow() <= timedelta(seconds=LEASE_SECONDS)
    change(app, lease_until=ago(1))
    assert (work_off(app), tries, facts(app, Job.id)) == (1, [1, 2], [])
    assert written(app) == ([] if outside else ["job 1"])


def test_workers_side_by_side_do_each_job_once(
    app: Flask, does: Register, promise: Promise
) -> None:
    does("write", write)
    with app.app_context(), transaction():
        for number in range(60):
            enqueue("write", number=number)
    start = threading.Barrier(4)

    def work(_: int) -> int:
        start.wait()
        return work_off(app)

    with ThreadPoolExecutor(4) as workers:
        done = list(workers.map(work, range(4)))
    assert sum(done) == 60
    assert Counter(written(app)) == Counter(f"job {number}" for number in range(60))
    assert facts(app, Job.id) == []


def test_worker_that_took_too_long_leaves_the_job_to_who_took_it_over(
    app: Flask, does: Register, promise: Promise, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[int] = []

    def slow_at_first(work: Work) -> None:
        done.append(work.attempts)
        if work.attempts == 1:
            change(app, lease_until=ago(1))
            assert work_off(app) == 1

    does("slow", slow_at_first, outside=True)
    promise("slow")
    work_off(app)
    assert (done, facts(app, Job.id)) == ([1, 2], [])
    assert "taken over by another worker" in caplog.text


def test_number_of_a_job_is_never_given_again(app: Flask, does: Register, promise: Promise) -> None:
    # Letters are known by it, and a worker that was too slow must not end another's job.
    does("write", write)
    numbers = []
    for number in range(3):
        promise("write", number=number)
        numbers += facts(app, Job.id)
        work_off(app)
    assert len(set(numbers)) == 3


@pytest.mark.parametrize("outside", [False, True])
def test_only_work_on_the_database_has_a_transaction_around_it(
    app: Flask, does: Register, promise: Promise, outside: bool
) -> None:
    def write_by_itself(work: Work) -> None:
        with transaction():
            write(work)

    does("write", write_by_itself, outside=outside)
    promise("write", number=1)
    work_off(app)
    assert written(app) == (["job 1"] if outside else [])


def test_worker_works_until_it_is_told_to_stop(
    app: Flask, does: Register, promise: Promise
) -> None:
    stop, done = threading.Event(), threading.Event()
    does("notify", lambda _: done.set(), outside=True)
    running = threading.Thread(target=run_worker, args=(app, stop))
    running.start()
    promise("notify")
    assert done.wait(20)
    stop.set()
    running.join(20)
    assert (running.is_alive(), facts(app, Job.id)) == (False, [])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_clock_that_is_set_back_ends_no_tidying(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, late = time.monotonic(), utcnow() + timedelta(days=365)
    stop, tidied = threading.Event(), threading.Event()

    def clock() -> datetime:
        return late if time.monotonic() < begin + 1 else utcnow()

    def notes() -> None:
        if time.monotonic() > begin + 1.5:
            tidied.set()

    monkeypatch.setattr(worker, "TIDIERS", [notes])
    monkeypatch.setattr(worker, "TIDY_SECONDS", 0.1)
    monkeypatch.setattr(worker, "utcnow", clock)
    running = threading.Thread(target=run_worker, args=(app, stop))
    running.start()
    came = tidied.wait(10)
    stop.set()
    running.join(20)
    assert (came, running.is_alive()) == (True, False)


def test_tidying_that_fails_does_not_keep_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails() -> None:
        db.session.add(Group(name="undone"))
        db.session.flush()
        raise ValueError

    monkeypatch.setattr(worker, "TIDIERS", [fails, lambda: db.session.add(Group(name="tidy"))])
    with caplog.at_level(logging.ERROR, "forum.jobs"):
        tidy(app)
    assert written(app) == ["tidy"]
    assert "tidying fails failed" in caplog.text
