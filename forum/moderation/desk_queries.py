"""What a moderator reads beside a case: the thread around it, who wrote it, what was decided before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, or_, select, true
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Member
from forum.db import Statement
from forum.discussion.models import Post, Thread
from forum.discussion.queries import scope_values, variant, variants
from forum.moderation.models import Case, CaseNote, Flag
from forum.moderation.queries import CaseFacts
from forum.moderation.rules import kinds_hidden_from_authors
from forum.permissions import Actor

MOST_SHOWN = 5
MOST_FLAGS = 50
MOST_NOTES = 100
_author, _decider = aliased(Member), aliased(Member)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A post that stands right before or after another."""

    number: int
    author: str
    excerpt: str
    created_at: datetime


_NEIGHBOURS: Statement = (
    select(Post.number, Member.name, Post.excerpt, Post.created_at)
    .join(Member, Member.id == Post.author_id)
    .where(
        Post.thread_id == bindparam("thread"),
        Post.number.in_(bindparam("numbers", expanding=True)),
        Post.removed_at.is_(None),
    )
    .order_by(Post.number)
)


def neighbours_of(facts: CaseFacts) -> list[Neighbour]:
    """The post before and the post after it in its thread; before one that has no number, the
    newest."""
    number = facts.number or facts.last_number + 1
    values = {"thread": facts.thread_id, "numbers": [number - 1, number + 1]}
    return [Neighbour(*row) for row in database.rows(_NEIGHBOURS, values)]


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """What is known of an author: since when they are here, how many posts of theirs can be read, and
    how many moderators took away."""

    since: datetime
    posts: int
    removed: int


_theirs = Post.author_id == bindparam("author")
_HISTORY = select(
    select(Member.created_at).where(Member.id == bindparam("author")).scalar_subquery(),
    select(func.count())
    .select_from(Post)
    .where(_theirs, Post.number.is_not(None), Post.removed_at.is_(None))
    .scalar_subquery(),
    select(func.count())
    .select_from(Post)
    .where(_theirs, Post.removal == "moderator")
    .scalar_subquery(),
)


def author_history(author_id: int) -> AuthorHistory:
    """The history of an author."""
    row = database.row(_HISTORY, {"author": author_id})
    assert row is not None
    return AuthorHistory(*row)


@dataclass(frozen=True, slots=True)
class EarlierCase:
    """A case that was decided, as others show it."""

    id: int
    kind: str
    decision: str
    reason: str
    closed_at: datetime
    title: str
    decider: str | None


_EARLIER: Statement = (
    select(
        Case.id,
        Case.kind,
        Case.decision,
        Case.decision_reason,
        Case.closed_at,
        Thread.title,
        _decider.name,
    )
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .outerjoin(_decider, _decider.id == Case.closed_by)
    .where(
        Case.closed_at.is_not(None),
        Case.decision != "withdrawn",
        Case.id != bindparam("case"),
        or_(
            Case.kind.not_in(bindparam("hidden", expanding=True)),
            Post.author_id != bindparam("reader"),
        ),
    )
    .limit(MOST_SHOWN)
)
_OF_AUTHOR = variants(
    _EARLIER.where(_theirs).order_by(Case.closed_at.desc(), Case.id.desc()), true()
)
_SIMILAR = variants(
    _EARLIER.where(Case.kind == bindparam("kind"), Post.author_id != bindparam("author")).order_by(
        case((Case.reason == bindparam("reason"), 0), else_=1),
        case((Thread.category_id == bindparam("category"), 0), else_=1),
        Case.closed_at.desc(),
        Case.id.desc(),
    ),
    true(),
)


def earlier_cases_of(actor: Actor, facts: CaseFacts) -> list[EarlierCase]:
    """What was decided about other posts of the author, or about this one before, newest first, as
    far as the actor may see it."""
    return _earlier(actor, facts, _OF_AUTHOR, {})


def similar_decisions(actor: Actor, facts: CaseFacts) -> list[EarlierCase]:
    """What was decided in cases of the same kind about what others wrote: those with the same reason
    first, then those of the same category, newest first."""
    about = {"kind": facts.kind, "reason": facts.reason, "category": facts.category_id}
    return _earlier(actor, facts, _SIMILAR, about)


def _earlier(
    actor: Actor,
    facts: CaseFacts,
    statements: dict[tuple[str, bool], Statement],
    about: dict[str, object],
) -> list[EarlierCase]:
    scope = actor.scope("thread.see")
    values = scope_values(scope) | about
    values |= {"case": facts.id, "author": facts.author_id}
    values |= {"hidden": kinds_hidden_from_authors(), "reader": actor.id}
    return [EarlierCase(*row) for row in database.rows(statements[variant(scope), False], values)]


@dataclass(frozen=True, slots=True)
class FlagRow:
    """What a member said of a post; for moderators alone."""

    member_id: int
    name: str
    words: str
    flagged_at: datetime


_FLAGS: Statement = (
    select(Flag.member_id, Member.name, Flag.words, Flag.flagged_at)
    .join(Member, Member.id == Flag.member_id)
    .where(Flag.case_id == bindparam("case"), Flag.withdrawn_at.is_(None))
    .order_by(Flag.id)
    .limit(MOST_FLAGS)
)
_COUNT_OF_FLAGS = (
    select(func.count())
    .select_from(Flag)
    .where(Flag.case_id == bindparam("case"), Flag.withdrawn_at.is_(None))
)


def flags_on(case_id: int) -> tuple[list[FlagRow], int]:
    """The first flags that stand, and how many there are."""
    rows = [FlagRow(*row) for row in database.rows(_FLAGS, {"case": case_id})]
    return rows, int(database.value(_COUNT_OF_FLAGS, {"case": case_id}))


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What a moderator noted about a case."""

    name: str | None
    written_at: datetime
    words: str


_NOTES: Statement = (
    select(Member.name, CaseNote.written_at, CaseNote.words)
    .outerjoin(Member, Member.id == CaseNote.member_id)
    .where(CaseNote.case_id == bindparam("case"))
    .order_by(CaseNote.id)
    .limit(MOST_NOTES)
)


def notes_on(case_id: int) -> list[NoteRow]:
    """What moderators noted about a case, in their order."""
    return [NoteRow(*row) for row in database.rows(_NOTES, {"case": case_id})]
