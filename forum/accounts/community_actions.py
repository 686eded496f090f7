"""Setting the community up, and changing what it says about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import delete

from forum.accounts import limits, passwords
from forum.accounts.actions import Browser, open_session
from forum.accounts.checks import checked_language, checked_lines, checked_zone
from forum.accounts.handle_actions import add_member
from forum.accounts.mailboxes import normal_domain
from forum.accounts.models import Community, Member, MemberRole, OneTimeToken
from forum.accounts.queries import is_set_up, member_by_email
from forum.accounts.registration_actions import Applicant, checked_applicant
from forum.accounts.rules import REGISTRATION, CommunityRules
from forum.accounts.token_actions import add_token, use_up
from forum.accounts.tokens import new_token
from forum.community.change_actions import note_change
from forum.db import db, transaction
from forum.errors import Conflict, Invalid
from forum.permissions import Actor, require
from forum.seen import require_as_seen
from forum.text.lines import is_readable_line

SETUP_HOURS = 24
COMMUNITY_NAME_LENGTH = 80
STATEMENT_LENGTH = 2_000
MOST_MINUTES = 525_600  # a year
# What the log of changes compares.
STATED = ("name", "zone", "for_whom", "not_for_whom", "language")
RULES = ("registration", "email_domains", "edit_minutes")


def new_setup_token() -> str | None:
    """A one-time link's token for whoever sets the forum up; None once it has an administrator."""
    if is_set_up():
        return None
    db.session.execute(delete(OneTimeToken).where(OneTimeToken.purpose == "setup"))
    token = new_token()
    add_token(token, "setup", hours=SETUP_HOURS, member_id=None)
    return token


@dataclass(frozen=True, slots=True)
class CommunityStatement:
    """What a community says about itself when it is set up."""

    name: str
    for_whom: str
    not_for_whom: str


def set_up(
    token: str, administrator: Applicant, statement: CommunityStatement, *, browser: Browser
) -> str:
    """Make the first administrator and name the community: the token of their session.

    Raises:
        NotFound: the link does not work any more.
        Invalid: a field cannot be taken.
        TooMany: too many tries.
    """
    with transaction():
        limits.count_attempt(limits.SETUP_BY_ADDRESS, limits.network_of(browser.address))
    person = checked_applicant(administrator)
    statement = _checked_statement(statement)
    hashed = passwords.hash_password(person.password)
    with transaction():
        use_up(token, "setup")
        if is_set_up():
            raise Conflict(gettext("This forum is set up already. Sign in."))
        db.session.merge(
            Community(
                id=1,
                name=statement.name,
                for_whom=statement.for_whom,
                not_for_whom=statement.not_for_whom,
                language=person.language,
                zone=person.zone,
            )
        )
        return open_session(_first_administrator(person, hashed).id, browser)


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


def change_community(
    actor: Actor,
    statement: CommunityStatement,
    *,
    zone: str,
    language: str,
    seen: str | None = None,
) -> None:
    """Change what the community says about itself, and in which zone and language guests see it.

    Args:
        seen: marks of these fields and the rules as they were shown, see ``forum/seen.py``.

    Raises:
        Invalid: a field cannot be taken.
        Overtaken: one of them is no longer as it was seen.
    """
    require(actor, "community.manage")
    statement = _checked_statement(statement)
    community = _locked_community()
    require_as_seen(seen, shown_fields(_facts(community, STATED + RULES)))
    before = _facts(community, STATED)
    community.name, community.zone = statement.name, checked_zone(zone)
    community.for_whom, community.not_for_whom = statement.for_whom, statement.not_for_whom
    # Who chose one that is gone meanwhile keeps it until another is chosen.
    if language != community.language:
        community.language = checked_language(language)
    note_change(actor, "community.change", before=before, after=_facts(community, STATED))


def shown_fields(facts: Mapping[str, object]) -> dict[str, object]:
    """What is known of the community, by the names that the fields of its form have."""
    return {"community" if name == "name" else name: value for name, value in facts.items()}


def _locked_community() -> Community:
    return db.session.get_one(Community, 1, with_for_update=True, populate_existing=True)


def _facts(community: Community, names: Sequence[str]) -> dict[str, object]:
    return {name: getattr(community, name) for name in names}


def _first_administrator(person: Applicant, hashed: str) -> Member:
    # Whoever holds the setup link runs the machine, so an account with this address becomes theirs.
    member = member_by_email(person.email) or Member(email=person.email)
    member.name, member.zone, member.password_hash = person.name, person.zone, hashed
    member.language = person.language
    if member.handle is None:
        add_member(member)
    db.session.add(MemberRole(member_id=member.id, role="admin"))
    return member


def change_rules(actor: Actor, rules: CommunityRules) -> None:
    """Change who may ask for an account, and for how long authors may change a post.

    Raises:
        Invalid: a domain cannot have mailboxes, none is named where some are needed, or the minutes
            are no number from 1.
    """
    require(actor, "community.manage")
    if rules.registration not in REGISTRATION:
        raise Invalid("registration", gettext("Choose who may register."))
    domains = _checked_domains(rules.email_domains)
    if rules.registration == "domain" and not domains:
        raise Invalid("email_domains", gettext("Name the domains whose addresses may register."))
    if rules.edit_minutes is not None and not 1 <= rules.edit_minutes <= MOST_MINUTES:
        message = gettext(
            "Enter a number of minutes from 1 to %(most)d, or none.", most=MOST_MINUTES
        )
        raise Invalid("edit_minutes", message)
    community = _locked_community()
    before = _facts(community, RULES)
    community.registration, community.email_domains = rules.registration, " ".join(domains)
    community.edit_minutes = rules.edit_minutes
    note_change(actor, "community.rules", before=before, after=_facts(community, RULES))


def _checked_domains(text: str) -> list[str]:
    words = checked_lines("email_domains", text, most=STATEMENT_LENGTH).replace(",", " ").split()
    found = {word: normal_domain(word) for word in words}
    wrong = [word for word, domain in found.items() if domain is None]
    if wrong:
        message = gettext(
            "Write domains like example.org or .example.org, not: %(wrong)s", wrong=wrong[0]
        )
        raise Invalid("email_domains", message)
    return [domain for domain in dict.fromkeys(found.values()) if domain]
