"""Inviting many people at once, from a list of addresses: all of them, or nobody."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import func, select

from forum.accounts.invitation_actions import (
    INVITATION_DAYS,
    add_invitation,
    checked_days,
    require_room,
    wait_for_others,
)
from forum.accounts.invitation_queries import is_open
from forum.accounts.mailboxes import normal_mailbox
from forum.accounts.models import Invitation, Member
from forum.community.change_actions import note_change
from forum.db import db
from forum.errors import Invalid
from forum.permissions import Actor, require

MOST_ADDRESSES = 500
LONGEST_LIST = 100_000
_IN_BRACKETS = re.compile(r"<([^<>]*)>\s*(?=[,;]|$)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line of the list cannot be taken, in words. Lines are counted from 1."""

    line: int
    typed: str
    why: str


@dataclass(frozen=True, slots=True)
class ReadList:
    """What a list says: whom to invite, and what is wrong with it."""

    addresses: list[str]
    faults: list[Fault]


def read_list(actor: Actor, text: str) -> ReadList:
    """Read one address a line, with a name before it if need be; commas and semicolons part
    addresses, too.

    Raises:
        Invalid: there is nothing in it, or too much.
    """
    require(actor, "community.manage")
    if len(text) > LONGEST_LIST:
        raise _too_long()
    entries = [
        (number, entry)
        for number, line in enumerate(text.splitlines(), 1)
        for entry in _entries_of(line)
    ]
    if not entries:
        raise Invalid("addresses", gettext("Enter at least one e-mail address."))
    if len(entries) > MOST_ADDRESSES:
        raise _too_long()
    return _checked(entries)


def _too_long() -> Invalid:
    message = gettext(
        "Invite at most %(num)s people at a time. Divide the list.", num=MOST_ADDRESSES
    )
    return Invalid("addresses", message)


def _entries_of(line: str) -> list[str]:
    # A name may have a comma in it; what stands in brackets is the address.
    found = _IN_BRACKETS.findall(line)
    rest = re.split(r"[,;]", _IN_BRACKETS.sub(";", line))
    return [entry.strip() for entry in [*found, *rest] if entry in found or _may_be(entry, found)]


def _may_be(entry: str, found: list[str]) -> bool:
    return bool(entry.strip()) and (not found or "@" in entry)


def _checked(entries: list[tuple[int, str]]) -> ReadList:
    mailboxes = [normal_mailbox(typed) for _, typed in entries]
    known = {mailbox.lower() for mailbox in mailboxes if mailbox}
    members, invited = _with_account(known), _invited(known)
    first: dict[str, int] = {}
    read = ReadList([], [])
    for (line, typed), mailbox in zip(entries, mailboxes, strict=True):
        key = "" if mailbox is None else mailbox.lower()
        if mailbox is None:
            why = gettext("This is no e-mail address like name@example.org.")
        elif key in first:
            why = gettext("This address stands in line %(line)s already.", line=first[key])
        elif key in members:
            why = gettext("This address has an account already.")
        elif key in invited:
            why = gettext("This address is invited already, and the invitation is open.")
        else:
            first[key] = line
            read.addresses.append(mailbox)
            continue
        read.faults.append(Fault(line, _visible(typed), why))
    return read


def _visible(typed: str) -> str:
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in typed
    )


def _with_account(addresses: set[str]) -> set[str]:
    folded = func.lower(Member.email)
    return set(db.session.scalars(select(folded).where(folded.in_(addresses))))


def _invited(addresses: set[str]) -> set[str]:
    folded = func.lower(Invitation.email)
    return set(db.session.scalars(select(folded).where(folded.in_(addresses), is_open())))


def invite_all(actor: Actor, text: str, *, days: int = INVITATION_DAYS) -> ReadList:
    """Invite everybody on the list by letter: what was read. With a fault in it nobody is invited.

    Raises:
        Invalid: there is nothing in it, or too much, or invitations cannot last so long.
    """
    require(actor, "community.manage")
    days = checked_days(days)
    wait_for_others()
    read = read_list(actor, text)
    if read.faults:
        return read
    require_room(len(read.addresses), "addresses")
    for address in read.addresses:
        add_invitation(actor, address, days)
    note_change(
        actor,
        "invitation.list",
        before={"invitations": 0},
        after={"invitations": len(read.addresses)},
    )
    return read
