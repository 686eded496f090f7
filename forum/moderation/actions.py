"""What moderators do with cases."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from forum.clock import utcnow
from forum.db import db
from forum.discussion.actions import announce, number_post
from forum.discussion.models import Post, Thread
from forum.errors import NotFound
from forum.hookspecs import CaseNeeded
from forum.moderation.models import Case
from forum.permissions import Actor, require


def open_case(needed: CaseNeeded) -> None:
    """Have a person look at a post; one case of a kind for each post."""
    already = select(Case.id).where(Case.post_id == needed.post_id, Case.kind == needed.kind)
    if db.session.scalar(already) is None:
        db.session.add(Case(post_id=needed.post_id, kind=needed.kind, reason=needed.reason))


def close_case(actor: Actor, case_id: int) -> Post:
    """Close a case; what it held is published with the next number and the present time.

    Closing a closed case changes nothing.

    Raises:
        NotAllowed: the actor is no moderator.
        NotFound: there is no such case.
    """
    require(actor, "case.decide")
    case = db.session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise NotFound(gettext("There is no such case."))
    post = db.session.get_one(Post, case.post_id)
    if case.closed_at is None:
        case.closed_at, case.closed_by = utcnow(), actor.id
        if case.kind == "hold":
            _publish(post)
    return post


def _publish(post: Post) -> None:
    thread = db.session.get_one(Thread, post.thread_id, with_for_update=True)
    post.created_at = utcnow()
    number_post(thread, post, at=post.created_at)
    db.session.flush()
    announce(thread, post)
