"""The repair of a typed list: lines of paragraphs become the items of a real one."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from forum.accessibility.blocks import Block, Line
from forum.accessibility.repair import replaced
from forum.accessibility.typed_lists import Item, Mark
from forum.phrases import Phrase as _
from forum.review import Repair, Span
from forum.text.attributes import LANG

_SPACE = r"[ \t\u00a0\u2002-\u200a]*"
_NUMBER = re.compile(rf"\(?\d{{1,3}}\\?[.)]{_SPACE}")
_BULLET = re.compile(rf"(?:\\?(?P<sign>[^\w\s&])|(?P<reference>&#?\w+;)){_SPACE}")
READ_AS_MARKUP = re.compile(
    r"""\s|\#{1,6}(?:[ \t\\]|$) | > | [-+*](?:[ \t]|$) | ([-*_])(?:[ \t]*\1){2,} | ``` | ~~~
    | \d{1,9}[.)](?:[ \t]|$) | \[[^\]\n]*\]: | \[[ xX]\][ \t] | \{ | \\> | &gt; | [›»＞] """,
    re.VERBOSE | re.MULTILINE,
)
"""What would begin another block, or a task, or look like a quote, at the start of a line or item."""
_NEXT = re.compile(r"(?:[ \t]*\n)+(?P<indent>[ \t]*)(?=\S)")

Edit = tuple[Span, str]


@dataclass(frozen=True, slots=True)
class Paragraphs:
    """The lines of neighbouring paragraphs; ``first`` of each, the number of its own first line."""

    source: str
    lines: tuple[Line, ...]
    first: tuple[int, ...]

    @classmethod
    def of(cls, source: str, blocks: Sequence[Block]) -> Paragraphs:
        """Those of ``blocks``."""
        lines = tuple(line for block in blocks for line in block.lines)
        opened = accumulate((len(block.lines) for block in blocks), initial=0)
        pairs = zip(opened, blocks, strict=False)
        return cls(source, lines, tuple(at for at, block in pairs for _line in block.lines))

    def opens(self, at: int) -> bool:
        """Whether line ``at`` is the first of its paragraph."""
        return self.first[at] == at

    def between(self, at: int) -> Span:
        """What stands between line ``at`` and the one before it."""
        return Span(self.lines[at - 1].span.end, self.lines[at].span.start)

    def margin(self, at: int) -> str:
        """What stands before line ``at`` on its own line."""
        start = self.lines[at].span.start
        return self.source[self.source.rfind("\n", 0, start) + 1 : start]


def as_list(paragraphs: Paragraphs, items: Sequence[Item]) -> Repair | None:
    """The ``items`` with the marks of Markdown, parted from what stands around them.

    ``None`` where the words of an item, or what comes after the list, would be read as something
    else than before.
    """
    edits = list(_edits(paragraphs, items))
    if not edits or not _is_certain(paragraphs, items):
        return None
    last = paragraphs.lines[_end(items) - 1].span.end
    span = Span(edits[0][0].start, max(edits[-1][0].end, last))
    return Repair(span, replaced(paragraphs.source, span, edits), _("Make it a list"))


def _end(items: Sequence[Item]) -> int:
    """The number of the line after the last item."""
    return items[-1].line + items[-1].length


def _edits(paragraphs: Paragraphs, items: Sequence[Item]) -> Iterator[Edit]:
    margin = " " * len(paragraphs.margin(paragraphs.first[items[0].line]))
    for item in items:
        if not paragraphs.opens(item.line):
            gap = "\n\n" if item is items[0] else "\n"
            yield paragraphs.between(item.line), gap + margin
        number = item.mark.number
        yield _mark(paragraphs, item), "- " if number is None else f"{number}. "
    end = _end(items)
    last = paragraphs.lines[end - 1].span.end
    if _goes_on(paragraphs, end):
        yield paragraphs.between(end), "\n\n" + margin
    elif line_after(paragraphs.source, last):
        yield Span(last, last), "\n"


def _goes_on(paragraphs: Paragraphs, at: int) -> bool:
    """Whether line ``at`` belongs to the paragraph of the line before it."""
    return at < len(paragraphs.lines) and not paragraphs.opens(at)


def _mark(paragraphs: Paragraphs, item: Item) -> Span:
    """The mark as it is written, with the space after it; empty where it is hidden in markup."""
    start, end = paragraphs.lines[item.line].span.start, paragraphs.lines[item.line].span.end
    pattern = _BULLET if item.mark.number is None else _NUMBER
    found = pattern.match(paragraphs.source, start, end)
    return Span(start, found.end() if found and _is_written(item.mark, found) else start)


def _is_written(mark: Mark, found: re.Match[str]) -> bool:
    """Whether the bullet that was ``found`` is that of ``mark``; a number is always."""
    if mark.number is not None:
        return True
    return mark.style == (found["sign"] or html.unescape(found["reference"]))


def _is_certain(paragraphs: Paragraphs, items: Sequence[Item]) -> bool:
    source, end = paragraphs.source, _end(items)
    marks = [_mark(paragraphs, item) for item in items]
    if any(mark.start == mark.end or READ_AS_MARKUP.match(source, mark.end) for mark in marks):
        return False
    first = paragraphs.first[items[0].line]
    openings = [first, *(item.line for item in items if paragraphs.opens(item.line))]
    margin, *margins = map(paragraphs.margin, openings)
    if "\t" in margin or any(len(other) != len(margin) for other in margins):
        return False
    if any(_follows_language(source, paragraphs.lines[at].span.start) for at in openings):
        return False
    if first < items[0].line and READ_AS_MARKUP.match(source, paragraphs.lines[first].span.start):
        return False
    if _goes_on(paragraphs, end):
        return not READ_AS_MARKUP.match(source, paragraphs.lines[end].span.start)
    return not goes_deeper(source, paragraphs.lines[end - 1].span.end, len(margin))


def goes_deeper(source: str, end: int, margin: int) -> bool:
    """Whether the next line with words after ``end`` is indented by more than ``margin``.

    Below a list it would belong to the last item.
    """
    after = _NEXT.match(source, end)
    return after is not None and len(after["indent"]) > margin


def line_after(source: str, end: int) -> str:
    """The line after one that ends at ``end``; empty when there is nothing on it."""
    stop = source.find("\n", end + 1)
    line = source[end + 1 : stop if stop >= 0 else len(source)]
    return line if line.strip() else ""


def _follows_language(source: str, at: int) -> bool:
    """Whether the line before names the language of this paragraph."""
    line = source.rfind("\n", 0, at)
    before = source[source.rfind("\n", 0, max(line, 0)) + 1 : max(line, 0)]
    return LANG.fullmatch(before.strip(" \t")) is not None
