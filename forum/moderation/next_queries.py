"""Which case a moderator reads next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from forum import db as database
from forum.clock import utcnow
from forum.discussion.models import Post, Thread
from forum.discussion.queries import variant, variants
from forum.moderation.models import Case
from forum.moderation.queries import FIRST_IS_UNDONE, WAITING, waiting_for
from forum.permissions import Actor
from forum.record.models import LogEntry


@dataclass(frozen=True, slots=True)
class NextCase:
    """A case that comes next, with what tells whether a page of it that was fetched before is still
    true."""

    id: int
    kind: str
    opened_at: datetime
    closed_at: datetime | None
    version: int
    post_removed_at: datetime | None
    label: str | None
    thread_id: int
    removed_at: datetime | None
    category_id: int
    title: str
    pipeline: int
    first_is_undone: bool


_NEXT = variants(
    select(
        *(Case.id, Case.kind, Case.opened_at, Case.closed_at),
        *(Post.version, Post.removed_at, Post.label),
        *(Thread.id, Thread.removed_at, Thread.category_id, Thread.title, Post.pipeline),
        FIRST_IS_UNDONE,
    )
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .outerjoin(LogEntry, LogEntry.id == Case.appeal_of)
    .where(
        *WAITING,
        or_(
            Case.claimed_until.is_(None),
            Case.claimed_until <= bindparam("now"),
            Case.claimed_by == bindparam("reader"),
        ),
        # What somebody decided themselves, another looks at.
        or_(LogEntry.actor_id.is_(None), LogEntry.actor_id != bindparam("reader")),
    )
    .order_by(Case.id)
    .limit(1),
    Case.id > bindparam("after"),
)


def case_after(actor: Actor, case_id: int, *, kind: str = "") -> NextCase | None:
    """The next open case that the actor can decide at this moment; ``None`` behind the last.

    Args:
        kind: of this kind alone; of all by default.
    """
    values = waiting_for(actor, kind) | {"now": utcnow(), "after": case_id}
    statement = _NEXT[variant(actor.scope("thread.see")), True]
    row = database.row(statement, values)
    return None if row is None else NextCase(*row)
