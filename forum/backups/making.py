"""Making a backup: the whole forum of one moment in one file, while people go on using it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Table, func, select, text

from forum.backups.container import (
    SETTINGS,
    BackupReader,
    BackupWriter,
    Manifest,
    software,
)
from forum.backups.shapes import LEFT_OUT, Shape, schema_of, shapes_of, table_of
from forum.backups.shelf import (
    UNFINISHED,
    alone,
    new_path,
    note_try,
    prune,
    replacing,
)
from forum.backups.tables import counters_of, lines_of
from forum.clock import utcnow
from forum.config import Settings
from forum.db import snapshot
from forum.errors import Invalid
from forum.files.storage import path_of
from forum.permissions import Actor, require
from forum.places import plugins_folder
from forum.plugin_host.discovery import find_plugins

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: where, what it says of itself, and the pictures that are not in it because
    their files are missing or damaged."""

    path: Path
    size: int
    manifest: Manifest
    missing: tuple[str, ...]


def make_backup(
    actor: Actor,
    settings: Settings,
    path: Path | None = None,
    *,
    force: bool = False,
    progress: Callable[[], object] = lambda: None,
) -> Made:
    """Write a backup and read it back; it has its name only when it is whole, right and durable.

    Args:
        path: where to; without it, into the folder of backups, of which the newest are kept.
        force: replace what is there.
        progress: called with each row and picture.

    Raises:
        Invalid: it cannot be written there, or is not what was to be written.
        Conflict: another backup is under way.
    """
    require(actor, "community.manage")
    with alone(settings.instance):
        if path is None:
            return keep_backup(settings, progress=progress)
        if path.exists() and not force:
            raise Invalid("file", f"{path} is there already. Give another name, or --force.")
        return _written(settings, path, progress)


def keep_backup(
    settings: Settings, *, before: str = "", progress: Callable[[], object] = lambda: None
) -> Made:
    """Write a backup into the folder of backups, note how that went, and keep only the newest. The
    caller has seen to it that nobody else does (``alone``).

    Args:
        before: the schema to which the forum is about to be migrated; it stands in the name.

    Raises:
        Invalid: it cannot be written, or is not what was to be written.
    """
    target = new_path(settings.instance, before=before)
    try:
        made = _written(settings, target, progress)
    except Exception as error:
        # Only the kind of error: its words may name what members called something.
        note_try(settings.instance, file=target.name, error=type(error).__name__)
        raise
    note_try(settings.instance, file=target.name)
    prune(settings.instance, settings.backups_kept)
    return made


def _written(settings: Settings, target: Path, progress: Callable[[], object]) -> Made:
    for left in target.parent.glob(f"{UNFINISHED}*-{target.name}"):
        left.unlink(missing_ok=True)
    with replacing(target) as handle, snapshot() as connection:
        if connection.dialect.name == "postgresql":
            # A page may not take long; sorting a large table may.
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        writer = BackupWriter(handle)
        try:
            backup = _Backup(connection, writer, settings, progress)
            _require_room(backup.bytes_needed(), target.parent)
            backup.run()
        except BaseException:
            writer.discard()
            raise
        handle.flush()
        reader = BackupReader(handle, progress=progress)
        reader.check(progress=progress)
        size = handle.seek(0, 2)
    return Made(target, size, reader.manifest, tuple(backup.missing))


def left_out(settings: Settings) -> dict[str, str]:
    """The tables whose rows no backup has, and why: the forum's, and those that plugins name.

    Manifests say it, so it holds for plugins that are disabled, too, and in safe mode.
    """
    found = find_plugins([plugins_folder(), *settings.plugin_paths])
    manifests = [one.manifest for one in found if one.manifest is not None]
    plugins = {table: m.title for m in manifests for table in m.not_in_backups}
    return LEFT_OUT | {table: f"“{title}” keeps it out" for table, title in plugins.items()}


