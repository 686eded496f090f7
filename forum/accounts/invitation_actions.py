"""Inviting people. An invitation lets one person in, whatever the rule for registering is."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, delete, select, update

from forum.accounts.checks import checked_email
from forum.accounts.models import Invitation
from forum.accounts.queries import member_by_email
from forum.accounts.tokens import new_seed, token_from, token_hash
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import db
from forum.errors import Invalid, NotFound
from forum.jobs.queue import enqueue
from forum.permissions import Actor, require

INVITATION_DAYS = 14


def invite(actor: Actor, email: str = "") -> str:
    """Invite somebody for two weeks: the token of their link.

    With an address, a letter takes the link there, the invitation is for that address alone, and an
    earlier one for it ends. Whoever uses the link has shown that the mailbox is theirs.

    Raises:
        Invalid: mail cannot go there, or the address has an account.
    """
    require(actor, "community.manage")
    email = checked_email(email) if email.strip() else ""
    if email and member_by_email(email) is not None:
        raise Invalid("email", gettext("This address has an account already."))
    seed = new_seed()
    token = token_from(seed)
    if email:
        _withdraw((Invitation.email == email) & Invitation.used_at.is_(None))
        enqueue("mail", kind="invitation", to=email, seed=seed)
    expires = utcnow() + timedelta(days=INVITATION_DAYS)
    invitation = Invitation(
        token_hash=token_hash(token), email=email, invited_by=actor.id, expires_at=expires
    )
    db.session.add(invitation)
    db.session.flush()
    # The address stands in the invitation alone, which is forgotten after a time.
    note_change(actor, "invitation.add", subject="invitation", subject_id=invitation.id)
    return token


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
    found = db.session.scalar(select(Invitation).where(_open(), _of(token)))
    if found is None:
        raise NotFound(_no_longer())
    return found


def _open() -> ColumnElement[bool]:
    return and_(Invitation.used_at.is_(None), Invitation.expires_at > utcnow())


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
        .where(Invitation.id == invitation_id, _open())
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
