"""Which cases the clock may have decided by now."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, exists, or_, select

from forum import db as database
from forum.accounts.models import Member
from forum.community.setting_queries import value_of
from forum.db import Statement, UtcDateTime
from forum.discussion.models import Post, Thread
from forum.moderation.models import Case
from forum.moderation.queries import CaseFacts
from forum.moderation.rules import CLAIM, HELD
from forum.moderation.settings import DAYS_TO_DECIDE
from forum.record.models import LogEntry
from forum.record.queries import newest_entry_about

AT_ONCE = 25
_now = bindparam("now", type_=UtcDateTime())
_OVERDUE: Statement = (
    select(Case.id)
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Member, Member.id == Post.author_id)
    .where(
        Case.closed_at.is_(None),
        Case.id > bindparam("after"),
        Case.kind.in_(HELD),
        Case.needs_person.is_(None),
        Case.opened_at <= bindparam("since", type_=UtcDateTime()),
        or_(
            Case.claimed_until.is_(None),
            Case.claimed_until <= _now,
            Case.opened_at <= bindparam("long_since", type_=UtcDateTime()),
        ),
        Post.removed_at.is_(None),
        Thread.removed_at.is_(None),
        or_(Thread.locked_at.is_(None), Thread.locked_until <= _now),
        Member.closed_at.is_(None),
        ~exists().where(LogEntry.case_id == Case.id),
    )
    .order_by(Case.id)
    .limit(AT_ONCE)
)


def deadline_of(case: CaseFacts) -> datetime | None:
    """When the clock publishes what an open case holds; ``None`` when it never does. A post about
    which somebody has decided before waits for a person."""
    days = value_of(DAYS_TO_DECIDE)
    is_kept = case.kind not in HELD or case.needs_person is not None
    if not days or is_kept or newest_entry_about(case.id) is not None:
        return None
    return case.opened_at + timedelta(days=days)


def overdue_cases(now: datetime, after: int = 0) -> list[int]:
    """The first cases behind ``after`` that wait for longer than the community lets posts wait. Of
    some of them the author may not write any more: that is looked at case by case."""
    days = value_of(DAYS_TO_DECIDE)
    if not days:
        return []
    since = now - timedelta(days=days)
    values = {"now": now, "since": since, "long_since": since - CLAIM, "after": after}
    return [row.id for row in database.rows(_OVERDUE, values)]
