"""Invitations: what one promises, and the list of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Invitation, Member
from forum.db import Statement

INVITATIONS_A_PAGE = 25

_inviter = aliased(Member)
_guest = aliased(Member)


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation as the list shows it. ``email`` is empty when it is for whoever has the link."""

    id: int
    email: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    inviter: str | None
    guest_id: int | None
    guest: str | None


_LIST: Statement = (
    select(
        Invitation.id,
        Invitation.email,
        Invitation.created_at,
        Invitation.expires_at,
        Invitation.used_at,
        _inviter.name,
        _guest.id,
        _guest.name,
    )
    .outerjoin(_inviter, _inviter.id == Invitation.invited_by)
    .outerjoin(_guest, _guest.id == Invitation.used_by)
    .order_by(Invitation.id.desc())
    .limit(INVITATIONS_A_PAGE + 1)
)
_AFTER = _LIST.where(Invitation.id < bindparam("after"))


def invitations(after: int | None = None) -> list[InvitationRow]:
    """All invitations, newest first, those older than ``after``: a page and one more."""
    statement = _LIST if after is None else _AFTER
    return [InvitationRow(*row) for row in database.rows(statement, {"after": after})]
