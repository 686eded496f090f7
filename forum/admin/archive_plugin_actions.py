"""The rows of plugins in an archive, into the tables of the plugins that run here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Insert, Table
from sqlalchemy.exc import DBAPIError

from forum.admin.archive_container import ArchiveReader, unfit
from forum.admin.archive_format import PLUGINS
from forum.admin.archive_plugin_queries import tables_and_shapes
from forum.admin.archive_records import Record, object_in, wrong
from forum.admin.archive_values import any_text
from forum.backups.shapes import ColumnShape, Shape
from forum.backups.tables import set_counters
from forum.backups.values import bound, from_plain
from forum.db import db
from forum.errors import Conflict
from forum.plugin_host import current_host

BATCH = 1_000
FIELDS = {"plugin", "row", "table"}


class PluginRows:
    """What an archive has of plugins.

    Raises:
        Conflict: one of them does not run here, or does not take such rows.
        Invalid: a line cannot be taken.
    """

    def __init__(self, archive: ArchiveReader) -> None:
        self._archive = archive
        here = current_host().archived
        named = dict.fromkeys((plugin, table) for _, plugin, table, _ in self._lines())
        for plugin, table in named:
            if plugin not in here:
                raise _lacking(f"{plugin}, which does not run here")
            if table not in here[plugin]:
                raise _lacking(f"{plugin}, and the one that runs here does not take {table}")
        plugins = {plugin for plugin, _ in named}
        self._tables = [table for plugin in plugins for table in here[plugin]]

    def _lines(self) -> Iterator[tuple[int, str, str, Record]]:
        number = 0
        for number, line in enumerate(self._archive.lines(PLUGINS), start=1):
            found = object_in(PLUGINS, number, line)
            names = (found.get("plugin"), found.get("table"))
            is_line = set(found) == FIELDS and all(_is_name(name) for name in names)
            if not is_line or not isinstance(found["row"], dict):
                raise wrong(PLUGINS, number, "must have these fields: plugin, row, table")
            yield number, found["plugin"], found["table"], found["row"]
        if number != self._archive.counts[PLUGINS.name]:
            raise unfit(f"plugins.jsonl has {number} lines, but its manifest says otherwise.")

    def add(self, progress: Callable[[], object]) -> None:
        """Write the rows, in the transaction under way. Of what their migrations put into the tables
        nothing stays: the archive has it."""
        connection = db.session.connection()
        there = tables_and_shapes(connection, self._tables)
        for table, _ in reversed(there.values()):
            connection.execute(table.delete())
        rows = _Rows(there)
        for number, _, name, row in self._lines():
            rows.take(number, name, row)
            progress()
        rows.flush()
        set_counters(connection, {name: table for name, (table, _) in there.items()}, {})


class _Rows:
    def __init__(self, there: dict[str, tuple[Table, Shape]]) -> None:
        self._there = there
        self._begun: list[str] = []
        self._pending: list[Record] = []

    def take(self, number: int, name: str, row: Record) -> None:
        """Write this row before long; those of a table stand together."""
        if name not in self._begun[-1:]:
            self.flush()
            if name in self._begun or name not in self._there:
                raise wrong(PLUGINS, number, f"rows of {name} do not stand together")
            self._begun.append(name)
        _, shape = self._there[name]
        if not set(row) <= {column.name for column in shape.columns}:
            raise wrong(PLUGINS, number, f"{name} has no such columns here")
        self._pending.append(
            {f"v_{column.name}": _value(number, column, row) for column in shape.columns}
        )
        if len(self._pending) == BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is pending."""
        if not self._pending:
            return
        name = self._begun[-1]
        try:
            db.session.connection().execute(_insert(*self._there[name]), self._pending)
        except DBAPIError as error:
            words = "stand twice, point to what is not there, or are not as the table takes them"
            raise unfit(f"plugins.jsonl: rows of {name} {words}.") from error
        self._pending = []


def _insert(table: Table, shape: Shape) -> Insert:
    dialect = db.engine.dialect.name
    return table.insert().values(
        {
            column.name: bound(
                table.c[column.name], column.kind, f"v_{column.name}", dialect=dialect
            )
            for column in shape.columns
        }
    )


def _value(number: int, column: ColumnShape, row: Record) -> Any:
    given = row.get(column.name)
    if given is None and not column.nullable:
        raise wrong(PLUGINS, number, f"{column.name} must be there")
    try:
        value = from_plain(column.kind)(given)
        if isinstance(value, str):
            any_text(value)
    except ValueError as error:
        raise wrong(PLUGINS, number, f"{column.name} is not of its kind: {error}") from error
    if column.length is not None and value is not None and len(value) > column.length:
        raise wrong(PLUGINS, number, f"{column.name} has more than {column.length} characters")
    return value


def _is_name(name: Any) -> bool:
    # It is printed on a terminal.
    return isinstance(name, str) and 0 < len(name) <= 100 and name.isprintable()


def _lacking(what: str) -> Conflict:
    return Conflict(
        f"Nothing was imported: the archive has rows of the plugin {what}. Install it, type `forum "
        "plugins enable` and its name, and start the forum once, so that its tables are made; then "
        "import again. Or leave out what plugins kept: `--without-plugins`."
    )
