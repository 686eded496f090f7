"""What people do with their accounts.

Signing in, registering and asking for a new password open their transactions themselves: a try must
count even when it fails, and a hash must not be computed while the database waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.exc import IntegrityError

from forum.accounts import limits, passwords
from forum.accounts.handle_actions import add_member
from forum.accounts.mailboxes import normal_mailbox
from forum.accounts.models import (
    NAME_LENGTH,
    Community,
    Member,
    MemberRole,
    MemberSession,
    OneTimeToken,
    Registration,
)
from forum.accounts.queries import is_set_up, member_by_email
from forum.accounts.tokens import new_token, token_from, token_hash
from forum.clock import utcnow
from forum.db import db, transaction
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.jobs.queue import enqueue
from forum.permissions import Actor, require
from forum.text.caps import CONTROL
from forum.text.lines import is_readable_line
from forum.text.markdown import normalize

SESSION_DAYS = 60
CONFIRM_HOURS = 48
RESET_HOURS = 2
SETUP_HOURS = 24
COMMUNITY_NAME_LENGTH = 80
STATEMENT_LENGTH = 2_000


@dataclass(frozen=True, slots=True)
class Applicant:
    """What somebody who wants an account has typed."""

    name: str
    email: str
    password: str
    zone: str = "UTC"
    language: str = "en"


def register(applicant: Applicant, *, address: str | None) -> None:
    """Send a confirmation to the applicant's address; the account exists once it is confirmed.

    Whether the address already has an account shows only in the mail that goes there.

    Raises:
        Invalid: name, address or password cannot be taken.
        TooMany: too many registrations from this network or for this address.
    """
    applicant = _checked(applicant)
    with transaction():
        limits.count_attempt(limits.MAIL_BY_ADDRESS, limits.network_of(address))
        limits.count_attempt(limits.MAIL_BY_ACCOUNT, applicant.email.lower())
    hashed = passwords.hash_password(applicant.password)
    with transaction():
        if member_by_email(applicant.email) is not None:
            enqueue("mail", kind="already_registered", to=applicant.email)
        else:
            _ask_to_confirm(applicant, hashed)


def _ask_to_confirm(applicant: Applicant, hashed: str) -> None:
    seed = new_token()
    db.session.add(
        Registration(
            token_hash=token_hash(token_from(seed)),
            name=applicant.name,
            email=applicant.email,
            password_hash=hashed,
            zone=applicant.zone,
            language=applicant.language,
            expires_at=utcnow() + timedelta(hours=CONFIRM_HOURS),
        )
    )
    enqueue("mail", kind="confirm", to=applicant.email, seed=seed)


def _checked(applicant: Applicant) -> Applicant:
    zone = applicant.zone if applicant.zone in available_timezones() else "UTC"
    return Applicant(
        name=checked_name(applicant.name),
        email=checked_email(applicant.email),
        password=checked_password(applicant.password),
        zone=zone,
        language=applicant.language,
    )


def checked_name(name: str) -> str:
    """The name with its white space folded.

    Raises:
        Invalid: it is empty, too long, or has characters that cannot be seen or turn text around.
    """
    folded = " ".join(name.split())
    if not folded:
        raise Invalid("name", gettext("Enter the name the others should see."))
    if len(folded) > NAME_LENGTH:
        message = gettext("Shorten the name to %(most)d characters.", most=NAME_LENGTH)
        raise Invalid("name", message)
    if not is_readable_line(folded):
        raise Invalid("name", gettext("Leave invisible characters out of the name."))
    return folded


def checked_email(email: str) -> str:
    """The address in its normal form.

    Raises:
        Invalid: mail could not be sent there.
    """
    mailbox = normal_mailbox(email)
    if mailbox is None:
        raise Invalid("email", gettext("Enter an e-mail address like name@example.org."))
    return mailbox


def checked_password(password: str) -> str:
    """The password itself.

    Raises:
        Invalid: it is too short to be safe or too long to be hashed.
    """
    if len(password) < passwords.SHORTEST:
        message = gettext("Choose a password of at least %(n)d characters.", n=passwords.SHORTEST)
        raise Invalid("password", message)
    if len(password) > passwords.LONGEST:
        message = gettext("Choose a password of at most %(n)d characters.", n=passwords.LONGEST)
        raise Invalid("password", message)
    return password


def confirm(token: str) -> Member:
    """Make the account whose confirmation link this is; the link's second use is harmless.

    Raises:
        NotFound: the link is wrong or too old.
        Conflict: the address has an account by now, perhaps through this very link.
    """
    registration = db.session.scalar(
        select(Registration)
        .where(Registration.token_hash == token_hash(token), Registration.expires_at > utcnow())
        # Of two who confirm at once, the second waits and finds nothing.
        .with_for_update()
    )
    if registration is None:
        raise NotFound(
            gettext("This link was used already, or is too old. Sign in, or register again.")
        )
    if member_by_email(registration.email) is not None:
        raise Conflict(gettext("This address is confirmed already. Sign in."))
    member = Member(
        name=registration.name,
        email=registration.email,
        password_hash=registration.password_hash,
        zone=registration.zone,
        language=registration.language,
    )
    try:
        add_member(member)
    except IntegrityError as error:
        # Another registration of the same address was confirmed in this moment.
        raise Conflict(gettext("This address is confirmed already. Sign in.")) from error
    db.session.execute(delete(Registration).where(Registration.email == registration.email))
    return member


def registration_name(token: str) -> str:
    """The name somebody registered with, to show on the confirmation page.

    Raises:
        NotFound: the link is wrong or too old.
    """
    name = db.session.scalar(
        select(Registration.name).where(
            Registration.token_hash == token_hash(token), Registration.expires_at > utcnow()
        )
    )
    if name is None:
        raise NotFound(
            gettext("This link was used already, or is too old. Sign in, or register again.")
        )
    return name


def sign_in(email: str, password: str, *, address: str | None) -> str:
    """Check the password and open a session: the token for the cookie.

    Raises:
        Invalid: address and password do not belong together; it does not say which is wrong.
        TooMany: too many tries from this network or for this account.
    """
    email = normal_mailbox(email) or email.strip()
    with transaction():
        limits.count_attempt(limits.SIGN_IN_BY_ADDRESS, limits.network_of(address))
        limits.count_attempt(limits.SIGN_IN_BY_ACCOUNT, email.lower())
    member = member_by_email(email)
    kept = None if member is None else member.password_hash
    if not passwords.is_password(password[: passwords.LONGEST + 1], kept) or member is None:
        raise Invalid(
            "password", gettext("Address and password do not belong together. Try again.")
        )
    with transaction():
        return _open_session(member.id)


def _open_session(member_id: int) -> str:
    token = new_token()
    expires = utcnow() + timedelta(days=SESSION_DAYS)
    db.session.add(
        MemberSession(member_id=member_id, token_hash=token_hash(token), expires_at=expires)
    )
    return token


def sign_out(session_id: int) -> None:
    """End one session."""
    db.session.execute(delete(MemberSession).where(MemberSession.id == session_id))


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
    seed = new_token()
    _add_token(token_from(seed), "reset", hours=RESET_HOURS, member_id=member.id)
    enqueue("mail", kind="reset", to=member.email, name=member.name, seed=seed)


def _add_token(token: str, purpose: str, *, hours: int, member_id: int | None) -> None:
    expires = utcnow() + timedelta(hours=hours)
    db.session.add(
        OneTimeToken(
            token_hash=token_hash(token), purpose=purpose, member_id=member_id, expires_at=expires
        )
    )


def require_token(token: str, purpose: str) -> OneTimeToken:
    """The row of a link that still works.

    Raises:
        NotFound: it was used, replaced, is too old, or never was.
    """
    found = db.session.scalar(select(OneTimeToken).where(_works(token, purpose)))
    if found is None:
        raise NotFound(_no_longer())
    return found


def _use_up(token: str, purpose: str) -> Any:
    # One statement, so that of two who follow the link at once only one finds it.
    used = db.session.execute(
        delete(OneTimeToken).where(_works(token, purpose)).returning(OneTimeToken.member_id)
    ).first()
    if used is None:
        raise NotFound(_no_longer())
    return used.member_id


def _works(token: str, purpose: str) -> ColumnElement[bool]:
    return and_(
        OneTimeToken.token_hash == token_hash(token),
        OneTimeToken.purpose == purpose,
        OneTimeToken.expires_at > utcnow(),
    )


def _no_longer() -> str:
    return str(gettext("This link was used already, or is too old. Ask for a new one."))


def reset_password(token: str, password: str) -> None:
    """Give the account a new password and end all its sessions and other reset links.

    Raises:
        NotFound: the link does not work any more.
        Invalid: the password cannot be taken.
    """
    hashed = passwords.hash_password(checked_password(password))
    with transaction():
        member = db.session.get_one(Member, _use_up(token, "reset"))
        member.password_hash = hashed
        db.session.execute(delete(OneTimeToken).where(OneTimeToken.member_id == member.id))
        db.session.execute(delete(MemberSession).where(MemberSession.member_id == member.id))


def new_setup_token() -> str | None:
    """A one-time link's token for whoever sets the forum up; None once it has an administrator."""
    if is_set_up():
        return None
    db.session.execute(delete(OneTimeToken).where(OneTimeToken.purpose == "setup"))
    token = new_token()
    _add_token(token, "setup", hours=SETUP_HOURS, member_id=None)
    return token


