"""What the doctor asks the database, the worker's notes and the folder of backups."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection, create_engine, func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from forum.accounts.models import Community, Member
from forum.backups.container import BackupReader
from forum.backups.nightly import due_since, is_made
from forum.backups.shapes import schema_of
from forum.backups.shelf import Kept, backups_in, last_try
from forum.clock import utcnow
from forum.config import Settings
from forum.db import NotDurable, engine_options, prepare_engine
from forum.doctor.machine import skewed
from forum.doctor.result import Result, look, ok, wrong
from forum.errors import ForumError
from forum.jobs.heartbeat import FRESH_SECONDS, seconds_since_beat
from forum.jobs.models import Job
from forum.jobs.queue import is_ours
from forum.migrate import is_current, is_known
from forum.places import plugins_folder
from forum.plugin_host.discovery import find_plugins
from forum.plugin_host.models import PluginTrouble

LATE = timedelta(minutes=2)
TOO_LATE = timedelta(minutes=15)
# The worker looks once an hour whether a backup is due; making one takes its time, too.
BACKUP_PATIENCE = timedelta(hours=2)

Look = Callable[[Connection, Settings], Iterator[Result]]


def stored(settings: Settings) -> Iterator[Result]:
    """The database, and what is asked of it where it has this version's tables."""
    engine = create_engine(settings.database_url, **engine_options(settings.database_url))
    prepare_engine(engine)
    try:
        with engine.connect() as connection:
            yield ok("database", _kind_of(connection))
            state = _schema(connection, current=is_current(engine))
            yield state
            if not state.state:
                for part in (queue, backups, database_clock, plugins):
                    yield from part(connection, settings)
    except NotDurable as error:
        yield wrong("database", str(error), "A power cut would take back what was acknowledged.")
    except (SQLAlchemyError, OSError) as error:
        yield wrong(
            "database", f"It does not answer: {_first_line(error)}", _database_mend(settings)
        )
    finally:
        engine.dispose()


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


def _database_mend(settings: Settings) -> str:
    if settings.database_url.startswith("sqlite"):
        return "Look whether the file is there and the forum's; else restore the newest backup."
    return "Look whether PostgreSQL runs, and at `database` in the settings."


def _kind_of(connection: Connection) -> str:
    # Each connection was refused before, had it not been durable (``forum.db``).
    if connection.dialect.name == "sqlite":
        return "SQLite answers, with WAL and synchronous=FULL: what it acknowledges is on the disk."
    version = connection.scalar(text("SHOW server_version"))
    return f"PostgreSQL {version} answers, with fsync: what it acknowledges is on the disk."


def _schema(connection: Connection, *, current: bool) -> Result:
    if current:
        return ok("migrations", "The database has this version's tables.")
    if not inspect(connection).has_table("alembic_version"):
        return look("migrations", "The database is empty.", "Start the forum once: `forum serve`.")
    if is_known(schema_of(connection)):
        return wrong(
            "migrations", "The database is of an older version.", "`forum migrate`, or a new start."
        )
    return wrong(
        "migrations",
        "The database is of a newer version.",
        "Install that version again, or restore the backup that was made before the migration.",
    )


def queue(connection: Connection, _settings: Settings) -> Iterator[Result]:
    """How late the oldest job is, and what was set aside."""
    now = utcnow()
    free = (Job.lease_until.is_(None)) | (Job.lease_until < now)
    # Those of plugins wait while their plugin does not run.
    due = (Job.state == "waiting") & (Job.run_at <= now) & free & is_ours()
    first = connection.scalar(select(func.min(Job.run_at)).where(due))
    aside = connection.scalar(select(func.count()).where(Job.state == "set aside")) or 0
    if first is not None and now - first > LATE:
        found = wrong if now - first > TOO_LATE else look
        minutes = (now - first).total_seconds() / 60
        yield found(
            "queue",
            f"The oldest job that is due has waited for {minutes:.0f} minutes.",
            "Look whether the worker runs, and at `forum jobs list`.",
        )
    if aside:
        yield look(
            "queue",
            f"{aside} jobs were set aside after they failed eight times.",
            '`forum jobs list --state "set aside"`, then `forum jobs retry NUMBER`.',
        )
    if not aside and (first is None or now - first <= LATE):
        yield ok("queue", "No job is late, none was set aside.")


