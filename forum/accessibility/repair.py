"""Putting a repair together from edits of the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from forum.review import Span

# Items, quotations, headings, rules, fences, attributes; references and footnotes ([a]: and [^a]:).
_BLOCK = re.compile(
    r"[ \t]*(?:(?:[-+*]|#{1,6}|\d{1,9}[.)])(?=\s|\Z)|>|[-=*_ ]{3,}+(?:\n|\Z)|[-=]++[ \t]*+(?:\n|\Z)"
    r"|```|~~~|\{|\||\[[^\]\n]{0,999}\]:|\\[->+*]|&gt;|[›»＞•◦▪▫‣⁃●○■□►▶➢➤·∙–]|\(?\d{1,3}\\?[.)])"
)


_MARKUP = re.compile(r"[\\`*_~^\[\]{}<>&|]")


def escaped(words: str) -> str:
    """``words`` on one line, with nothing in it that Markdown reads as markup."""
    return _MARKUP.sub(r"\\\g<0>", " ".join(words.split()))


def replaced(source: str, span: Span, edits: Iterable[tuple[Span, str]]) -> str:
    """What stands in ``span`` after ``edits``, which lie inside it, in order and apart."""
    parts: list[str] = []
    at = span.start
    for place, text in edits:
        parts += [source[at : place.start], text]
        at = place.end
    return "".join([*parts, source[at : span.end]])


def place_of(offsets: Sequence[int], place: Span) -> Span:
    """From where to where in the source the characters ``place`` of a passage stand.

    Args:
        offsets: where each character of the passage is written (``Passage.offsets``).
    """
    known = [offset for offset in offsets[place.start : place.end] if offset >= 0]
    known = known or [offset for offset in offsets if offset >= 0] or [0]
    return Span(known[0], known[-1] + 1)


def is_as_written(source: str, text: str, offsets: Sequence[int], place: Span) -> bool:
    """Whether ``place`` of the passage ``text`` stands in the source just so, without markup."""
    return place.start == place.end or place_of(offsets, place).of(source) == place.of(text)


def would_be_a_block(line: str) -> bool:
    """Whether a line may begin something else than words: a list, a heading, a quotation, or what
    looks like one."""
    return _BLOCK.match(line) is not None
