"""Closing or erasing an account: what says who somebody was goes, in one transaction in all rooms."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, String, cast, delete, func, or_, select, update

from forum.accounts import limits
from forum.accounts.hold_actions import require_no_hold
from forum.accounts.hold_queries import standing_hold
from forum.accounts.models import (
    Community,
    GroupMember,
    ImportedAuthor,
    Invitation,
    LegalHold,
    Measure,
    MeasureAppeal,
    Member,
    MemberRole,
    MemberSession,
    OneTimeToken,
    Registration,
    TrustStep,
)
from forum.accounts.password_actions import locked_member, require_password
from forum.accounts.role_actions import locked_administrators
from forum.accounts.stand_in_queries import is_stand_in
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import db, transaction
from forum.errors import Conflict, NotFound
from forum.hookspecs import AccountClosing
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.permissions import Actor, require
from forum.plugin_host import current_host

SWEEP = "accounts.sweep"
WIPE = "accounts.wipe"
# Longer than any request that was under way when the account closed.
_SWEEP_AFTER = timedelta(minutes=2)
# The last letter has this long to be sent; nothing of it is kept after that.
_FAREWELL_KEPT = timedelta(days=1)
_WHILE_HELD = timedelta(days=1)


def close_account(actor: Actor, *, password: str, empty_posts: bool) -> None:
    """Close the actor's account for good. Their posts stand under "Former member" afterwards; with
    ``empty_posts`` without their words.

    Raises:
        NotAllowed: nobody is signed in.
        Invalid: it is not their password.
        TooMany: too many tries.
        Conflict: nobody else administers the community, or a legal hold stands on them.
    """
    kept = require_password(actor, password)
    with transaction():
        _erase(locked_member(actor, kept), empty_posts=empty_posts)


def erase_member(actor: Actor, member_id: int, *, empty_posts: bool) -> None:
    """Close somebody's account for good, as they would themselves, at their request. Of an account
    that is closed already, the words of the posts can still be taken.

    Raises:
        NotFound: there is no such member.
        Conflict: nobody else administers the community, a legal hold stands on them, nothing would
            change, or it is nobody: they stand in for others.
    """
    require(actor, "community.manage")
    member = db.session.get(
        Member, member_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if member is None:
        raise NotFound(gettext("There is no such member."))
    if is_stand_in(member_id):
        raise Conflict(
            gettext(
                "This is no account: it stands in for others. Remove posts of theirs one by one."
            )
        )
    if member.closed_at is not None and not empty_posts:
        raise Conflict(gettext("This account is closed already. Nothing was changed."))
    _erase(member, empty_posts=empty_posts)
    posts = "emptied" if empty_posts else "kept"
    note_change(
        actor, "member.erase", subject="member", subject_id=member_id, after={"posts": posts}
    )


def _erase(member: Member, *, empty_posts: bool) -> None:
    require_no_hold(member.id)
    _require_other_administrator(member.id)
    addresses = (member.email.lower(),) if member.email else ()
    closing = AccountClosing(member.id, empty_posts, addresses, member.handle or "")
    _forget_asked_address(closing)
    _forget_access(closing)
    _forget_person(closing)
    current_host().with_account_closed(closing)
    _write_farewell(member)
    # What another window was sending meanwhile may come in a moment later.
    _sweep_later(closing, _SWEEP_AFTER)
    enqueue(WIPE)
    if member.closed_at is None:
        _make_former(member)


def _write_farewell(member: Member) -> None:
    if not member.email:
        return
    letter = enqueue(
        "mail", kind="closed", to=member.email, name=member.name, language=member.language
    )
    enqueue("forget_letter", run_at=utcnow() + _FAREWELL_KEPT, letter=letter)


def _sweep_later(closing: AccountClosing, wait: timedelta) -> None:
    enqueue(
        SWEEP,
        run_at=utcnow() + wait,
        member=closing.member_id,
        empty_posts=closing.empty_posts,
        addresses=list(closing.addresses),
        handle=closing.handle,
    )


def sweep_account(closing: AccountClosing) -> None:
    """Do again what closing did in all rooms, for what came in while it did."""
    if standing_hold(closing.member_id) is not None:
        _sweep_later(closing, _WHILE_HELD)
        return
    _forget_access(closing)
    _forget_person(closing)
    current_host().with_account_closed(closing)
    enqueue(WIPE)


def _require_other_administrator(member_id: int) -> None:
    if locked_administrators() == {member_id}:
        raise Conflict(only_administrator())


def only_administrator() -> str:
    """Why somebody cannot leave who alone administers the community, and what to do."""
    return str(
        gettext(
            "Nobody else administers this community. Have somebody else made an administrator first "
            "(“Members” in the administration); then this account can be closed."
        )
    )


def _forget_asked_address(closing: AccountClosing) -> None:
    """Take back the letter to an address that was to become theirs; what else was sent there may be
    a stranger's."""
    of_them = OneTimeToken.member_id == closing.member_id, OneTimeToken.email.is_not(None)
    asked = [
        str(email).lower()
        for email in db.session.scalars(select(OneTimeToken.email).where(*of_them))
    ]
    if not asked:
        return
    is_asking = _argument("kind") == "address"
    db.session.execute(delete(Job).where(is_asking, func.lower(_argument("to")).in_(asked)))
    enqueue("mail.forget", former=closing.member_id, addresses=[], letters=[], asked=asked)


def _forget_access(closing: AccountClosing) -> None:
    for table in (
        *(MemberRole, GroupMember, MemberSession, OneTimeToken),
        *(ImportedAuthor, Measure, MeasureAppeal, TrustStep),
    ):
        db.session.execute(delete(table).where(table.member_id == closing.member_id))
    registered = func.lower(Registration.email).in_(closing.addresses)
    db.session.execute(delete(Registration).where(registered))
    unused = Invitation.used_at.is_(None) & (Invitation.invited_by == closing.member_id)
    invited = func.lower(Invitation.email).in_(closing.addresses)
    theirs = or_(Invitation.used_by == closing.member_id, invited, unused)
    db.session.execute(delete(Invitation).where(theirs))


def _forget_person(closing: AccountClosing) -> None:
    """What is kept about them in passing: why they were held, how often they tried, letters to them
    that wait."""
    db.session.execute(
        update(LegalHold).where(LegalHold.member_id == closing.member_id).values(reason="")
    )
    limits.forget_attempts_of([str(closing.member_id), *closing.addresses])
    is_theirs = _argument("member") == str(closing.member_id)
    to_them = or_(*(func.lower(_argument(key)).in_(closing.addresses) for key in ("to", "email")))
    db.session.execute(delete(Job).where(or_(is_theirs, to_them)))


def _argument(key: str) -> ColumnElement[str]:
    # As text, because what a plugin's job means by the same word may be no number.
    return cast(Job.arguments[key].as_string(), String)


def _make_former(member: Member) -> None:
    community = db.session.get_one(Community, 1)
    with force_locale(community.language.replace("-", "_")):
        member.name = gettext("Former member")
    member.email = member.password_hash = member.handle = None
    member.pronouns = member.unit = member.employer = member.about = ""
    member.zone, member.language = community.zone, community.language
    member.closed_at = utcnow()
