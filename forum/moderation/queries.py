"""Named reads about cases. Moderators find those whose threads they may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Member
from forum.accounts.queries import actor_by_id
from forum.categories.models import Category
from forum.db import Statement
from forum.discussion.models import EMPTIED, Post, Revision, Thread
from forum.discussion.queries import scope_values, variant, variants
from forum.discussion.rules import is_locked
from forum.errors import NotFound
from forum.moderation.models import Case, Flag
from forum.moderation.rules import (
    CASES_A_PAGE,
    HELD,
    PlaceOfPost,
    is_for,
    kinds_for,
    kinds_hidden_from_authors,
    known_case_kinds,
    writer,
)
from forum.permissions import Actor, allowed
from forum.record.models import LogEntry

_holder, _decider, _parent, _parent_author = (
    aliased(Member),
    aliased(Member),
    aliased(Post),
    aliased(Member),
)


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case as the list of open cases shows it."""

    id: int
    kind: str
    reason: str
    opened_at: datetime
    excerpt: str
    title: str
    category: str
    author: str
    claimed_by: int | None
    claimed_until: datetime | None
    holder: str | None


# For statements that have joined the post; with the values of ``waiting_for``.
WAITING = (
    Case.closed_at.is_(None),
    Case.kind.in_(bindparam("kinds", expanding=True))
    | (bindparam("others", type_=Boolean()) & Case.kind.not_in(bindparam("known", expanding=True))),
    Case.kind.not_in(bindparam("hidden", expanding=True)) | (Post.author_id != bindparam("reader")),
)
_OPEN = variants(
    select(
        Case.id,
        Case.kind,
        Case.reason,
        Case.opened_at,
        Post.excerpt,
        Thread.title,
        Category.title,
        Member.name,
        Case.claimed_by,
        Case.claimed_until,
        _holder.name,
    )
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Category, Category.id == Thread.category_id)
    .join(Member, Member.id == Post.author_id)
    .outerjoin(_holder, _holder.id == Case.claimed_by)
    .where(*WAITING)
    .order_by(Case.id)
    .limit(CASES_A_PAGE + 1),
    Case.id > bindparam("after"),
)


def open_cases(actor: Actor, after: int | None = None, *, kind: str = "") -> list[OpenCase]:
    """The open cases that are for the actor and whose threads they may see, oldest first: a page
    and one more. What nobody defines any more is for those who decide about posts.

    Args:
        kind: only cases of this kind; all by default.
    """
    scope = actor.scope("thread.see")
    values = waiting_for(actor, kind) | ({} if after is None else {"after": after})
    statement = _OPEN[variant(scope), after is not None]
    return [OpenCase(*row) for row in database.rows(statement, values)]


