"""The backup that the worker makes by itself, at hours of the community's own clock.

Nothing remembers that it is due: the clock and what lies in the folder decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from forum.accounts.models import Community, Member, MemberRole
from forum.backups.making import keep_backup
from forum.backups.shelf import Kept, alone, backups_in
from forum.clock import utcnow
from forum.config import current_settings
from forum.db import row, rows, transaction, value
from forum.errors import Conflict
from forum.jobs.models import Job
from forum.jobs.pulse import Pulse
from forum.jobs.queue import enqueue
from forum.jobs.worker import Work, handler, tidier

JOB = "backup"
# The next one is due within a day; a little more, for days of 25 hours.
_NEXT = timedelta(days=2)


def due_since(now: datetime, hours: tuple[int, ...], zone: str) -> datetime | None:
    """The newest moment, not after ``now``, at which a backup was to be made; ``None`` without hours."""
    here = now.astimezone(ZoneInfo(zone))
    moments = [
        (here - timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
        for days in (0, 1)
        for hour in hours
    ]
    return max((moment for moment in moments if moment <= here), default=None)


@tidier
def plan_backup() -> None:
    """Promise the backup that is due and neither there nor promised. A forum that is younger than its
    hour waits for the next one."""
    settings = current_settings()
    community = row(select(Community.zone))
    if community is None:
        return
    due = due_since(utcnow(), settings.backup_hours_of_day, community.zone)
    first = value(select(func.min(Member.created_at)))
    if due is None or first is None or first > due or is_made(backups_in(settings.instance), due):
        return
    waits = (Job.state == "waiting") & (Job.run_at < due + _NEXT)
    promised = waits | Job.created_at.between(due, due + _NEXT)
    if value(select(Job.id).where(Job.name == JOB, promised).limit(1)) is None:
        enqueue(JOB)


def is_made(kept: Iterable[Kept], due: datetime) -> bool:
    """Whether one of these is the nightly one that was due at this moment, or one after it."""
    # Those that were made while the clock was wrong must not keep any from being made now.
    return any(due <= one.made_at < due + _NEXT for one in kept if not one.before)


@handler(JOB, in_transaction=False)
def back_up(work: Work) -> None:
    """Make the backup; administrators are told when it fails for the first time."""
    settings = current_settings()
    try:
        with alone(settings.instance):
            keep_backup(settings, progress=Pulse(work, settings))
    except Conflict:
        # Somebody makes one at this moment, which is what was wanted.
        return
    except Exception:
        if work.attempts == 1:
            with transaction():
                _tell_administrators()
        raise


def _tell_administrators() -> None:
    admins = (
        select(Member.id)
        .join(MemberRole, MemberRole.member_id == Member.id)
        .where(MemberRole.role == "admin", Member.email.is_not(None))
    )
    for admin in rows(admins):
        enqueue("mail", kind="backup_failed", member=admin.id)
