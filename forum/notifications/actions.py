"""Telling members, and members noting that they were told."""

from __future__ import annotations

from sqlalchemy import select, update

from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import Post
from forum.errors import NotAllowed
from forum.jobs.queue import enqueue
from forum.notifications.models import Notification
from forum.notifications.queries import told_of_post
from forum.permissions import Actor


def tell_of_reply(post_id: int) -> None:
    """Tell the member replied to, and whoever started the thread; nobody twice, nobody of themselves.

    Doing it again changes nothing, so an event may come twice.
    """
    concerned = told_of_post(post_id)
    if concerned is None:
        return
    author, replied_to, starter = concerned
    for member_id in {replied_to, starter} - {None, author}:
        assert member_id is not None
        _tell(member_id, post_id)


def _tell(member_id: int, post_id: int) -> None:
    already = select(Notification.id).where(
        Notification.member_id == member_id,
        Notification.post_id == post_id,
        Notification.kind == "reply",
    )
    if db.session.scalar(already) is not None:
        return
    notification = Notification(member_id=member_id, post_id=post_id, kind="reply")
    db.session.add(notification)
    db.session.flush()
    enqueue("mail", kind="reply", notification=notification.id, member=member_id)


def mark_all_seen(actor: Actor, up_to: int) -> None:
    """Note that the actor has seen their list up to this notification."""
    if actor.id is None:
        raise NotAllowed("Sign in to do this.")
    db.session.execute(
        update(Notification)
        .where(
            Notification.member_id == actor.id,
            Notification.id <= up_to,
            Notification.seen_at.is_(None),
        )
        .values(seen_at=utcnow())
    )


def mark_posts_seen(actor: Actor, thread_id: int, first: int, last: int) -> None:
    """Note that the actor has seen what they were told of posts ``first`` to ``last`` of a thread."""
    posts = select(Post.id).where(Post.thread_id == thread_id, Post.number.between(first, last))
    db.session.execute(
        update(Notification)
        .where(
            Notification.member_id == actor.id,
            Notification.post_id.in_(posts),
            Notification.seen_at.is_(None),
        )
        .values(seen_at=utcnow())
        .execution_options(synchronize_session=False)
    )
