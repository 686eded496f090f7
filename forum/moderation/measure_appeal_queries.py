"""Members who ask another moderator to look at what was decided about them, as moderators read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, bindparam, exists, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Measure, MeasureAppeal, Member, MemberRole
from forum.db import Statement
from forum.errors import NotFound
from forum.moderation.appeal_queries import Appealed, appealed
from forum.moderation.own_queries import colleagues_with
from forum.moderation.rules import why_nobody
from forum.permissions import Actor, allowed
from forum.record.queries import entry_that_made

MOST_APPEALS = 25
_decider = aliased(Member)
_HAS_ROLE = exists().where(MemberRole.member_id == MeasureAppeal.member_id)
# Nobody decides about themselves, and only administrators about those who have a role.
FOR_READER = (
    MeasureAppeal.member_id != bindparam("reader"),
    bindparam("manages", type_=Boolean()) | ~_HAS_ROLE,
)


@dataclass(frozen=True, slots=True)
class OpenAppeal:
    """An appeal as the list of open cases shows it."""

    id: int
    kind: str
    reason: str
    opened_at: datetime
    name: str


_OPEN: Statement = (
    select(
        MeasureAppeal.id,
        MeasureAppeal.kind,
        MeasureAppeal.reason,
        MeasureAppeal.opened_at,
        Member.name,
    )
    .join(Member, Member.id == MeasureAppeal.member_id)
    .where(MeasureAppeal.closed_at.is_(None), *FOR_READER)
    .order_by(MeasureAppeal.id)
    .limit(MOST_APPEALS)
)


def open_measure_appeals(actor: Actor) -> list[OpenAppeal]:
    """The open ones that are for the actor, the oldest 25 first."""
    if not allowed(actor, "member.moderate"):
        return []
    return [OpenAppeal(*row) for row in database.rows(_OPEN, values_for(actor))]


def values_for(actor: Actor) -> dict[str, Any]:
    """The values of ``FOR_READER``."""
    return {"reader": actor.id, "manages": allowed(actor, "community.manage")}


@dataclass(frozen=True, slots=True)
class AppealFacts:
    """An appeal as its page shows it. ``measure_reason`` and what follows are of the measure, as far as
    it is still there; ``first`` is the entry of the record that made it."""

    id: int
    measure_id: int
    kind: str
    member_id: int
    name: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    decision: str | None
    decision_reason: str
    decider: str | None
    measure_reason: str | None
    until: datetime | None
    lifted_at: datetime | None
    has_role: bool
    first: Appealed | None


_ONE: Statement = (
    select(
        MeasureAppeal.id,
        MeasureAppeal.measure_id,
        MeasureAppeal.kind,
        MeasureAppeal.member_id,
        Member.name,
        MeasureAppeal.reason,
        MeasureAppeal.opened_at,
        MeasureAppeal.closed_at,
        MeasureAppeal.decision,
        MeasureAppeal.decision_reason,
        _decider.name,
        Measure.reason,
        Measure.until,
        Measure.lifted_at,
        _HAS_ROLE,
    )
    .join(Member, Member.id == MeasureAppeal.member_id)
    .outerjoin(_decider, _decider.id == MeasureAppeal.closed_by)
    .outerjoin(Measure, Measure.id == MeasureAppeal.measure_id)
    .where(MeasureAppeal.id == bindparam("appeal"), *FOR_READER)
)


def measure_appeal_facts(actor: Actor, appeal_id: int) -> AppealFacts:
    """One appeal.

    Raises:
        NotFound: there is none of this number, or it is not for the actor.
    """
    row = database.row(_ONE, {"appeal": appeal_id} | values_for(actor))
    if row is None or not allowed(actor, "member.moderate"):
        raise NotFound("")
    entry_id = entry_that_made(Measure.__tablename__, row.measure_id)
    return AppealFacts(*(*row, None if entry_id is None else appealed(entry_id)))


def left_to_nobody(actor: Actor, appeal: AppealFacts) -> str:
    """Why nobody can decide about an appeal against what the actor decided; empty where somebody else can."""
    others = colleagues_with(actor, "community.manage" if appeal.has_role else "member.moderate")
    can = [one for one in others if one.id != appeal.member_id and allowed(one, "member.moderate")]
    return "" if can else why_nobody(has_role=appeal.has_role)
