"""The newest posts of all threads, or of one member."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, tuple_

from forum import db as database
from forum.accounts.models import Member
from forum.db import Statement, UtcDateTime
from forum.discussion.models import Post, Revision, Thread
from forum.discussion.queries import (
    PRESENT,
    ROWS_A_PAGE,
    SHOWN,
    Place,
    place_values,
    scope_values,
    variant,
    variants,
)
from forum.permissions import Actor

# Without its type, SQLite would compare moments that are written in two different ways.
_AT = bindparam("at", type_=UtcDateTime)


@dataclass(frozen=True, slots=True)
class LatestPost:
    """A post as the list of latest posts shows it."""

    id: int
    thread_id: int
    number: int
    excerpt: str
    created_at: datetime
    title: str
    author: str
    author_id: int
    language: str
    label: str | None


_POSTS: Statement = (
    select(
        Post.id,
        Post.thread_id,
        Post.number,
        Post.excerpt,
        Post.created_at,
        Thread.title,
        Member.name,
        Member.id,
        Revision.language,
        Post.label,
    )
    .join(Thread, Thread.id == Post.thread_id)
    .join(Member, Member.id == Post.author_id)
    .join(Revision, PRESENT)
    .where(SHOWN)
    .order_by(Post.created_at.desc(), Post.id.desc())
    .limit(ROWS_A_PAGE + 1)
)
_BEFORE = tuple_(Post.created_at, Post.id) < tuple_(_AT, bindparam("id"))
_OF_ALL = variants(_POSTS, _BEFORE)
_OF_MEMBER = variants(_POSTS.where(Post.author_id == bindparam("author")), _BEFORE)


def latest_posts(actor: Actor, after: Place | None = None) -> list[LatestPost]:
    """Posts the actor may see, newest first: a page and one more."""
    return _page(_OF_ALL, actor, after)


def posts_of_member(actor: Actor, member_id: int, after: Place | None = None) -> list[LatestPost]:
    """The member's posts that the actor may see, newest first: a page and one more."""
    return _page(_OF_MEMBER, actor, after, author=member_id)


def _page(
    statements: dict[tuple[str, bool], Statement], actor: Actor, after: Place | None, **of: int
) -> list[LatestPost]:
    scope = actor.scope("thread.see")
    values = of | scope_values(scope) | place_values(after)
    statement = statements[variant(scope), after is not None]
    return [LatestPost(*row) for row in database.rows(statement, values)]