@dataclass(frozen=True, slots=True)
class CommunityStatement:
    """What a community says about itself when it is set up."""

    name: str
    for_whom: str
    not_for_whom: str


def set_up(
    token: str, administrator: Applicant, statement: CommunityStatement, *, address: str | None
) -> str:
    """Make the first administrator and name the community: the token of their session.

    Raises:
        NotFound: the link does not work any more.
        Invalid: a field cannot be taken.
        TooMany: too many tries.
    """
    with transaction():
        limits.count_attempt(limits.SETUP_BY_ADDRESS, limits.network_of(address))
    person = _checked(administrator)
    statement = _checked_statement(statement)
    hashed = passwords.hash_password(person.password)
    with transaction():
        _use_up(token, "setup")
        if is_set_up():
            raise Conflict(gettext("This forum is set up already. Sign in."))
        db.session.merge(
            Community(
                id=1,
                name=statement.name,
                for_whom=statement.for_whom,
                not_for_whom=statement.not_for_whom,
                zone=person.zone,
            )
        )
        return _open_session(_first_administrator(person, hashed).id)


def _checked_statement(statement: CommunityStatement) -> CommunityStatement:
    name = " ".join(statement.name.split())
    if not name or len(name) > COMMUNITY_NAME_LENGTH or not is_readable_line(name):
        message = gettext(
            "Give the community a name of up to %(most)d characters.", most=COMMUNITY_NAME_LENGTH
        )
        raise Invalid("community", message)
    return CommunityStatement(
        name,
        checked_lines("for_whom", statement.for_whom, most=STATEMENT_LENGTH),
        checked_lines("not_for_whom", statement.not_for_whom, most=STATEMENT_LENGTH),
    )


