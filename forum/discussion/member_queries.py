"""What one member has written."""

from __future__ import annotations

from sqlalchemy import bindparam, select, tuple_

from forum import db as database
from forum.accounts.models import Member
from forum.db import Statement, UtcDateTime
from forum.discussion.latest_queries import LatestPost
from forum.discussion.models import Post, Revision, Thread
from forum.discussion.queries import (
    PRESENT,
    ROWS_A_PAGE,
    SHOWN,
    Place,
    scope_values,
    variant,
    variants,
)
from forum.permissions import Actor

# Without its type, SQLite would compare moments that are written in two different ways.
_AT = bindparam("at", type_=UtcDateTime)
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
    )
    .join(Thread, Thread.id == Post.thread_id)
    .join(Member, Member.id == Post.author_id)
    .join(Revision, PRESENT)
    .where(SHOWN, Post.author_id == bindparam("author"))
    .order_by(Post.created_at.desc(), Post.id.desc())
    .limit(ROWS_A_PAGE + 1)
)
_POSTS_OF = variants(_POSTS, tuple_(Post.created_at, Post.id) < tuple_(_AT, bindparam("id")))


def posts_of_member(actor: Actor, member_id: int, after: Place | None = None) -> list[LatestPost]:
    """The member's posts that the actor may see, newest first: a page and one more."""
    scope = actor.scope("thread.see")
    place = {} if after is None else {"at": after.at, "id": after.id}
    values = {"author": member_id} | scope_values(scope) | place
    statement = _POSTS_OF[variant(scope), after is not None]
    return [LatestPost(*row) for row in database.rows(statement, values)]
