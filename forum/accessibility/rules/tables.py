"""Tables: a cell is read out together with its header, so there has to be one."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it.rules_block.table import escapedSplit

from forum.accessibility.document import OBJECT, Document, Row, Table
from forum.accessibility.grids import is_layout, unnamed_columns
from forum.accessibility.listing import READ_AS_MARKUP, goes_deeper
from forum.accessibility.registry import Fault, Mends, rule
from forum.accessibility.repair import replaced
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span
from forum.text.lines import is_visible


@rule(
    "table-no-header",
    wcag="1.3.1",
    severity=Severity.BLOCK,
    message=_("This table has no column headers: please write them in its first row."),
    help=_(
        "A screen reader says the header with each cell; without it the cells are a heap of "
        "words. Above the line of dashes write what each column holds, such as | Shift | Who |, "
        "instead of leaving | | | empty."
    ),
    bad="| | |\n|---|---|\n| Shift | Who |\n| Early | Ada |",
    good="| Shift | Who |\n|---|---|\n| Early | Ada |",
)
def table_no_header(document: Document) -> Iterator[Fault]:
    """Tables of data whose header cells are all empty although rows below hold something."""
    for table in document.tables:
        first = next((row for row in table.rows if not row.is_empty), None)
        if first and table.header.is_empty and not is_layout(_cells(table)):
            words = " ".join(" ".join(first.cells).replace(OBJECT, "").split())
            yield Fault(table.span, words, _first_row_up(document.source, table, first))


def _cells(table: Table) -> list[tuple[str, ...]]:
    return [table.header.cells, *(row.cells for row in table.rows)]


def _first_row_up(source: str, table: Table, first: Row) -> Repair | None:
    """The first row with words becomes the header, unless it has too many cells or empty ones."""
    header = _fitted(first.span.of(source), len(table.header.cells))
    if header is None or unnamed_columns(first.cells, [row.cells for row in table.rows]):
        return None
    above = Span(table.header.span.start, table.rule.end)
    replacement = replaced(source, above, [(table.header.span, header)])
    span = Span(above.start, first.span.end)
    return Repair(span, replacement, _("Make the first row the header"))


def _fitted(line: str, columns: int) -> str | None:
    """``line`` with exactly so many cells: a header without them all would not make a table.

    It begins with a bar: the header of a single column is one only by its bars.
    """
    line = _barred(line)
    cells = escapedSplit(line)[1:]
    if cells[-1].strip():
        line += " |"
    else:
        cells.pop()
    missing = columns - len(cells)
    return None if missing < 0 else line + "  |" * missing


def _barred(line: str) -> str:
    line = line.rstrip()
    return line if line.startswith("|") else f"| {line}"


def _split(line: str) -> list[str]:
    """What is written between the bars of ``line``."""
    return escapedSplit(_barred(line))[1:]


@rule(
    "table-header-empty",
    wcag="1.3.1",
    severity=Severity.WARN,
    message=_("A column of this table has no header: please write what it holds in the first row."),
    help=_(
        "A screen reader says the header with each cell of a column; here it says nothing for some. "
        "Write | Shift | Who | above them instead of | Shift | |. Only the corner above the names "
        "of rows may stay empty."
    ),
    bad="| Shift | |\n|---|---|\n| Early | Ada |\n| Late | Grace |",
    good="| Shift | Who |\n|---|---|\n| Early | Ada |\n| Late | Grace |",
    mends=Mends.NOTHING,
)
def table_header_empty(document: Document) -> Iterator[Fault]:
    """Tables of data with an empty header over a column that holds something."""
    for table in document.tables:
        cells = _cells(table)
        if unnamed_columns(cells[0], cells[1:]) and not is_layout(cells):
            words = " ".join(" ".join(table.header.cells).replace(OBJECT, "").split())
            yield Fault(table.span, words)


@rule(
    "table-layout",
    wcag="1.3.1",
    severity=Severity.HINT,
    message=_("This table has nothing to look up: a list or paragraphs are easier to follow."),
    help=_(
        "A screen reader announces rows, columns and places in a table, and on a small screen it is "
        "cut off. A single row or column is a list: write - Key and - List below each other "
        "instead of | Key | List |. Long texts go below each other with headings."
    ),
    bad="| Please bring |\n|---|\n| the key |\n| the list |",
    good="Please bring\n\n- the key\n- the list",
)
def table_layout(document: Document) -> Iterator[Fault]:
    """The author's own tables with a single row or column, or with long prose in most cells."""
    own = {
        block.span.start
        for group in document.groups
        for block in group.blocks
        if block.kind == "table" and not group.nested
    }
    for table in document.tables:
        if table.span.start in own and is_layout(_cells(table)):
            words = " ".join(" ".join(map(" ".join, _cells(table))).replace(OBJECT, "").split())
            yield Fault(table.span, words, _as_list(document.source, table))


def _as_list(source: str, table: Table) -> Repair | None:
    """One item for each cell; the header of a single column stands above, as it did.

    Not for long texts, not where a cell would be read as something else, or is not shown now.
    """
    rows = [row for row in (table.header, *table.rows) if not row.is_empty]
    written = [_written(row, source) for row in rows]
    one_each = len(rows) == 1 or all(len(cells) == 1 for cells in written)
    cells = [cell for row in written for cell in row]
    if not one_each or not all(cells) or any(map(READ_AS_MARKUP.match, cells)):
        return None
    titled = rows[0] is table.header and len(rows) > 1
    start = table.span.start
    margin = " " * (start - source.rfind("\n", 0, start) - 1)
    if goes_deeper(source, table.span.end, len(margin)):
        return None
    items = "\n".join(f"{margin}- {cell}" for cell in cells[titled:])
    text = f"{cells[0]}\n\n{items}" if titled else items.removeprefix(margin)
    return Repair(table.span, text, _("Make it a list"))


def _written(row: Row, source: str) -> list[str]:
    """What is written in the cells of ``row`` that hold something; ``""`` for one too many."""
    cells = [cell.strip() for cell in _split(row.span.of(source))]
    if cells and not cells[-1]:
        cells.pop()
    extra = [""] * any(cells[len(row.cells) :])
    return [
        cell for cell, words in zip(cells, row.cells, strict=False) if is_visible(words)
    ] + extra


RULES = (table_no_header, table_header_empty, table_layout)
