"""Promise work: a row in the same transaction as what makes it necessary."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import insert

from forum.clock import utcnow
from forum.db import db
from forum.jobs.models import Job

EVENT = "event"


class Event(Protocol):
    """What ``emit`` takes: an event that names its hook and can be written as JSON."""

    @property
    def hook(self) -> str:
        """Name of the ``on_*`` hook that hears it."""

    def to_json(self) -> dict[str, Any]:
        """Its fields as primitives."""


def enqueue(name: str, /, *, run_at: datetime | None = None, **arguments: Any) -> int:
    """Have a worker do ``name`` with these primitive arguments, at least once, after the commit: the
    number of the job."""
    now = utcnow()
    row = {"name": name, "arguments": arguments, "created_at": now, "run_at": run_at or now}
    return db.session.execute(insert(Job).returning(Job.id), row).scalar_one()


def emit(event: Event) -> None:
    """Tell every implementation of the event's hook, each by itself, after the commit."""
    enqueue(EVENT, hook=event.hook, event=event.to_json())
