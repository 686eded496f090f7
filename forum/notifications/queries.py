"""Named reads about what members are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.measure_appeal_queries import UNSEEN_APPEALS
from forum.accounts.measure_queries import UNSEEN_MEASURES
from forum.accounts.models import Member
from forum.accounts.trust_queries import UNSEEN_STEPS
from forum.categories.models import Category
from forum.db import Statement
from forum.discussion.models import Post, Revision, Thread
from forum.discussion.queries import SHOWN, scope_values, variant, variants
from forum.discussion.removal_queries import TITLE_LET_THROUGH
from forum.notifications.models import Notification
from forum.permissions import Actor, allowed

ROWS_A_PAGE = 25
MOST_COUNTED = 99

_parent = aliased(Post)


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """Something a member was told, with what is needed to tell it again. About a post that they flagged
    without the ``title`` while all that was published of its thread waits again."""

    id: int
    kind: str
    seen_at: datetime | None
    created_at: datetime
    thread_id: int
    number: int | None
    title: str
    category_id: int
    author: str
    excerpt: str
    post_id: int
    decision: str | None
    words: str
    label: str | None
    category: str


# A moderator's decision may be that the post is not shown, or not any more.
_TELLS = SHOWN | Notification.kind.in_(("decision", "flag"))
_COLUMNS = (
    Notification.id,
    Notification.kind,
    Notification.seen_at,
    Notification.created_at,
    Post.thread_id,
    Post.number,
    case((Notification.kind == "flag", TITLE_LET_THROUGH), else_=Thread.title),
    Thread.category_id,
    Member.name,
    Post.excerpt,
    Notification.post_id,
    Notification.decision,
    Notification.words,
    Post.label,
    Category.title,
)
_TOLD: Statement = (
    select(*_COLUMNS)
    .join(Post, Post.id == Notification.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .join(Category, Category.id == Thread.category_id)
    .join(Member, Member.id == Post.author_id)
    .where(Notification.member_id == bindparam("member"), _TELLS)
)
_LIST = variants(
    _TOLD.order_by(Notification.id.desc()).limit(ROWS_A_PAGE + 1),
    Notification.id < bindparam("after"),
)
_ONE = _TOLD.where(Notification.id == bindparam("id"))
_UNSEEN_POSTS = {
    key: select(func.count()).select_from(statement.subquery())
    for key, statement in variants(
        select(Notification.id)
        .join(Post, Post.id == Notification.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(
            Notification.member_id == bindparam("member"), Notification.seen_at.is_(None), _TELLS
        )
        .limit(MOST_COUNTED + 1),
        (Post.thread_id == bindparam("thread"))
        & Post.number.between(bindparam("first"), bindparam("last")),
    ).items()
}
_UNSEEN = {
    name: _UNSEEN_POSTS[name, False].scalar_subquery()
    + UNSEEN_MEASURES
    + UNSEEN_APPEALS
    + UNSEEN_STEPS
    for name, goes_on in _UNSEEN_POSTS
    if goes_on
}
_UNSEEN_ALONE: dict[str, Statement] = {name: select(count) for name, count in _UNSEEN.items()}
_UNSEEN_AND_HERE: dict[str, Statement] = {
    name: select(count, _UNSEEN_POSTS[name, True].scalar_subquery())
    for name, count in _UNSEEN.items()
}


def notifications_of(actor: Actor, after: int | None = None) -> list[NotificationRow]:
    """What the actor was told and may still see, newest first: a page and one more."""
    scope = actor.scope("thread.see")
    values = {"member": actor.id} | ({} if after is None else {"after": after})
    statement = _LIST[variant(scope), after is not None]
    return [NotificationRow(*row) for row in database.rows(statement, values | scope_values(scope))]


def notification_for(actor: Actor, notification_id: int) -> NotificationRow | None:
    """One of the actor's notifications, unless they may no longer see what it is about."""
    row = database.row(_ONE, {"member": actor.id, "id": notification_id})
    if row is None or not allowed(actor, "thread.see", found := NotificationRow(*row)):
        return None
    return found


def unseen_count(actor: Actor) -> int:
    """How many notifications the actor has not seen and may see, counted to 100 at most, and what
    moderators told them, and levels of trust that they reached or lost."""
    scope = actor.scope("thread.see")
    values = {"member": actor.id} | scope_values(scope)
    return int(database.value(_UNSEEN_ALONE[variant(scope)], values))


def unseen_and_here(actor: Actor, thread_id: int, first: int, last: int) -> tuple[int, int]:
    """The same, and how many of them are about posts ``first`` to ``last`` of a thread."""
    scope = actor.scope("thread.see")
    place = {"thread": thread_id, "first": first, "last": last}
    values = {"member": actor.id} | scope_values(scope) | place
    row = database.row(_UNSEEN_AND_HERE[variant(scope)], values)
    assert row is not None
    return int(row[0]), int(row[1])


def is_decision_unseen(actor: Actor, post_id: int) -> bool:
    """Whether the actor was told of a decision about this post and has not seen it yet."""
    unseen = select(Notification.id).where(
        Notification.member_id == actor.id,
        Notification.post_id == post_id,
        Notification.kind == "decision",
        Notification.seen_at.is_(None),
    )
    return database.value(unseen) is not None


@dataclass(frozen=True, slots=True)
class PostToTellOf:
    """A post that everybody may read who sees its thread, with whom it may concern.

    ``replied_to`` wrote the post it replies to, ``starter`` the thread.
    """

    id: int
    thread_id: int
    category_id: int
    author_id: int
    replied_to: int | None
    starter: int
    source: str


_TO_TELL_OF: Statement = (
    select(
        Post.id,
        Post.thread_id,
        Thread.category_id,
        Post.author_id,
        _parent.author_id,
        Thread.author_id,
        Revision.source,
    )
    .join(Thread, Thread.id == Post.thread_id)
    .join(Revision, (Revision.post_id == Post.id) & (Revision.version == Post.version))
    .outerjoin(
        _parent, (_parent.thread_id == Post.thread_id) & (_parent.number == Post.in_reply_to)
    )
    .where(Post.id == bindparam("id"), SHOWN)
)


def post_to_tell_of(post_id: int) -> PostToTellOf | None:
    """The post, unless it is held, removed or gone."""
    row = database.row(_TO_TELL_OF, {"id": post_id})
    return None if row is None else PostToTellOf(*row)
