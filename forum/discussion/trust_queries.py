"""What members did, as far as levels of trust ask for it, and where each stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from forum import db as database
from forum.accounts.measure_queries import standing
from forum.accounts.models import Grant, GroupMember, Measure, Member, TrustLevel, TrustStep
from forum.accounts.trust_queries import Level, trust_levels
from forum.accounts.trust_rules import (
    REMOVED_DAYS,
    Deeds,
    Missing,
    Thresholds,
    has_reached,
    missing_for,
)
from forum.categories.models import Category
from forum.clock import utcnow
from forum.db import Statement
from forum.discussion.models import Post, Thread
from forum.permissions import Actor, allowed


def deeds_of(members: Collection[int] | None = None) -> dict[int, Deeds]:
    """What counts of each of these members, or of all, who have an account. Six statements, however
    many they are."""
    now = utcnow()
    active = select(Member.id, Member.created_at).where(
        Member.email.is_not(None), Member.closed_at.is_(None)
    )
    since = now - timedelta(days=REMOVED_DAYS)
    posts, answers = _counted(_POSTS, members), _counted(_ANSWERS, members)
    removed = _counted(_removed_posts(since), members)
    threads = _counted(_removed_threads(since), members)
    barred = {row[0] for row in database.rows(_of(_barred(now), Measure.member_id, members))}
    return {
        member: Deeds(
            days=(now - created_at).days,
            posts=posts.get(member, 0),
            answers=answers.get(member, 0),
            removed=removed.get(member, 0) + threads.get(member, 0),
            is_barred=member in barred,
        )
        for member, created_at in database.rows(_of(active, Member.id, members))
    }


_POSTS = select(Post.author_id, func.count()).where(
    Post.number.is_not(None), Post.removed_at.is_(None)
)
# Whoever marks their own post as the answer to their own question has helped nobody yet. A post that
# is removed answers nothing any more.
_ANSWERS = (
    select(Post.author_id, func.count())
    .join(Thread, (Thread.id == Post.thread_id) & (Thread.answer_number == Post.number))
    .where(Thread.author_id != Post.author_id)
)


def _removed_posts(since: datetime) -> Any:
    return select(Post.author_id, func.count()).where(
        Post.removal == "moderator", Post.removed_at > since
    )


def _removed_threads(since: datetime) -> Any:
    return select(Thread.author_id, func.count()).where(
        Thread.removed_at > since, Thread.removed_by.is_distinct_from(Thread.author_id)
    )


def _barred(now: datetime) -> Any:
    return select(Measure.member_id).where(standing(Measure, now))


def _of(statement: Any, whose: Any, members: Collection[int] | None) -> Any:
    return statement if members is None else statement.where(whose.in_(sorted(members)))


def _counted(statement: Any, members: Collection[int] | None) -> dict[int, int]:
    whose = next(iter(statement.selected_columns))
    return dict(tuple(row) for row in database.rows(_of(statement, whose, members).group_by(whose)))


def holders_of_levels(members: Collection[int] | None = None) -> dict[int, set[int]]:
    """Who of these members, or of all, has each level, by its number."""
    held = select(GroupMember.group_id, GroupMember.member_id).join(
        TrustLevel, TrustLevel.group_id == GroupMember.group_id
    )
    found: dict[int, set[int]] = {}
    for level_id, member_id in database.rows(_of(held, GroupMember.member_id, members)):
        found.setdefault(level_id, set()).add(member_id)
    return found


@dataclass(frozen=True, slots=True)
class WouldChange:
    """How many members would gain a level and lose it, and how many would have it then."""

    gain: int
    lose: int
    have: int


def with_thresholds(asked: Thresholds, level_id: int | None = None) -> WouldChange:
    """Who would gain and lose this level, or a new one, if it asked for this; at this moment."""
    have = {member for member, deeds in deeds_of().items() if has_reached(asked, deeds)}
    had = set() if level_id is None else holders_of_levels().get(level_id, set())
    return WouldChange(len(have - had), len(had - have), len(have))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a member stands with a level: whether they have it, what is missing, what happened last
    with it (``None``, when nothing did), and what it lets them do: (category, permission); without a
    category, everywhere."""

    level: Level
    is_held: bool
    missing: tuple[Missing, ...]
    reached_at: datetime | None
    lost_at: datetime | None
    because: tuple[str, ...]
    rights: tuple[tuple[str | None, str], ...] = ()


_LAST_STEPS: Statement = select(
    TrustStep.level_id, TrustStep.is_reached, TrustStep.at, TrustStep.because
).where(
    TrustStep.id.in_(
        select(func.max(TrustStep.id))
        .where(TrustStep.member_id == bindparam("member"))
        .group_by(TrustStep.level_id)
    )
)
_RIGHTS: Statement = (
    select(Grant.group_id, Category.id, Category.title, Grant.permission)
    .join(TrustLevel, TrustLevel.group_id == Grant.group_id)
    .outerjoin(Category, Category.id == Grant.category_id)
    .where(Grant.effect == "allow")
    .order_by(Category.position, Category.title, Grant.id)
)


def standings_of(member_id: int, reader: Actor) -> list[Standing]:
    """Where a member stands with each level, in their order; nothing, if they have no account. Of
    categories that the reader may not see, nothing is said."""
    levels = trust_levels()
    deeds = deeds_of([member_id]).get(member_id) if levels else None
    if deeds is None:
        return []
    held = holders_of_levels([member_id])
    last = {row.level_id: row for row in database.rows(_LAST_STEPS, {"member": member_id})}
    rights = _rights_in_sight(reader)
    return [
        _standing(level, deeds, level.id in held, last.get(level.id), rights.get(level.id, []))
        for level in levels
    ]


def _standing(
    level: Level, deeds: Deeds, is_held: bool, last: Any, rights: list[tuple[str | None, str]]
) -> Standing:
    reached = last is not None and last.is_reached
    return Standing(
        level,
        is_held,
        missing_for(level.asked, deeds),
        last.at if reached and is_held else None,
        last.at if last is not None and not reached and not is_held else None,
        () if last is None else tuple(last.because.split()),
        tuple(rights),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    category_id: int


def _rights_in_sight(reader: Actor) -> dict[int, list[tuple[str | None, str]]]:
    found: dict[int, list[tuple[str | None, str]]] = {}
    for level_id, category_id, title, permission in database.rows(_RIGHTS):
        if category_id is None or allowed(reader, "thread.see", _Place(category_id)):
            found.setdefault(level_id, []).append((title, permission))
    return found
