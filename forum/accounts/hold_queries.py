"""Legal holds: whose data must stay as it is, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from forum import db as database
from forum.accounts.models import LegalHold, Member
from forum.db import Statement
from forum.errors import NotFound


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that stands. ``reason`` is for the member, too."""

    id: int
    member_id: int
    reason: str
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class HoldSubject:
    """Whom a page of administrators is about, and the hold that stands on them, if one does."""

    id: int
    name: str
    is_closed: bool
    hold: Hold | None


_STANDING: Statement = select(
    LegalHold.id, LegalHold.member_id, LegalHold.reason, LegalHold.placed_at
).where(LegalHold.member_id == bindparam("member"), LegalHold.lifted_at.is_(None))
_SUBJECT: Statement = select(Member.id, Member.name, Member.closed_at).where(
    Member.id == bindparam("member")
)


def standing_hold(member_id: int) -> Hold | None:
    """The hold that stands on this member's data, if one does."""
    found = database.row(_STANDING, {"member": member_id})
    return None if found is None else Hold(*found)


def held_members() -> Select[int]:
    """The ids of all members whose data must not be erased, to be used inside a statement."""
    return select(LegalHold.member_id).where(LegalHold.lifted_at.is_(None))


def hold_subject(member_id: int) -> HoldSubject:
    """Whom a hold is, or could be, placed on.

    Raises:
        NotFound: there is no such member.
    """
    found: Any = database.row(_SUBJECT, {"member": member_id})
    if found is None:
        raise NotFound("")
    return HoldSubject(found.id, found.name, found.closed_at is not None, standing_hold(member_id))
