"""Putting a repair together from edits of the source."""

from __future__ import annotations

from collections.abc import Iterable

from forum.review import Span


def replaced(source: str, span: Span, edits: Iterable[tuple[Span, str]]) -> str:
    """What stands in ``span`` after ``edits``, which lie inside it, in order and apart."""
    parts: list[str] = []
    at = span.start
    for place, text in edits:
        parts += [source[at : place.start], text]
        at = place.end
    return "".join([*parts, source[at : span.end]])
