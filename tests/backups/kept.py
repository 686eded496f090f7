"""Forums to back up and to restore, and everything that they have: what the tests of backups share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import inspect, select

from forum.app import create_app
from forum.backups.container import Manifest
from forum.backups.making import Made, make_backup
from forum.backups.restoring import restore
from forum.config import Settings
from forum.db import Base, db
from forum.permissions import OPERATOR
from forum.testing.application import close

Rows = dict[str, list[dict[str, Any]]]

# What starts anew after a restore, so that nothing that ended comes back.
EMPTIED = ("attempts", "member_sessions", "one_time_tokens")


def backed_up(app: Flask, path: Path | None = None, **options: Any) -> Made:
    """Back this forum up as the operator."""
    with app.test_request_context():
        return make_backup(OPERATOR, settings_of(app), path, **options)


def bring_back(app: Flask, path: Path, **options: Any) -> Manifest:
    """Restore a backup into this forum as the operator."""
    with app.test_request_context(), path.open("rb") as handle:
        return restore(OPERATOR, settings_of(app), handle, **options)


def settings_of(app: Flask) -> Settings:
    """The settings of the application."""
    settings = app.extensions["forum_settings"]
    assert isinstance(settings, Settings)
    return settings


def everything_in(app: Flask) -> Rows:
    """Every row of every table of ours, in the order of the keys, as Python has it."""
    found: Rows = {}
    with app.app_context():
        for table in Base.metadata.sorted_tables:
            key = [f"{column.name}" for column in table.primary_key.columns]
            rows = [dict(row) for row in db.session.execute(select(table)).mappings()]
            found[table.name] = sorted(rows, key=lambda row: [str(row[name]) for name in key])
    return found


def as_restored(rows: Rows) -> Rows:
    """What of these rows a restored forum has."""
    return {name: [] if name in EMPTIED else found for name, found in rows.items()}


def pictures_of(app: Flask) -> dict[str, bytes]:
    """The pictures of the forum by their names."""
    folder = settings_of(app).instance / "files"
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def tables_in(app: Flask) -> list[str]:
    """The tables that the database has."""
    with app.app_context():
        return sorted(inspect(db.engine).get_table_names())


class Forums:
    """Further forums, each with a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[Flask] = []

    def on(self, database: str = "", **options: Any) -> Flask:
        """A forum on a database that has no tables yet."""
        folder = self._folder / f"other{len(self._made)}"
        folder.mkdir()
        self._made.append(create_app(folder, database=database, **options))
        return self._made[-1]

    def close(self) -> None:
        """Let go of their databases."""
        for app in self._made:
            close(app)
