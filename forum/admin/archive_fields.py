"""What describes a file of an archive: its lines' fields, and which of them are what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from forum.admin.archive_values import Kind, key, lines, moment, optional
from forum.db import Base


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a line. ``refers`` names the file whose ``id``, or else first field, it points to;
    older archives lack a ``later`` one, which says the same as null."""

    name: str
    column: InstrumentedAttribute[Any]
    kind: Kind
    refers: str = ""
    later: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """One file of the archive: the rows of one table.

    Attributes:
        order: how many of the first fields give the order of the lines.
        repeats: whether two lines may be alike in these.
        unique: fields of which each value stands in one line at most.
        alone_while_open: fields of which lines with equal values may be there, but only one of them
            with nothing in ``closed_at``.
        later: archives that were made before there was this file lack it; then it has no lines.
    """

    name: str
    table: type[Base]
    fields: tuple[Field, ...]
    order: int = 1
    repeats: bool = False
    unique: tuple[str, ...] = ()
    alone_while_open: tuple[str, ...] = ()
    later: bool = False

    @property
    def pointed_to(self) -> str:
        """The field to which those of other files point."""
        names = [field.name for field in self.fields]
        return "id" if "id" in names else names[0]

    @property
    def ordered_by(self) -> tuple[Field, ...]:
        """The fields by which the lines are ordered, texts by their code points."""
        return self.fields[: self.order]


@dataclass(frozen=True, slots=True)
class Appendix:
    """A file of the archive whose lines are of tables that the forum does not know. Archives of a forum
    that has none of these lack it."""

    name: str


def by(name: str, column: InstrumentedAttribute[Any]) -> Field:
    """Who did something. Nobody is known any more when it is null."""
    return Field(name, column, optional(key), "members")


REASON = lines(10_000)
AT = optional(moment)
DOTTED = r"(?=.{3,60}$)[a-z_]+(?:\.[a-z_]+)+"
