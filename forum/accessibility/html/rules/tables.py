"""Tables: a cell is read out together with its headers, so there have to be some, and right ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from forum.accessibility.html.names import name_of, text_of
from forum.accessibility.html.registry import Fault, html_rule, same_rule
from forum.accessibility.html.tables import (
    MOST_HEADERS,
    Cell,
    Grid,
    grid_of,
    is_empty,
    is_layout,
    rows_of,
)
from forum.accessibility.html.tree import Element, Page
from forum.accessibility.rules import tables
from forum.phrases import Phrase as _
from forum.review import Severity

_HEADERS = frozenset({"columnheader", "rowheader"})


def _tables(page: Page) -> Iterator[tuple[Element, Grid]]:
    for table in page.tagged("table"):
        if not table.silent and not is_layout(table):
            yield table, grid_of(page, table)


@same_rule(
    tables.table_no_header,
    help=_(
        "A screen reader says the header with each cell; without it the cells are a heap of "
        "words. Write what each column holds into cells of the kind <th>."
    ),
    bad="<table><tr><td>Early</td><td>Ada</td></tr><tr><td>Late</td><td>Eve</td></tr></table>",
    good="<table><tr><th>Shift</th><th>Who</th></tr><tr><td>Early</td><td>Ada</td></tr></table>",
)
def table_no_header(page: Page) -> Iterator[Fault]:
    """Tables of several rows and columns with words and without a single header."""
    for table, grid in _tables(page):
        heads = [cell for cell in grid.cells.values() if _is_header(cell) and not is_empty(cell)]
        full = [cell for cell in grid.cells.values() if not is_empty(cell)]
        several = len({c.row for c in full}) > 1 and len({c.column for c in full}) > 1
        if several and not heads and not _holds_blocks(table) and not _has_references(grid):
            yield Fault(table)


def _is_header(cell: Cell) -> bool:
    return cell.element.tag == "th" or cell.is_header


def _holds_blocks(table: Element) -> bool:
    """Whether it holds whole parts of a page, so that it is there for their places only."""
    blocks = ("table", "form", "pre", "iframe")
    return any(each.tag in blocks for each in table.descendants())


def _has_references(grid: Grid) -> bool:
    return any(cell.element.get("headers") for cell in grid.cells.values())


@html_rule(
    "table-header-empty",
    wcag="1.3.1",
    severity=Severity.HINT,
    message=_("A header of this table is empty: please say what its column or row holds."),
    bad="<table><tr><th>Shift</th><th></th></tr><tr><td>Early</td><td>Ada</td></tr></table>",
    good="<table><tr><th>Shift</th><th>Who</th></tr><tr><td>Early</td><td>Ada</td></tr></table>",
)
def table_header_empty(page: Page) -> Iterator[Fault]:
    """Header cells without words or pictures."""
    for _table, grid in _tables(page):
        for cell in grid.cells.values():
            if cell.element.tag == "th" and is_empty(cell) and not name_of(page, cell.element):
                yield Fault(cell.element)


@html_rule(
    "table-header-alone",
    wcag="1.3.1",
    act=("d0f69e",),
    message=_("This header of a table stands over no cell."),
    bad="<table><tr><th>Shift</th><th>Who</th></tr><tr><td>Early</td></tr></table>",
    good="<table><tr><th>Shift</th><th>Who</th></tr><tr><td>Early</td><td>Ada</td></tr></table>",
)
def table_header_alone(page: Page) -> Iterator[Fault]:
    """Header cells that speak for no other cell, by their place or by a reference."""
    for _table, grid in _tables(page):
        named = {
            word for c in grid.cells.values() for word in (c.element.get("headers") or "").split()
        }
        for cell in grid.cells.values():
            if not cell.is_header or cell.element.silent or cell.element.get("id") in named:
                continue
            if grid.is_alone(cell) and text_of(cell.element):
                yield Fault(cell.element)


@html_rule(
    "table-headers-elsewhere",
    wcag="1.3.1",
    act=("a25f45",),
    message=_("This cell names as its header something that is none of this table."),
    bad='<table><tr><th id="a">Shift</th></tr><tr><td headers="b">Early</td></tr></table>',
    good='<table><tr><th id="a">Shift</th></tr><tr><td headers="a">Early</td></tr></table>',
)
def table_headers_elsewhere(page: Page) -> Iterator[Fault]:
    """``headers`` that lead out of the table, to the cell itself, or to what is no header."""
    for _table, grid in _tables(page):
        heads = {
            c.element.get("id") for c in grid.cells.values() if c.is_header or c.element.tag == "th"
        }
        for cell in grid.cells.values():
            words = (cell.element.get("headers") or "").split()
            own = cell.element.get("id")
            if words and any(word not in heads or word == own for word in words):
                yield Fault(cell.element, ("headers",))


@html_rule(
    "table-cell-alone",
    wcag="1.3.1",
    message=_("This cell of a large table has no header."),
    bad="<table><tr><th>A</th><td>1</td><td>2</td><td>3</td></tr>"
    "<tr><th>B</th><td>1</td><td>2</td><td>3</td></tr>"
    "<tr><th>C</th><td>1</td><td>2</td><td>3</td></tr>"
    "<tr><td></td><td>1</td><td>2</td><td>3</td></tr></table>",
    good="<table><tr><th>A</th><td>1</td><td>2</td><td>3</td></tr>"
    "<tr><th>B</th><td>1</td><td>2</td><td>3</td></tr>"
    "<tr><th>C</th><td>1</td><td>2</td><td>3</td></tr>"
    "<tr><th>D</th><td>1</td><td>2</td><td>3</td></tr></table>",
)
def table_cell_alone(page: Page) -> Iterator[Fault]:
    """Tables of more than three rows and columns where a cell with words has no header."""
    for table, grid in _tables(page):
        heads = [cell for cell in grid.cells.values() if cell.is_header and not is_empty(cell)]
        if not heads or grid.width <= 3 or len(rows_of(table)) <= 3:
            continue
        if any(_is_alone(cell, grid) for cell in grid.cells.values()):
            yield Fault(table)


def _is_alone(cell: Cell, grid: Grid) -> bool:
    if cell.is_header or is_empty(cell) or cell.element.get("aria-label"):
        return False
    if (cell.element.get("headers") or "").strip():
        return False
    return all(map(is_empty, islice(grid.headers_of(cell), MOST_HEADERS)))


@html_rule(
    "table-scope",
    wcag="1.3.1",
    message=_(
        "This says which cells a header is for, but it is no header, or the word is unknown."
    ),
    bad='<table><tr><td scope="col">Shift</td></tr><tr><td>Early</td></tr></table>',
    good='<table><tr><th scope="col">Shift</th></tr><tr><td>Early</td></tr></table>',
)
def table_scope(page: Page) -> Iterator[Fault]:
    """``scope`` on what is no header cell, or with another word than the four there are."""
    for element in page.with_attribute("scope"):
        word = element.attributes["scope"].strip().lower()
        is_known = word in ("col", "row", "colgroup", "rowgroup")
        if element.tag in ("td", "th") and (element.tag == "td" or not is_known):
            yield Fault(element, ("scope",))


@html_rule(
    "table-said-twice",
    wcag="",
    severity=Severity.HINT,
    message=_("The caption and the summary of this table say the same."),
    bad='<table summary="Shifts"><caption>Shifts</caption><tr><th>Who</th></tr></table>',
    good="<table><caption>Shifts</caption><tr><th>Who</th></tr></table>",
)
def table_said_twice(page: Page) -> Iterator[Fault]:
    """Tables whose ``summary`` is their caption again."""
    for table in page.with_attribute("summary"):
        caption = next((each for each in table.elements if each.tag == "caption"), None)
        summary = " ".join(table.attributes["summary"].split()).casefold()
        if caption is not None and summary and summary == text_of(caption).casefold():
            yield Fault(table, ("summary",))


@html_rule(
    "table-caption-in-cell",
    wcag="1.3.1",
    message=_("The first row of this table is its caption: please write it above the table."),
    bad='<table><tr><td colspan="2">Shifts</td></tr><tr><td>Early</td><td>Ada</td></tr>'
    "<tr><td>Late</td><td>Eve</td></tr></table>",
    good="<table><caption>Shifts</caption><tr><th>Shift</th><th>Who</th></tr>"
    "<tr><td>Early</td><td>Ada</td></tr></table>",
)
def table_caption_in_cell(page: Page) -> Iterator[Fault]:
    """Tables that begin with one cell over the whole width."""
    for table, grid in _tables(page):
        first = [cell for cell in grid.cells.values() if cell.row == 0]
        is_whole = len(first) == 1 and grid.width > 1 and first[0].width == grid.width
        if (
            is_whole
            and len(rows_of(table)) > 1
            and text_of(first[0].element)
            and not any(each.tag == "caption" for each in table.elements)
        ):
            yield Fault(first[0].element)


RULES = (
    table_no_header,
    table_header_empty,
    table_header_alone,
    table_headers_elsewhere,
    table_cell_alone,
    table_scope,
    table_said_twice,
    table_caption_in_cell,
)
