"""Tables as a grid: which cells stand where, and which headers speak for them.

Source: the HTML standard, "Forming a table" and "Forming relationships between data cells and
header cells".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from forum.accessibility.html.names import text_of
from forum.accessibility.html.roles import given_role, role_of
from forum.accessibility.html.tree import Element, Page

MAX_SLOTS = 20_000
"""More are not looked at: ``colspan`` may claim a thousand for each cell."""
_HEADS = frozenset({"columnheader", "rowheader"})


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """A cell: the first of its columns and rows, and how many of both it takes."""

    element: Element
    column: int
    row: int
    width: int
    height: int

    @property
    def is_header(self) -> bool:
        """Whether it speaks for others."""
        return role_of(self.element) in _HEADS

    def meets(self, other: Cell, *, column: bool) -> bool:
        """Whether both share a column, or a row."""
        if column:
            return (
                self.column < other.column + other.width and other.column < self.column + self.width
            )
        return self.row < other.row + other.height and other.row < self.row + self.height


def rows_of(table: Element) -> list[Element]:
    """The rows of a table, not those of tables inside it."""
    parts = (child for child in table.elements if child.tag in ("thead", "tbody", "tfoot", "tr"))
    rows: list[Element] = []
    for part in parts:
        rows += [part] if part.tag == "tr" else [e for e in part.elements if e.tag == "tr"]
    return rows


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table, and which of them stand in each row and each column."""

    cells: tuple[Cell, ...]
    rows: dict[int, list[Cell]]
    columns: dict[int, list[Cell]]

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.columns)

    def beside(self, cell: Cell) -> Iterator[Cell]:
        """The other cells in its rows and columns, some of them twice."""
        for number in range(cell.row, cell.row + cell.height):
            yield from (each for each in self.rows[number] if each is not cell)
        for number in range(cell.column, cell.column + cell.width):
            yield from (each for each in self.columns[number] if each is not cell)


def grid_of(page: Page, table: Element) -> Grid:
    """The cells of a table; none of one that claims more than ``MAX_SLOTS`` places."""
    if table not in page.grids:
        page.grids[table] = _grid(table)
    grid: Grid = page.grids[table]
    return grid


def _grid(table: Element) -> Grid:
    cells: list[Cell] = []
    by_row: dict[int, list[Cell]] = defaultdict(list)
    by_column: dict[int, list[Cell]] = defaultdict(list)
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(rows_of(table)):
        column = 0
        for element in row.elements:
            if element.tag not in ("td", "th"):
                continue
            while (number, column) in taken:
                column += 1
            wide, high = _span(element, "colspan"), _span(element, "rowspan")
            if len(taken) + wide * high > MAX_SLOTS:
                return Grid((), {}, {})
            cell = Cell(element, column, number, wide, high)
            cells.append(cell)
            for y in range(number, number + high):
                by_row[y].append(cell)
            for x in range(column, column + wide):
                by_column[x].append(cell)
            taken.update(
                (y, x) for y in range(number, number + high) for x in range(column, column + wide)
            )
            column += wide
    return Grid(tuple(cells), by_row, by_column)


def _span(element: Element, name: str) -> int:
    written = (element.get(name) or "1").strip()
    return max(1, min(1000, int(written))) if written.isdigit() and len(written) < 9 else 1


def speaks_for(header: Cell, cell: Cell) -> bool:
    """Whether ``header`` is read out with ``cell`` because of where the two stand."""
    if header is cell:
        return False
    if role := given_role(header.element):
        return header.meets(cell, column=role == "columnheader")
    scope = (header.element.get("scope") or "").strip().lower()
    # Without a scope it is for its column, and for its row where that holds data.
    is_for_row = scope in ("row", "rowgroup") or (
        not scope and role_of(header.element) == "rowheader"
    )
    by_column = header.meets(cell, column=True) and scope not in ("row", "rowgroup")
    by_row = header.meets(cell, column=False) and is_for_row
    if scope in ("colgroup", "rowgroup"):
        return by_column or by_row
    return (by_column and cell.row >= header.row) or (by_row and cell.column >= header.column)


def assigned_headers(page: Page, element: Element) -> Iterator[Element]:
    """The header cells that are read out with the cell ``element``."""
    table = element.within("table")
    if table is None:
        return
    grid = grid_of(page, table)
    own = next((cell for cell in grid.cells if cell.element is element), None)
    if own is not None:
        headers = (each for each in grid.beside(own) if each.is_header and speaks_for(each, own))
        yield from dict.fromkeys(header.element for header in headers)


def is_layout(table: Element) -> bool:
    """Whether the table only puts things beside each other."""
    return role_of(table) not in ("table", "grid", "treegrid")


def is_empty(cell: Cell) -> bool:
    """Whether a cell holds neither words nor anything else."""
    things = ("img", "input", "svg", "video", "audio", "object", "iframe", "select", "button")
    return not text_of(cell.element) and not any(
        each.tag in things for each in cell.element.descendants()
    )
