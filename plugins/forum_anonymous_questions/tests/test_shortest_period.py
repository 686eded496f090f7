"""A period lasts: no fixed time comes before its time, whoever tries and whatever crashes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from forum.accounts.models import Community
from forum.community.setting_actions import change_settings
from forum.db import db, transaction, value
from forum.jobs import worker
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import plan
from forum.plugin_api import utcnow
from forum.testing.forms import submit
from forum.testing.plugin_forum import PluginForum
from forum_anonymous_questions import models, queries
from forum_anonymous_questions.models import PERIOD
from forum_anonymous_questions.queries import SEALED, claimed
from forum_anonymous_questions.settings import TIMES
from forum_anonymous_questions.tests.asking import words_in
from forum_anonymous_questions.tests.at_fixed_times import cases, let_period_end, worked_off
from forum_anonymous_questions.tests.test_asking import ask
from forum_anonymous_questions.tests.test_fixed_times import DAY
from forum_anonymous_questions.time_actions import take_effect

DAWN = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("began", "passes", "is_due"),
    [
        ("07:00:02", "07:00:40", False),
        ("07:00:02", "08:59:00", False),
        ("07:00:02", "11:00:00", False),
        ("07:00:02", "14:59:59", False),
        ("07:00:02", "15:00:00", True),
        ("07:00:02", "19:00:00", True),
        ("06:30:00", "07:00:00", False),
        ("04:59:00", "07:00:00", True),
        # It came late, and the next comes too soon after it.
        ("13:30:00", "15:00:00", False),
        # A clock that was set right meanwhile.
        ("07:00:02", "06:59:59", False),
        ("23:00:00", "07:00:00", True),
    ],
)
def test_period_ends_at_a_fixed_time_and_lasts_two_hours(
    begun: PluginForum, began: str, passes: str, is_due: bool
) -> None:
    first, second = (
        datetime.fromisoformat(f"{DAWN.date()}T{time}+00:00") for time in (began, passes)
    )
    take_effect(first)
    code, key_id = ask(begun), value(select(PERIOD.c.key_id))
    take_effect(second)
    assert claimed(code).state == (models.ASKED if is_due else SEALED)
    assert (value(select(PERIOD.c.key_id)) != key_id) is is_due


def test_next_fixed_time_that_is_told_is_one_that_comes(begun: PluginForum) -> None:
    late = DAWN.replace(hour=13, minute=30)
    assert queries.next_time(late) == DAWN.replace(hour=15)
    take_effect(late)
    assert queries.next_time(late) == DAWN.replace(hour=7) + DAY


@pytest.mark.parametrize("times", ["07:00, 10:59", "02:00, 22:01", "00:00, 06:00, 12:00, 15:00"])
def test_fixed_times_lie_four_hours_apart(begun: PluginForum, times: str) -> None:
    page = submit(
        begun.browser("admin"), "/admin/plugins/anonymous-questions/settings", **{TIMES.name: times}
    )
    assert page.status_code == 422
    assert "Leave at least 4 hours between two times" in words_in(page, "main")


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_all_fixed_times_come_while_clocks_are_set(begun: PluginForum, zone: str) -> None:
    """With times four hours apart, of which one lies in the hour that is left out or comes twice."""
    times = ["02:30", "06:30", "10:30", "22:30"]
    with transaction():
        db.session.execute(update(Community).values(zone=zone))
        change_settings(begun.make.actor(begun.people["admin"]), {TIMES.name: ", ".join(times)})
    for month in (3, 10, 11):
        moment = datetime(2026, month, 1, tzinfo=UTC)
        end = moment + 31 * DAY
        let_period_end()
        take_effect(moment - DAY)
        while moment < end:
            moment = queries.next_moment(moment, times, zone)
            assert queries.is_due(moment), moment
            with transaction():
                db.session.execute(update(PERIOD).values(begun_at=moment))


def test_trying_the_fixed_time_at_once_opens_nothing(begun: PluginForum) -> None:
    plan(begun.app)
    take_effect(utcnow())
    code = ask(begun)
    for _ in range(3):
        admin = begun.browser("admin")
        job = value(select(Job.id).where(Job.name == "anonymous-questions.times"))
        submit(admin, f"/admin/jobs/{job}", button="Try it now")
        worked_off(begun)
    assert (claimed(code).state, cases()) == (SEALED, [])
    # The next one is promised all the same.
    waits = value(select(Job.run_at).where(Job.name == "anonymous-questions.times"))
    assert waits > utcnow()


class Died(BaseException):
    """The worker is gone, and notes nothing any more."""


def test_worker_that_dies_after_the_fixed_time_brings_no_second_one(
    begun: PluginForum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came in meanwhile would take effect alone."""
    first = ask(begun, title="First")
    with transaction():
        enqueue("anonymous-questions.times")

    def dying(_work: object) -> None:
        raise Died

    with monkeypatch.context() as broken:
        broken.setattr(worker, "_remove", dying)
        with pytest.raises(Died):
            worked_off(begun)
    assert claimed(first).state == models.ASKED
    late = ask(begun, title="Late")
    is_left = Job.name == "anonymous-questions.times"
    with transaction():
        left = update(Job).where(is_left, Job.lease_until.is_not(None))
        done = db.session.execute(left.values(lease_until=utcnow() - DAY).returning(Job.id)).all()
    assert len(done) == 1
    worked_off(begun)
    assert value(select(Job.id).where(Job.id == done[0].id)) is None
    assert (claimed(late).state, len(cases())) == (SEALED, 1)
    # With the rule off it would be opened.
    let_period_end()
    take_effect(utcnow())
    assert claimed(late).state == models.ASKED
