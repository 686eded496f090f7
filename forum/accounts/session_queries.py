"""In which browsers a member is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from forum import db as database
from forum.accounts.models import MemberSession
from forum.clock import utcnow
from forum.text.browsers import browser_and_system

MOST_SESSIONS = 100


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session. ``browser`` and ``system`` are names, empty when unknown."""

    id: int
    browser: str
    system: str
    created_at: datetime


_SESSIONS = (
    select(MemberSession.id, MemberSession.browser, MemberSession.created_at)
    .where(
        MemberSession.member_id == bindparam("member"), MemberSession.expires_at > bindparam("now")
    )
    .order_by(MemberSession.created_at.desc(), MemberSession.id.desc())
    .limit(MOST_SESSIONS)
)


def sessions_of(member_id: int) -> list[SessionRow]:
    """Where the member is signed in, the newest hundred first."""
    found = database.rows(_SESSIONS, {"member": member_id, "now": utcnow()})
    return [SessionRow(r.id, *browser_and_system(r.browser), r.created_at) for r in found]
