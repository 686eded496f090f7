"""What is over its time is removed, by the clock, and nothing of whom a legal hold stands on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Select, func, select, true, update

from forum.accounts.hold_actions import lift_hold, place_hold
from forum.accounts.models import Invitation, MemberSession
from forum.admin import retention_actions
from forum.admin.retention_actions import BATCH, KEPT, Kept, remove_old
from forum.clock import utcnow
from forum.community.models import Change, ChangeValue
from forum.community.setting_actions import change_settings
from forum.community.settings import defined_settings
from forum.db import Base, db, transaction
from forum.discussion.models import Draft
from forum.errors import NotAllowed
from forum.jobs.models import Job
from forum.jobs.worker import tidy
from forum.moderation.models import Case, CaseNote, Flag
from forum.notifications.models import Notification, SentMail
from forum.permissions import OPERATOR, Actor
from forum.testing.factories import Factories
from tests.full_member import FORMER, FullMember

CLOSED = select(Case.id).where(Case.closed_at.is_not(None))
NAMES = [kept.setting.name for kept in KEPT]
Counts = dict[str, int]


@pytest.fixture
def full(app: Flask, factories: Factories) -> FullMember:
    """A forum in which there is something of each kind that has a time."""
    full = FullMember(app, factories)
    with app.test_request_context(), transaction():
        now = utcnow()
        db.session.execute(update(MemberSession).values(expires_at=now + timedelta(days=60)))
        db.session.execute(update(Invitation).values(expires_at=now))
        db.session.execute(update(SentMail).values(created_at=now, state="sent"))
        db.session.execute(update(Job).values(run_at=now, state="set aside"))
        db.session.execute(update(Notification).values(seen_at=now, created_at=now))
    return full


def at(app: Flask, monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    """Have the worker tidy when so many days have passed."""
    moved: datetime = utcnow() + timedelta(days=days)
    with monkeypatch.context() as clock:
        clock.setattr(retention_actions, "utcnow", lambda: moved)
        tidy(app)


def counted(app: Flask) -> Counts:
    """How many there are of each kind."""
    with app.app_context():
        found: Counts = dict.fromkeys(NAMES, 0)
        for kept in KEPT:
            found[kept.setting.name] += db.session.scalar(_count(kept)) or 0
        return found


def _count(kept: Kept) -> Select[int]:
    which = true() if kept.which is None else kept.which
    return select(func.count(kept.key)).where(which)


def test_each_kind_goes_when_its_time_is_over_and_not_a_day_earlier(
    app: Flask, full: FullMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {"keep_drafts": "400", "keep_cases": "500", "keep_sessions": "7"})
    there = counted(app)
    assert min(there.values()) > 0
    days = {
        "keep_sessions": 67, "keep_invitations": 90, "keep_letters": 90, "keep_failed_jobs": 90,
        "keep_notifications": 365, "keep_drafts": 400, "keep_changes": 1095, "keep_cases": 500,
    }  # fmt: skip
    for day in sorted(set(days.values())):
        at(app, monkeypatch, day - 1)
        assert gone(counted(app)) == {name for name in NAMES if days[name] < day}
        at(app, monkeypatch, day + 1)
        assert gone(counted(app)) == {name for name in NAMES if days[name] <= day}
    with app.app_context():
        assert db.session.scalars(select(ChangeValue.id)).all() == []
        decided = db.session.scalars(select(Case.decision).order_by(Case.id)).all()
        assert db.session.scalars(select(CaseNote.id)).all() == []
        assert set(db.session.scalars(select(Flag.words).where(Flag.case_id.in_(CLOSED)))) == {""}
        assert decided == ["published", "removed", None, "labelled", None]


def gone(counts: Counts) -> set[str]:
    """The kinds of which nothing is left."""
    return {name for name, count in counts.items() if not count}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_goes_that_is_kept_without_end(
    app: Flask, full: FullMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = counted(app)
    at(app, monkeypatch, 30 * 365)
    left = counted(app)
    assert {name for name in NAMES if left[name]} == {"keep_drafts", "keep_cases"}
    assert left["keep_drafts"] == there["keep_drafts"]


def test_nothing_goes_of_whom_a_legal_hold_stands_on(
    app: Flask, full: FullMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.test_request_context(), transaction():
        change_settings(OPERATOR, {"keep_drafts": "1", "keep_cases": "1"})
        place_hold(OPERATOR, full.ada.id, reason="Court of pots")
    at(app, monkeypatch, 30 * 365)
    left = counted(app)
    assert gone(left) == set()
    with app.app_context():
        for table in (MemberSession, Notification, Draft):
            assert set(db.session.scalars(select(table.member_id))) == {full.ada.id}
        theirs = {full.ada.email, "zanzibar@example.net", FORMER}
        assert set(db.session.scalars(select(SentMail.recipient))) == theirs
        assert "of_others" not in db.session.scalars(select(Job.name)).all()
        on_her = Change.subject_id == full.ada.id
        held = db.session.scalars(select(Change.id).where(on_her)).all()
        assert held != []
    with app.test_request_context(), transaction():
        lift_hold(OPERATOR, full.ada.id)
    at(app, monkeypatch, 30 * 365)
    assert gone(counted(app)) == set(NAMES)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_very_many_go_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    old = utcnow() - timedelta(days=200)
    with app.app_context(), transaction():
        table = Base.metadata.tables["sent_mail"]
        rows = [
            {"job_id": n, "recipient": "x@example.org", "kind": "reply", "state": "sent",
             "created_at": old, "attempts": 1}
            for n in range(2 * BATCH + 1)
        ]  # fmt: skip
        db.session.execute(table.insert(), [*rows, {**rows[0], "job_id": 9999, "state": "waiting"}])
    with app.test_request_context(), transaction():
        assert remove_old(OPERATOR)
    assert counted(app)["keep_letters"] == BATCH + 1
    tidy(app)
    with app.app_context():
        # What may still be sent is not old, however long it waits.
        assert db.session.scalars(select(SentMail.job_id)).all() == [9999]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_setting_of_keeping_is_heeded_and_only_administrators_remove(app: Flask) -> None:
    assert {s.name for s in defined_settings() if s.area == "keeping"} == set(NAMES)
    with app.test_request_context(), transaction(), pytest.raises(NotAllowed):
        remove_old(Actor(id=1))
