"""A case on somebody's desk: with what it is about, and nobody else at it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import select

from forum.db import db
from forum.discussion.models import Post, Thread
from forum.errors import Conflict, NotFound
from forum.moderation.models import Case
from forum.moderation.rules import kinds_for
from forum.permissions import Actor, allowed


@dataclass(frozen=True, slots=True)
class Desk:
    """A case and what it is about, each row locked for the rest of the transaction."""

    case: Case
    post: Post
    thread: Thread


def desk(actor: Actor, case_id: int) -> Desk:
    """The case and what it is about.

    Raises:
        NotFound: there is no such case, it is not for the actor, or they may not see its thread.
    """
    case = db.session.scalar(
        select(Case)
        .where(Case.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound(gettext("There is no such case."))
    # The thread before the post, as whoever curates it does: else each could wait for the other.
    thread_id = db.session.scalars(select(Post.thread_id).where(Post.id == case.post_id)).one()
    thread = db.session.get_one(Thread, thread_id, with_for_update=True, populate_existing=True)
    post = locked_post(case.post_id)
    if post.thread_id != thread.id:
        raise Conflict(gettext("The post was moved to another thread meanwhile. Look again."))
    if not allowed(actor, "thread.see", thread) or case.kind not in kinds_for(actor):
        raise NotFound(gettext("There is no such case."))
    return Desk(case, post, thread)


def locked_post(post_id: int) -> Post:
    """A post, its row held until the end of the transaction."""
    return db.session.get_one(Post, post_id, with_for_update=True, populate_existing=True)
