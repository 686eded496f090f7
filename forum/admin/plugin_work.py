"""Planning the work of plugins that comes again: one job waits for each, at the time that is next.

The time stands in the job, so what the forum slept through is done when it wakes, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, update

from forum.accounts.models import Community
from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.db import db, row, rows
from forum.hookspecs import PeriodicWork, PluginSetting
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.jobs.worker import BROUGHT_ENDINGS, Work, planner
from forum.plugin_host import current_host

# Any number will do that is no other lock's.
_LOCK = 6_146_853_213


@planner
def plan_periodic() -> None:
    """Promise what is not promised yet, and move what waits for another time than is set by now."""
    works = current_host().periodic
    if not works:
        return
    if db.engine.dialect.name == "postgresql":
        # Two workers would promise the same twice. SQLite lets only one write anyway.
        db.session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    now, zone = utcnow(), _zone()
    columns = (Job.id, Job.name, Job.run_at, Job.attempts)
    names = [work.name for work in works]
    waiting = {
        job.name: job
        for job in rows(select(*columns).where(Job.name.in_(names), Job.state == "waiting"))
    }
    for work in works:
        job, latest = waiting.get(work.name), _next(work, now, zone)
        if job is None:
            enqueue(work.name, run_at=now if work.minutes else latest)
        # One that was tried waits to be tried again.
        elif not job.attempts and job.run_at > now and _is_elsewhere(work, job.run_at, latest):
            db.session.execute(update(Job).where(Job.id == job.id).values(run_at=latest))


def _next(work: PeriodicWork, now: datetime, zone: str) -> datetime:
    if work.minutes:
        return now + timedelta(minutes=work.minutes)
    return next_moment(now, times_of(work), zone)


def _is_elsewhere(work: PeriodicWork, run_at: datetime, latest: datetime) -> bool:
    # What comes by minutes was promised earlier than now, so it is due earlier, too.
    return run_at > latest if work.minutes else run_at != latest


def _promise_next(work: Work, outcome: str) -> None:
    again = next((p for p in current_host().periodic if p.name == work.name), None)
    if again is None or outcome == "waiting":
        return
    enqueue(again.name, run_at=_next(again, utcnow(), _zone()))


BROUGHT_ENDINGS.append(_promise_next)


def times_of(work: PeriodicWork) -> Sequence[str]:
    """When it is to be done, by the community's clock, as that is set at this moment."""
    times = work.times
    return value_of(times) if isinstance(times, PluginSetting) else times


def next_moment(now: datetime, times: Sequence[str], zone: str) -> datetime:
    """The first moment after ``now`` at which a clock in ``zone`` shows one of these times.

    A time that a clock set forward leaves out comes as much later as it was set; one that comes twice
    counts once, the first time.
    """
    here = now.astimezone(ZoneInfo(zone))
    days = (here.date() + timedelta(days=n) for n in (0, 1, 2))
    moments = (
        datetime.fromisoformat(f"{day}T{time}")
        .replace(tzinfo=ZoneInfo(zone))
        .astimezone(now.tzinfo)
        for day in days
        for time in times
    )
    return min(moment for moment in moments if moment > now)


def _zone() -> str:
    community = row(select(Community.zone))
    return "UTC" if community is None else str(community.zone)