def waiting_for(actor: Actor, kind: str) -> dict[str, Any]:
    """The values of a statement that asks for ``WAITING`` in the actor's variant."""
    return scope_values(actor.scope("thread.see")) | {
        "kinds": [name for name in kinds_for(actor) if kind in ("", name)],
        "others": not kind and allowed(actor, "case.decide"),
        "known": known_case_kinds(),
        "hidden": kinds_hidden_from_authors(),
        "reader": actor.id,
    }


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case as its own page shows it, with the post and where it stands."""

    id: int
    kind: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    decision: str | None
    decision_reason: str
    claimed_by: int | None
    claimed_until: datetime | None
    holder: str | None
    decider: str | None
    post_id: int
    number: int | None
    html: str
    source: str
    written_at: datetime
    author_id: int
    author: str
    thread_id: int
    title: str
    last_number: int
    locked_at: datetime | None
    locked_until: datetime | None
    removed_at: datetime | None
    category_id: int
    category: str
    category_slug: str
    replied_to: int | None
    replied_to_author: str | None
    replied_to_excerpt: str | None
    author_closed_at: datetime | None
    language: str
    version: int
    post_is_there: bool
    post_removed_at: datetime | None
    removal: str | None
    removal_reason: str
    label: str | None
    edited_at: datetime | None
    pipeline: int
    appeal_of: int | None
    needs_person: str | None
    first_is_undone: bool
    reasons: int

    @property
    def is_emptied(self) -> bool:
        """Whether the words were taken out for good."""
        return self.pipeline == EMPTIED


_undoing = aliased(LogEntry)
FIRST_IS_UNDONE = exists().where(_undoing.undo_of == Case.appeal_of)
"""Whether what an appeal is against is undone; of another case not."""
REASONS = select(func.count(Flag.words.distinct())).where(Flag.case_id == Case.id).scalar_subquery()
"""For how many different reasons the post of a case was flagged."""
CASE: Statement = (
    select(
        Case.id,
        Case.kind,
        Case.reason,
        Case.opened_at,
        Case.closed_at,
        Case.decision,
        Case.decision_reason,
        Case.claimed_by,
        Case.claimed_until,
        _holder.name,
        _decider.name,
        Post.id,
        Post.number,
        Post.html,
        Revision.source,
        Revision.created_at,
        Post.author_id,
        Member.name,
        Thread.id,
        Thread.title,
        Thread.last_number,
        Thread.locked_at,
        Thread.locked_until,
        Thread.removed_at,
        Thread.category_id,
        Category.title,
        Category.slug,
        _parent.number,
        _parent_author.name,
        _parent.excerpt,
        Member.closed_at,
        Revision.language,
        Post.version,
        Post.removed_at.is_(None) & (Post.pipeline != EMPTIED),
        Post.removed_at,
        Post.removal,
        Post.removal_reason,
        Post.label,
        Post.edited_at,
        Post.pipeline,
        Case.appeal_of,
        Case.needs_person,
        FIRST_IS_UNDONE,
        REASONS,
    )
    .join(Post, Post.id == Case.post_id)
    .join(Revision, (Revision.post_id == Post.id) & (Revision.version == Post.version))
    .join(Thread, Thread.id == Post.thread_id)
    .join(Category, Category.id == Thread.category_id)
    .join(Member, Member.id == Post.author_id)
    .outerjoin(_holder, _holder.id == Case.claimed_by)
    .outerjoin(_decider, _decider.id == Case.closed_by)
    .outerjoin(
        _parent,
        (_parent.thread_id == Post.thread_id)
        & (_parent.number == Post.in_reply_to)
        & _parent.removed_at.is_(None),
    )
    .outerjoin(_parent_author, _parent_author.id == _parent.author_id)
)
_CASE_BY_ID = CASE.where(Case.id == bindparam("id"))
_HOLD_OF_AUTHOR = CASE.where(
    Post.id == bindparam("post"), Post.author_id == bindparam("author"), Case.kind.in_(HELD)
)


def case_facts(actor: Actor, case_id: int) -> CaseFacts:
    """The case, if it is for the actor and they may see its thread.

    Raises:
        NotFound: there is none, or it is not open to them.
    """
    row = database.row(_CASE_BY_ID, {"id": case_id})
    facts = None if row is None else CaseFacts(*row)
    if facts is None or not allowed(actor, "thread.see", facts):
        raise NotFound("")
    if not is_for(actor, facts.kind, facts.author_id):
        raise NotFound("")
    return facts


def own_held_post(actor: Actor, post_id: int) -> CaseFacts:
    """A post of the actor's own that was held, wherever its thread is now.

    Raises:
        NotFound: they have no such post.
    """
    row = database.row(_HOLD_OF_AUTHOR, {"post": post_id, "author": actor.id})
    if row is None:
        raise NotFound("")
    return CaseFacts(*row)


def place_of(case: CaseFacts) -> PlaceOfPost:
    """Where the post of a case would appear, and what its author may do at this moment."""
    return place_for(case, None if case.author_closed_at else actor_by_id(case.author_id))


def place_for(case: CaseFacts, author: Actor | None) -> PlaceOfPost:
    """The same, when it is known already what the author may do."""
    return PlaceOfPost(
        category_id=case.category_id,
        category=case.category,
        is_started=case.last_number > 0,
        is_removed=case.removed_at is not None,
        is_locked=is_locked(case),
        author=None if case.author_closed_at is not None else writer(author),
    )
