"""Members as administrators see them: facts about accounts, never what somebody wrote."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import bindparam, case, func, select

from forum import db as database
from forum.accounts.mailboxes import normal_mailbox
from forum.accounts.models import (
    Group,
    GroupMember,
    Member,
    MemberRole,
    MemberSession,
)
from forum.accounts.stand_in_queries import IS_STAND_IN
from forum.clock import utcnow
from forum.db import in_words
from forum.errors import Conflict, Invalid, NotFound

ACTIVE, CLOSED, IMPORTED, STAND_IN = "active", "closed", "imported", "stand-in"
LARGEST_ID = 2**63 - 1

state = case(
    (Member.closed_at.is_not(None), CLOSED),
    (IS_STAND_IN, STAND_IN),
    (Member.email.is_(None), IMPORTED),
    else_=ACTIVE,
)
roles = (
    select(in_words(MemberRole.role))
    .where(MemberRole.member_id == Member.id)
    .correlate(Member)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account; ``state`` is ``active``, ``closed``, ``imported`` or ``stand-in``, ``groups`` are
    (id, name)."""

    id: int
    name: str
    handle: str | None
    email: str | None
    created_at: datetime
    closed_at: datetime | None
    language: str
    zone: str
    state: str
    roles: frozenset[str]
    sessions: int
    groups: tuple[tuple[int, str], ...]


_ACCOUNT = select(
    Member.id,
    Member.name,
    Member.handle,
    Member.email,
    Member.created_at,
    Member.closed_at,
    Member.language,
    Member.zone,
    state.label("state"),
    roles.label("roles"),
    select(func.count())
    .where(MemberSession.member_id == Member.id, MemberSession.expires_at > bindparam("now"))
    .correlate(Member)
    .scalar_subquery()
    .label("sessions"),
).where(Member.id == bindparam("id"))
_GROUPS = (
    select(Group.id, Group.name)
    .join(GroupMember, GroupMember.group_id == Group.id)
    .where(GroupMember.member_id == bindparam("id"))
    .order_by(Group.name)
)


def account_of(member_id: int) -> Account:
    """The facts about an account.

    Raises:
        NotFound: there is no such member.
    """
    row = database.row(_ACCOUNT, {"id": member_id, "now": utcnow()})
    if row is None:
        raise NotFound(gettext("There is no such member."))
    facts = dict(row._mapping)
    held = frozenset((facts.pop("roles") or "").split())
    groups = tuple((g.id, g.name) for g in database.rows(_GROUPS, {"id": member_id}))
    return Account(**facts, roles=held, groups=groups)


def require_active(member: Member) -> None:
    """Refuse what only somebody can use who signs in.

    Raises:
        Conflict: the account is closed, or of an imported author.
    """
    if member.closed_at is not None:
        raise Conflict(gettext("This account is closed. Nothing can be done with it any more."))
    if member.email is None:
        raise Conflict(
            gettext(
                "This author was imported from elsewhere and cannot sign in. Invite the person; they "
                "get an account of their own."
            )
        )


def member_named(word: str) -> int:
    """The id of the member with this address, ``@handle`` or number.

    Raises:
        Invalid: there is none.
    """
    word = word.strip()
    if word.isascii() and word.isdigit() and int(word) <= LARGEST_ID:
        found = database.value(select(Member.id).where(Member.id == int(word)))
    else:
        found = members_named([word]).get(word)
    if found is None:
        raise Invalid(
            "member",
            gettext(
                "No member has this address, handle or number. “forum members list” shows all."
            ),
        )
    return int(found)


def members_named(words: Collection[str]) -> dict[str, int]:
    """The ids of the members with these addresses or ``@handles``, by the word; others are missing."""
    words = [word for word in words if word.isprintable()]
    mailboxes = {word: (normal_mailbox(word) or "").lower() for word in words if word[:1] != "@"}
    handles = {word: word[1:].lower() for word in words if word[:1] == "@"}
    wanted = {"mailboxes": [*filter(None, mailboxes.values())], "handles": [*handles.values()]}
    by_mailbox, by_handle = {}, {}
    for row in database.rows(_NAMED, wanted):
        by_mailbox[(row.email or "").lower()] = by_handle[row.handle] = row.id
    found = {word: by_mailbox.get(box) for word, box in mailboxes.items() if box}
    found |= {word: by_handle.get(handle) for word, handle in handles.items()}
    return {word: member for word, member in found.items() if member is not None}


_NAMED = select(Member.id, Member.email, Member.handle).where(
    Member.closed_at.is_(None),
    func.lower(Member.email).in_(bindparam("mailboxes", expanding=True))
    | Member.handle.in_(bindparam("handles", expanding=True)),
)


def holders_of_roles() -> list[tuple[str, int, str]]:
    """Who is administrator or moderator: (role, id, name), by role and name."""
    held = select(MemberRole.role, Member.id, Member.name).join(
        Member, Member.id == MemberRole.member_id
    )
    found = database.rows(held.order_by(MemberRole.role, Member.name, Member.id))
    return [(row.role, row.id, row.name) for row in found]
