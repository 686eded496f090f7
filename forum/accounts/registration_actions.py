"""From wanting an account to having one.

What hashes or counts tries opens its transactions itself: a try must count even when it fails, and
a hash must not be computed while the database waits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import available_timezones

from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from forum.accounts import limits, passwords
from forum.accounts.checks import checked_email, checked_name, checked_password
from forum.accounts.handle_actions import add_member
from forum.accounts.models import Member, Registration
from forum.accounts.queries import member_by_email
from forum.accounts.tokens import new_token, token_from, token_hash
from forum.clock import utcnow
from forum.db import db, transaction
from forum.errors import Conflict, NotFound
from forum.jobs.queue import enqueue

CONFIRM_HOURS = 48


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
    applicant = checked_applicant(applicant)
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


def checked_applicant(applicant: Applicant) -> Applicant:
    """What was typed in its normal form.

    Raises:
        Invalid: name, address or password cannot be taken.
    """
    zone = applicant.zone if applicant.zone in available_timezones() else "UTC"
    return Applicant(
        name=checked_name(applicant.name),
        email=checked_email(applicant.email),
        password=checked_password(applicant.password),
        zone=zone,
        language=applicant.language,
    )


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
