"""Changing one's address: it changes when somebody who is signed in follows the link sent there."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from forum.accounts import limits
from forum.accounts.checks import checked_email
from forum.accounts.models import Member, OneTimeToken, Registration
from forum.accounts.password_actions import locked_member, require_password
from forum.accounts.queries import member_by_email
from forum.accounts.token_actions import add_token, require_token, use_up
from forum.accounts.tokens import new_seed, token_from
from forum.db import db, savepoint, transaction
from forum.errors import Conflict, Invalid, NotAllowed
from forum.jobs.queue import enqueue
from forum.permissions import Actor

ADDRESS_HOURS = 24


def ask_for_address(actor: Actor, email: str, *, password: str, address: str | None) -> None:
    """Send a link to the actor's new address, and tell the present one. The answer is the same when
    somebody else has the new one; then the letter there says so.

    Args:
        address: the network address that the request comes from.

    Raises:
        NotAllowed: nobody is signed in.
        Invalid: mail cannot go there, it is the actor's already, or the password is wrong.
        TooMany: too many requests.
    """
    email = checked_email(email)
    kept = require_password(actor, password)
    with transaction():
        limits.count_attempt(limits.MAIL_BY_ADDRESS, limits.network_of(address))
        limits.count_attempt(limits.MAIL_BY_ACCOUNT, email.lower())
    with transaction():
        member = locked_member(actor, kept)
        if email == member.email:
            raise Invalid("email", gettext("This is your address already."))
        _forget_links(member)
        _write_to(email, member)
        _warn(member)


def _forget_links(member: Member) -> None:
    mine = OneTimeToken.member_id == member.id
    db.session.execute(delete(OneTimeToken).where(mine, OneTimeToken.purpose == "address"))


def _warn(member: Member) -> None:
    enqueue(
        "mail",
        kind="address_notice",
        to=member.email,
        name=member.name,
        language=member.language,
    )


def _write_to(email: str, member: Member) -> None:
    holder = member_by_email(email)
    # Their own one in other capitals is theirs to change.
    if holder is not None and holder.id != member.id:
        enqueue("mail", kind="already_registered", to=email, language=holder.language)
        return
    seed = new_seed()
    add_token(token_from(seed), "address", hours=ADDRESS_HOURS, member_id=member.id, email=email)
    enqueue("mail", kind="address", to=email, member=member.id, seed=seed)


def address_to_confirm(actor: Actor, token: str) -> str:
    """The new address that this link of the actor's is for.

    Raises:
        NotFound: it was used, replaced, or is too old.
        NotAllowed: somebody else is signed in.
    """
    found = require_token(token, "address")
    if found.member_id != actor.id or found.email is None:
        raise NotAllowed(
            gettext("Sign in to the account whose address changes, then follow the link again.")
        )
    return found.email


def change_address(actor: Actor, token: str) -> None:
    """Give the actor the address that this link was sent to. Links to the earlier one end.

    Raises:
        NotFound: it was used, replaced, or is too old.
        NotAllowed: somebody else is signed in.
        Conflict: somebody else has the address by now.
    """
    email = address_to_confirm(actor, token)
    member = db.session.get_one(Member, use_up(token, "address"), with_for_update=True)
    try:
        with savepoint():
            member.email = email
    except IntegrityError as error:
        raise Conflict(gettext("Somebody has this address by now. Use another.")) from error
    db.session.execute(delete(OneTimeToken).where(OneTimeToken.member_id == member.id))
    db.session.execute(delete(Registration).where(Registration.email == email))
