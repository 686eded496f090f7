"""Administrators have a job tried again that was set aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.admin.job_actions import retry_job
from forum.clock import utcnow
from forum.community.models import Change
from forum.db import db, rows, transaction, value
from forum.errors import NotAllowed
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import HANDLERS
from forum.permissions import Actor
from forum.testing.factories import Factories
from forum.testing.forms import submit


def job_with(app: Flask, **facts: object) -> int:
    """The number of a job of the kind ``note`` with these facts."""
    with app.app_context(), transaction():
        enqueue("note")
        number: int = db.session.scalars(select(Job.id).where(Job.name == "note")).one()
        db.session.execute(update(Job).where(Job.id == number).values(**facts))
    return number


def test_job_that_was_set_aside_is_tried_again_and_that_is_noted(
    app: Flask,
    factories: Factories,
    worker: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    monkeypatch.setitem(HANDLERS, "note", lambda work: done.append(work.name))
    person = factories.community()
    admin = factories.signed_in(person)
    number = job_with(app, state="set aside", attempts=8)
    worker()
    assert done == []
    page = admin.get("/admin/jobs")
    assert f'<a href="/admin/jobs/{number}">' in page.text

    answer = submit(admin, f"/admin/jobs/{number}")

    assert (answer.status_code, answer.location) == (303, "/admin/jobs")
    worker()
    assert done == ["note"]
    with app.app_context():
        noted = rows(select(Change.actor_id, Change.kind, Change.subject, Change.subject_id))
    assert [tuple(one) for one in noted] == [(person.id, "job.retry", "job", number)]
    assert admin.get(f"/admin/jobs/{number}").status_code == 404


def test_job_under_way_is_left_alone(app: Flask, factories: Factories) -> None:
    admin = factories.signed_in(factories.community())
    lease = utcnow() + timedelta(seconds=30)
    number = job_with(app, lease_until=lease, attempts=1)

    answer = submit(admin, f"/admin/jobs/{number}")

    assert answer.status_code == 409
    assert "A worker is doing this job now." in answer.text
    with app.app_context():
        assert value(select(Job.lease_until).where(Job.id == number)) == lease
        assert rows(select(Change.id)) == []


def test_only_administrators_retry(app: Flask) -> None:
    number = job_with(app, state="set aside")
    with app.test_request_context(), pytest.raises(NotAllowed):
        retry_job(Actor(id=1), number)
