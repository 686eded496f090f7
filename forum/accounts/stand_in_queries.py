"""Who is no person: a member in whose name a plugin posts, for people whom nobody should know."""

from __future__ import annotations

from sqlalchemy import bindparam, exists, select

from forum.accounts.models import ImportedAuthor, Member
from forum.db import value

IS_STAND_IN = (
    Member.email.is_(None)
    & Member.handle.is_(None)
    & Member.closed_at.is_(None)
    & ~exists().where(ImportedAuthor.member_id == Member.id)
)
"""Of a member: they cannot sign in, never left, and came from nowhere else. Nobody else is so.

Their name is a label of the thread in which it stands: no page, no feed and no list leads from one of
their posts to another, so lists of posts and threads say of each author whether they are so.
"""
_ONE = select(Member.id).where(Member.id == bindparam("member"), IS_STAND_IN)


def is_stand_in(member_id: int) -> bool:
    """Whether this member stands in for others, so that their posts are not one person's."""
    return value(_ONE, {"member": member_id}) is not None
