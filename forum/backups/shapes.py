"""What a table is like, found by asking the database, so that no model of ours is needed: tables of
an older version, or of plugins that are not there any more, are described as well."""

from __future__ import annotations

import warnings
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Table,
    UniqueConstraint,
    inspect,
    text,
)
from sqlalchemy.engine import Inspector

from forum.backups.values import KINDS, kind_of, type_of
from forum.db import NAMES
from forum.errors import Invalid

# Rows that no backup has, and why. A table with what must not be kept beside everything else (what
# somebody asks anonymously and nobody has published yet) belongs here.
LEFT_OUT = {
    "attempts": "counts of the last hour",
    "member_sessions": "a session that was ended must stay ended",
    "one_time_tokens": "a link that was used must stay used",
}
# A forum in which any of these has a row is somebody's.
_SOMEBODYS = ("community", "members", "categories", "threads")
# Alembic's own note of the core's schema; the manifest has it.
SCHEMA = "alembic_version"


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column: the kind of its values (``values.KINDS``), and how many characters it takes."""

    name: str
    kind: str
    length: int | None
    nullable: bool


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key."""

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    ondelete: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as a backup describes it. What only one kind of database understands, checks and
    defaults, is not in it: the migrations know those of our own tables."""

    name: str
    columns: tuple[ColumnShape, ...]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    references: tuple[Reference, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """It as primitives."""
        return asdict(self)


def schema_of(connection: Connection) -> str:
    """The revision of the core's schema; empty for a database that has none."""
    if not inspect(connection).has_table(SCHEMA):
        return ""
    found = connection.execute(text(f"SELECT version_num FROM {SCHEMA}")).scalars().all()  # noqa: S608
    return " ".join(sorted(found))


def is_somebodys(connection: Connection) -> bool:
    """Whether anybody has set the forum up or written anything; a new one can be thrown away."""
    there = set(inspect(connection).get_table_names())
    return any(
        name in there and connection.execute(text(f"SELECT 1 FROM {name}")).first()  # noqa: S608
        for name in _SOMEBODYS
    )


def shapes_of(connection: Connection) -> list[Shape]:
    """All tables but the core's note of its schema, by name.

    Raises:
        Invalid: one has a column of a type that a backup cannot carry.
    """
    inspector = inspect(connection)
    with warnings.catch_warnings():
        # An index over an expression is described by nobody; the migrations make ours.
        warnings.filterwarnings("ignore", message=".*expression-based index")
        return [
            _shape_of(inspector, name)
            for name in sorted(inspector.get_table_names())
            if name != SCHEMA
        ]


def shape_of(connection: Connection, name: str) -> Shape:
    """One table.

    Raises:
        Invalid: it has a column of a type that no file of ours can carry.
    """
    inspector = inspect(connection)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression-based index")
        return _shape_of(inspector, name)


def _shape_of(inspector: Inspector, name: str) -> Shape:
    unique = {tuple(map(str, u["column_names"])) for u in inspector.get_unique_constraints(name)}
    indexes = [i for i in inspector.get_indexes(name) if None not in i["column_names"]]
    unique |= {_columns(i) for i in indexes if i["unique"] and not _is_partial(i)}
    return Shape(
        name,
        tuple(_column(name, found) for found in inspector.get_columns(name)),
        tuple(inspector.get_pk_constraint(name)["constrained_columns"]),
        tuple(sorted(unique)),
        tuple(sorted({_columns(i) for i in indexes if not i["unique"]} - unique)),
        tuple(sorted(map(_reference, inspector.get_foreign_keys(name)), key=str)),
    )


def _columns(index: Any) -> tuple[str, ...]:
    return tuple(map(str, index["column_names"]))


def _is_partial(index: Any) -> bool:
    return any(name.endswith("_where") for name in index.get("dialect_options", {}))


def _column(table: str, found: Any) -> ColumnShape:
    kind = kind_of(found["type"])
    if kind is None:
        raise Invalid(
            "file",
            f"The column {found['name']} of the table {table} has the type {found['type']}, which a "
            "backup cannot carry, and nothing was written. Back the database up with its own tools "
            "until that table, which is not Folkmoot's, is gone or changed.",
        )
    length = getattr(found["type"], "length", None) if kind == "text" else None
    return ColumnShape(found["name"], kind, length, bool(found["nullable"]))


