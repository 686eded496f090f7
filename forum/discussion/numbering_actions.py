"""Giving a post its number, and telling of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select, update

from forum.db import db
from forum.discussion.models import MovedNumber, Post, Thread
from forum.events import PostPublished
from forum.hookspecs import PublishedPost
from forum.jobs.queue import emit
from forum.plugin_host import current_host


def number_post(thread: Thread, post: Post, *, at: datetime) -> None:
    """Give a post the next number of its thread, and the thread its new last post."""
    # A number whose post was moved back is not given to another one.
    left = select(func.max(MovedNumber.number)).where(MovedNumber.thread_id == thread.id)
    taken = func.coalesce(left.scalar_subquery(), 0)
    last = case((taken > Thread.last_number, taken), else_=Thread.last_number)
    number = db.session.execute(
        update(Thread)
        .where(Thread.id == thread.id)
        .values(last_number=last + 1, last_posted_at=at, last_author_id=post.author_id)
        .returning(Thread.last_number)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    post.number = number


def announce(thread: Thread, post: Post) -> None:
    """Let the hooks write with a publication, and tell the event to whoever listens."""
    assert post.number is not None
    current_host().with_post_published(
        PublishedPost(
            post_id=post.id,
            thread_id=thread.id,
            category_id=thread.category_id,
            number=post.number,
            is_first=post.number == 1,
            author_id=post.author_id,
            in_reply_to=post.in_reply_to,
        )
    )
    emit(PostPublished(post_id=post.id, thread_id=thread.id))
