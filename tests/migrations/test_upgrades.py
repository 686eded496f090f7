"""What each older version left comes to the present schema with every row, however often it is
killed on the way."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

import forum.tables  # noqa: F401 - makes the metadata whole
from forum.backups.shapes import schema_of
from forum.db import Base
from forum.migrate import is_current, upgrade
from forum.testing.figures import Note
from tests.migrations.old_databases import (
    DUMPS,
    Rows,
    dump_of,
    engine_for,
    load,
    revisions,
    rows_of,
)

SLOW = str(Path(__file__).parent / "slow_upgrade.py")
FEW, MANY = 2, 20
# Rights that a later version brings: rows beside those of the old one.
BROUGHT = {"grants": ("permission", {"accessibility.help", "member.moderate", "post.flag"})}
OLDEST = "0001"
# SQLite cannot say what the index over lower(email) is about.
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")


def test_each_migration_has_a_dump_of_a_full_forum() -> None:
    assert sorted(path.stem for path in DUMPS.glob("*.json")) == revisions()
    for revision in revisions():
        assert len(dump_of(revision)["posts"]) > 5


def intact(engine: Engine, old: Rows) -> bool:
    """Whether every old row is there, with what it held in the columns that there still are."""
    with engine.connect() as connection:
        new = rows_of(connection)
    for name, rows in old.items():
        columns = set(new[name][0]) if new[name] else set()
        kept = [{key: row[key] for key in row if key in columns} for row in rows]
        column, brought = BROUGHT.get(name, ("", set()))
        there = [{key: row[key] for key in row if key in (rows[0] if rows else {})}
                 for row in new[name] if not brought or row[column] not in brought]  # fmt: skip
        kept = [row for row in kept if not brought or row[column] not in brought]
        if sorted(map(repr, map(_ordered, kept))) != sorted(map(repr, map(_ordered, there))):
            return False
    return True


def _ordered(row: dict[str, object]) -> list[tuple[str, object]]:
    return sorted(row.items())


@pytest.mark.parametrize("revision", revisions())
def test_old_database_becomes_a_present_one_with_every_row(
    empty_database: str, revision: str
) -> None:
    load(empty_database, revision)
    engine = engine_for(empty_database)
    with engine.connect() as connection:
        assert rows_of(connection) == dump_of(revision)
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    assert is_current(engine)
    assert intact(engine, dump_of(revision))
    engine.dispose()


def test_lost_row_and_changed_word_are_seen(empty_database: str) -> None:
    load(empty_database, OLDEST)
    engine = engine_for(empty_database)
    upgrade(engine)
    old = dump_of(OLDEST)
    assert intact(engine, old)
    changed = {**old, "members": [{**row, "name": row["name"] + "!"} for row in old["members"]]}
    assert not intact(engine, changed)
    assert not intact(engine, {**old, "posts": old["posts"][1:]})
    engine.dispose()


def killed(url: str, seconds: float, *options: str) -> bool:
    """Start the upgrade, kill it so many seconds after its first change: whether it was still at work."""
    process = subprocess.Popen(
        [sys.executable, SLOW, url, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(seconds)
    process.kill()
    process.communicate()
    return process.returncode == -9


def state(engine: Engine) -> tuple[str, set[str], Rows]:
    """Schema, tables and rows."""
    # A killed process may hold its locks until the server notices.
    with engine.connect() as connection:
        return (
            schema_of(connection),
            set(inspect(connection).get_table_names()),
            rows_of(connection),
        )


def kill_upgrades(url: str, kills: int, figure: Note) -> None:
    load(url, OLDEST)
    engine = engine_for(url)
    before = state(engine)
    moments, cut = random.Random(5), 0
    for _ in range(kills):
        if not killed(url, moments.uniform(0, 0.4)):
            break
        cut += 1
        if is_current(engine):
            break
        assert state(engine) == before, "as it was, to the row"
    upgrade(engine)
    assert is_current(engine)
    assert intact(engine, dump_of(OLDEST))
    engine.dispose()
    figure(f"upgrades killed: {cut} of {kills} at work")
    assert cut > 0


def test_killed_upgrade_leaves_all_as_it_was_or_done(empty_database: str, figure: Note) -> None:
    kill_upgrades(empty_database, FEW, figure)


@pytest.mark.full
def test_often_killed_upgrade_leaves_all_as_it_was_or_done(
    empty_database: str, figure: Note
) -> None:
    kill_upgrades(empty_database, MANY, figure)


def test_planted_upgrade_that_commits_each_step_leaves_a_half(
    empty_database: str,
) -> None:
    load(empty_database, OLDEST)
    engine = engine_for(empty_database)
    before = state(engine)
    assert killed(empty_database, 0.1, "--planted")
    assert state(engine)[1:] != before[1:]
    assert not is_current(engine)
    engine.dispose()
