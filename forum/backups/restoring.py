"""Restoring a backup into an empty forum: all of it, or nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from alembic import command
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from forum.backups.container import BackupReader, Manifest, software, unfit
from forum.backups.shapes import (
    SCHEMA,
    Shape,
    is_somebodys,
    make_tables,
    schema_of,
    shapes_of,
    table_of,
)
from forum.backups.shelf import backups_in
from forum.backups.tables import Loader, set_counters
from forum.config import Settings
from forum.db import db, transaction
from forum.errors import Conflict, ForumError, Invalid
from forum.files.storage import path_of, store_bytes
from forum.migrate import alembic_config, is_known
from forum.permissions import Actor, require

MIB = 1024 * 1024


def restore(
    actor: Actor,
    settings: Settings,
    handle: IO[bytes],
    *,
    other_community: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Manifest:
    """Make this forum, which must be empty, what it was when the backup was made, and bring it to the
    present schema: what the backup says of itself.

    Args:
        other_community: take it although the backups beside this forum are another community's.
        progress: called now and then.

    Raises:
        Conflict: the forum is not empty, or another community's.
        Invalid: the backup cannot be used; nothing was changed.
    """
    require(actor, "community.manage")
    _require_empty(settings)
    backup = BackupReader(handle, progress=progress)
    _require_known_schema(backup.manifest)
    if not other_community:
        _require_same_community(settings, backup.manifest)
    _require_room(backup.unpacked, settings.instance)
    with _pictures(backup, progress), _refusals(), transaction():
        connection = db.session.connection()
        _wait_as_long_as_it_takes(connection)
        # Somebody may have set it up since.
        _require_empty(settings)
        _Restore(connection, backup, progress).run()
    return backup.manifest


def _require_empty(settings: Settings) -> None:
    connection = db.session.connection()
    there = set(inspect(connection).get_table_names())
    if there and SCHEMA not in there:
        raise Conflict(
            f"Nothing was restored: the database has tables that are not a forum's, such as "
            f"{min(there)}. Name an empty database in `database`."
        )
    if is_somebodys(connection):
        raise Conflict(
            "Nothing was restored: there is a forum here already. A backup comes into an empty "
            f"one. Stop the forum, move {settings.instance} aside (or name another, empty "
            "database), and restore again. What you moved stays as it is."
        )


def _require_known_schema(manifest: Manifest) -> None:
    if not is_known(manifest.schema):
        raise unfit(
            f"{manifest.software} wrote it with the schema {manifest.schema or 'of no forum'}, which "
            f"{software()} does not know.",
            advice=f"Nothing was changed. Install {manifest.software} and restore it with that.",
        )


def _require_same_community(settings: Settings, manifest: Manifest) -> None:
    for kept in backups_in(settings.instance):
        try:
            with kept.path.open("rb") as handle:
                ours = BackupReader(handle).manifest
        except (ForumError, OSError):
            continue
        if ours.community and ours.community != manifest.community:
            raise Conflict(
                f"Nothing was restored: this is a backup of “{manifest.name}”, and the backups in "
                f"{settings.instance} are of “{ours.name}”. Give --other-community if that is meant."
            )
        return


def _require_room(needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Invalid(
            "file",
            f"This backup has {needed // MIB + 1} MiB when unpacked, and {folder} has "
            f"{free // MIB} MiB left. Nothing was changed. Make room, and restore again.",
        )


@contextmanager
def _pictures(backup: BackupReader, progress: Callable[[], object]) -> Iterator[None]:
    """Every picture's file is there before the rows that name it; none is left when that fails. A
    crash can leave files that nothing names, which the next try takes as they are."""
    stored: list[Path] = []
    try:
        for hash_, format_ in backup.pictures:
            path = path_of(hash_, format_)
            if not path.exists():
                stored.append(path)
            store_bytes(backup.picture(hash_, format_), format_)
            progress()
        yield
    except BaseException as error:
        for path in stored:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Invalid(
                "file",
                f"{error.filename or 'A picture'} cannot be written: {error.strerror}. Nothing was "
                "restored. Mend that, and restore again.",
            ) from error
        raise


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, CommandError) as error:
        words = str(error.orig).partition("\n")[0] if isinstance(error, DBAPIError) else str(error)
        raise Invalid(
            "file",
            f"Nothing was restored: the database refuses what is in the backup ({words}). If its disk "
            "is full, make room and restore again; else take another backup.",
        ) from error


def _wait_as_long_as_it_takes(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))


class _Restore:
    def __init__(
        self, connection: Connection, backup: BackupReader, progress: Callable[[], object]
    ) -> None:
        self._connection = connection
        self._backup = backup
        self._manifest = backup.manifest
        self._progress = progress
        self._config = alembic_config(connection)

    def run(self) -> None:
        """Make the tables of the backup's schema, fill them, and bring them to the present one."""
        self._make_tables()
        tables = {shape.name: table_of(self._connection, shape.name) for shape in self._shapes}
        with _references_rest(self._connection):
            for table in tables.values():
                self._connection.execute(table.delete())
            for shape in self._shapes:
                self._fill(tables[shape.name], shape)
        set_counters(self._connection, tables, self._manifest.counters)
        command.upgrade(self._config, "head")

    @property
    def _shapes(self) -> tuple[Shape, ...]:
        return self._manifest.shapes

    def _make_tables(self) -> None:
        # The migrations may have changed since the empty forum's tables were made.
        if schema_of(self._connection):
            command.downgrade(self._config, "base")
        command.upgrade(self._config, self._manifest.schema)
        made = {shape.name: shape for shape in shapes_of(self._connection)}
        missing = sorted(set(made) - {shape.name for shape in self._shapes})
        if missing:
            raise unfit(f"the table {missing[0]} is not in it.")
        for shape in self._shapes:
            ours = made.get(shape.name)
            if ours and _columns(ours) != _columns(shape):
                raise unfit(f"its table {shape.name} has other columns than its schema says.")
        others = [shape for shape in self._shapes if shape.name not in made]
        make_tables(self._connection, others, numbered=set(self._manifest.counters))

    def _fill(self, table: Table, shape: Shape) -> None:
        lines = self._backup.lines(shape.name)
        try:
            Loader(self._connection, table, shape).load(lines, self._progress)
        except (ValueError, RecursionError) as error:
            raise unfit(f"the table {shape.name} has a row that cannot be one.") from error


def _columns(shape: Shape) -> dict[str, str]:
    return {column.name: column.kind for column in shape.columns}


@contextmanager
def _references_rest(connection: Connection) -> Iterator[None]:
    """Rows may come in any order; in the end every foreign key is checked."""
    if connection.dialect.name == "postgresql":
        with _without_references(connection):
            yield
        return
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    yield
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken:
        raise unfit(f"a row of its table {broken[0]} names one of {broken[2]} that is not there.")
    # What follows, migrations, changes tables; nothing is open any more.
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = OFF")


@contextmanager
def _without_references(connection: Connection) -> Iterator[None]:
    # Only a superuser may have PostgreSQL not look at them; made anew, they are checked all at once.
    found = connection.execute(
        text(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
            " ORDER BY 1, 2"
        )
    ).all()
    for table, name, _ in found:
        connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {name}"))
    yield
    for table, name, definition in found:
        connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}"))
