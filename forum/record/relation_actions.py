"""Rows of a table as the record reads them and puts them back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, inspect, select

from forum import db as database
from forum.db import Base, UtcDateTime, db
from forum.record.rules import Labels, Values


class TableRelation:
    """The rows of one model, each known by its only key, a number.

    Args:
        fields: the columns that deeds change; nothing else is ever read or written.
        labels: what readers call them.
        owner: given a row's key, makes the read of the member whose row it is.
    """

    def __init__(
        self,
        model: type[Base],
        fields: tuple[str, ...],
        *,
        labels: Labels,
        owner: Callable[[int], Any],
    ) -> None:
        self.name = model.__tablename__
        self.labels = labels
        self._model, self._owner = model, owner
        self._columns = {name: model.__table__.columns[name] for name in fields}

    def read(self, key: str, *, held: bool = False) -> Values:
        """The row's fields at this moment; none when the row is gone."""
        statement = select(*self._columns.values()).where(self._key() == int(key))
        row = database.row(statement.with_for_update() if held else statement)
        if row is None:
            return {}
        return {name: _as_json(row._mapping[column]) for name, column in self._columns.items()}

    def write(self, key: str, values: Values) -> None:
        """Put these fields back. One that no deed changes is a mistake of an archive's maker."""
        row: Any = db.session.get_one(self._model, int(key), populate_existing=True)
        for name, value in values.items():
            is_moment = isinstance(self._columns[name].type, UtcDateTime) and value is not None
            setattr(row, name, datetime.fromisoformat(value) if is_moment else value)
        db.session.flush()

    def owner(self, key: str) -> int | None:
        """The member whose row it is."""
        found: int | None = database.value(self._owner(int(key)))
        return found

    def _key(self) -> ColumnElement[int]:
        (column,) = inspect(self._model).primary_key
        return column


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
