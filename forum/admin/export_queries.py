"""Exports that administrators ordered, with what has become of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from forum.accounts.models import Member
from forum.admin.excerpt_extent import Wish
from forum.admin.export_shelf import Made, made_exports
from forum.clock import utcnow
from forum.db import rows
from forum.jobs.models import Job

JOB = "export"
FORGET = "exports.forget"
WAITING, RUNNING, READY, FAILED, STUCK = "waiting", "running", "ready", "failed", "set aside"


@dataclass(frozen=True, slots=True)
class Export:
    """An order. ``at`` is when it was made, or while it was not, ordered. ``by`` is who ordered it;
    empty when they are not known any more."""

    word: str
    kind: str
    wish: Wish
    state: str
    at: datetime
    by: str
    made: Made | None = None


def exports() -> list[Export]:
    """All orders: those under way first, then what can be fetched, newest first."""
    ended = {made.word: made for made in made_exports()}
    under_way = [row for row in _orders() if row.arguments["word"] not in ended]
    orders = [*(row.arguments for row in under_way), *(made.order for made in ended.values())]
    names = _names({order["by"] for order in orders})
    return [
        *(_export(row.arguments, _state(row), row.created_at, names) for row in under_way),
        *(_export(m.order, FAILED if m.error else READY, m.at, names, m) for m in ended.values()),
    ]


def _orders() -> list[Any]:
    columns = (Job.arguments, Job.state, Job.lease_until, Job.created_at)
    return list(rows(select(*columns).where(Job.name == JOB).order_by(Job.id.desc())))


def _state(row: Any) -> str:
    if row.state == STUCK:
        return STUCK
    return RUNNING if row.lease_until and row.lease_until > utcnow() else WAITING


def _names(members: set[int]) -> dict[int, str]:
    if not members:
        return {}
    found = rows(select(Member.id, Member.name).where(Member.id.in_(members)))
    return {row.id: row.name for row in found}


def _export(
    order: dict[str, Any], state: str, at: datetime, names: dict[int, str], made: Made | None = None
) -> Export:
    wish, by = Wish.from_json(order["wish"]), names.get(order["by"], "")
    return Export(order["word"], order["kind"], wish, state, at, by, made)
