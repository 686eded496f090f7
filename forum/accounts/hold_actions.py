"""Legal holds: while one stands, nothing that a member wrote or is stored about them is erased."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from forum.accounts.checks import checked_lines
from forum.accounts.hold_queries import standing_hold
from forum.accounts.models import LegalHold, Member
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import db
from forum.errors import Conflict, Invalid, NotFound
from forum.permissions import Actor, require

MOST_CHARACTERS = 1000


def place_hold(actor: Actor, member_id: int, *, reason: str) -> LegalHold:
    """Have everything about this member kept until the hold is lifted; they read the reason.

    Raises:
        NotFound: there is no such member.
        Invalid: ``"reason"``; there is none, or it is too long.
        Conflict: a hold stands on them already.
    """
    require(actor, "community.manage")
    reason = checked_lines("reason", reason, most=MOST_CHARACTERS)
    if not reason:
        raise Invalid("reason", gettext("Say why. The member reads it."))
    _lock_member(member_id)
    if standing_hold(member_id) is not None:
        raise Conflict(gettext("A legal hold stands on this member already. Nothing was changed."))
    hold = LegalHold(member_id=member_id, reason=reason, placed_by=actor.id)
    db.session.add(hold)
    note_change(
        actor,
        "member.hold",
        subject="member",
        subject_id=member_id,
        whose=member_id,
        after={"reason": reason},
    )
    return hold


def lift_hold(actor: Actor, member_id: int) -> None:
    """End the hold that stands on this member: from now on their data can be erased again.

    Raises:
        NotFound: there is no such member.
        Conflict: none stands, or it stands on the actor.
    """
    require(actor, "community.manage")
    if actor.id == member_id:
        raise Conflict(
            gettext(
                "A legal hold on yourself is lifted by another administrator, or by whoever runs the "
                "forum, with the command “forum members release”."
            )
        )
    _lock_member(member_id)
    standing = LegalHold.lifted_at.is_(None) & (LegalHold.member_id == member_id)
    hold = db.session.scalar(select(LegalHold).where(standing))
    if hold is None:
        raise Conflict(gettext("No legal hold stands on this member. Nothing was changed."))
    hold.lifted_at, hold.lifted_by = utcnow(), actor.id
    note_change(
        actor,
        "member.release",
        subject="member",
        subject_id=member_id,
        whose=member_id,
        before={"reason": hold.reason},
    )


def require_no_hold(member_id: int) -> None:
    """Refuse to erase anything of a member on whom a hold stands; the answer says its reason.

    Raises:
        Conflict: one stands.
    """
    hold = standing_hold(member_id)
    if hold is not None:
        raise Conflict(held_words(hold.reason))


def held_words(reason: str) -> str:
    """What a member, or an administrator, reads where something is not erased."""
    return str(
        gettext(
            "A legal hold stands on this account: nothing of it may be erased until an "
            "administrator lifts the hold. The reason: %(reason)s",
            reason=reason,
        )
    )


def _lock_member(member_id: int) -> None:
    # Whoever closes the account holds this row: a hold is placed before or after, not meanwhile.
    member = db.session.get(
        Member, member_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if member is None:
        raise NotFound(gettext("There is no such member."))
