"""Members who ask another moderator to look at what was decided about them, as moderators read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, String, bindparam, cast, exists, func, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Measure, MeasureAppeal, Member, MemberRole
from forum.db import Statement
from forum.errors import NotFound
from forum.moderation.appeal_queries import Appealed, appealed
from forum.moderation.measure_appeal_rules import why_nobody
from forum.moderation.models import Case
from forum.moderation.own_queries import colleagues_with
from forum.permissions import Actor, allowed
from forum.record.models import LogEntry, LogStep
from forum.record.queries import entry_that_made

MOST_APPEALS = 25
_decider, _holder = aliased(Member), aliased(Member)
_HAS_ROLE = exists().where(MemberRole.member_id == MeasureAppeal.member_id)
# Nobody decides about themselves, and only administrators about those who have a role.
FOR_READER = (
    MeasureAppeal.member_id != bindparam("reader"),
    bindparam("manages", type_=Boolean()) | ~_HAS_ROLE,
)


# Cases get their numbers in the order in which they are opened, so the newest that is older is found soon.
_BEHIND = func.coalesce(
    select(Case.id)
    .where(Case.opened_at <= MeasureAppeal.opened_at)
    .order_by(Case.id.desc())
    .limit(1)
    .correlate(MeasureAppeal)
    .scalar_subquery(),
    0,
)
_DECIDER = (
    select(LogEntry.actor_id)
    .join(LogStep, LogStep.entry_id == LogEntry.id)
    .where(
        LogStep.relation == "measures",
        LogStep.row == cast(MeasureAppeal.measure_id, String),
        LogStep.before == "{}",
    )
    .order_by(LogStep.id)
    .limit(1)
    .correlate(MeasureAppeal)
    .scalar_subquery()
)
_ABOUT = select(func.max(LogStep.entry_id)).where(
    LogStep.relation == "measure_appeals", LogStep.row == bindparam("appeal")
)


def entry_about_appeal(appeal_id: int) -> int | None:
    """The newest entry of the record about an appeal."""
    found: int | None = database.value(_ABOUT, {"appeal": str(appeal_id)})
    return found


@dataclass(frozen=True, slots=True)
class OpenAppeal:
    """An appeal as the list of open cases shows it, ``behind`` a case; ``decider_id`` is who decided first,
    as far as the record has it."""

    id: int
    kind: str
    reason: str
    opened_at: datetime
    name: str
    closed_at: datetime | None
    behind: int
    decider_id: int | None
    measure_is_there: bool
    lifted_at: datetime | None
    claimed_by: int | None
    claimed_until: datetime | None
    holder: str | None

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among the cases."""
        return self.behind, self.id


_OPEN: Statement = (
    select(
        MeasureAppeal.id,
        MeasureAppeal.kind,
        MeasureAppeal.reason,
        MeasureAppeal.opened_at,
        Member.name,
        MeasureAppeal.closed_at,
        _BEHIND,
        _DECIDER,
        Measure.id.is_not(None),
        Measure.lifted_at,
        MeasureAppeal.claimed_by,
        MeasureAppeal.claimed_until,
        _holder.name,
    )
    .join(Member, Member.id == MeasureAppeal.member_id)
    .outerjoin(Measure, Measure.id == MeasureAppeal.measure_id)
    .outerjoin(_holder, _holder.id == MeasureAppeal.claimed_by)
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
    behind: int
    measure_is_there: bool
    claimed_by: int | None
    claimed_until: datetime | None
    holder: str | None
    first: Appealed | None

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among the cases."""
        return self.behind, self.id


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
        _BEHIND,
        Measure.id.is_not(None),
        MeasureAppeal.claimed_by,
        MeasureAppeal.claimed_until,
        _holder.name,
    )
    .join(Member, Member.id == MeasureAppeal.member_id)
    .outerjoin(_decider, _decider.id == MeasureAppeal.closed_by)
    .outerjoin(Measure, Measure.id == MeasureAppeal.measure_id)
    .outerjoin(_holder, _holder.id == MeasureAppeal.claimed_by)
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
