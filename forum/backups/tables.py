"""Rows out of a database into lines, and back, a few in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, asc, collate, func, select, text

from forum.backups.shapes import Shape
from forum.backups.values import bound, from_plain, kind_of, plain, readable

BATCH = 1_000


def lines_of(connection: Connection, table: Table, shape: Shape) -> Iterator[bytes]:
    """The rows in the order of their keys, each as the line of a backup; a few in memory at a time.

    The same rows give the same lines, whatever order they were written in.
    """
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain).encode
    for row in rows_of(connection, table, shape):
        yield encode(row).encode() + b"\n"


def rows_of(connection: Connection, table: Table, shape: Shape) -> Iterator[tuple[Any, ...]]:
    """The rows in the order of their keys, as ``plain`` takes their values."""
    statement = _in_order(table, shape, connection.dialect.name)
    with connection.execution_options(yield_per=BATCH).execute(statement) as result:
        for row in result:
            yield tuple(row)


def _in_order(table: Table, shape: Shape, dialect: str) -> Select[Any]:
    kinds = {column.name: column.kind for column in shape.columns}
    columns = [readable(table.c[name], kind) for name, kind in kinds.items()]
    # Without a key, any other order would tell which row came first.
    keys = shape.key or tuple(kinds)
    return select(*columns).order_by(
        *(_sortable(table.c[name], kinds[name], dialect) for name in keys)
    )


def _sortable(column: Column[Any], kind: str, dialect: str) -> Any:
    # PostgreSQL sorts texts as its locale does, and nothing last; SQLite by code points, nothing first.
    found = readable(column, kind)
    if dialect != "postgresql":
        return asc(found)
    return asc(collate(found, "C") if kind in ("json", "text") else found).nulls_first()


def counters_of(connection: Connection, tables: dict[str, Table]) -> dict[str, int]:
    """The last number that each table has given to a row, also to one that is gone."""
    if connection.dialect.name == "sqlite":
        if not _has_counters(connection):
            return {}
        found = connection.execute(text("SELECT name, seq FROM sqlite_sequence ORDER BY name"))
        return {name: number for name, number in found if name in tables}
    numbered = ((name, sequence_of(connection, tables[name])) for name in sorted(tables))
    return {
        name: number
        for name, sequence in numbered
        if sequence and (number := _last_of(connection, sequence))
    }


def _has_counters(connection: Connection) -> bool:
    wanted = text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
    return connection.execute(wanted).first() is not None


def sequence_of(connection: Connection, table: Table) -> str | None:
    """The name of what numbers the rows on PostgreSQL, ready for a statement; ``None`` without it."""
    keys = list(table.primary_key.columns)
    if len(keys) != 1 or kind_of(keys[0].type) != "integer":
        return None
    statement = text("SELECT pg_get_serial_sequence(quote_ident(:table), :column)")
    found = connection.execute(statement, {"table": table.name, "column": keys[0].name}).scalar()
    return None if found is None else str(found)


def _last_of(connection: Connection, sequence: str) -> int:
    # The name comes quoted from the database itself.
    found = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608
    return int(found.last_value) if found.is_called else 0


class Loader:
    """Writes lines of a backup into a table, as many at a time as are cheap."""

    def __init__(self, connection: Connection, table: Table, shape: Shape) -> None:
        self._connection = connection
        self._converters = [from_plain(column.kind) for column in shape.columns]
        self._names = [f"p{place}" for place in range(len(shape.columns))]
        dialect = connection.dialect.name
        self._insert = table.insert().values(
            {
                column.name: bound(table.c[column.name], column.kind, name, dialect=dialect)
                for column, name in zip(shape.columns, self._names, strict=True)
            }
        )

    def load(self, lines: Iterable[bytes], progress: Callable[[], object]) -> int:
        """Write all lines: how many there were.

        Raises:
            ValueError: a line is not a row of this table.
        """
        rows: list[dict[str, Any]] = []
        count = 0
        for line in lines:
            rows.append(self._row(line))
            count += 1
            progress()
            if len(rows) == BATCH:
                self._connection.execute(self._insert, rows)
                rows = []
        if rows:
            self._connection.execute(self._insert, rows)
        return count

    def _row(self, line: bytes) -> dict[str, Any]:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(self._names):
            raise ValueError("not as many values as columns")
        return {
            name: convert(value)
            for name, convert, value in zip(self._names, self._converters, values, strict=True)
        }


def set_counters(
    connection: Connection, tables: dict[str, Table], counters: dict[str, int]
) -> None:
    """Have every table go on counting where it was: behind every row that is there, and behind the
    last number that it gave before."""
    for name, table in tables.items():
        key = list(table.primary_key.columns)
        if len(key) != 1 or kind_of(key[0].type) != "integer":
            continue
        last = max(connection.scalar(select(func.max(key[0]))) or 0, counters.get(name, 0))
        if connection.dialect.name == "postgresql":
            _set_sequence(connection, table, last)
        else:
            _set_sqlite_counter(connection, name, last)


def _set_sequence(connection: Connection, table: Table, last: int) -> None:
    sequence = sequence_of(connection, table)
    if sequence:
        statement = text("SELECT setval(CAST(:sequence AS regclass), :last, :is_called)")
        connection.execute(
            statement, {"sequence": sequence, "last": max(last, 1), "is_called": last > 0}
        )


def _set_sqlite_counter(connection: Connection, name: str, last: int) -> None:
    # Other tables of SQLite number their rows after the largest that is there.
    statement = text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    if "AUTOINCREMENT" not in str(connection.scalar(statement, {"name": name})).upper():
        return
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
    if last:
        connection.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"),
            {"name": name, "last": last},
        )
