"""Which invitations can still be used."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, select

from forum import db as database
from forum.accounts.models import Invitation
from forum.accounts.tokens import token_hash
from forum.clock import utcnow


def is_open() -> ColumnElement[bool]:
    """That an invitation can still be used."""
    return and_(Invitation.used_at.is_(None), Invitation.expires_at > utcnow())


def is_open_invitation(token: str) -> bool:
    """Whether the link with this token still lets somebody in."""
    wanted = select(Invitation.id).where(is_open(), Invitation.token_hash == token_hash(token))
    return database.row(wanted) is not None
