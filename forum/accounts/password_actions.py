"""Asking somebody who is signed in for their password again, before what a found laptop must not do."""

from __future__ import annotations

from flask_babel import gettext

from forum.accounts import limits, passwords
from forum.accounts.models import Member
from forum.db import db, transaction
from forum.errors import Invalid, NotAllowed
from forum.permissions import Actor


def require_password(actor: Actor, password: str) -> str:
    """The hash that the password fits. Call it outside of a transaction: a wrong try counts, too.

    Raises:
        NotAllowed: nobody is signed in.
        Invalid: it is not the actor's password.
        TooMany: too many tries for this account.
    """
    if actor.id is None:
        raise NotAllowed(gettext("Sign in to do this."))
    with transaction():
        limits.count_attempt(limits.PASSWORD_BY_MEMBER, str(actor.id))
        member = db.session.get_one(Member, actor.id, populate_existing=True)
        kept = member.password_hash
    if not passwords.is_password(password[: passwords.LONGEST + 1], kept) or kept is None:
        raise Invalid("password", gettext("This is not your password. Try again."))
    return kept


def locked_member(actor: Actor, kept: str) -> Member:
    """The actor's row, held until the end of the transaction.

    Raises:
        Invalid: the password has changed since it was asked for.
    """
    # As weak as can be: who writes a post at this moment need not wait for it.
    member = db.session.get_one(
        Member, actor.id, with_for_update={"key_share": True}, populate_existing=True
    )
    if member.password_hash != kept:
        raise Invalid("password", gettext("Your password has just changed. Enter it again."))
    return member
