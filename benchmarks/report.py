"""What a measurement gives back: a text for people, facts for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class CannotMeasure(Exception):
    """Something that the measurement needs is not there; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run; ``holds`` is whether they are what the subject aims at, if anything."""

    text: str
    facts: dict[str, Any]
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure, what is wanted of it, and whether that is so."""

    figure: float
    wanted: str
    holds: bool


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows under their heads: the first column to the left, the others to the right."""
    lines = [list(heads), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
