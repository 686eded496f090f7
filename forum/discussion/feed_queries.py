"""The newest posts of a place, for its feed.

The rows come without the words, which are fetched only when the reader does not have them yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID

from sqlalchemy import bindparam, select

from forum import db as database
from forum.accounts.models import Community, Member
from forum.accounts.stand_in_queries import IS_STAND_IN
from forum.categories.models import Category
from forum.db import Statement
from forum.discussion.models import Post, Thread, ThreadTag
from forum.discussion.queries import SCOPES, SHOWN, ThreadFacts, scope_values, variant, visible
from forum.permissions import Actor

POSTS_A_FEED = 30


@dataclass(frozen=True, slots=True)
class FedPost:
    """A post as a feed shows it, without its words."""

    id: int
    thread_id: int
    number: int
    version: int
    pipeline: int
    created_at: datetime
    edited_at: datetime | None
    author_id: int
    author: str
    title: str
    category: str
    category_slug: str
    label: str | None
    stands_in: bool

    @property
    def updated_at(self) -> datetime:
        """When its words were last changed."""
        return self.edited_at or self.created_at


_NEWEST: Statement = (
    select(
        Post.id,
        Post.thread_id,
        Post.number,
        Post.version,
        Post.pipeline,
        Post.created_at,
        Post.edited_at,
        Post.author_id,
        Member.name,
        Thread.title,
        Category.title,
        Category.slug,
        Post.label,
        IS_STAND_IN,
    )
    .join(Thread, Thread.id == Post.thread_id)
    .join(Category, Category.id == Thread.category_id)
    .join(Member, Member.id == Post.author_id)
    .where(SHOWN)
    .order_by(Post.created_at.desc(), Post.id.desc())
    .limit(POSTS_A_FEED)
)


def _last_posts_of(threads: Statement) -> Statement:
    """The newest posts of the threads last active. The newest thirty posts of a place stand in the
    thirty threads last active, among the last thirty of each, so no more is looked at."""
    last_active = (
        threads.where(Thread.last_posted_at.is_not(None), Thread.removed_at.is_(None))
        .order_by(Thread.last_posted_at.desc(), Thread.id.desc())
        .limit(POSTS_A_FEED)
        .subquery()
    )
    return _NEWEST.join(last_active, last_active.c.id == Post.thread_id).where(
        Post.number > last_active.c.last_number - POSTS_A_FEED
    )


_THREADS = select(Thread.id, Thread.last_number)
_EVERYWHERE = {name: _NEWEST.where(visible(scope)) for name, scope in SCOPES.items()}
_OF_MEMBER = {
    name: statement.where(Post.author_id == bindparam("author"))
    for name, statement in _EVERYWHERE.items()
}
_IN_CATEGORY = _last_posts_of(_THREADS.where(Thread.category_id == bindparam("category")))
_FILED_UNDER = {
    name: _last_posts_of(
        _THREADS.join(ThreadTag, ThreadTag.thread_id == Thread.id).where(
            ThreadTag.tag == bindparam("tag"), visible(scope)
        )
    )
    for name, scope in SCOPES.items()
}
_IN_THREAD = _NEWEST.where(Post.thread_id == bindparam("thread"), Post.number > bindparam("after"))


def newest_posts(actor: Actor) -> list[FedPost]:
    """The newest posts that the actor may see."""
    return _fed(_EVERYWHERE, actor, {})


def newest_posts_of_member(actor: Actor, member_id: int) -> list[FedPost]:
    """The newest posts of a member that the actor may see."""
    return _fed(_OF_MEMBER, actor, {"author": member_id})


def newest_posts_filed_under(actor: Actor, tag: str) -> list[FedPost]:
    """The newest posts in threads with this tag that the actor may see."""
    # PostgreSQL refuses to look for a NUL.
    if "\0" in tag:
        return []
    return _fed(_FILED_UNDER, actor, {"tag": tag})


def newest_posts_in_category(category_id: int) -> list[FedPost]:
    """The newest posts of a category."""
    return [FedPost(*row) for row in database.rows(_IN_CATEGORY, {"category": category_id})]


def newest_posts_in_thread(thread: ThreadFacts) -> list[FedPost]:
    """The newest posts of a thread, of its last thirty."""
    values = {"thread": thread.id, "after": thread.last_number - POSTS_A_FEED}
    return [FedPost(*row) for row in database.rows(_IN_THREAD, values)]


def _fed(statements: dict[str, Statement], actor: Actor, values: dict[str, Any]) -> list[FedPost]:
    scope = actor.scope("thread.see")
    found = database.rows(statements[variant(scope)], values | scope_values(scope))
    return [FedPost(*row) for row in found]


def community_uuid() -> UUID:
    """What the ids of all feeds are made from; always the same one before the forum is set up."""
    found = database.value(select(Community.uuid))
    return NAMESPACE_URL if found is None else UUID(found)
