"""Promise work: a row in the same transaction as what makes it necessary."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, insert

from forum.clock import utcnow
from forum.db import db
from forum.jobs.models import Job
from forum.plugin_host import current_host

EVENT = "event"
# The names of the jobs that the forum itself does.
HANDLED: set[str] = set()


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


def done_here() -> ColumnElement[bool]:
    """Whether a job is of the forum or of a plugin that runs; what other plugins promised waits for
    them."""
    return is_ours() | Job.name.in_(list(current_host().jobs))


def is_ours() -> ColumnElement[bool]:
    """Whether a job is of the forum itself, and not of a plugin, whether that runs or not."""
    # All names of plugins' jobs have a dot.
    return ~Job.name.contains(".") | Job.name.in_(sorted(HANDLED))


def emit(event: Event) -> None:
    """Tell every implementation of the event's hook, each by itself, after the commit."""
    enqueue(EVENT, hook=event.hook, event=event.to_json())
