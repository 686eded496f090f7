"""Closing an account: what says who somebody was goes, in one transaction in all rooms."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import force_locale, gettext
from sqlalchemy import delete, func, or_, select

from forum.accounts.models import (
    Community,
    GroupMember,
    Invitation,
    Member,
    MemberRole,
    MemberSession,
    OneTimeToken,
    Registration,
)
from forum.accounts.password_actions import locked_member, require_password
from forum.clock import utcnow
from forum.db import db, transaction
from forum.errors import Conflict
from forum.hookspecs import AccountClosing
from forum.jobs.queue import enqueue
from forum.permissions import Actor
from forum.plugin_host import current_host

SWEEP = "accounts.sweep"
# Longer than any request that was under way when the account closed.
_SWEEP_AFTER = timedelta(minutes=2)


def close_account(actor: Actor, *, password: str, empty_posts: bool) -> None:
    """Close the actor's account for good. Their posts stand under "Former member" afterwards; with
    ``empty_posts`` without their words.

    Raises:
        NotAllowed: nobody is signed in.
        Invalid: it is not their password.
        TooMany: too many tries.
        Conflict: nobody else administers the community.
    """
    kept = require_password(actor, password)
    with transaction():
        member = locked_member(actor, kept)
        _require_other_administrator(member.id)
        _write_farewell(member)
        _forget_access(member)
        current_host().with_account_closed(AccountClosing(member.id, empty_posts))
        # What another window was sending meanwhile may come in a moment later.
        run_at = utcnow() + _SWEEP_AFTER
        enqueue(SWEEP, run_at=run_at, member=member.id, empty_posts=empty_posts)
        _make_former(member)


def _write_farewell(member: Member) -> None:
    enqueue("mail", kind="closed", to=member.email, name=member.name, language=member.language)


def sweep_account(member_id: int, *, empty_posts: bool) -> None:
    """Do again what closing did in all rooms, for what came in while it did."""
    db.session.execute(delete(MemberSession).where(MemberSession.member_id == member_id))
    current_host().with_account_closed(AccountClosing(member_id, empty_posts))


def _require_other_administrator(member_id: int) -> None:
    # In one order, so that of two who leave at once the second waits and finds the first gone.
    held = select(MemberRole.member_id).where(MemberRole.role == "admin")
    ids = set(db.session.scalars(held.order_by(MemberRole.member_id).with_for_update()))
    if ids == {member_id}:
        raise Conflict(only_administrator())


def only_administrator() -> str:
    """Why somebody cannot leave who alone administers the community, and what to do."""
    return str(
        gettext(
            "Nobody but you administers this community. Have somebody else made an administrator "
            "first (“forum give-role” on the server), then close your account."
        )
    )


def _forget_access(member: Member) -> None:
    for table in (MemberRole, GroupMember, MemberSession, OneTimeToken):
        db.session.execute(delete(table).where(table.member_id == member.id))
    address = (member.email or "").lower()
    db.session.execute(delete(Registration).where(func.lower(Registration.email) == address))
    unused = Invitation.used_at.is_(None) & (Invitation.invited_by == member.id)
    theirs = or_(Invitation.used_by == member.id, func.lower(Invitation.email) == address, unused)
    db.session.execute(delete(Invitation).where(theirs))


def _make_former(member: Member) -> None:
    community = db.session.get_one(Community, 1)
    with force_locale(community.language.replace("-", "_")):
        member.name = gettext("Former member")
    member.email = member.password_hash = member.handle = None
    member.pronouns = member.unit = member.employer = member.about = ""
    member.zone, member.language = community.zone, community.language
    member.closed_at = utcnow()