def _require_room(needed: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise Invalid(
            "file",
            f"A backup may take {needed // MIB + 1} MiB, and {folder} has {free // MIB} MiB left. "
            "Nothing was written, so that the forum does not run out of room. Remove older backups, "
            "or give a file on another disk.",
        )


class _Backup:
    def __init__(
        self,
        connection: Connection,
        writer: BackupWriter,
        settings: Settings,
        progress: Callable[[], object],
    ) -> None:
        self._connection = connection
        self._writer = writer
        self._settings = settings
        self._progress = progress
        self._made_at = utcnow()
        self._schema = schema_of(connection)
        if not self._schema:
            raise Invalid("file", "There is no forum in the database yet, so nothing was written.")
        self._shapes = shapes_of(connection)
        self._tables = {shape.name: table_of(connection, shape.name) for shape in self._shapes}
        self._left_out = left_out(settings)
        self.missing: list[str] = []

    def bytes_needed(self) -> int:
        """At most so many bytes: what the database has, and the pictures."""
        if self._connection.dialect.name == "postgresql":
            database = self._connection.scalar(text("SELECT pg_database_size(current_database())"))
        else:
            pages = self._connection.scalar(text("PRAGMA page_count"))
            database = int(pages or 0) * int(self._connection.scalar(text("PRAGMA page_size")) or 0)
        pictures = self._tables.get("pictures")
        if pictures is None:
            return int(database or 0)
        sizes = self._connection.scalar(select(func.sum(pictures.c.size)))
        return int(database or 0) + int(sizes or 0)

    def run(self) -> None:
        """Write everything. Pictures come last: a file is there before a row names it."""
        for shape in self._shapes:
            self._add_rows(shape)
        counters = counters_of(self._connection, self._counted())
        self._add_pictures()
        toml = self._settings.instance / SETTINGS
        if toml.is_file():
            self._writer.add_settings(toml.read_bytes())
        self._writer.close(self._manifest(counters))

    def _add_rows(self, shape: Shape) -> None:
        if shape.name in self._left_out:
            self._writer.add_rows(shape.name, ())
            return

        def lines() -> Iterator[bytes]:
            for line in lines_of(self._connection, self._tables[shape.name], shape):
                self._progress()
                yield line

        self._writer.add_rows(shape.name, lines())

    def _counted(self) -> dict[str, Table]:
        return {name: table for name, table in self._tables.items() if name not in self._left_out}

    def _add_pictures(self) -> None:
        pictures = self._tables.get("pictures")
        if pictures is None:
            return
        wanted = select(pictures.c.hash, pictures.c.format, pictures.c.size)
        statement = wanted.order_by(pictures.c.hash)
        for hash_, format_, size in self._connection.execute(statement):
            self._progress()
            path = path_of(hash_, format_)
            content = _content(path, size)
            if hashlib.sha256(content).hexdigest() == hash_:
                self._writer.add_picture(hash_, format_, content)
            else:
                self.missing.append(str(path))

    def _manifest(self, counters: dict[str, int]) -> Manifest:
        uuid, name = self._community()
        return Manifest(
            made_at=self._made_at.isoformat(timespec="seconds"),
            software=software(),
            community=uuid,
            name=name,
            schema=self._schema,
            shapes=tuple(self._shapes),
            parts=self._writer.parts,
            counters=counters,
            pictures=self._writer.pictures,
            missing=len(self.missing),
            left_out={name: why for name, why in self._left_out.items() if name in self._tables},
        )

    def _community(self) -> tuple[str, str]:
        community = self._tables.get("community")
        if community is None:
            return "", ""
        found = self._connection.execute(select(community.c.uuid, community.c.name)).first()
        return (str(found.uuid), str(found.name)) if found else ("", "")


def _content(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more, so that a file that grew is not taken for whole.
            return file.read(size + 1)
    except OSError:
        # Whoever asked for the backup is told its name, and may have the rest of the forum.
        return b""
