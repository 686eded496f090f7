"""All that an attacker of the guessing game has: copies of everything that the forum keeps or says."""

from __future__ import annotations

import logging
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forum.logs import facts_of

Row = dict[str, Any]
LOG_HEAD, FRAME_HEAD = 32, 24
# The moments are the real ones, in a game whose clock is played.
HEAD = ("time", "level", "logger", "message")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log, with the moment that stands before it."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Dump:
    """What was copied at one moment.

    Attributes:
        tables: every row of every table, with its row number as ``rowid`` where it has one.
        main, log: the database's file, and the log beside it.
        files: of the instance and of the mail folder: the path, the moment of its last change, the content.
        lines: the whole log.
        figures: what the page for monitoring says.
    """

    tables: dict[str, list[Row]]
    main: bytes
    log: bytes
    files: list[tuple[str, datetime, bytes]]
    lines: list[Line]
    figures: str


@dataclass(slots=True)
class Moments:
    """Which moment of the played time it was at a moment of the real one: files have real times."""

    real: list[int] = field(default_factory=list)
    played: list[datetime] = field(default_factory=list)

    def note(self, real: int, played: datetime) -> None:
        """Note that the played clock was set, in nanoseconds of the real one."""
        self.real.append(real)
        self.played.append(played)

    def at(self, real: int) -> datetime:
        """The played moment of a change of a file."""
        place = bisect_right(self.real, real) - 1
        return self.played[max(place, 0)] if self.played else datetime.fromtimestamp(0, UTC)


class LogKeeper(logging.Handler):
    """Keeps every line that anything logs, of any level."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[Line] = []
        self.now = datetime.fromtimestamp(0, UTC)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line, with all facts that the forum's log has of it."""
        facts = facts_of(record)
        tail = "".join(f" {name}={one}" for name, one in facts.items() if name not in HEAD)
        self.lines.append(Line(self.now, f"{record.name}: {record.getMessage()}{tail}"))


def dump_of(
    database: Path, folders: list[Path], moments: Moments, lines: list[Line], figures: str
) -> Dump:
    """Copy everything, the database's log as it lies there."""
    main = database.read_bytes()
    path = database.with_name(f"{database.name}-wal")
    log = path.read_bytes() if path.exists() else b""
    *_, newest = images_of(main, log)
    return Dump(tables_in(newest), main, log, _files(folders, moments), list(lines), figures)


def images_of(main: bytes, log: bytes, least: int = 1_000_000) -> Iterator[bytes]:
    """The database as it was after each transaction in its log that changed at least so many pages,
    oldest first, and as it is now."""
    image, changed = bytearray(main), 0
    for place, page, pages in _frames(log):
        size = len(page)
        if len(image) < place * size:
            image.extend(bytes(place * size - len(image)))
        image[(place - 1) * size : place * size] = page
        changed += 1
        if pages:
            if changed >= least:
                yield bytes(image[: pages * size])
            changed = 0
    yield bytes(image)


def _frames(log: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Pages in the order of their writing: place, content, and where a transaction ends how many pages
    there are. Those of an earlier round of the log have another salt than its head."""
    if len(log) < LOG_HEAD:
        return
    size, salt = int.from_bytes(log[8:12], "big"), log[16:24]
    step = size + FRAME_HEAD
    for start in range(LOG_HEAD, len(log) - step + 1, step):
        head = log[start : start + FRAME_HEAD]
        if head[8:16] != salt:
            return
        place, pages = int.from_bytes(head[:4], "big"), int.from_bytes(head[4:8], "big")
        yield place, log[start + FRAME_HEAD : start + step], pages


def opened(image: bytes) -> sqlite3.Connection:
    """A database to ask, made of its bytes alone."""
    connection = sqlite3.connect(":memory:")
    # In memory there is no log beside it, so the head has to say that there is none.
    connection.deserialize(image[:18] + b"\x01\x01" + image[20:])
    connection.row_factory = sqlite3.Row
    return connection


def tables_in(image: bytes, only: frozenset[str] = frozenset()) -> dict[str, list[Row]]:
    """All rows of all tables, or of some."""
    with closing(opened(image)) as connection:
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        names = [name for (name,) in connection.execute(asked)]
        return {name: _rows(connection, name) for name in names if not only or name in only}


def _rows(connection: sqlite3.Connection, name: str) -> list[Row]:
    try:
        found = connection.execute(f'SELECT rowid AS "rowid", * FROM "{name}"')
    except sqlite3.OperationalError:
        found = connection.execute(f'SELECT * FROM "{name}"')
    return [dict(row) for row in found]


def _files(folders: list[Path], moments: Moments) -> list[tuple[str, datetime, bytes]]:
    paths = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    return [
        (str(path), moments.at(path.stat().st_mtime_ns), path.read_bytes())
        for path in sorted(paths)
        if ".sqlite3" not in path.name
    ]
