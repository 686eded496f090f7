"""What the page says before an account is closed."""

from __future__ import annotations

from sqlalchemy import select

from forum import db as database
from forum.accounts.models import MemberRole


def is_only_administrator(member_id: int) -> bool:
    """Whether nobody else administers the community."""
    held = select(MemberRole.member_id).where(MemberRole.role == "admin").limit(2)
    return [row.member_id for row in database.rows(held)] == [member_id]
