"""What plugins do with posts of a stand-in about which moderators decide: publish and take back."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from forum.accounts.stand_in_queries import is_stand_in
from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import Post
from forum.errors import Conflict, NotFound
from forum.moderation.desk_actions import Desk, held_rows, publish, require_publishable
from forum.moderation.models import Case
from forum.moderation.rules import is_of_waiting


def publish_waiting(post_id: int) -> Post:
    """Let readers have a stand-in's post that moderators have approved, with the next number of its
    thread and the present time, as if it were posted now.

    Raises:
        NotFound: there is no case about it.
        Conflict: it is not approved, or the thread does not take it now; the message says why.
    """
    found = _newest(post_id)
    _require_unpublished(found)
    if found.case.closed_at is None or found.case.decision != "done":
        raise Conflict(gettext("No moderator has approved this post, or not any more."))
    require_publishable(found)
    publish(found)
    return found.post


def take_back_waiting(post_id: int) -> None:
    """Keep a stand-in's post that waits from readers, as if its author had taken it back; the case about
    it is closed. Doing it again changes nothing.

    Raises:
        NotFound: there is no case about it.
        Conflict: it is published.
    """
    found = _newest(post_id)
    _require_unpublished(found)
    now, post = utcnow(), found.post
    if found.case.closed_at is None:
        found.case.closed_at, found.case.closed_by = now, post.author_id
        found.case.decision = "withdrawn"
        found.case.claimed_by = found.case.claimed_until = None
    if post.removed_at is None:
        post.removed_at, post.removed_by, post.removal = now, post.author_id, "author"


def _newest(post_id: int) -> Desk:
    """The newest case about a post that waits."""
    cases = select(Case.id, Case.kind).where(Case.post_id == post_id).order_by(Case.id.desc())
    of_waiting = [case.id for case in db.session.execute(cases) if is_of_waiting(case.kind)]
    if not of_waiting:
        raise NotFound(gettext("There is no such case."))
    return held_rows(of_waiting[0])


def _require_unpublished(found: Desk) -> None:
    if found.post.number is not None or not is_stand_in(found.post.author_id):
        raise Conflict(gettext("This is no post of somebody who stands in for others that waits."))
