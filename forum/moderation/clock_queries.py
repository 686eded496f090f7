"""Which cases the clock may have decided by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, or_, select

from forum import db as database
from forum.accounts.measure_queries import BAR_OF_MEMBER
from forum.accounts.models import Member
from forum.accounts.queries import actors_by_ids
from forum.community.setting_queries import value_of
from forum.db import Statement, UtcDateTime
from forum.discussion.models import Post, Thread
from forum.moderation.models import Case
from forum.moderation.queries import CaseFacts
from forum.moderation.rules import CLAIM, HELD, PlaceOfPost, obstacle_to_publishing
from forum.moderation.settings import DAYS_TO_DECIDE
from forum.record.models import LogEntry
from forum.record.queries import newest_entry_about

AT_ONCE = 25
_now = bindparam("now", type_=UtcDateTime())
_OVERDUE: Statement = (
    select(Case.id, Post.author_id, Thread.category_id, Thread.last_number)
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
        BAR_OF_MEMBER.is_(None),
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


def overdue_cases(now: datetime) -> list[int]:
    """The first cases that wait for longer than the community lets posts wait, and that the clock
    publishes; of very many not all. Two statements at most, however many wait for something else,
    such as the end of their author's mute."""
    return _publishable(_overdue(now, 0))


def all_overdue_cases(now: datetime) -> Iterator[int]:
    """Each of them."""
    found = _overdue(now, 0)
    while found:
        yield from _publishable(found)
        found = _overdue(now, found[-1].id)


def _overdue(now: datetime, after: int) -> Sequence[Any]:
    days = value_of(DAYS_TO_DECIDE)
    if not days:
        return []
    since = now - timedelta(days=days)
    values = {"now": now, "since": since, "long_since": since - CLAIM, "after": after}
    return database.rows(_OVERDUE, values)


def _publishable(found: Sequence[Any]) -> list[int]:
    """Those whose authors may write there at this moment."""
    authors = actors_by_ids({row.author_id for row in found}) if found else {}
    places = {
        row.id: PlaceOfPost(
            category_id=row.category_id,
            category="",
            is_started=row.last_number > 0,
            is_removed=False,
            is_locked=False,
            author=authors.get(row.author_id),
        )
        for row in found
    }
    return [case for case, place in places.items() if not obstacle_to_publishing(place)]
