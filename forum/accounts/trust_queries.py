"""Which levels of trust there are, who has one, and what members were told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import bindparam, func, select

from forum import db as database
from forum.accounts.models import Group, GroupMember, TrustLevel, TrustStep
from forum.accounts.trust_rules import Thresholds
from forum.db import Statement
from forum.errors import NotFound

MOST_TOLD = 25


@dataclass(frozen=True, slots=True)
class Level:
    """A level of trust; its number is that of its group."""

    id: int
    name: str
    position: int
    asked: Thresholds


_LEVELS: Statement = (
    select(
        TrustLevel.group_id,
        Group.name,
        TrustLevel.position,
        TrustLevel.days,
        TrustLevel.posts,
        TrustLevel.answers,
        TrustLevel.most_removed,
    )
    .join(Group, Group.id == TrustLevel.group_id)
    .order_by(TrustLevel.position, TrustLevel.group_id)
)


def trust_levels() -> list[Level]:
    """All levels, in their order."""
    return [
        Level(key, name, position, Thresholds(*asked))
        for key, name, position, *asked in database.rows(_LEVELS)
    ]


def trust_level(level_id: int) -> Level:
    """One of them.

    Raises:
        NotFound: there is no such level.
    """
    found = [level for level in trust_levels() if level.id == level_id]
    if not found:
        raise NotFound(gettext("There is no such level; it may have been removed meanwhile."))
    return found[0]


_ANY: Statement = select(TrustLevel.group_id).limit(1)


def are_there_levels() -> bool:
    """Whether the community has set up any level."""
    return database.value(_ANY) is not None


def is_level(group_id: int) -> bool:
    """Whether the forum itself keeps who is in this group."""
    kept = select(TrustLevel.group_id).where(TrustLevel.group_id == group_id)
    return database.value(kept) is not None


_HAS_ONE: Statement = (
    select(GroupMember.group_id)
    .join(TrustLevel, TrustLevel.group_id == GroupMember.group_id)
    .where(GroupMember.member_id == bindparam("member"))
    .limit(1)
)


def has_a_level(member_id: int) -> bool:
    """Whether a member has reached any level."""
    return database.value(_HAS_ONE, {"member": member_id}) is not None


@dataclass(frozen=True, slots=True)
class ToldStep:
    """That a member has reached a level or lost it, as they read it; ``because`` names what is missing."""

    id: int
    level_id: int
    level: str
    is_reached: bool
    because: tuple[str, ...]
    at: datetime
    seen_at: datetime | None


_TOLD: Statement = (
    select(
        TrustStep.id,
        TrustStep.level_id,
        Group.name,
        TrustStep.is_reached,
        TrustStep.because,
        TrustStep.at,
        TrustStep.seen_at,
    )
    .join(Group, Group.id == TrustStep.level_id)
    .where(TrustStep.member_id == bindparam("member"))
    .order_by(TrustStep.id.desc())
    .limit(MOST_TOLD)
)
UNSEEN_STEPS = (
    select(func.count())
    .select_from(TrustStep)
    .where(TrustStep.member_id == bindparam("member"), TrustStep.seen_at.is_(None))
    .scalar_subquery()
)
"""Inside a statement: of how many steps the ``member`` was told and has not seen them."""


def told_steps(member_id: int) -> list[ToldStep]:
    """Which levels a member has reached and lost, the newest 25 steps first."""
    return [
        ToldStep(key, level, name, is_reached, tuple(because.split()), at, seen)
        for key, level, name, is_reached, because, at, seen in database.rows(
            _TOLD, {"member": member_id}
        )
    ]
