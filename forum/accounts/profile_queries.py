"""What members say about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from forum import db as database
from forum.accounts.models import Member
from forum.db import Statement
from forum.errors import NotFound
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
)
_BY_ID = _PROFILE.where(Member.id == bindparam("id"))
_BY_HANDLE = _PROFILE.where(Member.handle == bindparam("handle"))


def profile(member_id: int) -> Profile:
    """The profile of this member.

    Raises:
        NotFound: there is no such member.
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
