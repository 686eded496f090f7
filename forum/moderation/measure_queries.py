"""What moderators read about a member before they decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.measure_queries import standing
from forum.accounts.models import Measure, Member, MemberRole
from forum.accounts.stand_in_queries import IS_STAND_IN
from forum.clock import utcnow
from forum.db import Statement, UtcDateTime, in_words
from forum.errors import NotFound
from forum.moderation.rules import require_may_judge
from forum.permissions import Actor, require

MOST_MEASURES = 100
_placed_by, _lifted_by = aliased(Member), aliased(Member)


@dataclass(frozen=True, slots=True)
class Judged:
    """Whom a page of moderators is about. ``has_account``: neither closed nor imported."""

    id: int
    name: str
    has_account: bool


_JUDGED: Statement = select(
    Member.id,
    Member.name,
    Member.email.is_not(None),
    select(in_words(MemberRole.role)).where(MemberRole.member_id == Member.id).scalar_subquery(),
).where(Member.id == bindparam("member"), ~IS_STAND_IN)


def judged_member(actor: Actor, member_id: int) -> Judged:
    """The member, for whoever may decide about them.

    Raises:
        NotFound: there is no such member, or they stand in for others.
        NotAllowed: the actor does not decide about them.
    """
    require(actor, "member.moderate")
    row = database.row(_JUDGED, {"member": member_id})
    if row is None:
        raise NotFound("")
    *facts, roles = row
    require_may_judge(actor, member_id, (roles or "").split())
    return Judged(*facts)


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure as moderators read it; ``stands`` at this moment."""

    id: int
    kind: str
    reason: str
    placed_at: datetime
    placed_by: str | None
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None
    stands: bool


_MEASURES: Statement = (
    select(
        Measure.id,
        Measure.kind,
        Measure.reason,
        Measure.placed_at,
        _placed_by.name,
        Measure.until,
        Measure.lifted_at,
        _lifted_by.name,
        standing(Measure, bindparam("now", type_=UtcDateTime())),
    )
    .outerjoin(_placed_by, _placed_by.id == Measure.placed_by)
    .outerjoin(_lifted_by, _lifted_by.id == Measure.lifted_by)
    .where(Measure.member_id == bindparam("member"))
    .order_by(Measure.id.desc())
    .limit(MOST_MEASURES)
)


def measures_of(member_id: int) -> list[MeasureRow]:
    """What was noted and decided about a member, the newest hundred first."""
    values = {"member": member_id, "now": utcnow()}
    return [MeasureRow(*row) for row in database.rows(_MEASURES, values)]
