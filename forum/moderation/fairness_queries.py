"""How long cases wait, and which decisions were looked at once more: each moderator's own, and those of
all together. Nobody finds figures of a colleague."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import String, bindparam, case, cast, func, select, true
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.measure_queries import TOLD
from forum.accounts.models import MeasureAppeal, Member
from forum.db import Statement, UtcDateTime
from forum.discussion.models import Post, Thread
from forum.discussion.queries import scope_values, variant, variants
from forum.moderation.measure_appeal_queries import FOR_READER, values_for
from forum.moderation.models import Case
from forum.moderation.rules import APPEALABLE, kinds_for, kinds_hidden_from_authors
from forum.permissions import Actor, allowed
from forum.record.models import LogEntry, LogStep
from forum.record.rules import known_kinds

SPANS = (30, 90)
"""So many days the figures look back."""
MOST_ENTRIES = 10_000
"""As many decisions, the newest, as they are made of."""
MOST_SECOND_LOOKS = 50
CLOCK = "case.clock"
_CASE_DEEDS = "case."
_MEASURE_DEEDS = ("member.uphold", "member.overturn")
_SINCE = LogEntry.at >= bindparam("since", type_=UtcDateTime())
MEASURES = "member.moderate"
_KINDS = LogEntry.kind.in_(bindparam("kinds", expanding=True))


@dataclass(frozen=True, slots=True)
class Waits:
    """How long cases had waited when they were decided, in the last so many ``days``. ``middle`` is
    what half of them had not waited longer than; both times are ``None`` when there are none.
    ``by_clock`` of them nobody had decided in time."""

    days: int
    decided: int
    middle: timedelta | None
    longest: timedelta | None
    by_clock: int


_ENTRIES: Statement = (
    select(LogEntry.kind, LogEntry.at, Case.opened_at)
    .join(Case, Case.id == LogEntry.case_id)
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .where(LogEntry.undo_of.is_(None), _SINCE, _KINDS)
    .order_by(LogEntry.id.desc())
    .limit(MOST_ENTRIES)
)
_ALL = variants(_ENTRIES, true())
_OWN = variants(_ENTRIES.where(LogEntry.actor_id == bindparam("actor")), true())


_OF_MEASURES: Statement = (
    select(LogEntry.kind, LogEntry.at, MeasureAppeal.opened_at)
    .join(LogStep, (LogStep.entry_id == LogEntry.id) & (LogStep.relation == "measure_appeals"))
    .join(MeasureAppeal, cast(MeasureAppeal.id, String) == LogStep.row)
    .where(LogEntry.undo_of.is_(None), _SINCE, LogEntry.kind.in_(_MEASURE_DEEDS))
    .order_by(LogEntry.id.desc())
    .limit(MOST_ENTRIES)
)
_ALL_OF_MEASURES = _OF_MEASURES.where(*FOR_READER)
_OWN_OF_MEASURES = _OF_MEASURES.where(LogEntry.actor_id == bindparam("actor"))


def own_waits(actor: Actor, now: datetime) -> list[Waits]:
    """Of the actor's own decisions, for each of ``SPANS``."""
    values = {"actor": actor.id, "since": now - timedelta(days=max(SPANS))}
    found = _cases_decided(actor, _OWN, values)
    return _in_spans([*found, *database.rows(_OWN_OF_MEASURES, values)], now)


def waits_of_all(actor: Actor, now: datetime) -> list[Waits]:
    """Of all decisions about cases that are for the actor, also about appeals of members, by whomever,
    for each of ``SPANS``."""
    values = {"since": now - timedelta(days=max(SPANS))}
    found = _cases_decided(actor, _ALL, values)
    if allowed(actor, MEASURES):
        found = [*found, *database.rows(_ALL_OF_MEASURES, values | values_for(actor))]
    return _in_spans(found, now)


def _cases_decided(
    actor: Actor, statements: dict[tuple[str, bool], Statement], values: dict[str, Any]
) -> Sequence[Any]:
    scope = actor.scope("thread.see")
    values = values | {"kinds": _decisions_for(actor)} | scope_values(scope)
    return database.rows(statements[variant(scope), False], values)


def _in_spans(found: Sequence[Any], now: datetime) -> list[Waits]:
    return [_waits_in(found, days, now - timedelta(days=days)) for days in SPANS]


def _decisions_for(actor: Actor) -> list[str]:
    return [
        kind.name
        for kind in known_kinds().values()
        if kind.name.startswith(_CASE_DEEDS) and allowed(actor, kind.permission)
    ]


def _waits_in(found: Iterable[Any], days: int, since: datetime) -> Waits:
    rows = [row for row in found if row.at >= since]
    # A case that was opened anew, such as for help, began to wait after its first decision.
    times = [row.at - row.opened_at for row in rows if row.at >= row.opened_at]
    return Waits(
        days,
        len(rows),
        median(times) if times else None,
        max(times, default=None),
        sum(row.kind == CLOCK for row in rows),
    )


@dataclass(frozen=True, slots=True)
class SecondLook:
    """A decision of the actor's that its author appealed against, or that somebody else has undone."""

    entry_id: int
    kind: str
    at: datetime
    title: str
    case_id: int | None
    appeal_id: int | None
    appeal_decision: str | None
    undone_by: int | None


@dataclass(frozen=True, slots=True)
class SecondLooks:
    """How many of the actor's decisions were appealed against, and what became of that; ``undone``
    counts those that somebody else has undone without an appeal."""

    appealed: int
    upheld: int
    overturned: int
    undone: int


