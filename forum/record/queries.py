"""Named reads of the record."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Member
from forum.errors import NotFound
from forum.record.models import LogEntry, LogReason, LogStep
from forum.record.rules import (
    ADDED,
    Dependents,
    Entry,
    FieldChange,
    Values,
    differing,
    kind_named,
    relation_named,
)

_STEPS = (
    select(LogStep.id, LogStep.relation, LogStep.row, LogStep.before, LogStep.after)
    .where(LogStep.entry_id == bindparam("entry"))
    .order_by(LogStep.id)
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one row was before and after."""

    id: int
    relation: str
    row: str
    before: Values
    after: Values


def steps_of(entry_id: int) -> list[Step]:
    """What is still kept of what an entry changed, in the order in which it was looked at."""
    return [
        Step(row.id, row.relation, row.row, json.loads(row.before), json.loads(row.after))
        for row in database.rows(_STEPS, {"entry": entry_id})
    ]


def changes_in(steps: Sequence[Step], *, held: bool = False) -> list[FieldChange]:
    """What the steps of an entry changed, with what is there now, the rows ``held`` for the rest of
    the transaction. It takes a statement for each relation, however many rows there are."""
    now, later = _rows_now(steps, held=held), _later_changes(steps)
    changes = [
        change
        for step in steps
        for change in _changes_in(step, now[step.relation, step.row], _touched_after(step, later))
    ]
    return [*changes, *_added_since(steps)]


def _rows_now(steps: Sequence[Step], *, held: bool) -> dict[tuple[str, str], Values]:
    by_relation: dict[str, list[str]] = defaultdict(list)
    for step in steps:
        by_relation[step.relation].append(step.row)
    now: dict[tuple[str, str], Values] = {}
    for name, keys in by_relation.items():
        relation = relation_named(name)
        found = {} if relation is None else relation.read_all(keys, held=held)
        now |= {(name, key): found.get(key, {}) for key in keys}
    return now


def _added_since(steps: Sequence[Step]) -> list[FieldChange]:
    return [
        FieldChange(step.relation, step.row, ADDED, 0, 0, count, is_touched=False)
        for step in steps
        if not step.before and (count := _count_added(step, steps)) > 0
    ]


def _count_added(made: Step, steps: Sequence[Step]) -> int:
    """How many rows depend on one that the deed made, less those that undoing takes away from it."""
    relation = relation_named(made.relation)
    return sum(
        found.count - sum(_is_brought(step, found, made.row) for step in steps)
        for found in ([] if relation is None else relation.dependents(made.row))
    )


def _is_brought(step: Step, found: Dependents, row: str) -> bool:
    before, after = (str(values.get(found.field)) for values in (step.before, step.after))
    return step.relation == found.table and before != row == after


def _changes_in(step: Step, now: Values, touched: set[str]) -> list[FieldChange]:
    is_gone = bool(step.after) and not now
    return [
        FieldChange(
            step.relation,
            step.row,
            name,
            step.before.get(name),
            step.after.get(name),
            now.get(name),
            is_gone or name in touched,
        )
        for name in differing(step.before, step.after)
    ]


_later = aliased(LogEntry)
_LATER_STEPS = (
    select(LogStep.id, LogStep.relation, LogStep.row, LogStep.before, LogStep.after)
    .join(_later, _later.id == LogStep.entry_id)
    .where(_later.undo_of.is_(None), ~exists().where(LogEntry.undo_of == _later.id))
)


def _later_changes(steps: Sequence[Step]) -> dict[tuple[str, str], list[Step]]:
    """What deeds that stand changed in the same rows, from the first of these steps on."""
    found: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for name in sorted({step.relation for step in steps}):
        keys = {step.row for step in steps if step.relation == name}
        first = min(step.id for step in steps if step.relation == name)
        these = LogStep.relation == name, LogStep.row.in_(keys), LogStep.id > first
        for row in database.rows(_LATER_STEPS.where(*these)):
            values = json.loads(row.before), json.loads(row.after)
            found[name, row.row].append(Step(row.id, name, row.row, *values))
    return found


def _touched_after(step: Step, later: Mapping[tuple[str, str], Sequence[Step]]) -> set[str]:
    """The fields that later deeds changed which are not undone. Values alone would not tell: a title
    may have been changed and changed back."""
    return {
        name
        for other in later.get((step.relation, step.row), ())
        if other.id > step.id
        for name in other.before | other.after
    }


