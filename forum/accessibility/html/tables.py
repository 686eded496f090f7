"""Tables as a grid: which cells stand where, and which headers speak for them.

Source: the HTML standard, "Forming a table" and "Forming relationships between data cells and
header cells".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from forum.accessibility.html.names import text_of
from forum.accessibility.html.roles import given_role, role_of
from forum.accessibility.html.tree import Element, Page

MAX_SLOTS = 20_000
"""More are not looked at: ``colspan`` may claim a thousand for each cell."""
MOST_HEADERS = 20
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
    def rows(self) -> range:
        """The numbers of its rows."""
        return range(self.row, self.row + self.height)

    @property
    def columns(self) -> range:
        """The numbers of its columns."""
        return range(self.column, self.column + self.width)

    @property
    def is_header(self) -> bool:
        """Whether it speaks for others."""
        return role_of(self.element) in _HEADS

    @property
    def is_for_row(self) -> bool:
        """Whether it speaks along its row: as it says, else where the row holds data."""
        return self.is_header and role_of(self.element) == "rowheader"

    @property
    def is_for_column(self) -> bool:
        """Whether it speaks along its column: as it says, else always."""
        is_said = bool(given_role(self.element)) or (self.element.get("scope") or "").strip()
        return self.is_header and (role_of(self.element) == "columnheader" or not is_said)


def rows_of(table: Element) -> list[Element]:
    """The rows of a table, not those of tables inside it."""
    parts = (child for child in table.elements if child.tag in ("thead", "tbody", "tfoot", "tr"))
    rows: list[Element] = []
    for part in parts:
        rows += [part] if part.tag == "tr" else [e for e in part.elements if e.tag == "tr"]
    return rows


@dataclass(slots=True)
class Grid:
    """The cells of a table.

    Attributes:
        cells: all of them, by the element of each.
        width: how many columns there are.
        in_rows, in_columns: for each row and each column the headers that speak along it, first
            one first.
        last_in_row, last_in_column: where the last cell stands that does not name its headers.
    """

    cells: dict[Element, Cell] = field(default_factory=dict)
    width: int = 0
    in_rows: dict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    in_columns: dict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    last_in_row: dict[int, Cell] = field(default_factory=dict)
    last_in_column: dict[int, Cell] = field(default_factory=dict)

    def add(self, cell: Cell) -> None:
        """Put a cell in; they come in reading order."""
        self.cells[cell.element] = cell
        self.width = max(self.width, cell.column + cell.width)
        names_its_own = bool(cell.element.get("headers"))
        for row in cell.rows:
            if cell.is_for_row:
                self.in_rows[row].append(cell)
            if not names_its_own and cell.column >= self.last_in_row.get(row, cell).column:
                self.last_in_row[row] = cell
        for column in cell.columns:
            if cell.is_for_column:
                self.in_columns[column].append(cell)
            if not names_its_own:
                self.last_in_column[column] = cell

    def headers_of(self, cell: Cell) -> Iterator[Cell]:
        """The headers that are read out with ``cell`` because of where they stand."""
        for row in cell.rows:
            yield from (h for h in self.in_rows[row] if h is not cell and h.column <= cell.column)
        for column in cell.columns:
            yield from (h for h in self.in_columns[column] if h is not cell and h.row <= cell.row)

    def is_alone(self, header: Cell) -> bool:
        """Whether ``header`` is read out with no other cell because of where it stands."""
        ends = [self.last_in_row.get(row) for row in header.rows if header.is_for_row]
        ends += [self.last_in_column.get(each) for each in header.columns if header.is_for_column]
        return all(end is None or end is header or _is_before(end, header) for end in ends)


def _is_before(cell: Cell, header: Cell) -> bool:
    return cell.row < header.row or (cell.row in header.rows and cell.column < header.column)


def grid_of(page: Page, table: Element) -> Grid:
    """The cells of a table; none of one that claims more than ``MAX_SLOTS`` places."""
    if (grid_of, table) not in page.kept:
        page.kept[grid_of, table] = _grid(table)
    grid: Grid = page.kept[grid_of, table]
    return grid


def _grid(table: Element) -> Grid:
    grid = Grid()
    taken: set[tuple[int, int]] = set()
    for number, row in enumerate(rows_of(table)):
        column = 0
        for element in row.elements:
            if element.tag not in ("td", "th"):
                continue
            while (number, column) in taken:
                column += 1
            cell = Cell(
                element, column, number, _span(element, "colspan"), _span(element, "rowspan")
            )
            if len(taken) + cell.width * cell.height > MAX_SLOTS:
                return Grid()
            grid.add(cell)
            taken.update((y, x) for y in cell.rows for x in cell.columns)
            column += cell.width
    return grid


def _span(element: Element, name: str) -> int:
    written = (element.get(name) or "1").strip()
    return max(1, min(1000, int(written))) if written.isdigit() and len(written) < 9 else 1


def assigned_headers(page: Page, element: Element) -> Iterator[Element]:
    """The header cells that are read out with the cell ``element``, at most ``MOST_HEADERS``."""
    table = element.within("table")
    grid = grid_of(page, table) if table is not None else Grid()
    if (cell := grid.cells.get(element)) is not None:
        yield from (header.element for header in islice(grid.headers_of(cell), MOST_HEADERS))


def is_layout(table: Element) -> bool:
    """Whether the table only puts things beside each other."""
    return role_of(table) not in ("table", "grid", "treegrid")


def is_empty(cell: Cell) -> bool:
    """Whether a cell holds neither words nor anything else."""
    things = ("img", "input", "svg", "video", "audio", "object", "iframe", "select", "button")
    return not text_of(cell.element) and not any(
        each.tag in things for each in cell.element.descendants()
    )
