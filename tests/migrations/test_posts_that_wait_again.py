"""The upgrade that tells posts which wait again from those that moderators removed."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

import forum.tables  # noqa: F401 - makes the metadata whole
from forum.migrate import alembic_config, upgrade
from tests.migrations.old_databases import engine_for, load

# SQLite cannot say what the index over lower(email) is about.
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")
WAITS = (
    "UPDATE posts SET number = 900, removed_at = created_at, removal = 'moderator', removed_by = NULL, "
    "removal_reason = '' WHERE id = (SELECT min(post_id) FROM cases "
    "WHERE kind = 'hold' AND closed_at IS NULL)"
)
SET = "UPDATE posts SET removal = '{}' WHERE number = 900"


def done(engine: Engine, *statements: str) -> list[tuple[object, ...]]:
    """What the posts with that number say after these statements."""
    with engine.connect().execution_options(forum_writes=True) as connection, connection.begin():
        for statement in statements:
            connection.execute(text(statement))
        return _removals(connection)


def _removals(connection: Connection) -> list[tuple[object, ...]]:
    found = connection.execute(text("SELECT removal FROM posts WHERE number = 900"))
    return [tuple(row) for row in found]


def test_post_whose_publication_was_undone_waits_after_the_upgrade(empty_database: str) -> None:
    load(empty_database, "0012")
    engine = engine_for(empty_database)
    assert done(engine, WAITS) == [("moderator",)]
    before = _counts(engine)
    upgrade(engine)
    assert done(engine) == [("waiting",)]
    assert done(engine, SET.format("withdrawn")) == [("withdrawn",)]
    with pytest.raises(IntegrityError):
        done(engine, SET.format("fire"))
    assert _counts(engine) == before
    _downgrade(engine)
    assert done(engine) == [("author",)]
    with pytest.raises(IntegrityError):
        done(engine, SET.format("waiting"))
    assert _counts(engine) == before
    engine.dispose()


def _counts(engine: Engine) -> list[int]:
    tables = ("posts", "revisions", "cases", "flags", "case_notes", "moved_numbers")
    with engine.connect() as connection:
        return [
            connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables
        ]


def _downgrade(engine: Engine) -> None:
    with engine.connect().execution_options(forum_writes=True) as connection, connection.begin():
        command.downgrade(alembic_config(connection), "0012")
