"""The tables of plugins as lines of an archive: the forum knows them from the database alone."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, inspect

from forum.admin.archive_queries import Line
from forum.admin.archive_values import moment_text
from forum.backups.shapes import Shape, shape_of, table_of
from forum.backups.tables import rows_of
from forum.backups.values import plain
from forum.plugin_host.dependencies import in_order


def plugin_lines(connection: Connection, given: Mapping[str, Sequence[str]]) -> Iterator[Line]:
    """The rows of these tables, by plugin, in the order of their keys.

    Args:
        given: the tables by plugin, each plugin behind those that it needs.
    """
    for plugin, names in given.items():
        for name in pointed_to_first(connection, names):
            shape = shape_of(connection, name)
            columns = [column.name for column in shape.columns]
            for row in rows_of(connection, table_of(connection, name), shape):
                values = map(_written, row)
                found = dict(zip(columns, values, strict=True))
                yield {"plugin": plugin, "row": found, "table": name}


def pointed_to_first(connection: Connection, names: Sequence[str]) -> list[str]:
    """The tables, each behind those to which it points; those that are not there left out."""
    inspector = inspect(connection)
    there = set(inspector.get_table_names()) & set(names)
    return in_order(
        {
            name: [key["referred_table"] for key in inspector.get_foreign_keys(name)]
            for name in there
        }
    )


def tables_and_shapes(
    connection: Connection, names: Sequence[str]
) -> dict[str, tuple[Table, Shape]]:
    """The tables as this database has them, each behind those to which it points."""
    ordered = pointed_to_first(connection, names)
    return {name: (table_of(connection, name), shape_of(connection, name)) for name in ordered}


def _written(value: Any) -> Any:
    # As everywhere in an archive, the same text for the same moment.
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    return value if value is None or isinstance(value, str | int | float) else plain(value)
