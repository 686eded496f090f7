"""Tables: a cell is read out together with its header, so there has to be one."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it.rules_block.table import escapedSplit

from forum.accessibility.document import OBJECT, Document, Row, Table
from forum.accessibility.registry import Fault, rule
from forum.accessibility.repair import replaced
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span


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
    """Tables whose header cells are all empty although rows below hold something."""
    for table in document.tables:
        first = next((row for row in table.rows if not row.is_empty), None)
        if first and table.header.is_empty:
            words = " ".join(" ".join(first.cells).replace(OBJECT, "").split())
            yield Fault(table.span, words, _first_row_up(document.source, table, first))


def _first_row_up(source: str, table: Table, first: Row) -> Repair | None:
    """The first row with words becomes the header, unless it has too many cells for that."""
    header = _fitted(first.span.of(source), len(table.header.cells))
    if header is None:
        return None
    above = Span(table.header.span.start, table.rule.end)
    replacement = replaced(source, above, [(table.header.span, header)])
    span = Span(above.start, first.span.end)
    return Repair(span, replacement, _("Make the first row the header"))


def _fitted(line: str, columns: int) -> str | None:
    """``line`` with exactly so many cells: a header without them all would not make a table.

    It begins with a bar: the header of a single column is one only by its bars.
    """
    line = line.rstrip()
    line = line if line.startswith("|") else f"| {line}"
    cells = escapedSplit(line)[1:]
    if cells[-1].strip():
        line += " |"
    else:
        cells.pop()
    missing = columns - len(cells)
    return None if missing < 0 else line + "  |" * missing


RULES = (table_no_header,)
