"""The repair of words in capitals."""

from __future__ import annotations

from collections.abc import Sequence

from forum.accessibility.capitals import Kind, can_lower, sentence_case
from forum.accessibility.document import Document
from forum.accessibility.repair import replaced
from forum.accessibility.shouting import Chunk
from forum.phrases import Phrase as _
from forum.review import Repair, Span


def in_small_letters(
    document: Document, span: Span, chunks: Sequence[tuple[Span, Chunk]]
) -> Repair | None:
    """``span`` with its ``chunks``, each at its place in the source, as they stand in a sentence.

    The first word of a link keeps its capital, for most such links are titles. ``None`` in a language
    whose nouns need capitals.
    """
    if not can_lower(document.language):
        return None
    language, known = document.language, document.acronyms
    edits = [
        (place, sentence_case(chunk.word, language, opens=chunk.opens or begins, known=known))
        for place, chunk in chunks
        for begins in [document.source[max(0, place.start - 1) : place.start] == "["]
        if chunk.kind is Kind.CAPITALS or len(chunk.word) == 1
    ]
    return Repair(span, replaced(document.source, span, edits), _("Write as in a sentence"))