def worker(settings: Settings) -> Iterator[Result]:
    """Whether a worker is at work."""
    age = seconds_since_beat(settings.running_folder)
    start = "Start it: `forum serve` has one, `forum worker` is one."
    if age is None:
        yield look("worker", "No worker of this instance has ever been at work.", start)
    elif age > FRESH_SECONDS:
        says = f"The worker was last at work {age / 60:.0f} minutes ago."
        yield wrong("worker", says, f"{start} The log says why it ended.")
    else:
        yield ok("worker", f"It was at work {max(age, 0):.0f} s ago.")


def backups(connection: Connection, settings: Settings) -> Iterator[Result]:
    """Whether the newest is there in time, and whole."""
    kept = backups_in(settings.instance)
    last = last_try(settings.instance)
    if last and last.error:
        yield wrong("backups", f"The newest try, at {last.at}, failed.", "`forum backup` says why.")
    elif reason := _missing(connection, settings, kept):
        yield reason
    elif kept:
        yield _whole(kept[0])
    else:
        yield ok("backups", "The first one is not due yet.")


def _missing(connection: Connection, settings: Settings, kept: list[Kept]) -> Result | None:
    if not settings.backup_hours_of_day:
        if kept:
            return None
        return look("backups", "The worker makes none, and none is there.", "Set backup_hours.")
    zone = connection.scalar(select(Community.zone)) or "UTC"
    # The one that was due a while ago; what is due now may be under way.
    due = due_since(utcnow() - BACKUP_PATIENCE, settings.backup_hours_of_day, zone)
    first = connection.scalar(select(func.min(Member.created_at)))
    if due is None or first is None or first > due:
        return None
    if is_made(kept, due):
        return None
    return wrong(
        "backups",
        f"The one of {due:%Y-%m-%d %H:%M} is missing.",
        "Look whether the worker runs; `forum backup` makes one now, or says what keeps it.",
    )


def _whole(newest: Kept) -> Result:
    try:
        with newest.path.open("rb") as handle:
            BackupReader(handle).check()
    except (ForumError, OSError) as error:
        words = error.message if isinstance(error, ForumError) else error.strerror
        return wrong(
            "backups",
            f"{newest.path} is not whole: {words}",
            "Make another: `forum backup`. Look after the disk.",
        )
    return ok(
        "backups",
        f"The newest, of {newest.made_at:%Y-%m-%d %H:%M} UTC, was read back and is whole. "
        "Keep copies on another machine.",
    )


def database_clock(connection: Connection, _settings: Settings) -> Iterator[Result]:
    """The database's clock, rows from the future, and the zone of the community."""
    if connection.dialect.name == "postgresql":
        there = connection.scalar(text("SELECT clock_timestamp()"))
        assert isinstance(there, datetime)
        yield skewed("database", there.timestamp() - time.time())
    newest = connection.scalar(select(func.max(Member.created_at)))
    if newest and newest - utcnow() > LATE:
        yield wrong(
            "clock",
            "A member came in the future: the clock was set back, or was wrong before.",
            "Have it set by NTP (`timedatectl set-ntp true`).",
        )
    zone = connection.scalar(select(Community.zone)) or "UTC"
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        says = f"This machine does not know the community's time zone, {zone}."
        yield wrong("clock", says, "Install the package tzdata.")


def plugins(connection: Connection, settings: Settings) -> Iterator[Result]:
    """Those that fail, and those that the settings name and that cannot be used."""
    found = {one.name: one for one in find_plugins([plugins_folder(), *settings.plugin_paths])}
    faults = []
    for name in settings.plugins:
        if name not in found:
            faults.append(f"{name} is not there")
        elif found[name].fault:
            faults.append(f"{name} cannot be used: {found[name].fault}")
    troubled = connection.execute(select(PluginTrouble.plugin, PluginTrouble.is_off)).all()
    failing = sorted({row.plugin for row in troubled})
    if faults:
        yield wrong("plugins", "; ".join(faults) + ".", "`forum plugins list` says more.")
    if failing:
        found_ = wrong if any(row.is_off for row in troubled) else look
        yield found_(
            "plugins",
            f"{', '.join(map(_printable, failing))} failed since somebody last looked.",
            "`forum plugins list`, the log, and then `forum plugins reset NAME`.",
        )
    if not faults and not failing:
        yield ok("plugins", "None fails.")


def _printable(name: str) -> str:
    return re.sub(r"[^ -~]", "?", name)
