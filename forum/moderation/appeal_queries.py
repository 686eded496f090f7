"""The decision that an appeal is about, and what of it can still be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from forum import db as database
from forum.accounts.models import Member
from forum.db import Statement
from forum.moderation.publication_queries import is_removed
from forum.moderation.rules import PUBLISHED_SO, is_in_force
from forum.record.models import LogEntry, LogReason
from forum.record.queries import changes_in, steps_of, undoing_of


@dataclass(frozen=True, slots=True)
class Appealed:
    """The decision that an appeal is about. ``is_left`` is whether it can still be undone: it was not,
    and readers still notice it as it was decided."""

    entry_id: int
    kind: str
    decider_id: int | None
    decider: str | None
    at: datetime
    words: str | None
    is_undone: bool
    is_left: bool


_APPEALED: Statement = (
    select(LogEntry.id, LogEntry.kind, LogEntry.actor_id, Member.name, LogEntry.at, LogReason.words)
    .outerjoin(Member, Member.id == LogEntry.actor_id)
    .outerjoin(LogReason, LogReason.entry_id == LogEntry.id)
    .where(LogEntry.id == bindparam("entry"))
)


def appealed(entry_id: int) -> Appealed | None:
    """What was decided first; ``None`` where the record does not have it."""
    row = database.row(_APPEALED, {"entry": entry_id})
    if row is None:
        return None
    is_undone = undoing_of(entry_id) is not None
    return Appealed(*(*row, is_undone, not is_undone and _is_in_force(entry_id, row.kind)))


def is_left_to_undo(entry_id: int, kind: str) -> bool:
    """Whether a decision can still be undone: it was not, and readers notice it as it was decided."""
    return undoing_of(entry_id) is None and _is_in_force(entry_id, kind)


def _is_in_force(entry_id: int, kind: str) -> bool:
    if kind in PUBLISHED_SO and _is_post_removed(entry_id):
        # Nobody reads it anywhere; undoing would have it wait, and overturning would publish it.
        return False
    return is_in_force(kind, changes_in(steps_of(entry_id)))


def _is_post_removed(entry_id: int) -> bool:
    post_id = database.value(select(LogEntry.post_id).where(LogEntry.id == entry_id))
    return post_id is not None and is_removed(post_id)
