"""Inviting people. An invitation lets one person in, whatever the rule for registering is."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import ColumnElement, delete, func, select, update

from forum.accounts.checks import checked_email
from forum.accounts.invitation_queries import is_open
from forum.accounts.models import Community, Invitation
from forum.accounts.queries import member_by_email
from forum.accounts.tokens import new_seed, token_from, token_hash
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import db
from forum.errors import Invalid, NotFound
from forum.jobs.queue import enqueue
from forum.permissions import Actor, require

INVITATION_DAYS = 14
MOST_DAYS = 90
MOST_A_DAY = 2_000


def invite(actor: Actor, email: str = "", *, days: int = INVITATION_DAYS) -> str:
    """Invite somebody for some days: the token of their link.

    With an address, a letter takes the link there, the invitation is for that address alone, and an
    earlier one for it ends. Whoever uses the link has shown that the mailbox is theirs.

    Raises:
        Invalid: mail cannot go there, the address has an account, invitations cannot last so long,
            or there were too many of them today.
    """
    require(actor, "community.manage")
    days = checked_days(days)
    email = checked_email(email) if email.strip() else ""
    wait_for_others()
    if email and member_by_email(email) is not None:
        raise Invalid("email", gettext("This address has an account already."))
    require_room(1, "email")
    if email:
        _withdraw((Invitation.email == email) & Invitation.used_at.is_(None))
    invitation, token = add_invitation(actor, email, days)
    db.session.flush()
    # The address stands in the invitation alone, which is forgotten after a time.
    note_change(actor, "invitation.add", subject="invitation", subject_id=invitation.id)
    return token


def wait_for_others() -> None:
    """Of two who invite at once, or one who presses twice, the second sees whom the first invited."""
    db.session.execute(select(Community.id).where(Community.id == 1).with_for_update())


def add_invitation(actor: Actor, email: str, days: int) -> tuple[Invitation, str]:
    """A new invitation, with its letter if it is for an address, and its token. The caller has
    checked everything."""
    expires = utcnow() + timedelta(days=days)
    token = token_from(_seed_mailed(email, expires))
    invitation = Invitation(
        token_hash=token_hash(token), email=email, invited_by=actor.id, expires_at=expires
    )
    db.session.add(invitation)
    return invitation, token


def _seed_mailed(email: str, expires: datetime) -> str:
    seed = new_seed()
    if email:
        enqueue("mail", kind="invitation", to=email, seed=seed, until=expires.isoformat())
    return seed


def checked_days(days: int | None) -> int:
    """For how long an invitation is open.

    Raises:
        Invalid: that is too short or too long.
    """
    if days is None or not 1 <= days <= MOST_DAYS:
        message = gettext("Enter a number of days from 1 to %(most)s.", most=MOST_DAYS)
        raise Invalid("days", message)
    return days


def require_room(wanted: int, field: str) -> None:
    """See that nobody mails half a country by accident.

    Raises:
        Invalid: with so many more there would be too many invitations within a day.
    """
    since = utcnow() - timedelta(days=1)
    recent = select(func.count()).select_from(Invitation).where(Invitation.created_at > since)
    if (db.session.scalar(recent) or 0) + wanted > MOST_A_DAY:
        message = gettext(
            "At most %(num)s people can be invited within 24 hours. Go on tomorrow.", num=MOST_A_DAY
        )
        raise Invalid(field, message)


def invite_again(actor: Actor, invitation_id: int, *, days: int = INVITATION_DAYS) -> None:
    """Send the letter of an invitation once more, with a new link; the earlier link ends.

    Raises:
        NotFound: it was used or withdrawn meanwhile, or is for no address.
        Invalid: the address has an account by now, or invitations cannot last so long.
    """
    require(actor, "community.manage")
    days = checked_days(days)
    invitation = db.session.get(
        Invitation, invitation_id, with_for_update=True, populate_existing=True
    )
    if invitation is None or invitation.used_at is not None:
        raise NotFound(gettext("This invitation was used or withdrawn meanwhile."))
    if not invitation.email:
        raise NotFound(
            gettext(
                "This invitation is for no address, so there is no letter to send again. Withdraw "
                "it, and make another one."
            )
        )
    if member_by_email(invitation.email) is not None:
        raise Invalid("email", gettext("This address has an account already."))
    invitation.expires_at = utcnow() + timedelta(days=days)
    seed = _seed_mailed(invitation.email, invitation.expires_at)
    invitation.token_hash = token_hash(token_from(seed))
    note_change(actor, "invitation.again", subject="invitation", subject_id=invitation_id)


def withdraw_invitation(actor: Actor, invitation_id: int) -> None:
    """Let an invitation end that nobody has used.

    Raises:
        NotFound: it was used or withdrawn meanwhile.
    """
    require(actor, "community.manage")
    if not _withdraw((Invitation.id == invitation_id) & Invitation.used_at.is_(None)):
        raise NotFound(gettext("This invitation was used or withdrawn meanwhile."))
    note_change(actor, "invitation.withdraw", subject="invitation", subject_id=invitation_id)


def _withdraw(which: ColumnElement[bool]) -> bool:
    gone = db.session.execute(delete(Invitation).where(which).returning(Invitation.id)).all()
    return bool(gone)


def open_invitation(token: str) -> Invitation:
    """The invitation of this link.

    Raises:
        NotFound: it was used, was withdrawn, is too old, or never was.
    """
    found = db.session.scalar(select(Invitation).where(is_open(), _of(token)))
    if found is None:
        raise NotFound(_no_longer())
    return found


def _of(token: str) -> ColumnElement[bool]:
    return Invitation.token_hash == token_hash(token)


def _no_longer() -> str:
    return str(
        gettext("This invitation was used already, was withdrawn, or is too old. Ask for another.")
    )


def use_invitation(invitation_id: int | None) -> None:
    """Let an invitation be used, which works once.

    Raises:
        NotFound: somebody else used it, it was withdrawn, or it is too old.
    """
    # One statement, so that of two who use it at once only one finds it open.
    used = db.session.scalar(
        update(Invitation)
        .where(Invitation.id == invitation_id, is_open())
        .values(used_at=utcnow())
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    if used is None:
        raise NotFound(_no_longer())


def note_guest(invitation_id: int | None, member_id: int) -> None:
    """Keep who came in through an invitation."""
    db.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id)
        .values(used_by=member_id)
        .execution_options(synchronize_session=False)
    )
