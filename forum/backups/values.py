"""The values of a database as JSON, the same from SQLite and from PostgreSQL, and back again."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Text,
    Uuid,
    bindparam,
    cast,
    type_coerce,
)
from sqlalchemy.types import TypeEngine

from forum.db import Key, UtcDateTime

# First match wins: a Float is a Numeric, too.
_KINDS: tuple[tuple[type[TypeEngine[Any]], str], ...] = (
    (Boolean, "boolean"),
    (JSON, "json"),
    (LargeBinary, "bytes"),
    (DateTime, "moment"),
    (Date, "date"),
    (Integer, "integer"),
    (Float, "float"),
    (Numeric, "decimal"),
    (Uuid, "text"),
    (String, "text"),
)
_TYPES: dict[str, TypeEngine[Any]] = {
    "boolean": Boolean(),
    "json": Text(),
    "bytes": LargeBinary(),
    "moment": UtcDateTime(),
    "date": Date(),
    "integer": Key,
    "float": Float(),
    "decimal": Numeric(),
    "text": Text(),
}
KINDS = frozenset(_TYPES)
_INTEGERS = range(-(2**63), 2**63)


def kind_of(type_: TypeEngine[Any]) -> str | None:
    """How a backup calls values of this type; ``None`` for a type that it cannot carry."""
    return next((kind for known, kind in _KINDS if isinstance(type_, known)), None)


def type_of(kind: str, length: int | None = None) -> TypeEngine[Any]:
    """A type of column for values of this kind, on any database."""
    if kind == "text" and length is not None:
        return String(length)
    return JSON() if kind == "json" else _TYPES[kind]


def readable(column: ColumnElement[Any], kind: str) -> ColumnElement[Any]:
    """What to select, so that values come as ``plain`` takes them.

    JSON comes as its text: read as values, the JSON ``null`` could not be told from nothing.
    """
    if _is_text_of_another_type(column, kind):
        return cast(column, Text)
    return type_coerce(column, _TYPES[kind])


def bound(column: ColumnElement[Any], kind: str, name: str, *, dialect: str) -> ColumnElement[Any]:
    """The parameter ``name`` for an INSERT, which takes values of ``from_plain``."""
    parameter: ColumnElement[Any] = bindparam(name, type_=_TYPES[kind])
    if dialect == "postgresql" and _is_text_of_another_type(column, kind):
        return cast(parameter, column.type)
    return parameter


def _is_text_of_another_type(column: ColumnElement[Any], kind: str) -> bool:
    return kind in ("json", "text") and not isinstance(column.type, String)


def plain(value: object) -> object:
    """What JSON does not know, as text; for ``json.dumps``.

    Raises:
        TypeError: a value that no column of a kind above holds.
    """
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a backup cannot carry a {type(value).__name__}")


def from_plain(kind: str) -> Callable[[Any], Any]:
    """What turns a value of this kind as it stands in a backup into one for the database; it raises
    ``ValueError`` for what cannot be one."""
    convert = _CONVERTERS[kind]
    return lambda value: None if value is None else convert(value)


def _integer(value: object) -> int:
    if type(value) is not int or value not in _INTEGERS:
        raise ValueError("no integer of 64 bits")
    return value


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _float(value: object) -> float:
    if type(value) not in (float, int):
        raise ValueError("no number")
    return float(value)  # type: ignore[arg-type]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")
    return value


def _moment(value: object) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return moment.astimezone(UTC)


def _bytes(value: object) -> bytes:
    try:
        return base64.b64decode(_text(value), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _decimal(value: object) -> Decimal:
    try:
        return Decimal(_text(value))
    except InvalidOperation as error:
        raise ValueError("no decimal number") from error


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "json": _text,
    "bytes": _bytes,
    "moment": _moment,
    "date": lambda value: date.fromisoformat(_text(value)),
    "integer": _integer,
    "float": _float,
    "decimal": _decimal,
    "text": _text,
}
