"""How the forum stands at this moment, as numbers: the queue, mail, the database, plugins, backups."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import case, func, select, text

from forum.backups.shelf import backups_in
from forum.clock import utcnow
from forum.config import Settings
from forum.db import reading, rows
from forum.jobs.heartbeat import seconds_since_beat
from forum.jobs.models import Job
from forum.jobs.queue import done_here
from forum.notifications.models import SentMail
from forum.plugin_host.troubles import noted_troubles

# That one question came in is not to be seen in the figure: the longest text that is taken has 32 KiB.
DATABASE_STEP = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Standing:
    """One number with its name, what it is, and the values of its labels."""

    name: str
    words: str
    number: float
    labels: dict[str, str]


def standings(settings: Settings) -> Iterator[Standing]:
    """All numbers of this moment; nothing is kept between two looks."""
    yield from _jobs()
    for row in rows(select(SentMail.state, func.count().label("n")).group_by(SentMail.state)):
        yield Standing("mail", "Letters by state.", row.n, {"state": row.state})
    room = in_steps(database_bytes())
    yield Standing("database_bytes", "Size of the database, in steps of 16 MiB.", room, {})
    for trouble in noted_troubles():
        labels = {"plugin": trouble.plugin, "hook": trouble.hook}
        yield Standing(
            "hook_off", "1 for what was switched off, 0 for what waits for a look.",
            int(trouble.is_off), labels,
        )  # fmt: skip
    if (age := seconds_since_beat(settings.running_folder)) is not None:
        yield Standing("worker_heartbeat_age_seconds", "Since a worker was last at work.", age, {})
    if kept := backups_in(settings.instance):
        made = kept[0].made_at.timestamp()
        yield Standing("backup_age_seconds", "Age of the newest backup.", time.time() - made, {})


def _jobs() -> Iterator[Standing]:
    now = utcnow()
    under_way = (Job.state == "waiting") & (Job.lease_until > now)
    due = (Job.state == "waiting") & (Job.run_at <= now) & done_here()
    state = case((under_way, "running"), (due, "due"), else_=Job.state).label("state")
    counted = select(Job.name, state, func.count().label("n"), func.min(Job.run_at).label("first"))
    for row in rows(counted.group_by(Job.name, state).order_by(Job.name, state)):
        labels = {"job": row.name, "state": row.state}
        yield Standing("jobs", "Jobs by kind and state.", row.n, labels)
        if row.state == "due":
            late = (now - row.first).total_seconds()
            yield Standing("job_late_seconds", "Since the oldest was due.", late, {"job": row.name})


def in_steps(size: int) -> int:
    """The number of bytes rounded up to whole steps of 16 MiB."""
    return -(-size // DATABASE_STEP) * DATABASE_STEP


def database_bytes() -> int:
    """How much room the database takes, without what waits to be written into it."""
    if reading().dialect.name == "postgresql":
        return int(reading().scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages, size = (reading().scalar(text(f"PRAGMA {name}")) for name in ("page_count", "page_size"))
    return int(pages or 0) * int(size or 0)
