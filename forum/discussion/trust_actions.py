"""Letting members into the groups of levels of trust, and out of them again.

Whoever computes it, the worker, a moderator's deed or a change of a level, does it here, from what is
so at that moment; doing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from forum.accounts.measure_queries import standing_bar
from forum.accounts.models import GroupMember, Member, TrustLevel, TrustStep
from forum.accounts.trust_queries import Level, are_there_levels, trust_levels
from forum.accounts.trust_rules import CHANGED, Deeds, has_reached, missing_for, reasons_of
from forum.clock import utcnow
from forum.db import db
from forum.discussion.trust_queries import deeds_of, holders_of_levels
from forum.jobs.queue import enqueue
from forum.permissions import Actor, require_member

Some = TypeVar("Some")
SETTLE = "trust.settle"
BATCH = 1000
"""As many rows as one statement names: PostgreSQL takes 65,535 values, SQLite 32,766."""


def promise_settling(*members: int | None, run_at: datetime | None = None) -> None:
    """Have the worker settle these members' levels, where the community has any."""
    known = sorted({member for member in members if member is not None})
    if known and are_there_levels():
        for member in known:
            enqueue(SETTLE, run_at=run_at, member=member)


def settle_after_deed(member_id: int) -> None:
    """Settle somebody's levels at once, in the transaction of what a moderator did to them; and
    again by the worker, when a mute or a suspension ends, and for what others do in this moment."""
    if not are_there_levels():
        return
    settle_levels([member_id])
    enqueue(SETTLE, member=member_id)
    bar = standing_bar(member_id)
    if bar is not None and bar.until is not None:
        enqueue(SETTLE, run_at=bar.until, member=member_id)


def settle_levels_alone(members: Collection[int] | None = None) -> None:
    """The same as ``settle_levels``, one after the other: of two workers the second sees what the
    first and all before it did, so what stands in the end is never of an earlier moment."""
    # As weak as can be: whoever gives a member a level at this moment need not wait.
    held = select(TrustLevel.group_id).order_by(TrustLevel.group_id)
    db.session.execute(held.with_for_update(key_share=True))
    settle_levels(members)


def settle_levels(
    members: Collection[int] | None = None, *, changed: frozenset[int] = frozenset()
) -> None:
    """Let these members, or all, into the levels that they have reached, and out of the others, and
    note both for them.

    Args:
        changed: numbers of levels that ask for something else now; whoever loses one is told so.
    """
    levels = trust_levels()
    if not levels:
        return
    deeds, held = deeds_of(members), holders_of_levels(members)
    gained, lost = [], []
    for level in levels:
        has = held.get(level.id, set())
        reached = {member for member, theirs in deeds.items() if has_reached(level.asked, theirs)}
        gained += [(level, member) for member in sorted(reached - has)]
        lost += [(level, member) for member in sorted(has - reached)]
    _hold({member for _level, member in (*gained, *lost)})
    steps = [_step(level, member, is_reached=True) for level, member in _let_in(gained)]
    steps += [
        _step(level, member, because=_because(level, deeds.get(member), changed))
        for level, member in _let_out(lost)
    ]
    for some in _parts(steps):
        db.session.execute(insert(TrustStep), some)


def _hold(members: Collection[int]) -> None:
    # First, and in one order, so that nobody who has a member's row waits for what is written here.
    for some in _parts(sorted(members)):
        held = select(Member.id).where(Member.id.in_(some)).order_by(Member.id)
        db.session.execute(held.with_for_update(read=True, key_share=True))


def _parts(rows: Sequence[Some]) -> Iterator[Sequence[Some]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


Pairs = list[tuple[Level, int]]


def _let_in(pairs: Pairs) -> Iterator[tuple[Level, int]]:
    is_postgresql = db.engine.dialect.name == "postgresql"
    dialect: Any = postgresql_insert if is_postgresql else sqlite_insert
    for level, some in _by_level(pairs):
        rows = [{"group_id": level.id, "member_id": member} for member in some]
        adding = dialect(GroupMember).values(rows).on_conflict_do_nothing()
        added = db.session.execute(adding.returning(GroupMember.member_id))
        yield from ((level, member) for member in sorted(added.scalars()))


def _let_out(pairs: Pairs) -> Iterator[tuple[Level, int]]:
    for level, some in _by_level(pairs):
        theirs = GroupMember.group_id == level.id, GroupMember.member_id.in_(some)
        leaving = delete(GroupMember).where(*theirs).returning(GroupMember.member_id)
        left = db.session.execute(leaving.execution_options(synchronize_session=False))
        yield from ((level, member) for member in sorted(left.scalars()))


def _by_level(pairs: Pairs) -> Iterator[tuple[Level, Sequence[int]]]:
    members: dict[Level, list[int]] = {}
    for level, member in pairs:
        members.setdefault(level, []).append(member)
    for level, theirs in members.items():
        for some in _parts(theirs):
            yield level, some


def _because(level: Level, deeds: Deeds | None, changed: Collection[int]) -> str:
    if level.id in changed:
        return CHANGED
    return "" if deeds is None else reasons_of(missing_for(level.asked, deeds))


def _step(
    level: Level, member: int, *, is_reached: bool = False, because: str = ""
) -> dict[str, Any]:
    return {
        "member_id": member,
        "level_id": level.id,
        "is_reached": is_reached,
        "because": because,
        "at": utcnow(),
        "seen_at": None,
    }


def mark_steps_seen(actor: Actor, up_to: int) -> None:
    """Note that the actor has read which levels they reached and lost, up to this step."""
    theirs = TrustStep.member_id == require_member(actor)
    db.session.execute(
        update(TrustStep)
        .where(theirs, TrustStep.id <= up_to, TrustStep.seen_at.is_(None))
        .values(seen_at=utcnow())
        .execution_options(synchronize_session=False)
    )
