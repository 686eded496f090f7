"""A job that ends its worker costs the others nothing, and is set aside in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.jobs import worker
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import HANDLERS, MOST_ATTEMPTS, Work, work_off


class Died(BaseException):
    """Stands for the end of the process: nothing behind it is done."""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the handlers have done; ``kill`` ends its worker."""
    done: list[str] = []

    def kill(_work: Work) -> None:
        raise Died

    monkeypatch.setitem(HANDLERS, "kill", kill)
    monkeypatch.setitem(HANDLERS, "note", lambda work: done.append(work.arguments["word"]))
    return done


def run_and_die(app: Flask) -> bool:
    """One worker's life: whether it died."""
    try:
        work_off(app)
    except Died:
        return True
    return False


def let_leases_end(app: Flask) -> None:
    past = utcnow() - timedelta(seconds=1)
    held = update(Job).where(Job.lease_until.is_not(None)).values(lease_until=past)
    with app.app_context(), transaction():
        db.session.execute(held)


def test_job_that_ends_its_worker_is_set_aside_and_the_others_are_done(
    app: Flask, done: list[str]
) -> None:
    with app.app_context(), transaction():
        enqueue("kill")
        for word in ("one", "two", "three"):
            enqueue("note", word=word)
    lives: list[bool] = []
    noted: list[int] = []
    for _ in range(MOST_ATTEMPTS + 2):
        lives.append(run_and_die(app))
        noted.append(len(done))
        let_leases_end(app)
    with app.app_context():
        left = [tuple(row) for row in rows(select(Job.name, Job.state, Job.last_error))]
    assert left == [("kill", "set aside", worker.WORKER_DIED)]
    assert lives == [True] * MOST_ATTEMPTS + [False] * 2
    # They wait no longer than until their leases end.
    assert (sorted(done), noted[2]) == (["one", "three", "two"], 3)
