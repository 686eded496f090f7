"""Administrators have a job tried again that was set aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, update

from forum.admin.job_actions import drop_job, retry_job, set_job_aside
from forum.cli import main
from forum.clock import utcnow
from forum.community.models import Change
from forum.db import db, rows, transaction, value
from forum.errors import Conflict, NotAllowed
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import HANDLERS
from forum.notifications.mail_actions import note_try
from forum.notifications.models import SentMail
from forum.permissions import OPERATOR, Actor
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


def states(app: Flask) -> tuple[list[str], list[str]]:
    """The states of all jobs, and of all letters."""
    with app.app_context():
        return tuple(  # type: ignore[return-value]
            [row.state for row in rows(select(table.state).order_by(table.id))]
            for table in (Job, SentMail)
        )


def test_letter_is_set_aside_tried_again_and_dropped_by_hand(
    app: Flask, factories: Factories
) -> None:
    person = factories.community()
    admin = factories.signed_in(person)
    with app.app_context(), transaction():
        number = enqueue("mail", kind="already_registered", to="ada@example.org")
        note_try(number, "already_registered", "ada@example.org", None)
    at = f"/admin/jobs/{number}"
    assert f'href="{at}/set-aside"' in admin.get(at).text

    assert submit(admin, f"{at}/set-aside").status_code == 303
    assert states(app) == (["set aside"], ["set aside"])
    again = submit(admin, f"{at}/set-aside")
    assert (again.status_code, "was set aside already" in again.text) == (409, True)
    assert submit(admin, at).status_code == 303
    assert states(app) == (["waiting"], ["waiting"])
    assert submit(admin, f"{at}/drop").status_code == 303
    assert states(app) == ([], ["set aside"])
    assert [admin.get(f"{at}{page}").status_code for page in ("", "/drop", "/set-aside")] == [
        404
    ] * 3
    with app.app_context():
        noted = rows(select(Change.actor_id, Change.kind).order_by(Change.id))
    assert [tuple(one) for one in noted] == [
        (person.id, "job.set_aside"),
        (person.id, "job.retry"),
        (person.id, "job.drop"),
    ]


ACTIONS = pytest.mark.parametrize("action", [retry_job, set_job_aside, drop_job])


@ACTIONS
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_done_about_a_job_under_way(
    app: Flask, action: Callable[[Actor, int], None]
) -> None:
    number = job_with(app, lease_until=utcnow() + timedelta(seconds=30))
    with app.test_request_context(), pytest.raises(Conflict), transaction():
        action(OPERATOR, number)
    assert states(app) == (["waiting"], [])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_jobs_are_set_aside_and_dropped_by_command(
    app: Flask, instance: Path, database: str
) -> None:
    (instance / "forum.toml").write_text(f"database = {json.dumps(database)}\n")
    number = job_with(app, attempts=1)

    def run(*words: str) -> int:
        return CliRunner().invoke(main, ["--instance", str(instance), "jobs", *words]).exit_code

    assert (run("set-aside", str(number)), states(app)[0]) == (0, ["set aside"])
    assert (run("set-aside", str(number)), states(app)[0]) == (1, ["set aside"])
    assert (run("drop", "--yes", str(number)), states(app)[0]) == (0, [])
    assert run("drop", "--yes", str(number)) == 1


@ACTIONS
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_administrators_touch_jobs(app: Flask, action: Callable[[Actor, int], None]) -> None:
    number = job_with(app, state="set aside")
    with app.test_request_context(), pytest.raises(NotAllowed):
        action(Actor(id=1), number)
