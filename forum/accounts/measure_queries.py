"""Which measures of moderators stand at a moment, and what their members were told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Measure, Member
from forum.clock import utcnow
from forum.db import Statement, UtcDateTime
from forum.permissions import MUTE, SUSPENSION, Bar

BARS = (MUTE, SUSPENSION)
NOTE, WARNING = "note", "warning"
TOLD = (WARNING, *BARS)
MOST_TOLD = 25


def standing(measure: Any, now: Any) -> ColumnElement[bool]:
    """Of a measure: that it keeps its member from something at this moment."""
    goes_on = or_(measure.until.is_(None), measure.until > now)
    return and_(measure.kind.in_(BARS), measure.lifted_at.is_(None), goes_on)


_standing = aliased(Measure)
_ORDER = (_standing.kind.desc(), _standing.id)  # A suspension before a mute.
BAR_OF_MEMBER = (
    select(_standing.id)
    .where(
        _standing.member_id == Member.id, standing(_standing, bindparam("now", type_=UtcDateTime()))
    )
    .order_by(*_ORDER)
    .limit(1)
    .correlate(Member)
    .scalar_subquery()
)
"""Inside a statement about members: the measure that bars each at the moment ``now``, if one does."""

_STANDING: Statement = (
    select(_standing.kind, _standing.reason, _standing.until)
    .where(
        _standing.member_id == bindparam("member"),
        standing(_standing, bindparam("now", type_=UtcDateTime())),
    )
    .order_by(*_ORDER)
    .limit(1)
)


def standing_bar(member_id: int) -> Bar | None:
    """What keeps this member from writing or coming in at this moment."""
    row = database.row(_STANDING, {"member": member_id, "now": utcnow()})
    return None if row is None else Bar(*row)


def suspended_members(now: datetime) -> Any:
    """The ids of all who are suspended at this moment, to be used inside a statement."""
    return select(Measure.member_id).where(standing(Measure, now), Measure.kind == SUSPENSION)


@dataclass(frozen=True, slots=True)
class ToldMeasure:
    """A measure as its member reads it; ``stands`` at this moment, if it is one that ends."""

    id: int
    kind: str
    reason: str
    placed_at: datetime
    until: datetime | None
    lifted_at: datetime | None
    seen_at: datetime | None
    stands: bool


_FACTS = (
    Measure.id,
    Measure.kind,
    Measure.reason,
    Measure.placed_at,
    Measure.until,
    Measure.lifted_at,
    Measure.seen_at,
    standing(Measure, bindparam("now", type_=UtcDateTime())),
)
_TOLD: Statement = (
    select(*_FACTS)
    .where(Measure.member_id == bindparam("member"), Measure.kind.in_(TOLD))
    .order_by(Measure.id.desc())
    .limit(MOST_TOLD)
)
_ONE: Statement = select(*_FACTS).where(
    Measure.member_id == bindparam("member"), Measure.id == bindparam("id"), Measure.kind.in_(TOLD)
)
UNSEEN_MEASURES = (
    select(func.count())
    .select_from(Measure)
    .where(
        Measure.member_id == bindparam("member"), Measure.kind.in_(TOLD), Measure.seen_at.is_(None)
    )
    .scalar_subquery()
)
"""Inside a statement: how many measures the ``member`` was told and has not seen."""


def told_measures(member_id: int) -> list[ToldMeasure]:
    """What moderators decided about a member and told them, the newest 25 first."""
    values = {"member": member_id, "now": utcnow()}
    return [ToldMeasure(*row) for row in database.rows(_TOLD, values)]


def told_measure(member_id: int, measure_id: int) -> ToldMeasure | None:
    """One of these, unless it was undone."""
    row = database.row(_ONE, {"member": member_id, "id": measure_id, "now": utcnow()})
    return None if row is None else ToldMeasure(*row)
