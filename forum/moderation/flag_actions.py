"""Members say that something is wrong with a post, and take that back."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from forum.clock import utcnow
from forum.db import db
from forum.discussion.queries import post_facts, thread_facts
from forum.errors import Conflict, Invalid, NotFound
from forum.moderation.desk_actions import checked_words, close_case
from forum.moderation.models import Case, Flag
from forum.moderation.opening_actions import adding, opened_case
from forum.moderation.rules import FLAG, FLAGGED, require_flaggable
from forum.permissions import Actor, require, require_member


def flag_post(actor: Actor, thread_id: int, number: int, *, words: str) -> None:
    """Say what is wrong with a post; a moderator looks at it. However many do, there is one open case
    for a post.

    Raises:
        NotFound: there is no such post, or the actor may not see it.
        NotAllowed: they may not flag posts there.
        Invalid: they do not say what is wrong, or it cannot be taken.
        Conflict: it is their own post, it was removed, or they have flagged it already.
    """
    thread = thread_facts(actor, thread_id)
    require(actor, "post.flag", thread)
    post = post_facts(thread, number)
    require_flaggable(actor, post)
    words = checked_words(words)
    if not words:
        raise Invalid("words", gettext("Say what is wrong with it; moderators read this."))
    case = opened_case(post.id, FLAG, FLAGGED)
    member_id, now = require_member(actor), utcnow()
    flag = {"case_id": case.id, "member_id": member_id, "words": words, "flagged_at": now}
    if db.session.execute(adding(Flag, flag).returning(Flag.id)).first() is None:
        _flag_again(case, member_id, words)


def _flag_again(case: Case, member_id: int, words: str) -> None:
    theirs = select(Flag).where(Flag.case_id == case.id, Flag.member_id == member_id)
    flag = db.session.scalars(theirs.execution_options(populate_existing=True)).one()
    if flag.withdrawn_at is None:
        raise Conflict(
            gettext("You have flagged this post already. You find it under “Posts you flagged”.")
        )
    flag.withdrawn_at, flag.words, flag.flagged_at = None, words, utcnow()


def withdraw_flag(actor: Actor, flag_id: int) -> None:
    """Take back what one said about a post. When nobody else flagged it, nobody needs to look at it
    any more. Doing it again changes nothing.

    Raises:
        NotAllowed: nobody is signed in.
        NotFound: they have no such flag.
        Conflict: a moderator has decided already.
    """
    member_id = require_member(actor)
    theirs = select(Flag).where(Flag.id == flag_id, Flag.member_id == member_id)
    flag = db.session.scalar(theirs)
    if flag is None:
        raise NotFound(gettext("There is no such post that you flagged."))
    held = select(Case).where(Case.id == flag.case_id).with_for_update()
    case = db.session.scalars(held.execution_options(populate_existing=True)).one()
    if case.closed_at is not None and flag.withdrawn_at is None:
        raise Conflict(gettext("A moderator has decided about this post meanwhile."))
    flag.withdrawn_at = flag.withdrawn_at or utcnow()
    db.session.flush()
    close_unless_flagged(actor, case)


def close_unless_flagged(actor: Actor, case: Case) -> None:
    """Close an open case of which every flag was taken back."""
    standing = select(Flag.id).where(Flag.case_id == case.id, Flag.withdrawn_at.is_(None)).limit(1)
    if case.closed_at is None and db.session.scalar(standing) is None:
        close_case(actor, case, "withdrawn")