def checked_lines(field: str, text: str, *, most: int) -> str:
    """A few lines of plain text, which may be none.

    Args:
        field: the form field it stands in.
        most: how many characters it may have.

    Raises:
        Invalid: it is too long, or has characters that cannot be shown.
    """
    text = normalize(text).strip()
    if len(text) > most:
        raise Invalid(field, gettext("Shorten this to %(most)d characters.", most=most))
    if CONTROL.search(text) or "\N{REPLACEMENT CHARACTER}" in text:
        raise Invalid(field, gettext("Leave characters out that cannot be shown."))
    return text


def change_community(actor: Actor, statement: CommunityStatement, *, zone: str) -> None:
    """Change what the community says about itself, and the zone in which guests see times.

    Raises:
        Invalid: a field cannot be taken.
    """
    require(actor, "community.manage")
    statement = _checked_statement(statement)
    if zone not in available_timezones():
        raise Invalid("zone", gettext("Choose a time zone from the list."))
    community = db.session.get_one(Community, 1)
    community.name, community.zone = statement.name, zone
    community.for_whom, community.not_for_whom = statement.for_whom, statement.not_for_whom


def _first_administrator(person: Applicant, hashed: str) -> Member:
    # Whoever holds the setup link runs the machine, so an account with this address becomes theirs.
    member = member_by_email(person.email) or Member(email=person.email)
    member.name, member.zone, member.password_hash = person.name, person.zone, hashed
    if member.handle is None:
        add_member(member)
    db.session.add(MemberRole(member_id=member.id, role="admin"))
    return member


def forget_expired() -> None:
    """Remove registrations, links and sessions whose time is over, and old counts of tries."""
    now = utcnow()
    for table in (Registration, OneTimeToken, MemberSession):
        db.session.execute(delete(table).where(table.expires_at <= now))
    limits.forget_old_attempts()


def change_profile(actor: Actor, *, name: str, zone: str) -> None:
    """Change the name the others see and the zone that times are shown in.

    Raises:
        Invalid: the name or the zone cannot be taken.
    """
    if actor.id is None:
        raise NotAllowed(gettext("Sign in to do this."))
    if zone not in available_timezones():
        raise Invalid("zone", gettext("Choose a time zone from the list."))
    member = db.session.get_one(Member, actor.id)
    member.name, member.zone = checked_name(name), zone
