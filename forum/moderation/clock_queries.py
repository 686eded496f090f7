"""Which cases the clock may have decided by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, func, or_, select

from forum import db as database
from forum.accounts.measure_queries import BAR_OF_MEMBER
from forum.accounts.models import Member
from forum.accounts.queries import actors_by_ids
from forum.community.setting_queries import value_of
from forum.db import Statement, UtcDateTime
from forum.discussion.models import WAITING, Post, Thread
from forum.moderation.models import Case
from forum.moderation.queries import CaseFacts
from forum.moderation.rules import CLAIM, HELD, PlaceOfPost, obstacle_to_publishing
from forum.moderation.settings import DAYS_TO_DECIDE
from forum.record.models import LogEntry

AT_ONCE = 25
_now = bindparam("now", type_=UtcDateTime())
# The newest entry about a case that is open again has undone a decision.
_newest_entry = select(LogEntry.at).order_by(LogEntry.id.desc()).limit(1)
_waits_since = func.coalesce(
    _newest_entry.where(LogEntry.case_id == Case.id).scalar_subquery(), Case.opened_at
)
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
        _waits_since <= bindparam("since", type_=UtcDateTime()),
        or_(
            Case.claimed_until.is_(None),
            Case.claimed_until <= _now,
            _waits_since <= bindparam("long_since", type_=UtcDateTime()),
        ),
        or_(Post.removal.is_(None), Post.removal == WAITING),
        Thread.removed_at.is_(None),
        or_(Thread.locked_at.is_(None), Thread.locked_until <= _now),
        Member.closed_at.is_(None),
        BAR_OF_MEMBER.is_(None),
    )
    .order_by(Case.id)
    .limit(AT_ONCE)
)


class Opened(Protocol):
    """A case, or facts about one."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def opened_at(self) -> datetime:
        """Since when it is there."""


def waits_since(case: Opened) -> datetime:
    """Since when an open case waits as it does now: since it was opened, or a decision was undone."""
    undone_at: datetime | None = database.value(_UNDONE_AT, {"case": case.id})
    return undone_at or case.opened_at


_UNDONE_AT = _newest_entry.where(LogEntry.case_id == bindparam("case"))


def deadline_of(case: CaseFacts) -> datetime | None:
    """When the clock publishes what an open case holds; ``None`` when it never does."""
    days = value_of(DAYS_TO_DECIDE)
    is_kept = case.kind not in HELD or case.needs_person is not None
    if not days or is_kept:
        return None
    return waits_since(case) + timedelta(days=days)


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
