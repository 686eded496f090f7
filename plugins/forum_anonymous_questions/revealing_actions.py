"""Revealing oneself: the one action that ties a question to a member. It happens at once, signed in."""

from __future__ import annotations

from sqlalchemy import select

from forum.discussion.models import Post, Thread
from forum.permissions import require_member
from forum.plugin_api import Actor, Conflict, NotFound, allowed, db, value
from forum_anonymous_questions.actions import added
from forum_anonymous_questions.models import PUBLISHED, REVEALED
from forum_anonymous_questions.queries import Claimed, claimed
from forum_anonymous_questions.texts import gettext


def reveal(actor: Actor, code: str) -> Claimed:
    """Say that a question is one's own: the question. Doing it again changes nothing.

    Args:
        code: its claim code, as ``normal_code`` gives it.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: no question has this code, or the actor may not see its thread.
        Conflict: it is not published, was removed, or somebody else has said so before.
    """
    member_id = require_member(actor)
    found = claimed(code)
    _require_read(actor, found)
    if not added(REVEALED, {"post_id": found.post_id, "member_id": member_id}):
        whose = select(REVEALED.c.member_id).where(REVEALED.c.post_id == found.post_id)
        if value(whose) != member_id:
            raise Conflict(gettext("Somebody else has revealed themselves with this claim code."))
    return found


def _require_read(actor: Actor, found: Claimed) -> None:
    """Refuse unless others can read the question, and the actor, too."""
    if found.state != PUBLISHED or found.number is None:
        raise Conflict(gettext("You can reveal yourself once the question is published."))
    post = db.session.get_one(Post, found.post_id, with_for_update=True, populate_existing=True)
    thread = db.session.get_one(Thread, post.thread_id)
    if not allowed(actor, "thread.see", thread):
        raise NotFound(gettext("The question stands in a category that is not open to you."))
    if post.removed_at is not None or thread.removed_at is not None:
        raise Conflict(gettext("The question was removed, so nobody reads it any more."))
