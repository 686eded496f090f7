"""What plugins do with posts of a stand-in about which moderators decide: publish and take back."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import select, update

from forum.accounts.stand_in_queries import is_stand_in
from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import Post, Revision, Thread
from forum.errors import Conflict, NotFound
from forum.moderation.desk_actions import held_rows, locked_post, publish, require_publishable
from forum.moderation.models import Case
from forum.moderation.rules import is_of_waiting


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A post that waits, with the newest case about it, ``None`` when there was none."""

    post: Post
    thread: Thread
    case: Case | None


def publish_waiting(post_id: int) -> Post:
    """Let readers have a stand-in's post with the next number of its thread and the present time, as if it
    were posted now. Moderators have approved it; or no case about it was ever opened, so that the plugin
    answers for its words.

    Raises:
        NotFound: there is no such post.
        Conflict: it is published, removed or not approved, or the thread does not take it now; the message
            says why.
    """
    found = require_publishable_waiting(post_id)
    publish(found)
    _forget_when_it_came(found)
    return found.post


def _forget_when_it_came(found: _Waiting) -> None:
    """Leave no older time than that of the publication where readers could find one: it would tell when
    somebody wrote who should not be known."""
    at = found.post.created_at
    if found.post.number == 1:
        found.thread.created_at = at
    db.session.execute(
        update(Revision).where(Revision.post_id == found.post.id).values(created_at=at)
    )


def require_publishable_waiting(post_id: int) -> _Waiting:
    """Refuse what ``publish_waiting`` would refuse.

    Raises:
        NotFound, Conflict: as there.
    """
    found = _found(post_id)
    if found.case is not None and (found.case.closed_at is None or found.case.decision != "done"):
        raise Conflict(gettext("No moderator has approved this post, or not any more."))
    require_publishable(found)
    return found


def take_back_waiting(post_id: int) -> None:
    """Keep a stand-in's post that waits from readers, as if its author had taken it back; the case about
    it is closed. Doing it again changes nothing.

    Raises:
        NotFound: there is no such post.
        Conflict: it is published, or of nobody who stands in for others.
    """
    found = _found(post_id)
    now, post, case = utcnow(), found.post, found.case
    if case is not None and case.closed_at is None:
        case.closed_at, case.closed_by, case.decision = now, post.author_id, "withdrawn"
        case.claimed_by = case.claimed_until = None
    if post.removed_at is None:
        post.removed_at, post.removed_by, post.removal = now, post.author_id, "author"


def _found(post_id: int) -> _Waiting:
    """The post, its thread and the newest case about it, their rows held."""
    cases = select(Case.id, Case.kind).where(Case.post_id == post_id).order_by(Case.id.desc())
    of_waiting = [case.id for case in db.session.execute(cases) if is_of_waiting(case.kind)]
    if of_waiting:
        desk = held_rows(of_waiting[0])
        found = _Waiting(desk.post, desk.thread, desk.case)
    else:
        found = _without_case(post_id)
    if found.post.number is not None or not is_stand_in(found.post.author_id):
        raise Conflict(gettext("This is no post of somebody who stands in for others that waits."))
    return found


def _without_case(post_id: int) -> _Waiting:
    thread_id = db.session.scalar(select(Post.thread_id).where(Post.id == post_id))
    if thread_id is None:
        raise NotFound(gettext("This post does not exist any more."))
    thread = db.session.get_one(Thread, thread_id, with_for_update=True, populate_existing=True)
    return _Waiting(locked_post(post_id), thread, None)
