"""The database itself refuses to change or delete what stands in the moderators' log."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from forum.db import db
from forum.record.models import LogEntry
from tests.record.scene import DEEDS, Scene

EVERYWHERE = (
    "UPDATE moderation_log SET actor_id = NULL",
    "UPDATE moderation_log SET kind = 'thread.pin' WHERE id = 1",
    "DELETE FROM moderation_log",
    "DELETE FROM moderation_log WHERE id = 2",
)
OF_ITS_OWN = {
    "sqlite": (
        "INSERT OR REPLACE INTO moderation_log (id, at, kind, steps) VALUES (2, '2024', 'a.b', 0)",
        "REPLACE INTO moderation_log (at, kind, steps, undo_of) VALUES ('2024', 'a.b', 0, 1)",
        "INSERT INTO moderation_log (id, at, kind, steps) VALUES (2, '2024', 'a.b', 0)"
        " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind",
    ),
    "postgresql": (
        "TRUNCATE moderation_log CASCADE",
        "INSERT INTO moderation_log (id, at, kind, steps) VALUES (2, now(), 'a.b', 0)"
        " ON CONFLICT (id) DO UPDATE SET kind = excluded.kind",
        "WITH gone AS (DELETE FROM moderation_log RETURNING 1) SELECT count(*) FROM gone",
    ),
}
TRIGGERS = {
    "sqlite": [f"moderation_log_no_{what}" for what in ("update", "delete", "replace")],
    "postgresql": [f"moderation_log_no_{what}" for what in ("change", "truncate")],
}


def statements(app: Flask) -> list[str]:
    """All that is tried on this database."""
    with app.app_context():
        return [*EVERYWHERE, *OF_ITS_OWN[db.engine.dialect.name]]


def unrefused(app: Flask) -> list[str]:
    """Those that nothing speaks against, or only a reference; all of it is thrown away."""
    found = []
    with app.app_context():
        for statement in statements(app):
            with db.engine.connect() as connection:
                try:
                    connection.execute(text(statement))
                    found.append(statement)
                except DBAPIError as error:
                    if "the moderation log is never changed" not in str(error):
                        found.append(statement)
                connection.rollback()
    return found


@pytest.fixture
def written(scene: Scene) -> Scene:
    """A log in which 2 undoes 1."""
    scene.do(DEEDS["curating_actions.lock_thread"])
    scene.undo(scene.newest)
    return scene


def test_nothing_in_the_log_can_be_changed_or_deleted(written: Scene) -> None:
    assert unrefused(written.app) == []
    with written.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LogEntry)) == 2


def test_without_the_triggers_it_could(written: Scene) -> None:
    with written.app.app_context(), db.engine.begin() as connection:
        for trigger in TRIGGERS[db.engine.dialect.name]:
            on = " ON moderation_log" if db.engine.dialect.name == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER {trigger}{on}"))
    assert unrefused(written.app) == statements(written.app)
