"""The moderators' record as everybody may read it: days, kinds and categories, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.queries import guest_visit
from forum.categories.models import Category
from forum.db import Statement
from forum.discussion.models import Thread
from forum.discussion.queries import SCOPES, scope_values, variant, visible
from forum.record.models import LogEntry
from forum.record.rules import known_kinds

ROWS_A_PAGE = 50
_undoing = aliased(LogEntry)
_PUBLIC: Statement = (
    select(
        LogEntry.id,
        LogEntry.at,
        LogEntry.kind,
        Category.title,
        LogEntry.undo_of.is_not(None),
        exists().where(_undoing.undo_of == LogEntry.id),
    )
    # What is about no thread is about a person, and not for everybody.
    .join(Thread, Thread.id == LogEntry.thread_id)
    .join(Category, Category.id == Thread.category_id)
    .where(
        LogEntry.id < bindparam("before"),
        LogEntry.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(LogEntry.id.desc())
    .limit(ROWS_A_PAGE + 1)
)
_IN_SCOPE = {name: _PUBLIC.where(visible(scope)) for name, scope in SCOPES.items()}
_AFTER_ALL = 10**18


@dataclass(frozen=True, slots=True)
class PublicDeed:
    """What was done on a day in a category. ``id`` is for paging alone."""

    id: int
    at: datetime
    what: Any
    category: str
    is_undoing: bool
    is_undone: bool


def public_deeds(before: int | None = None) -> list[PublicDeed]:
    """What moderators did where guests may read, newest first: a page and one more.

    Args:
        before: only entries with smaller numbers.
    """
    scope, kinds = guest_visit().actor.scope("thread.see"), known_kinds()
    values = {"before": before or _AFTER_ALL, "kinds": sorted(kinds), **scope_values(scope)}
    return [
        PublicDeed(row[0], row[1], kinds[row[2]].words, *row[3:])
        for row in database.rows(_IN_SCOPE[variant(scope)], values)
    ]
