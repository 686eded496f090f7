"""Writing everything that is the community's into one file."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import Connection

from forum.admin.archive_container import ArchiveWriter
from forum.admin.archive_format import (
    FILES,
    MOST_PICTURES,
    PICTURE_NAME,
    PICTURES,
    PLUGINS,
    REVISIONS,
    SETTINGS,
    UPLOADS,
)
from forum.admin.archive_plugin_queries import plugin_lines
from forum.admin.archive_queries import Line, lines_of
from forum.community.models import Setting
from forum.community.plugin_queries import OWN_MARK
from forum.db import snapshot
from forum.errors import Invalid
from forum.files.storage import path_of
from forum.permissions import Actor, require
from forum.plugin_host import current_host
from forum.text.pictures import hashes_in


@dataclass
class Exported:
    """What an export wrote: lines by file, and the pictures whose files are not as they should be."""

    counts: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def export_archive(
    actor: Actor, path: Path, *, force: bool = False, progress: Callable[[], object] = lambda: None
) -> Exported:
    """Write the forum of one moment into an archive, while people go on using it.

    The file appears under its name when it is whole and durable; only its owner may read it.

    Args:
        force: replace what is there.
        progress: called with each line.

    Raises:
        Invalid: it cannot be written there, or something is there already.
    """
    require(actor, "community.manage")
    if path.exists() and not force:
        raise Invalid("file", f"{path} is there already. Give another name, or --force.")
    with _replacing(path) as handle, snapshot() as connection:
        return _Export(connection, ArchiveWriter(handle), progress).run()


class _Export:
    def __init__(
        self, connection: Connection, writer: ArchiveWriter, progress: Callable[[], object]
    ) -> None:
        self._connection = connection
        self._writer = writer
        self._progress = progress
        self._named: set[str] = set()
        self._done = Exported()

    def run(self) -> Exported:
        for file in FILES:
            if file not in (PICTURES, UPLOADS):
                shared = (~Setting.name.contains(OWN_MARK),) if file is SETTINGS else ()
                lines = lines_of(self._connection, file, *shared)
                if file is REVISIONS:
                    lines = self._noting_pictures(lines)
                self._done.counts[file.name] = self._writer.add_lines(file, self._counted(lines))
        self._add_pictures()
        self._add_plugins()
        self._writer.close()
        return self._done

    def _counted(self, lines: Iterator[Line]) -> Iterator[Line]:
        for line in lines:
            self._progress()
            yield line

    def _noting_pictures(self, revisions: Iterator[Line]) -> Iterator[Line]:
        for revision in revisions:
            self._named.update(hashes_in(revision["source"]))
            yield revision

    def _add_pictures(self) -> None:
        # A picture that no post ever named belongs to somebody's draft, which stays here.
        whole = [p for p in lines_of(self._connection, PICTURES) if p["hash"] in self._named]
        if len(whole) > MOST_PICTURES:
            raise Invalid("file", f"An archive holds at most {MOST_PICTURES} pictures.")
        whole = [picture for picture in whole if self._add_picture(picture)]
        hashes = {picture["hash"] for picture in whole}
        uploads = (u for u in lines_of(self._connection, UPLOADS) if u["picture"] in hashes)
        for file, lines in ((PICTURES, iter(whole)), (UPLOADS, uploads)):
            self._done.counts[file.name] = self._writer.add_lines(file, self._counted(lines))

    def _add_plugins(self) -> None:
        given = current_host().archived
        if given:
            lines = self._counted(plugin_lines(self._connection, given))
            self._done.counts[PLUGINS.name] = self._writer.add_lines(PLUGINS, lines)

    def _add_picture(self, picture: Line) -> bool:
        path = path_of(picture["hash"], picture["format"])
        content = _content(path, picture["size"])
        if hashlib.sha256(content).hexdigest() != picture["hash"]:
            self._done.missing.append(str(path))
            return False
        self._writer.add_picture(PICTURE_NAME.format(picture["hash"], picture["format"]), content)
        return True


def _content(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(size + 1)
    except FileNotFoundError:
        return b""


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file beside ``path`` that takes its place when the block ends well; else nothing is left."""
    temporary: Path | None = None
    try:
        # Made with mode 600 (tempfile.mkstemp).
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(number, "w+b") as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise Invalid("file", f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
