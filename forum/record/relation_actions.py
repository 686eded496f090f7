"""Rows of a table as the record reads them and puts them back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, Select, cast, func, inspect, select, tuple_

from forum import db as database
from forum.db import Base, UtcDateTime, db
from forum.record.models import LogStep
from forum.record.rules import Dependents, Labels, Values


class TableRelation:
    """The rows of one model, each known by its key: a number, or several as in ``12-3``.

    Args:
        fields: the columns that deeds change; nothing else is ever read or written. Deeds delete
            rows only where these and the key are all columns.
        labels: what readers call them.
        owner: given a row's key, makes the read of the member whose row it is.
        goes_with: tables whose rows the database deletes with a row, and nobody misses.
    """

    def __init__(
        self,
        model: type[Base],
        fields: tuple[str, ...],
        *,
        labels: Labels,
        owner: Callable[..., Any],
        goes_with: frozenset[str] = frozenset(),
    ) -> None:
        self.name = model.__tablename__
        self.labels = labels
        self._model, self._owner, self._goes_with = model, owner, goes_with
        self._columns = {name: model.__table__.columns[name] for name in fields}
        self._key = inspect(model).primary_key
        self.is_whole = {*self._columns.values(), *self._key} == set(model.__table__.columns)

    def read(self, key: str, *, held: bool = False) -> Values:
        """The row's fields at this moment; none when the row is gone."""
        return self.read_all([key], held=held).get(key, {})

    def read_all(self, keys: Collection[str], *, held: bool = False) -> dict[str, Values]:
        """The fields of many rows, with one statement; held in the order of their keys, so that two who
        hold the same do not wait for each other."""
        numbers = [_numbers(key) for key in keys]
        wanted = (
            self._key[0].in_([number for (number,) in numbers])
            if len(self._key) == 1
            else tuple_(*self._key).in_(numbers)
        )
        statement = select(*self._key, *self._columns.values()).where(wanted).order_by(*self._key)
        found = database.rows(statement.with_for_update() if held else statement)
        return {
            "-".join(str(row._mapping[column]) for column in self._key): {
                name: _as_json(row._mapping[column]) for name, column in self._columns.items()
            }
            for row in found
        }

    def write(self, key: str, values: Values) -> None:
        """Put these fields back; without any, delete the row. A field that no deed changes is a
        mistake of an archive's maker."""
        row: Any = db.session.get(self._model, _numbers(key), populate_existing=True)
        if not values:
            db.session.delete(row)
        elif row is None:
            named = {column.name: n for column, n in zip(self._key, _numbers(key), strict=True)}
            db.session.add(self._model(**named, **self._from_json(values)))
        else:
            for name, value in self._from_json(values).items():
                setattr(row, name, value)
        db.session.flush()

    def new_number(self) -> int | None:
        """The number for a row that a deed makes, which no row ever had; ``None`` where the database
        sees to that. SQLite gives that of a deleted newest row again, so that what the record and
        letters say of a row that was undone would be about another."""
        if db.engine.dialect.name != "sqlite":
            return None
        steps = select(func.max(cast(LogStep.row, Integer))).where(LogStep.relation == self.name)
        highest = database.value(steps), database.value(select(func.max(*self._key)))
        return max(number or 0 for number in highest) + 1

    def dependents(self, key: str) -> list[Dependents]:
        """The rows of other tables, and of this one, that refer to this row."""
        return [
            Dependents(column.table.name, column.name, count)
            for column in self._references()
            if (count := database.value(_referring(column, int(key))))
        ]

    def _references(self) -> list[Column[Any]]:
        return [
            reference.parent
            for _name, table in sorted(Base.metadata.tables.items())
            if table.name not in self._goes_with
            for reference in sorted(table.foreign_keys, key=lambda found: found.parent.name)
            if (reference.column,) == self._key
        ]

    def _from_json(self, values: Values) -> Values:
        return {
            name: datetime.fromisoformat(value)
            if value is not None and isinstance(self._columns[name].type, UtcDateTime)
            else value
            for name, value in values.items()
        }

    def owner(self, key: str) -> int | None:
        """The member whose row it is."""
        found: int | None = database.value(self._owner(*_numbers(key)))
        return found


def _numbers(key: str) -> tuple[int, ...]:
    return tuple(int(number) for number in key.split("-"))


def _referring(column: Column[Any], key: int) -> Select[int]:
    return select(func.count()).select_from(column.table).where(column == key)


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
