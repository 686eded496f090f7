"""Reading a forum for an archive: every file's lines in their order, a few rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, String, collate, func, literal, select

from forum.admin.archive_fields import Field, File

BATCH = 1_000

Line = dict[str, Any]


def lines_of(
    connection: Connection, file: File, *conditions: ColumnElement[bool]
) -> Iterator[Line]:
    """The rows of a file's table as its lines, only those of which all ``conditions`` are true. Two
    rows that say the same are one line, unless the file ``repeats``."""
    statement = (
        select(*(field.column.label(field.name) for field in file.fields))
        .where(*conditions)
        .order_by(*(_sortable(field, connection.dialect.name) for field in file.ordered_by))
    )
    last: Line | None = None
    with connection.execution_options(yield_per=BATCH).execute(statement) as result:
        for row in result.mappings():
            line = dict(row)
            if file.repeats or line != last:
                yield line
            last = line


def _sortable(field: Field, dialect: str) -> ColumnElement[Any]:
    """The same order on both databases: nothing first, texts by code points."""
    is_text = isinstance(field.column.type, String)
    column = func.coalesce(field.column, literal("" if is_text else -1))
    # PostgreSQL sorts texts as its locale does; SQLite knows no other order than this.
    return collate(column, "C") if is_text and dialect == "postgresql" else column
