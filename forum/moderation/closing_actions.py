"""What becomes of the cases of somebody who closes their account."""

from __future__ import annotations

from sqlalchemy import String, case, cast, delete, false, select, update

from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import WITHDRAWN, Post
from forum.events import CaseDecided, FlagsAnswered, PostCurated
from forum.hookspecs import AccountClosing
from forum.jobs.models import Job
from forum.moderation.claim_actions import give_back_all
from forum.moderation.former_actions import forget_words_about
from forum.moderation.models import Case, Flag
from forum.moderation.rules import APPEAL, HELD, HELP_NEEDED, STANDING

_TAKEN_BACK = case((Post.number.is_(None), "author"), else_=WITHDRAWN)


def leave_cases(closing: AccountClosing) -> None:
    """Take back the member's posts that wait for a moderator and their appeals, with emptied posts also
    their requests for help, the flags on them and plugins' cases, delete what the member flagged, give
    back the cases they had taken, and empty what others said about their posts. For the transaction that
    closes the account.
    """
    about_words = (HELP_NEEDED, *STANDING) if closing.empty_posts else ()
    kinds = (*HELD, APPEAL, *about_words)
    theirs = select(Post.id).where(Post.author_id == closing.member_id)
    # A plugin's begins with its name and a dot.
    of_plugins = Case.kind.contains(".") if closing.empty_posts else false()
    waiting = select(Case).where(
        Case.post_id.in_(theirs), Case.kind.in_(kinds) | of_plugins, Case.closed_at.is_(None)
    )
    # Case before post, as whoever decides locks them.
    cases = db.session.scalars(waiting.order_by(Case.id).with_for_update()).all()
    now = utcnow()
    for one in cases:
        one.closed_at, one.closed_by, one.decision = now, closing.member_id, "withdrawn"
        one.claimed_by = one.claimed_until = None
    held = [one.post_id for one in cases if one.kind in HELD]
    db.session.execute(
        update(Post)
        .where(Post.id.in_(held))
        .values(removed_at=now, removed_by=closing.member_id, removal=_TAKEN_BACK)
        .execution_options(synchronize_session=False)
    )
    give_back_all(closing.member_id)
    _forget_flags(closing.member_id)
    _forget_reasons(closing.member_id)


def _forget_flags(member_id: int) -> None:
    """Nobody looks at what only this member flagged; of what others flag, theirs is gone."""
    theirs = select(Flag.case_id).where(Flag.member_id == member_id)
    of_theirs = select(Case).where(Case.id.in_(theirs), Case.closed_at.is_(None))
    cases = db.session.scalars(of_theirs.order_by(Case.id).with_for_update()).all()
    db.session.execute(delete(Flag).where(Flag.member_id == member_id))
    for one in cases:
        standing = select(Flag.id).where(Flag.case_id == one.id, Flag.withdrawn_at.is_(None))
        if db.session.scalar(standing.limit(1)) is None:
            one.closed_at, one.decision = utcnow(), "withdrawn"
            one.claimed_by = one.claimed_until = None


def _forget_reasons(member_id: int) -> None:
    # A case that still waits keeps its reason: why a text that stays has to be looked at.
    forget_words_about(member_id)
    theirs = select(Post.id).where(Post.author_id == member_id)
    # A decision that they have not been told of yet carries its words.
    about = cast(Job.arguments[("event", "post_id")].as_string(), String)
    db.session.execute(
        delete(Job)
        .where(
            cast(Job.arguments["hook"].as_string(), String).in_(
                (CaseDecided.hook, PostCurated.hook, FlagsAnswered.hook)
            ),
            about.in_(theirs.with_only_columns(cast(Post.id, String))),
        )
        .execution_options(synchronize_session=False)
    )
