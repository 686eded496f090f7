"""A period ends: what waited is read once, in random order, and nobody can read it again.

A period's key changes hands under the lock that askers share (``hold_period``), and so do the key files:
whatever crashes between two steps leaves a file too many, never a row that cannot be read. Nobody is asked
for a permission, as the clock does this.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from time import sleep
from typing import TypeVar

from sqlalchemy import Table, delete, insert, select, update

from forum.db import StillRead, wipe_deleted
from forum.plugin_api import db, transaction
from forum_anonymous_questions.actions import added, hold_period
from forum_anonymous_questions.codes import row_ids
from forum_anonymous_questions.keys import delete_other_keys, key_of, make_key
from forum_anonymous_questions.models import GIVEN, PERIOD, SPENDING, SPENT, WAITING
from forum_anonymous_questions.sealing import Act, unsealed
from forum_anonymous_questions.tickets import quarter_name

Item = TypeVar("Item")
MOST_TRIES = 60


def begin_period(now: datetime) -> list[Act]:
    """End this period and begin the next, in the transaction under way: what askers did in it, in random
    order. It is gone from the table then, so whoever calls this does it.

    Before the first period there is nothing; what was sealed under a key that is gone is left out.
    """
    former = hold_period(shared=False)
    acts = _taken(key_of(former) if former else None)
    rewrite_spent()
    db.session.execute(delete(GIVEN).where(GIVEN.c.quarter != quarter_name(now)))
    _set_key(make_key(), now)
    return acts


def forget_former_periods(*, pause: float = 1.0, pulse: Callable[[], None] = lambda: None) -> None:
    """Delete the keys of all periods that have ended, and what is left of deleted rows in the database's
    files. Call it outside of a transaction. Doing it twice is doing it once.

    Args:
        pause: seconds between two tries while somebody reads the database.
        pulse: called before each.

    Raises:
        StillRead: somebody read it all the time; it has to be tried again.
    """
    with transaction():
        current = hold_period(shared=False)
        if current:
            # Another worker may have made its key: under the lock it is the present one by now.
            delete_other_keys(current)
    _wipe(pause, pulse)


def rewrite_spent() -> None:
    """Write the marks of spent tickets anew in random order, this period's among them, so that nothing
    tells when each came."""
    tables = SPENT, SPENDING
    marks = shuffled({mark for table in tables for mark in _marks_in(table)})
    for table in tables:
        db.session.execute(delete(table))
    if marks:
        db.session.execute(insert(SPENT), [{"mark": mark} for mark in marks])


def _marks_in(table: Table) -> Iterable[bytes]:
    return db.session.scalars(select(table.c.mark))


def shuffled(items: Iterable[Item]) -> list[Item]:
    """The same in an order that nobody can foresee or find out."""
    found = list(items)
    secrets.SystemRandom().shuffle(found)
    return found


def week_of(now: datetime) -> str:
    """The week as it is kept, such as ``2026-W48`` (ISO 8601)."""
    year, week, _ = now.isocalendar()
    return f"{year}-W{week:02}"


def new_id() -> bytes:
    """A random id for a row: it says nothing of when the row came."""
    return secrets.token_bytes(16)


def _taken(key: bytes | None) -> list[Act]:
    """All that waits, each as it was before it was sealed; the table is empty then. What was done with one
    claim code keeps its order."""
    content = list(db.session.execute(select(WAITING)))
    db.session.execute(delete(WAITING))
    by_code: dict[str, list[tuple[int, Act]]] = {}
    for row_id, sealed in content if key is not None else ():
        if (act := unsealed(key or b"", sealed)) is not None:
            ids = row_ids(act.code, key or b"")
            place = ids.index(row_id) if row_id in ids else len(ids)
            by_code.setdefault(act.code, []).append((place, act))
    one_by_one = (sorted(of_one, key=lambda each: each[0]) for of_one in shuffled(by_code.values()))
    return [act for of_one in one_by_one for _place, act in of_one]


def _set_key(key_id: str, now: datetime) -> None:
    begun = {"key_id": key_id, "begun_at": now}
    if not added(PERIOD, {"id": 1, **begun}):
        db.session.execute(update(PERIOD).values(begun))


def _wipe(pause: float, pulse: Callable[[], None]) -> None:
    for _ in range(MOST_TRIES - 1):
        pulse()
        try:
            return wipe_deleted(SPENDING)
        except StillRead:
            sleep(pause)
    return wipe_deleted(SPENDING)
