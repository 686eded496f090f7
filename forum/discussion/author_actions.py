"""Telling authors what moderators did to what they wrote, where it stands. Nobody is told of what they
did themselves. For actions, which have asked for the permission."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from forum.db import db
from forum.discussion.models import Post, Thread
from forum.events import RELOCATED, PostCurated
from forum.jobs.queue import emit
from forum.permissions import Actor
from forum.record.queries import steps_of
from forum.record.rules import Entry


def tell_author(actor: Actor, post: Post, deed: str, words: str = "") -> None:
    """Tell whoever wrote a post what was done to it.

    Args:
        deed, words: as in ``PostCurated``.
    """
    if post.author_id != actor.id:
        emit(PostCurated(post_id=post.id, deed=deed, words=words))


def tell_starter(actor: Actor, thread: Thread, deed: str, words: str = "") -> None:
    """Tell whoever started a thread what was done to it as a whole. Arguments as above."""
    first = db.session.scalar(
        select(Post).where(
            Post.thread_id == thread.id, Post.number == 1, Post.author_id == thread.author_id
        )
    )
    if first is not None:
        tell_author(actor, first, deed, words)


def tell_moved(actor: Actor, post_ids: Collection[int], words: str = "") -> None:
    """Tell each author once where what they wrote stands now, of the first that can be read there."""
    there = (Post.id.in_(post_ids), Post.number.is_not(None), Post.removed_at.is_(None))
    told: set[int] = set()
    for post in db.session.scalars(select(Post).where(*there).order_by(Post.number, Post.id)):
        if post.author_id not in told:
            told.add(post.author_id)
            tell_author(actor, post, RELOCATED, words)


def tell_of_post_again(actor: Actor, entry: Entry, words: str) -> None:
    """Tell the author what undoing made of a post that was removed or restored."""
    post = db.session.get(Post, entry.post_id, populate_existing=True)
    assert post is not None
    if post.removed_at is None:
        tell_author(actor, post, "restored", words)
    elif post.removal == "moderator":
        tell_author(actor, post, "removed", post.removal_reason)


def tell_of_thread_again(actor: Actor, entry: Entry, words: str) -> None:
    """Tell the starter what undoing made of a thread that was removed or restored."""
    thread = db.session.get(Thread, entry.thread_id, populate_existing=True)
    assert thread is not None
    if thread.removed_at is None:
        tell_starter(actor, thread, "t_restored", words)
    else:
        tell_starter(actor, thread, "t_removed", thread.removal_reason)


def tell_of_places_again(actor: Actor, entry: Entry, words: str) -> None:
    """Tell authors where what they wrote stands after moving it was undone."""
    moved = [int(step.row) for step in steps_of(entry.id) if step.relation == "post_places"]
    tell_moved(actor, moved, words)
