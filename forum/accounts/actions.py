"""Signing in and out, sessions, and new passwords.

Signing in and asking for a new password open their transactions themselves: a try must count even
when it fails, and a hash must not be computed while the database waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import delete

from forum.accounts import limits, passwords
from forum.accounts.checks import checked_email, checked_password
from forum.accounts.mailboxes import normal_mailbox
from forum.accounts.models import (
    BROWSER_LENGTH,
    Member,
    MemberSession,
    OneTimeToken,
    Registration,
)
from forum.accounts.queries import actor_by_id, member_by_email
from forum.accounts.settings import SESSION_DAYS
from forum.accounts.token_actions import add_token, use_up
from forum.accounts.tokens import browser_in, is_known, new_seed, new_token, token_from, token_hash
from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.db import db, transaction
from forum.errors import Barred, Invalid, NotFound
from forum.jobs.queue import enqueue
from forum.metrics import counted_refusals
from forum.permissions import SUSPENSION, Actor, require_member, words_of_bar
from forum.text.browsers import browser_and_system

RESET_HOURS = 2


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in.

    Attributes:
        address: the network address it comes from.
        agent: what it says it is.
        session_id: the session it has had so far, which ends.
        known: what its cookie says of who has signed in there before (see ``known_with``).
    """

    address: str | None = None
    agent: str = ""
    session_id: int | None = None
    known: str = ""


def sign_in(email: str, password: str, *, browser: Browser) -> str:
    """Check the password and open a session: the token for the cookie.

    Raises:
        Invalid: address and password do not belong together; it does not say which is wrong.
        TooMany: too many tries from this network or for this account.
        Barred: they do, and the member is suspended; it says why and until when.
    """
    with counted_refusals():
        member_id = _member_with(email, password, browser)
    with transaction():
        _require_not_suspended(member_id)
        if not is_known(browser.known, member_id):
            _tell_of_sign_in(member_id, browser)
        return open_session(member_id, browser)


def _require_not_suspended(member_id: int) -> None:
    member = actor_by_id(member_id)
    if member is not None and member.bar is not None and member.bar.kind == SUSPENSION:
        raise Barred(words_of_bar(member.bar, member.zone, member.language))


def _tell_of_sign_in(member_id: int, browser: Browser) -> None:
    name, system = browser_and_system(browser.agent)
    enqueue(
        "mail",
        kind="sign_in",
        member=member_id,
        at=utcnow().isoformat(),
        browser=name,
        system=system,
    )


def _member_with(email: str, password: str, browser: Browser) -> int:
    email = normal_mailbox(email) or email.strip()
    with transaction():
        _count_try(email, browser)
    member = member_by_email(email)
    kept = None if member is None else member.password_hash
    if not passwords.is_password(password[: passwords.LONGEST + 1], kept) or member is None:
        raise Invalid(
            "password", gettext("Address and password do not belong together. Try again.")
        )
    return member.id


def _count_try(email: str, browser: Browser) -> None:
    member = member_by_email(email)
    # Nobody has the number 0: whoever has no account is looked for just the same.
    if is_known(browser.known, 0 if member is None else member.id):
        limits.count_password_try_in(email, browser_in(browser.known))
    else:
        limits.count_password_try(email, browser.address)


def open_session(member_id: int, browser: Browser) -> str:
    """A new session of this member, in place of the one that the browser has: its token."""
    if browser.session_id is not None:
        sign_out(browser.session_id)
    token = new_token()
    db.session.add(
        MemberSession(
            member_id=member_id,
            token_hash=token_hash(token),
            expires_at=utcnow() + timedelta(days=value_of(SESSION_DAYS)),
            browser=browser.agent.replace("\0", "")[:BROWSER_LENGTH],
        )
    )
    return token


def sign_out(session_id: int) -> None:
    """End one session."""
    db.session.execute(delete(MemberSession).where(MemberSession.id == session_id))


def end_session(actor: Actor, session_id: int) -> None:
    """End one of the actor's sessions, in whatever browser it is.

    Raises:
        NotFound: they have no such session, or it has ended.
    """
    own = MemberSession.member_id == require_member(actor)
    ended = db.session.execute(
        delete(MemberSession).where(own, MemberSession.id == session_id).returning(MemberSession.id)
    ).first()
    if ended is None:
        raise NotFound(gettext("This session has ended already."))


def end_other_sessions(actor: Actor, but: int | None) -> None:
    """End all of the actor's sessions but one."""
    own = MemberSession.member_id == require_member(actor)
    db.session.execute(delete(MemberSession).where(own, MemberSession.id.is_distinct_from(but)))


def ask_for_reset(email: str, *, address: str | None) -> None:
    """Send a link for a new password, if there is such an account; the answer is the same if not.

    Raises:
        TooMany: too many requests from this network or for this address.
    """
    email = checked_email(email)
    with transaction():
        limits.count_attempt(limits.MAIL_BY_ADDRESS, limits.network_of(address))
        limits.count_attempt(limits.MAIL_BY_ACCOUNT, email.lower())
    with transaction():
        # The worker looks the account up, so that the answer takes as long either way.
        enqueue("reset_requested", email=email)


def send_reset_link(email: str) -> None:
    """Make a one-time link for the account with this address, and have it mailed."""
    member = member_by_email(email)
    if member is None:
        return
    seed = new_seed()
    add_token(token_from(seed), "reset", hours=RESET_HOURS, member_id=member.id)
    enqueue(
        "mail",
        kind="reset",
        to=member.email,
        name=member.name,
        language=member.language,
        seed=seed,
    )


def reset_password(token: str, password: str) -> None:
    """Give the account a new password and end all its sessions and other reset links.

    Raises:
        NotFound: the link does not work any more.
        Invalid: the password cannot be taken.
    """
    hashed = passwords.hash_password(checked_password(password))
    with transaction():
        member = db.session.get_one(Member, use_up(token, "reset"))
        member.password_hash = hashed
        enqueue("mail", kind="password", member=member.id, at=utcnow().isoformat())
        db.session.execute(delete(OneTimeToken).where(OneTimeToken.member_id == member.id))
        db.session.execute(delete(MemberSession).where(MemberSession.member_id == member.id))


def forget_expired() -> None:
    """Remove registrations and links whose time is over, and old counts of tries."""
    now = utcnow()
    for table in (Registration, OneTimeToken):
        db.session.execute(delete(table).where(table.expires_at <= now))
    limits.forget_old_attempts()
