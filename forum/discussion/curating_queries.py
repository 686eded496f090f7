"""Named reads for those who keep threads in order, and about the tags they file them under."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, tuple_

from forum import db as database
from forum.categories.queries import CategoryRow, categories_open_to
from forum.db import Statement, UtcDateTime
from forum.discussion.models import Post, Thread, ThreadTag
from forum.discussion.queries import (
    SCOPES,
    THREADS,
    Place,
    ThreadRow,
    scope_values,
    variant,
    variants,
    visible,
)
from forum.discussion.removal_queries import LET_THROUGH
from forum.permissions import Actor, Scope, allowed

# Counting the tags of all threads would take longer the more there are.
THREADS_COUNTED = 10_000
TAGS_SHOWN = 200


def categories_to_move_to(actor: Actor) -> list[CategoryRow]:
    """The categories in which the actor may both start threads and curate, in order."""
    open_to = categories_open_to(actor, "thread.start")
    return [category for category in open_to if allowed(actor, "thread.curate", category)]


_PINNED = (
    THREADS.where(Thread.category_id == bindparam("category"), Thread.pinned_at.is_not(None))
    .order_by(None)
    .order_by(Thread.pinned_at.desc(), Thread.id.desc())
)


def pinned_threads(category_id: int) -> list[ThreadRow]:
    """The few threads that stand first in a category, last pinned first."""
    return [ThreadRow(*row) for row in database.rows(_PINNED, {"category": category_id})]


_IS_FEATURED = THREADS.where(Thread.featured_at.is_not(None)).order_by(None)
_FEATURED = {
    name: _IS_FEATURED.where(visible(scope)).order_by(Thread.featured_at.desc(), Thread.id.desc())
    for name, scope in SCOPES.items()
}


def featured_threads(actor: Actor) -> list[ThreadRow]:
    """The few featured threads that the actor may see, last featured first."""
    scope = actor.scope("thread.see")
    rows = database.rows(_FEATURED[variant(scope)], scope_values(scope))
    return [ThreadRow(*row) for row in rows]


_OWN_POST = select(func.max(Post.created_at)).where(
    Post.thread_id == bindparam("thread"), Post.author_id == bindparam("author")
)


def last_own_post(thread_id: int, author_id: int) -> datetime | None:
    """When a member wrote last in a thread; what waits for a moderator counts, too."""
    found: datetime | None = database.value(_OWN_POST, {"thread": thread_id, "author": author_id})
    return found


_FILED_THREADS = variants(
    THREADS.where(
        Thread.id.in_(select(ThreadTag.thread_id).where(ThreadTag.tag == bindparam("tag"))),
        Thread.last_posted_at.is_not(None),
    ),
    tuple_(Thread.last_posted_at, Thread.id)
    < tuple_(bindparam("at", type_=UtcDateTime), bindparam("id")),
)


def threads_filed_under(actor: Actor, tag: str, after: Place | None = None) -> list[ThreadRow]:
    """Threads with this tag that the actor may see, last active first: a page and one more."""
    # PostgreSQL refuses to look for a NUL.
    if "\0" in tag:
        return []
    scope = actor.scope("thread.see")
    place = {} if after is None else {"at": after.at, "id": after.id}
    values = {"tag": tag} | scope_values(scope) | place
    statement = _FILED_THREADS[variant(scope), after is not None]
    return [ThreadRow(*row) for row in database.rows(statement, values)]


_TAGS = (
    select(ThreadTag.tag).where(ThreadTag.thread_id == bindparam("thread")).order_by(ThreadTag.tag)
)


def tags_of(thread_id: int) -> list[str]:
    """What a thread is filed under, in order."""
    return [tag for (tag,) in database.rows(_TAGS, {"thread": thread_id})]


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag, and how many threads are filed under it."""

    tag: str
    threads: int


def _counted(scope: Scope) -> Statement:
    recent = (
        select(Thread.id)
        .where(
            visible(scope),
            Thread.removed_at.is_(None),
            LET_THROUGH,
            Thread.last_posted_at.is_not(None),
        )
        .order_by(Thread.last_posted_at.desc(), Thread.id.desc())
        .limit(THREADS_COUNTED)
        .subquery()
    )
    most = func.count().desc()
    # Joined, SQLite would walk through the tags of all threads to have them in order.
    return (
        select(ThreadTag.tag, func.count())
        .where(ThreadTag.thread_id.in_(select(recent.c.id)))
        .group_by(ThreadTag.tag)
        .order_by(most, ThreadTag.tag)
        .limit(TAGS_SHOWN)
    )


_COUNTED = {name: _counted(scope) for name, scope in SCOPES.items()}


def tags_in_use(actor: Actor) -> list[TagRow]:
    """The tags of the last active threads that the actor may see, the most used first: no more
    than ``TAGS_SHOWN``, of the last ``THREADS_COUNTED`` threads."""
    scope = actor.scope("thread.see")
    rows = database.rows(_COUNTED[variant(scope)], scope_values(scope))
    return [TagRow(*row) for row in rows]


_POST_ID = select(Post.id).where(
    Post.thread_id == bindparam("thread"), Post.number == bindparam("number")
)


def post_id_at(thread_id: int, number: int) -> int | None:
    """The id of a post, whoever may see it: so that a text meant for it is kept where it belongs."""
    # A number that no column holds is an error on PostgreSQL.
    if number >= 2**31:
        return None
    found: int | None = database.value(_POST_ID, {"thread": thread_id, "number": number})
    return found