_appeal, _undoing = aliased(Case), aliased(LogEntry)
_LOOKED_AT: Statement = (
    select(
        LogEntry.id,
        LogEntry.kind,
        LogEntry.at,
        Thread.title,
        LogEntry.case_id,
        _appeal.id,
        _appeal.decision,
        _undoing.id,
    )
    .select_from(LogEntry)
    .join(Thread, Thread.id == LogEntry.thread_id)
    .outerjoin(_appeal, _appeal.appeal_of == LogEntry.id)
    .outerjoin(_undoing, _undoing.undo_of == LogEntry.id)
    .where(
        LogEntry.actor_id == bindparam("actor"),
        LogEntry.undo_of.is_(None),
        _SINCE,
        _KINDS,
        _appeal.id.is_not(None) | (_undoing.actor_id != bindparam("actor")),
    )
)
_NEWEST = variants(_LOOKED_AT.order_by(LogEntry.id.desc()).limit(MOST_SECOND_LOOKS), true())


def _how_many(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


_COUNTS = variants(
    _LOOKED_AT.with_only_columns(
        _how_many(_appeal.id.is_not(None)),
        _how_many(_appeal.decision == "upheld"),
        _how_many(_appeal.decision == "overturned"),
        _how_many(_appeal.id.is_(None)),
    ),
    true(),
)


def second_looks(actor: Actor, now: datetime) -> tuple[SecondLooks, list[SecondLook]]:
    """Of the actor's decisions of the longest of ``SPANS``: how many, and the newest of them."""
    scope = actor.scope("thread.see")
    values = {"actor": actor.id, "since": now - timedelta(days=max(SPANS))}
    # Also where they removed a post or a thread without a case.
    values |= {"kinds": sorted({*_decisions_for(actor), *APPEALABLE})} | scope_values(scope)
    counts = database.row(_COUNTS[variant(scope), False], values)
    assert counts is not None
    rows = database.rows(_NEWEST[variant(scope), False], values)
    return SecondLooks(*(int(n) for n in counts)), [SecondLook(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class MeasureLook:
    """A measure of the actor's that its member appealed against."""

    entry_id: int
    kind: str
    at: datetime
    name: str
    appeal_id: int
    appeal_decision: str | None


_MEASURES_APPEALED: Statement = (
    select(
        LogEntry.id,
        LogEntry.kind,
        LogEntry.at,
        Member.name,
        MeasureAppeal.id,
        MeasureAppeal.decision,
    )
    .join(LogStep, (LogStep.entry_id == LogEntry.id) & (LogStep.relation == "measures"))
    # As text: rows of other relations are not numbers.
    .join(MeasureAppeal, cast(MeasureAppeal.measure_id, String) == LogStep.row)
    .join(Member, Member.id == MeasureAppeal.member_id)
    .where(LogEntry.actor_id == bindparam("actor"), LogEntry.undo_of.is_(None), _SINCE, _KINDS)
    .order_by(LogEntry.id.desc())
    .limit(MOST_SECOND_LOOKS)
)


def measures_looked_at(actor: Actor, now: datetime) -> list[MeasureLook]:
    """Of the actor's warnings, mutes and suspensions of the longest of ``SPANS``, the newest 50 that
    somebody else was asked to look at."""
    values = {
        "actor": actor.id,
        "since": now - timedelta(days=max(SPANS)),
        "kinds": [f"member.{kind}" for kind in TOLD],
    }
    return [MeasureLook(*row) for row in database.rows(_MEASURES_APPEALED, values)]


@dataclass(frozen=True, slots=True)
class OpenByAge:
    """How many cases wait for a person, by how long they have waited."""

    under_a_day: int
    under_three: int
    under_a_week: int
    longer: int


def _by_age(since: Any) -> tuple[Any, ...]:
    return (
        _how_many(since > bindparam("day")),
        _how_many((since <= bindparam("day")) & (since > bindparam("three"))),
        _how_many((since <= bindparam("three")) & (since > bindparam("week"))),
        _how_many(since <= bindparam("week")),
    )


_OPEN = variants(
    select(*_by_age(Case.opened_at))
    .select_from(Case)
    .join(Post, Post.id == Case.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .where(
        Case.closed_at.is_(None),
        Case.kind.in_(bindparam("kinds", expanding=True)),
        Case.kind.not_in(bindparam("hidden", expanding=True))
        | (Post.author_id != bindparam("reader")),
    ),
    true(),
)


_OPEN_OF_MEASURES: Statement = (
    select(*_by_age(MeasureAppeal.opened_at))
    .select_from(MeasureAppeal)
    .where(MeasureAppeal.closed_at.is_(None), *FOR_READER)
)


def open_by_age(actor: Actor, now: datetime) -> OpenByAge:
    """The open cases that are for the actor and whose threads they may see, and appeals of members that
    are for them."""
    scope = actor.scope("thread.see")
    spans = {"day": 1, "three": 3, "week": 7}
    times = {name: now - timedelta(days=days) for name, days in spans.items()}
    values = {"kinds": kinds_for(actor), "hidden": kinds_hidden_from_authors(), "reader": actor.id}
    values |= times | scope_values(scope)
    found = list(database.rows(_OPEN[variant(scope), False], values))
    if allowed(actor, MEASURES):
        found += database.rows(_OPEN_OF_MEASURES, times | values_for(actor))
    return OpenByAge(*(sum(map(int, numbers)) for numbers in zip(*found, strict=True)))
