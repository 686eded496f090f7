"""What members asked another moderator to look at, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, func, or_, select

from forum import db as database
from forum.accounts.measure_queries import MOST_TOLD
from forum.accounts.models import Measure, MeasureAppeal, Member
from forum.clock import utcnow
from forum.db import Statement, UtcDateTime


@dataclass(frozen=True, slots=True)
class ToldAppeal:
    """An appeal as its member reads it; ``is_there`` is whether the measure was not undone, ``stays``
    whether it was not lifted either, ``is_over`` whether it has ended by its date."""

    id: int
    measure_id: int
    kind: str
    reason: str
    opened_at: datetime
    closed_at: datetime | None
    decision: str | None
    decision_reason: str
    seen_at: datetime | None
    is_there: bool
    stays: bool
    is_over: bool


_FACTS: Statement = select(
    MeasureAppeal.id,
    MeasureAppeal.measure_id,
    MeasureAppeal.kind,
    MeasureAppeal.reason,
    MeasureAppeal.opened_at,
    MeasureAppeal.closed_at,
    MeasureAppeal.decision,
    MeasureAppeal.decision_reason,
    MeasureAppeal.seen_at,
    exists().where(Measure.id == MeasureAppeal.measure_id),
    exists().where(Measure.id == MeasureAppeal.measure_id, Measure.lifted_at.is_(None)),
    exists().where(
        Measure.id == MeasureAppeal.measure_id,
        Measure.lifted_at.is_(None),
        Measure.until <= bindparam("now", type_=UtcDateTime()),
    ),
).where(MeasureAppeal.member_id == bindparam("member"))
_OF_MEASURE = _FACTS.where(MeasureAppeal.measure_id == bindparam("measure"))
_BY_ID = _FACTS.where(MeasureAppeal.id == bindparam("appeal"))
_TOLD = (
    _FACTS.where(MeasureAppeal.closed_at.is_not(None))
    .order_by(MeasureAppeal.id.desc())
    .limit(MOST_TOLD)
)
UNSEEN_APPEALS = (
    select(func.count())
    .select_from(MeasureAppeal)
    .where(
        MeasureAppeal.member_id == bindparam("member"),
        MeasureAppeal.closed_at.is_not(None),
        MeasureAppeal.seen_at.is_(None),
    )
    .scalar_subquery()
)
"""Inside a statement: how many decided appeals the ``member`` has not seen."""


def appeal_about(member_id: int, measure_id: int) -> ToldAppeal | None:
    """The member's appeal about a measure, if there is one."""
    row = database.row(_OF_MEASURE, {"member": member_id, "measure": measure_id, "now": utcnow()})
    return None if row is None else ToldAppeal(*row)


def told_appeal(member_id: int, appeal_id: int) -> ToldAppeal | None:
    """One of the member's appeals."""
    row = database.row(_BY_ID, {"member": member_id, "appeal": appeal_id, "now": utcnow()})
    return None if row is None else ToldAppeal(*row)


def told_appeals(member_id: int) -> list[ToldAppeal]:
    """The member's appeals that were decided, the newest 25 first."""
    values = {"member": member_id, "now": utcnow()}
    return [ToldAppeal(*row) for row in database.rows(_TOLD, values)]


def member_of_measure(measure_id: int) -> int | None:
    """Whom a measure is, or was, about that can be appealed against."""
    found: int | None = database.value(_WHOSE, {"measure": measure_id})
    return found


_WHOSE = select(Member.id).where(
    or_(
        Member.id.in_(select(Measure.member_id).where(Measure.id == bindparam("measure"))),
        Member.id.in_(
            select(MeasureAppeal.member_id).where(MeasureAppeal.measure_id == bindparam("measure"))
        ),
    )
)
