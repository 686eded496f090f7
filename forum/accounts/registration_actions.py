"""From wanting an account to having one.

What hashes or counts tries opens its transactions itself: a try must count even when it fails, and
a hash must not be computed while the database waits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError

from forum.accounts import limits, passwords
from forum.accounts.actions import Browser, open_session
from forum.accounts.checks import checked_email, checked_name, checked_password
from forum.accounts.handle_actions import add_member
from forum.accounts.invitation_actions import note_guest, open_invitation, use_invitation
from forum.accounts.models import Member, Registration
from forum.accounts.proof_actions import use_solution
from forum.accounts.queries import community_rules, member_by_email
from forum.accounts.rules import can_register
from forum.accounts.settings import PROOF
from forum.accounts.tokens import new_seed, token_from, token_hash
from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.db import db, transaction
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.jobs.queue import enqueue
from forum.zones import zone_names

CONFIRM_HOURS = 48


@dataclass(frozen=True, slots=True)
class Applicant:
    """What somebody who wants an account has typed. ``proof`` is what their browser solved, if it did."""

    name: str
    email: str
    password: str
    zone: str = "UTC"
    language: str = "en"
    proof: str = ""


def register(applicant: Applicant, *, address: str | None, invitation: str | None = None) -> None:
    """Send a confirmation to the applicant's address; the account exists once it is confirmed.

    Whether the address already has an account shows only in the mail that goes there.

    Args:
        invitation: the token of an invitation, which lets in whom the community's rule would not.

    Raises:
        Invalid: name, address or password cannot be taken, or the address is not one of those that
            may register.
        NotAllowed: only people with an invitation may register.
        NotFound: the invitation cannot be used any more.
        TooMany: too many registrations from this network or for this address.
    """
    applicant = checked_applicant(applicant)
    if invitation is None:
        _require_open_to(applicant.email)
    invited = None if invitation is None else open_invitation(invitation).id
    with transaction():
        limits.count_attempt(limits.MAIL_BY_ADDRESS, limits.network_of(address))
        limits.count_attempt(limits.MAIL_BY_ACCOUNT, applicant.email.lower())
    hashed = passwords.hash_password(applicant.password)
    with transaction():
        # For an address that has an account, too: how long the answer takes must not tell the two apart.
        is_proven = not must_prove(invitation) or use_solution(applicant.proof)
        holder = member_by_email(applicant.email)
        if holder is not None:
            # Its reader has the account; whoever typed the address may read another language.
            enqueue(
                "mail",
                kind="already_registered",
                to=applicant.email,
                language=holder.language,
            )
        else:
            _ask_to_confirm(applicant, hashed, invited, is_proven=is_proven)


def must_prove(invitation: str | None = None) -> bool:
    """Whether something has to show that no program registers: of strangers alone."""
    is_open = community_rules().registration == "open"
    return invitation is None and is_open and value_of(PROOF)


def _require_open_to(email: str) -> None:
    rules = community_rules()
    if can_register(rules, email):
        return
    if rules.registration == "invitation":
        raise NotAllowed(gettext("You need an invitation to register. Follow the link in yours."))
    message = gettext(
        "Use your address at one of these domains, or ask for an invitation: %(domains)s.",
        domains=", ".join(rules.email_domains.split()),
    )
    raise Invalid("email", message)


def _ask_to_confirm(
    applicant: Applicant, hashed: str, invited: int | None, *, is_proven: bool
) -> None:
    seed = new_seed()
    db.session.add(
        Registration(
            token_hash=token_hash(token_from(seed)),
            name=applicant.name,
            email=applicant.email,
            password_hash=hashed,
            zone=applicant.zone,
            language=applicant.language,
            expires_at=utcnow() + timedelta(hours=CONFIRM_HOURS),
            invitation_id=invited,
            is_proven=is_proven,
        )
    )
    enqueue("mail", kind="confirm", to=applicant.email, seed=seed, language=applicant.language)


def checked_applicant(applicant: Applicant) -> Applicant:
    """What was typed in its normal form.

    Raises:
        Invalid: name, address or password cannot be taken.
    """
    zone = applicant.zone if applicant.zone in zone_names() else "UTC"
    return Applicant(
        name=checked_name(applicant.name),
        email=checked_email(applicant.email),
        password=checked_password(applicant.password),
        zone=zone,
        language=applicant.language,
        proof=applicant.proof,
    )


def confirm(token: str, password: str, *, browser: Browser) -> str:
    """Make the account whose confirmation link this is, and sign in: the token for the cookie.

    The link shows whose the mailbox is, the password who asked for the account. Only both together
    make one: else a stranger could ask for an account with somebody's address, have them follow the
    link, and share the account with them.

    Raises:
        NotFound: the link is wrong or too old.
        Invalid: it is not the password of the registration.
        Conflict: the address has an account by now, perhaps through this very link.
        TooMany: too many tries from this network or for this address.
    """
    waiting = waiting_registration(token)
    with transaction():
        limits.count_password_try(waiting.email, browser.address)
    if not passwords.is_password(password[: passwords.LONGEST + 1], waiting.password_hash):
        message = gettext(
            "This is not the password you registered with. Try again, or register once more."
        )
        raise Invalid("password", message)
    with transaction():
        return open_session(make_account(token).id, browser)


def make_account(token: str) -> Member:
    """The new member whose confirmation link this is. Not for the web, which asks for the password.

    Raises:
        NotFound: the link is wrong or too old.
        Conflict: the address has an account by now.
    """
    registration = _registration_to_confirm(token)
    invited = registration.invitation_id
    if invited is not None:
        use_invitation(invited)
    member = _add_member(
        Member(
            name=registration.name,
            email=registration.email,
            password_hash=registration.password_hash,
            zone=registration.zone,
            language=registration.language,
            unproven_at=None if registration.is_proven else utcnow(),
        )
    )
    if invited is not None:
        note_guest(invited, member.id)
    return member


def _add_member(member: Member) -> Member:
    assert member.email is not None
    taken = Conflict(gettext("This address is confirmed already. Sign in."))
    if member_by_email(member.email) is not None:
        raise taken
    try:
        add_member(member)
    except IntegrityError as error:
        # Another registration of the same address was confirmed in this moment.
        raise taken from error
    db.session.execute(delete(Registration).where(Registration.email == member.email))
    return member


def accept_invitation(token: str, applicant: Applicant, *, browser: Browser) -> str:
    """Make the account of somebody who was invited by mail, and sign in: the token for the cookie.

    Raises:
        NotFound: the invitation cannot be used any more.
        Invalid: name or password cannot be taken.
        Conflict: the address has an account by now.
        TooMany: too many tries from this network.
    """
    invitation = open_invitation(token)
    person = checked_applicant(replace(applicant, email=invitation.email))
    with transaction():
        limits.count_attempt(limits.SIGN_IN_BY_ADDRESS, limits.network_of(browser.address))
    hashed = passwords.hash_password(person.password)
    with transaction():
        use_invitation(invitation.id)
        member = _add_member(
            Member(
                name=person.name,
                email=person.email,
                password_hash=hashed,
                zone=person.zone,
                language=person.language,
            )
        )
        note_guest(invitation.id, member.id)
        return open_session(member.id, browser)


def _registration_to_confirm(token: str) -> Registration:
    registration = db.session.scalar(
        # Of two who confirm at once, the second waits and finds nothing.
        _waiting(token).with_for_update()
    )
    if registration is None:
        raise NotFound(_too_old())
    return registration


def waiting_registration(token: str) -> Registration:
    """The registration that this link confirms.

    Raises:
        NotFound: the link is wrong or too old.
    """
    registration = db.session.scalar(_waiting(token))
    if registration is None:
        raise NotFound(_too_old())
    return registration


def _waiting(token: str) -> Select[Registration]:
    return select(Registration).where(
        Registration.token_hash == token_hash(token), Registration.expires_at > utcnow()
    )


def _too_old() -> str:
    return str(gettext("This link was used already, or is too old. Sign in, or register again."))