def _reference(found: Any) -> Reference:
    return Reference(
        tuple(found["constrained_columns"]),
        str(found["referred_table"]),
        tuple(found["referred_columns"]),
        str(found.get("options", {}).get("ondelete") or ""),
    )


def table_of(connection: Connection, name: str) -> Table:
    """The table as this database has it, for reading and writing rows."""
    inspector = inspect(connection)
    key = inspector.get_pk_constraint(name)["constrained_columns"]
    return Table(
        name,
        MetaData(),
        *(
            Column(found["name"], found["type"], primary_key=found["name"] in key)
            for found in inspector.get_columns(name)
        ),
    )


def make_tables(connection: Connection, shapes: list[Shape], *, numbered: set[str]) -> None:
    """Make tables that no migration of ours makes: those of plugins.

    Args:
        numbered: those that never give a number twice.
    """
    metadata = MetaData(naming_convention=NAMES)
    names = {shape.name for shape in shapes}
    for shape in shapes:
        for reference in shape.references:
            if reference.table not in names and reference.table not in metadata.tables:
                # It is there already; only what is referred to needs to be known here.
                _columns_named(metadata, connection, reference)
    made = [_table(metadata, shape, numbered=shape.name in numbered) for shape in shapes]
    metadata.create_all(connection, tables=made)


def _columns_named(metadata: MetaData, connection: Connection, reference: Reference) -> None:
    table_of(connection, reference.table).to_metadata(metadata)


def _table(metadata: MetaData, shape: Shape, *, numbered: bool) -> Table:
    columns = [
        Column(
            column.name,
            type_of(column.kind, column.length),
            primary_key=column.name in shape.key,
            nullable=column.nullable,
        )
        for column in shape.columns
    ]
    references = [
        ForeignKeyConstraint(
            reference.columns,
            [f"{reference.table}.{name}" for name in reference.to],
            ondelete=reference.ondelete or None,
        )
        for reference in shape.references
    ]
    table = Table(
        shape.name,
        metadata,
        *columns,
        *references,
        *(UniqueConstraint(*names) for names in shape.unique),
        sqlite_autoincrement=numbered,
    )
    for names in shape.indexes:
        Index(None, *(table.c[name] for name in names))
    return table


def shape_from_json(found: Any) -> Shape:
    """The description as ``to_json`` wrote it.

    Raises:
        ValueError: it is not one.
    """
    try:
        shape = Shape(
            _name(found["name"]),
            tuple(_column_from_json(column) for column in found["columns"]),
            _names(found["key"]),
            tuple(map(_names, found["unique"])),
            tuple(map(_names, found["indexes"])),
            tuple(_reference_from_json(reference) for reference in found["references"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not the description of a table") from error
    known = {column.name for column in shape.columns}
    used = {*shape.key, *(n for names in (*shape.unique, *shape.indexes) for n in names)}
    used |= {name for reference in shape.references for name in reference.columns}
    if len(known) != len(shape.columns) or not known or not used <= known:
        raise ValueError("not the description of a table")
    return shape


def _column_from_json(found: Any) -> ColumnShape:
    length = found["length"]
    column = ColumnShape(_name(found["name"]), found["kind"], length, found["nullable"])
    is_length = length is None or (type(length) is int and 0 < length <= 2**20)
    if column.kind not in KINDS or not is_length or type(column.nullable) is not bool:
        raise ValueError("not the description of a column")
    return column


def _reference_from_json(found: Any) -> Reference:
    reference = Reference(
        _names(found["columns"]), _name(found["table"]), _names(found["to"]), found["ondelete"]
    )
    known = ("", "CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION")
    if len(reference.columns) != len(reference.to) or reference.ondelete not in known:
        raise ValueError("not the description of a reference")
    return reference


def _names(found: Any) -> tuple[str, ...]:
    if not isinstance(found, list):
        raise ValueError("not a list of names")
    return tuple(map(_name, found))


def _name(found: Any) -> str:
    # Longer ones PostgreSQL would cut.
    if not isinstance(found, str) or not found.isidentifier() or len(found) > 63:
        raise ValueError("not a name")
    return found
