"""What would gladly be looked after: named reads for those who keep the conversation going.

Each asks only for what lies in a span of time, along an index, and gives at most a page and one more.
The numbers are judgements, told on the page; "make space, take space" is what they serve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Member
from forum.accounts.stand_in_queries import IS_STAND_IN
from forum.categories.models import Category
from forum.db import Statement, UtcDateTime
from forum.discussion.models import Post, Thread
from forum.discussion.queries import SCOPES, SHOWN, scope_values, variant, visible
from forum.permissions import Actor, Scope

ROWS_SHOWN = 20
# Who asks on a Friday has had the weekend and a day.
UNANSWERED = timedelta(days=3)
UNANSWERED_UNTIL = timedelta(days=30)
# Others come first, if they come; after two weeks a welcome is odd.
UNWELCOMED = timedelta(days=1)
UNWELCOMED_UNTIL = timedelta(days=14)
# Three weeks are longer than most holidays; after three months somebody has gone elsewhere.
QUIET = timedelta(days=21)
QUIET_UNTIL = timedelta(days=90)
NEWCOMER_POSTS = 3
# With fewer posts one voice is chance; what was said long before is past.
VOICE_POSTS = 10
VOICE_LAST_POSTS = 30
VOICE_SINCE = timedelta(days=14)
VOICE_THREADS = 200


@dataclass(frozen=True, slots=True)
class Wanting:
    """Somebody's post that somebody could do something about, and where it stands.

    ``written`` and ``of`` are how many of the last posts of the thread they wrote; 0 where nobody
    counted.
    """

    thread_id: int
    title: str
    category: str
    number: int
    at: datetime
    author_id: int
    author: str
    stands_in: bool
    written: int = 0
    of: int = 0


_FROM = bindparam("from", type_=UtcDateTime)
_UNTIL = bindparam("until", type_=UtcDateTime)
_WRITTEN: Statement = (
    select(
        Thread.id,
        Thread.title,
        Category.title,
        Post.number,
        Post.created_at,
        Member.id,
        Member.name,
        IS_STAND_IN,
    )
    .join(Thread, Thread.id == Post.thread_id)
    .join(Category, Category.id == Thread.category_id)
    .join(Member, Member.id == Post.author_id)
    .limit(ROWS_SHOWN + 1)
)
_other = aliased(Post)
_BY_SOMEBODY_ELSE = (
    (_other.thread_id == Post.thread_id)
    & (_other.author_id != Post.author_id)
    & _other.number.is_not(None)
    & _other.removed_at.is_(None)
)
_UNLOCKED = or_(
    Thread.locked_at.is_(None), Thread.locked_until <= bindparam("now", type_=UtcDateTime)
)
_OPEN = SHOWN & _UNLOCKED


# Nobody welcomes themselves.
_NOT_MINE = Post.author_id != bindparam("me")


def _by_the_same(*conditions: ColumnElement[bool]) -> Any:
    return select(_other.id).where(_other.author_id == Post.author_id, *conditions)


def _in_each_scope(base: Statement) -> dict[str, Statement]:
    return {name: base.where(visible(scope)) for name, scope in SCOPES.items()}


# As it stands, the planner would walk all posts in their order instead of the threads of late.
_begun = func.coalesce(Post.created_at, Post.created_at)
_UNANSWERED = _in_each_scope(
    _WRITTEN.where(
        _OPEN,
        Post.number == 1,
        Thread.answer_number.is_(None),
        Thread.last_posted_at >= _FROM,
        # Where somebody else wrote last, they have; that is known without asking further.
        Thread.last_author_id == Thread.author_id,
        _begun <= _UNTIL,
        ~exists().where(_BY_SOMEBODY_ELSE),
    ).order_by(_begun, Post.id)
)


def unanswered_threads(actor: Actor, now: datetime) -> list[Wanting]:
    """Threads that the actor curates in which nobody but their author has written, and which have no
    answer, those that have waited longest first."""
    span = {"from": now - UNANSWERED_UNTIL, "until": now - UNANSWERED, "now": now}
    return _found(_UNANSWERED, actor, span)


_UNWELCOMED = _in_each_scope(
    _WRITTEN.where(
        _OPEN,
        Post.created_at >= _FROM,
        Post.created_at <= _UNTIL,
        Member.email.is_not(None),
        _NOT_MINE,
        ~_by_the_same(
            _other.number.is_not(None),
            tuple_(_other.created_at, _other.id) < tuple_(Post.created_at, Post.id),
        ).exists(),
        ~exists().where(
            _BY_SOMEBODY_ELSE,
            _other.number > Post.number,
            or_(
                Post.number == 1,
                _other.in_reply_to == Post.number,
                _other.number == Post.number + 1,
            ),
        ),
    ).order_by(Post.created_at.desc(), Post.id.desc())
)


def unwelcomed_posts(actor: Actor, now: datetime) -> list[Wanting]:
    """Somebody's first post, in threads that the actor curates, to which nobody has replied and after
    which nobody has written, newest first. Where it started the thread, any post after it counts."""
    span = {"from": now - UNWELCOMED_UNTIL, "until": now - UNWELCOMED, "now": now}
    return _found(_UNWELCOMED, actor, {**span, "me": actor.id or 0})


_QUIET = _in_each_scope(
    _WRITTEN.where(
        SHOWN,
        Post.created_at >= _FROM,
        Post.created_at <= _UNTIL,
        Member.email.is_not(None),
        _NOT_MINE,
        # A post that waits for a moderator is no silence either.
        ~_by_the_same(
            tuple_(_other.created_at, _other.id) > tuple_(Post.created_at, Post.id)
        ).exists(),
        ~_by_the_same(_other.number.is_not(None))
        .order_by(_other.created_at)
        .offset(NEWCOMER_POSTS)
        .exists(),
    ).order_by(Post.created_at.desc(), Post.id.desc())
)


def newcomers_gone_quiet(actor: Actor, now: datetime) -> list[Wanting]:
    """The last post of each who wrote few and then none, if it stands where the actor curates, latest
    first."""
    span = {"from": now - QUIET_UNTIL, "until": now - QUIET}
    return _found(_QUIET, actor, {**span, "me": actor.id or 0})


def _threads_of_one_voice(scope: Scope) -> Statement:
    lively = (
        select(
            Thread.id, Thread.title, Thread.category_id, Thread.last_number, Thread.last_posted_at
        )
        .where(
            Thread.removed_at.is_(None),
            _UNLOCKED,
            Thread.last_posted_at >= _FROM,
            Thread.last_number >= VOICE_POSTS,
            visible(scope),
        )
        .order_by(Thread.last_posted_at.desc(), Thread.id.desc())
        .limit(VOICE_THREADS)
        .subquery()
    )
    written = func.count()
    voices = (
        select(
            lively.c.id,
            Post.author_id,
            written.label("written"),
            func.sum(written).over(partition_by=lively.c.id).label("all"),
        )
        .join(Post, Post.thread_id == lively.c.id)
        .where(Post.number > lively.c.last_number - VOICE_LAST_POSTS, Post.removed_at.is_(None))
        .group_by(lively.c.id, Post.author_id)
        .subquery()
    )
    found: Statement = (
        select(
            lively.c.id,
            lively.c.title,
            Category.title,
            lively.c.last_number,
            lively.c.last_posted_at,
            Member.id,
            Member.name,
            IS_STAND_IN,
            voices.c.written,
            voices.c.all,
        )
        .join(voices, voices.c.id == lively.c.id)
        .join(Category, Category.id == lively.c.category_id)
        .join(Member, Member.id == voices.c.author_id)
        .where(voices.c.written * 2 > voices.c.all, voices.c.all >= VOICE_POSTS)
        .order_by(lively.c.last_posted_at.desc(), lively.c.id.desc())
        .limit(ROWS_SHOWN + 1)
    )
    return found


_ONE_VOICE = {name: _threads_of_one_voice(scope) for name, scope in SCOPES.items()}


def threads_of_one_voice(actor: Actor, now: datetime) -> list[Wanting]:
    """Threads that the actor curates of whose last posts one member wrote more than half, last active
    first; ``number`` is the last post's."""
    return _found(_ONE_VOICE, actor, {"from": now - VOICE_SINCE, "now": now})


def _found(
    statements: Mapping[str, Statement], actor: Actor, span: Mapping[str, Any]
) -> list[Wanting]:
    scope = actor.scope("thread.see") & actor.scope("thread.curate")
    found = database.rows(statements[variant(scope)], {**scope_values(scope), **span})
    # PostgreSQL sums whole numbers up to a decimal one.
    return [Wanting(*row[:8], *(int(number) for number in row[8:])) for row in found]
