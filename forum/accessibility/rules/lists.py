"""Lists: what is a list to the eye is one to the ear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from forum.accessibility.blocks import Block, Group
from forum.accessibility.document import Document
from forum.accessibility.listing import Paragraphs, as_list
from forum.accessibility.registry import Fault, Mends, rule
from forum.accessibility.typed_lists import TypedLine, typed_lists
from forum.phrases import Phrase as _
from forum.review import Severity, Span


@rule(
    "list-typed",
    wcag="1.3.1",
    severity=Severity.WARN,
    message=_("These lines are a list with typed bullets or numbers: please make it a real list."),
    help=_(
        "Of a real list a screen reader says how many items there are, and lets people jump over "
        "it; typed bullets are read out as signs, or not at all. Begin each line with - and a "
        "space, or with 1. and a space, instead of • or 1)."
    ),
    bad="Please bring:\\\n• the key\\\n• the list",
    good="Please bring:\n\n- the key\n- the list",
    mends=Mends.SAFELY,
)
def list_typed(document: Document) -> Iterator[Fault]:
    """Neighbouring lines of the author's own paragraphs that begin with the marks of a list."""
    for group in document.groups:
        for paragraphs, before, after in _neighbours(group) if not group.nested else ():
            yield from _typed(Paragraphs.of(document.source, paragraphs), before, after)


def _neighbours(group: Group) -> Iterator[tuple[Sequence[Block], bool, bool]]:
    """Paragraphs in a row, and whether a list stands right before and right after them."""
    rows = [list(row) for _kind, row in groupby(group.shown, key=lambda block: block.kind)]
    kinds = ["", *(row[0].kind for row in rows), ""]
    for at, row in enumerate(rows):
        if row[0].kind == "paragraph":
            yield row, kinds[at] == "list", kinds[at + 2] == "list"


def _typed(paragraphs: Paragraphs, list_before: bool, list_after: bool) -> Iterator[Fault]:
    """A list right beside another one would become part of it, so the author has to look."""
    lines = [
        TypedLine(line.text if line.whole else "", not paragraphs.opens(at) and not line.hard)
        for at, line in enumerate(paragraphs.lines)
    ]
    for items in typed_lists(lines):
        end = items[-1].line + items[-1].length
        own = paragraphs.lines[items[0].line : end]
        beside = list_before and not items[0].line
        beside |= list_after and end == len(paragraphs.lines)
        words = " ".join(" ".join(line.text for line in own).split())
        repair = None if beside else as_list(paragraphs, items)
        yield Fault(Span(own[0].span.start, own[-1].span.end), words, repair)


RULES = (list_typed,)
