"""Named reads about what a member flagged, and about what was decided about a member's own posts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, true
from sqlalchemy.orm import aliased

from forum import db as database
from forum.db import Statement
from forum.discussion.models import Post, Thread
from forum.discussion.queries import scope_values, variant, variants
from forum.discussion.removal_queries import TITLE_LET_THROUGH
from forum.errors import NotFound
from forum.moderation.models import Case, Flag
from forum.moderation.rules import APPEALABLE
from forum.permissions import Actor
from forum.record.models import LogEntry, LogReason

FLAGS_A_PAGE = 25
MOST_DECISIONS = 50


@dataclass(frozen=True, slots=True)
class OwnFlag:
    """A post that a member flagged, and what became of it. Without the thread's ``title`` while all that was
    published of it waits again."""

    id: int
    thread_id: int
    number: int
    title: str
    words: str
    flagged_at: datetime
    withdrawn_at: datetime | None
    closed_at: datetime | None
    decision: str | None
    decision_reason: str


_FLAGS: Statement = (
    select(
        Flag.id,
        Post.thread_id,
        Post.number,
        TITLE_LET_THROUGH,
        Flag.words,
        Flag.flagged_at,
        Flag.withdrawn_at,
        Case.closed_at,
        Case.decision,
        Case.decision_reason,
    )
    .join(Case, Case.id == Flag.case_id)
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .where(Flag.member_id == bindparam("member"))
)
_OWN = variants(
    _FLAGS.order_by(Flag.id.desc()).limit(FLAGS_A_PAGE + 1), Flag.id < bindparam("after")
)
_ONE = variants(_FLAGS.where(Flag.id == bindparam("flag")), true())


def flags_of(actor: Actor, after: int | None = None) -> list[OwnFlag]:
    """What the actor flagged in threads that they may see, newest first: a page and one more."""
    scope = actor.scope("thread.see")
    values = {"member": actor.id} | ({} if after is None else {"after": after})
    statement = _OWN[variant(scope), after is not None]
    return [OwnFlag(*row) for row in database.rows(statement, values | scope_values(scope))]


def own_flag(actor: Actor, flag_id: int) -> OwnFlag:
    """One flag of the actor's.

    Raises:
        NotFound: they have no such flag, or may not see its thread any more.
    """
    scope = actor.scope("thread.see")
    values = {"member": actor.id, "flag": flag_id} | scope_values(scope)
    row = database.row(_ONE[variant(scope), False], values)
    if row is None:
        raise NotFound("")
    return OwnFlag(*row)


@dataclass(frozen=True, slots=True)
class OwnDecision:
    """Something that a moderator decided about a post of the reader's own, or about the thread that it
    started, with the appeal against it.

    ``case_kind`` is ``None`` where it was not about a case: the post, or its thread, was removed where
    it stood.
    """

    entry_id: int
    at: datetime
    kind: str
    words: str | None
    case_kind: str | None
    is_undone: bool
    appeal_id: int | None
    appeal_words: str | None
    appeal_closed_at: datetime | None
    appeal_decision: str | None
    appeal_reason: str | None
    post_id: int
    thread_id: int
    number: int | None
    title: str
    category_id: int
    thread_removed_at: datetime | None


# What is about a whole thread is about the post that started it.
IS_OF_THREAD = (
    LogEntry.post_id.is_(None) & (Post.thread_id == LogEntry.thread_id) & (Post.number == 1)
)
_case, _appeal, _undoing = aliased(Case), aliased(Case), aliased(LogEntry)
_DECIDED: Statement = (
    select(
        LogEntry.id,
        LogEntry.at,
        LogEntry.kind,
        LogReason.words,
        _case.kind,
        _undoing.id.is_not(None),
        _appeal.id,
        _appeal.reason,
        _appeal.closed_at,
        _appeal.decision,
        _appeal.decision_reason,
        Post.id,
        Post.thread_id,
        Post.number,
        Thread.title,
        Thread.category_id,
        Thread.removed_at,
    )
    .join(Post, (Post.id == LogEntry.post_id) | IS_OF_THREAD)
    .join(Thread, Thread.id == Post.thread_id)
    .outerjoin(LogReason, LogReason.entry_id == LogEntry.id)
    .outerjoin(_case, _case.id == LogEntry.case_id)
    .outerjoin(_appeal, _appeal.appeal_of == LogEntry.id)
    .outerjoin(_undoing, _undoing.undo_of == LogEntry.id)
    .where(
        Post.author_id == bindparam("author"),
        LogEntry.member_id == bindparam("author"),
        LogEntry.kind.in_(APPEALABLE),
        LogEntry.undo_of.is_(None),
    )
)
_OF_POST = (
    _DECIDED.where(Post.id == bindparam("post")).order_by(LogEntry.id.desc()).limit(MOST_DECISIONS)
)
_ONE_DECISION = _DECIDED.where(LogEntry.id == bindparam("entry"))


def decisions_about(actor: Actor, post_id: int) -> list[OwnDecision]:
    """What moderators decided about a post of the actor's own, newest first."""
    values = {"author": actor.id, "post": post_id}
    return [OwnDecision(*row) for row in database.rows(_OF_POST, values)]


def own_decision(actor: Actor, entry_id: int) -> OwnDecision:
    """One of these.

    Raises:
        NotFound: there is none of this number about a post of the actor's.
    """
    row = database.row(_ONE_DECISION, {"author": actor.id, "entry": entry_id})
    if row is None:
        raise NotFound("")
    return OwnDecision(*row)