def undoing_of(entry_id: int) -> int | None:
    """The entry that undid this one."""
    found: int | None = database.value(_UNDOING, {"entry": entry_id})
    return found


_UNDOING = select(LogEntry.id).where(LogEntry.undo_of == bindparam("entry"))


def entries_together(entry: EntryFacts) -> list[int]:
    """The numbers of what was done with one press of a button, in its order; with the entry itself."""
    values = {"at": entry.at, "actor": entry.actor_id}
    statement = _UNDOINGS_TOGETHER if entry.undo_of is not None else _TOGETHER
    # What somebody did on the machine has no actor, and stands alone.
    return [row.id for row in database.rows(statement, values)] or [entry.id]


_SAME = (
    select(LogEntry.id)
    .where(LogEntry.at == bindparam("at"), LogEntry.actor_id == bindparam("actor"))
    .order_by(LogEntry.id)
)
_TOGETHER = _SAME.where(LogEntry.undo_of.is_(None))
_UNDOINGS_TOGETHER = _SAME.where(LogEntry.undo_of.is_not(None))


def newest_entry_about(case_id: int) -> int | None:
    """The last that was done about a case."""
    found: int | None = database.value(_ABOUT_CASE, {"case": case_id})
    return found


_ABOUT_CASE = (
    select(LogEntry.id)
    .where(LogEntry.case_id == bindparam("case"))
    .order_by(LogEntry.id.desc())
    .limit(1)
)


def entry_that_made(relation: str, row: int) -> int | None:
    """The entry of the deed that made a row; ``None`` where the record does not have it any more."""
    found: int | None = database.value(_MADE, {"relation": relation, "row": str(row)})
    return found


_MADE = (
    select(LogStep.entry_id)
    .where(
        LogStep.relation == bindparam("relation"),
        LogStep.row == bindparam("row"),
        LogStep.before == "{}",
    )
    .order_by(LogStep.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One entry of the log as its page needs it; ``undone_by`` is the entry that undid it."""

    id: int
    at: datetime
    actor_id: int | None
    actor: str | None
    kind: str
    thread_id: int | None
    post_id: int | None
    member_id: int | None
    case_id: int | None
    steps: int
    undo_of: int | None
    reason: str | None
    undone_by: int | None
    undone_at: datetime | None


_undoing = aliased(LogEntry)
_FACTS = (
    select(
        LogEntry.id,
        LogEntry.at,
        LogEntry.actor_id,
        Member.name,
        LogEntry.kind,
        LogEntry.thread_id,
        LogEntry.post_id,
        LogEntry.member_id,
        LogEntry.case_id,
        LogEntry.steps,
        LogEntry.undo_of,
        LogReason.words,
        _undoing.id,
        _undoing.at,
    )
    .outerjoin(Member, Member.id == LogEntry.actor_id)
    .outerjoin(LogReason, LogReason.entry_id == LogEntry.id)
    .outerjoin(_undoing, _undoing.undo_of == LogEntry.id)
    .where(LogEntry.id == bindparam("entry"))
)


def entry_facts(entry_id: int) -> EntryFacts:
    """One entry, whoever may see it.

    Raises:
        NotFound: there is none of this number.
    """
    row = database.row(_FACTS, {"entry": entry_id})
    if row is None:
        raise NotFound(gettext("There is no such entry, or it is not open to you."))
    return EntryFacts(*row)


def obstacle_to_undoing(entry: Entry, *, is_redone: bool = False) -> str:
    """Why an entry cannot be undone whatever stands there now; empty when nothing speaks against it.

    Args:
        is_redone: as in ``undo``.
    """
    return str(_obstacle(entry, is_redone=is_redone))


def _obstacle(entry: Entry, *, is_redone: bool) -> Any:
    if entry.undo_of is not None:
        return gettext(
            "This has undone something itself. If need be, do that again where it stands."
        )
    if undoing_of(entry.id) is not None:
        return gettext("This has been undone already.")
    if (kind := kind_named(entry.kind)) is not None and kind.final:
        return kind.final
    if len(steps_of(entry.id)) < entry.steps:
        return gettext(
            "Whoever it was about has left and their data was erased, so nobody knows any more what "
            "was there before."
        )
    asked = None if kind is None or is_redone else kind.obstacle
    return "" if asked is None else asked(entry)
