"""What went wrong with plugins, shared by all processes through the database.

A call that goes well asks nothing and writes nothing. What went wrong is written after the request
or the job, in a transaction of its own; then, and once a minute, a process reads what others wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, g
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError

from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.plugin_host.dispatch import PluginHost, current_host
from forum.plugin_host.implementation import log
from forum.plugin_host.models import PluginTrouble
from forum.plugin_host.running import sweep
from forum.plugin_host.tallies import write_tallies
from forum.plugin_host.watch import Trouble
from forum.traces import trace_of

DIED = "a process ended during this call"


@dataclass(frozen=True, slots=True)
class NotedTrouble:
    """What is written down of an implementation that failed."""

    plugin: str
    hook: str
    is_off: bool
    failures: int
    last_error: str
    first_at: datetime
    last_at: datetime


_ALL = select(
    PluginTrouble.plugin,
    PluginTrouble.hook,
    PluginTrouble.is_off,
    PluginTrouble.failures,
    PluginTrouble.last_error,
    PluginTrouble.first_at,
    PluginTrouble.last_at,
).order_by(PluginTrouble.plugin, PluginTrouble.hook)


def noted_troubles() -> list[NotedTrouble]:
    """All that is written down, by plugin and hook."""
    return [NotedTrouble(**row._mapping) for row in rows(_ALL)]


def settle(*, now: bool = False) -> None:
    """Write down what went wrong in this process, and learn what did in others.

    Does nothing while there is nothing to write and the last look is less than a minute ago.

    Args:
        now: look in any case.
    """
    host = current_host()
    if (not now and not host.reports.is_time_to_look()) or g.get("writing"):
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context():
        try:
            _share(host)
        except SQLAlchemyError as error:
            # The database may be away for a moment; a minute later it is tried again.
            log.error("troubles with plugins could not be shared: %s", trace_of(error))


def _share(host: PluginHost) -> None:
    host.reports.begin_look()
    if host.calls.folder is not None and host.calls.folder.is_dir():
        write_tallies(host.calls.folder, host.tallies)
    for call in sweep(host.calls.folder) if host.calls.folder is not None else ():
        log.error("%s: %s was under way when process %d ended", call.plugin, call.hook, call.pid)
        host.reports.tell(Trouble(call.plugin, call.hook, 1, DIED, False))
    if told := host.reports.untold():
        with transaction():
            for trouble in told:
                _write(trouble)
    host.reports.has_told(len(told))
    host.learn({(t.plugin, t.hook): t.is_off for t in noted_troubles()})


def _write(trouble: Trouble) -> None:
    insert: Any = sqlite_insert if db.engine.dialect.name == "sqlite" else postgresql_insert
    moment = utcnow()
    said = {"last_error": trouble.last_error, "last_at": moment}
    statement = insert(PluginTrouble).values(
        plugin=trouble.plugin,
        hook=trouble.hook,
        is_off=trouble.is_off,
        failures=trouble.failures,
        first_at=moment,
        **said,
    )
    more = {**said, "failures": PluginTrouble.failures + trouble.failures}
    # What another process has switched off stays off.
    more |= {"is_off": True} if trouble.is_off else {}
    keys = [PluginTrouble.plugin, PluginTrouble.hook]
    db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=more))


def forget_troubles(plugin: str) -> int:
    """Remove what is written down of a plugin, in the transaction under way: how much it was."""
    statement = delete(PluginTrouble).where(PluginTrouble.plugin == plugin)
    return len(db.session.execute(statement.returning(PluginTrouble.hook)).all())
