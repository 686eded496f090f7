"""The ``forum`` command, in which backups and restores take their time: a while for each table.

With ``--planted`` as its first argument, and with a fault: a backup reads each table as it is when
its turn comes, instead of all as they were at one moment. The harness must see that.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator

from sqlalchemy import Connection, Table

from forum.backups import making, restoring, tables
from forum.backups.shapes import Shape
from forum.cli import main
from forum.db import db

SECONDS = 0.03


def at_the_same_moment(connection: Connection, table: Table, shape: Shape) -> Iterator[bytes]:
    """The rows as a backup reads them, a little later."""
    time.sleep(SECONDS)
    yield from tables.lines_of(connection, table, shape)


def each_at_its_own(_connection: Connection, table: Table, shape: Shape) -> Iterator[bytes]:
    """The rows as they are now."""
    time.sleep(SECONDS)
    with db.engine.connect() as another:
        yield from tables.lines_of(another, table, shape)


class SlowLoader(tables.Loader):
    """Writes the rows, a little later."""

    def load(self, lines: Iterable[bytes], progress: Callable[[], object]) -> int:
        """Write them."""
        time.sleep(SECONDS)
        return super().load(lines, progress)


if __name__ == "__main__":
    planted = sys.argv[1:2] == ["--planted"]
    making.lines_of = each_at_its_own if planted else at_the_same_moment  # type: ignore[attr-defined]
    restoring.Loader = SlowLoader  # type: ignore[attr-defined, misc]
    sys.argv = [sys.argv[0], *sys.argv[1 + planted :]]
    main()
