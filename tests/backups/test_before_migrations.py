"""Before a migration the forum keeps a way back by itself; without one it does not migrate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import inspect

from forum.backups.container import BackupReader
from forum.backups.shelf import backups_in
from forum.backups.upgrading import upgrade_with_backup
from forum.cli import main
from forum.config import ConfigError
from forum.db import db
from forum.migrate import alembic_config, is_current
from forum.testing.application import work
from tests.admin.full_forum import FullForum
from tests.backups.kept import (
    Forums,
    as_restored,
    bring_back,
    everything_in,
    pictures_of,
    settings_of,
)

OLD = "0002"


@pytest.fixture
def old(full: FullForum) -> Iterator[Flask]:
    """A full forum whose database is that of an older version."""
    work(full.app)
    with (
        full.app.app_context(),
        db.engine.connect().execution_options(forum_writes=True) as connection,
        connection.begin(),
    ):
        command.downgrade(alembic_config(connection), OLD)
    yield full.app
    with full.app.app_context():
        upgrade_with_backup(settings_of(full.app), without_backup=True)


def raw(app: Flask) -> dict[str, list[Any]]:
    """All rows of all tables as the database describes them."""
    with app.app_context(), db.engine.connect() as connection:
        names = inspect(connection).get_table_names()
        found = {}
        for name in sorted(names):
            columns = [column["name"] for column in inspect(connection).get_columns(name)]
            rows = connection.exec_driver_sql(
                f"SELECT {', '.join(map(quoted, columns))} FROM {name}"
            )
            found[name] = sorted(map(repr, rows))
        return found


def quoted(name: str) -> str:
    return f'"{name}"'


def upgraded(app: Flask, **options: Any) -> str:
    with app.app_context():
        return upgrade_with_backup(settings_of(app), **options).way_back


def test_backup_is_of_the_old_schema_and_leads_to_the_same_forum(
    old: Flask, forums: Forums, empty_database: str
) -> None:
    way_back = upgraded(old)
    (kept,) = backups_in(settings_of(old).instance)
    assert kept.before == "0015"
    assert kept.path.name.endswith("-before-0015.folkmoot-backup")
    assert way_back.startswith(f"The forum as it was before: {kept.path}. To go back, ")
    with kept.path.open("rb") as handle:
        manifest = BackupReader(handle).manifest
    assert manifest.schema == OLD
    assert "changes" not in manifest.parts
    other = forums.on(empty_database)
    bring_back(other, kept.path)
    assert everything_in(other) == as_restored(everything_in(old))
    assert pictures_of(other) == pictures_of(old) != {}
    with other.app_context():
        assert is_current(db.engine)


def test_present_database_and_empty_one_need_no_backup(app: Flask, forums: Forums) -> None:
    empty = forums.on()
    assert (upgraded(app), upgraded(empty), upgraded(empty)) == ("", "", "")
    assert (backups_in(settings_of(app).instance), backups_in(settings_of(empty).instance)) == (
        [],
        [],
    )


def test_nothing_is_migrated_without_a_way_back_unless_told(old: Flask) -> None:
    instance = settings_of(old).instance
    (instance / "backups").write_text("A file where the folder should be.")
    before = raw(old)
    with pytest.raises(ConfigError, match=r"no backup could be made first.*--without-backup"):
        upgraded(old)
    assert raw(old) == before
    assert upgraded(old, without_backup=True) == ""
    with old.app_context():
        assert is_current(db.engine)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_command_says_how_to_go_back(old: Flask, instance: Path, database: str) -> None:
    (instance / "forum.toml").write_text(f"database = {json.dumps(database)}\n")

    def migrate(*options: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--instance", str(instance), "migrate", *options])
        return done.exit_code, done.output

    status, said = migrate()
    (kept,) = backups_in(instance)
    assert (status, said) == (
        0,
        f"The forum as it was before: {kept.path}. To go back, install the version that you had, "
        "move the instance folder aside, and `forum restore` that file.\nMigrated.\n",
    )
    assert migrate("--without-backup") == (0, "Nothing to migrate.\n")
    listed = CliRunner().invoke(main, ["--instance", str(instance), "backup", "list"]).output
    assert "before the migration to 0015" in listed
