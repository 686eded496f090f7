"""What is noted when a member reads."""

from __future__ import annotations

import logging

from flask import g
from sqlalchemy.exc import OperationalError

from forum.db import transaction
from forum.notifications.actions import mark_decision_seen, mark_posts_seen
from forum.notifications.queries import is_decision_unseen, unseen_and_here, unseen_count
from forum.permissions import Actor
from forum.traces import trace_of

log = logging.getLogger("forum.web")


def note_posts_shown(actor: Actor, thread_id: int, first: int, last: int) -> None:
    """A member was shown these posts of a thread: what they were told of them is no longer new.

    Writes only when something changes, so reading stays reading. What cannot be written now is
    written when they read it again.
    """
    unseen, here = unseen_and_here(actor, thread_id, first, last)
    if not here:
        g.unseen = unseen
        return
    try:
        with transaction():
            mark_posts_seen(actor, thread_id, first, last)
    except OperationalError as error:
        # A full disk or a long backup must not keep anybody from reading.
        log.warning("what a member has seen was not noted: %s", trace_of(error))


def note_decision_shown(actor: Actor, post_id: int) -> None:
    """A member was shown what a moderator decided about their post: it is no longer new."""
    if not is_decision_unseen(actor, post_id):
        return
    try:
        with transaction():
            mark_decision_seen(actor, post_id)
    except OperationalError as error:
        log.warning("what a member has seen was not noted: %s", trace_of(error))


def unseen_notices(actor: Actor) -> int:
    """How many notifications the actor has not seen; asked once for each request at most."""
    if "unseen" not in g:
        g.unseen = unseen_count(actor)
    return int(g.unseen)
