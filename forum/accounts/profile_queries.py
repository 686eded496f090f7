"""What members say about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from forum import db as database
from forum.accounts.models import Member
from forum.accounts.settings import MEMBER_PAGES
from forum.accounts.stand_in_queries import IS_STAND_IN
from forum.community.setting_queries import value_of
from forum.db import Statement
from forum.errors import NotFound
from forum.permissions import Actor, require_member
from forum.text.handles import is_handle


@dataclass(frozen=True, slots=True)
class Profile:
    """A member as their page and the form that changes it show them.

    Whoever has no handle cannot be mentioned: an imported author, or a closed account.
    """

    id: int
    name: str
    handle: str | None
    pronouns: str
    unit: str
    employer: str
    about: str
    zone: str
    language: str
    created_at: datetime
    closed_at: datetime | None


def require_sight_of_members(actor: Actor) -> None:
    """Refuse guests where the community shows its members only to each other.

    Raises:
        NotAllowed: nobody is signed in. It says so whether there is such a member or not.
    """
    if value_of(MEMBER_PAGES) == "members":
        require_member(actor)


_PROFILE: Statement = select(
    Member.id,
    Member.name,
    Member.handle,
    Member.pronouns,
    Member.unit,
    Member.employer,
    Member.about,
    Member.zone,
    Member.language,
    Member.created_at,
    Member.closed_at,
).where(~IS_STAND_IN)
_BY_ID = _PROFILE.where(Member.id == bindparam("id"))
_BY_HANDLE = _PROFILE.where(Member.handle == bindparam("handle"))


def profile(member_id: int) -> Profile:
    """The profile of this member.

    Raises:
        NotFound: there is no such member, or they stand in for others.
    """
    return _found(_BY_ID, {"id": member_id})


def profile_by_handle(handle: str) -> Profile:
    """The profile of the member with this handle, whatever its capitals.

    Raises:
        NotFound: nobody has it.
    """
    if not is_handle(handle := handle.lower()):
        raise NotFound("")
    return _found(_BY_HANDLE, {"handle": handle})


def _found(statement: Statement, values: dict[str, object]) -> Profile:
    row = database.row(statement, values)
    if row is None:
        raise NotFound("")
    return Profile(*row)
