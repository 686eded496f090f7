"""Telling tables of data from tables that only arrange what could stand below each other."""

from __future__ import annotations

from collections.abc import Sequence

from forum.accessibility.walls import word_count
from forum.text.lines import is_visible

LONG_CELL = 60
"""Words of a cell that is a paragraph rather than a piece of data."""

Cells = Sequence[str]
"""The words of one row; what holds a picture or the like is not empty."""


def is_layout(rows: Sequence[Cells]) -> bool:
    """Whether ``rows``, the header among them, have nothing to be looked up across and down.

    That is so with a single row or column in use, and where most of the cells are long prose.
    """
    used = [[is_visible(cell) for cell in row] for row in rows]
    columns = {at for row in used for at, seen in enumerate(row) if seen}
    if not columns:
        return False
    return sum(map(any, used)) == 1 or len(columns) == 1 or _is_prose(rows)


def _is_prose(rows: Sequence[Cells]) -> bool:
    """Whether at least half of the cells are long; the header counts, for it may be among the rows."""
    lengths = [word_count(cell) for row in rows for cell in row if is_visible(cell)]
    return 2 * sum(length > LONG_CELL for length in lengths) >= len(lengths)


def unnamed_columns(header: Cells, rows: Sequence[Cells]) -> list[int]:
    """The numbers of the columns that hold something below an empty header, others have one.

    Not the first: above names of rows the corner may stay empty.
    """
    if not any(map(is_visible, header)):
        return []
    filled = {at for row in rows for at, cell in enumerate(row) if is_visible(cell)}
    return [at for at in range(1, len(header)) if at in filled and not is_visible(header[at])]
