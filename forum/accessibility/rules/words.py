"""Words: what is written in capitals is hard to read, and some screen readers spell it out."""

from __future__ import annotations

from collections.abc import Iterator

from forum.accessibility.capitals import Kind, can_lower, sentence_case
from forum.accessibility.document import Document, Passage
from forum.accessibility.registry import Fault, rule
from forum.accessibility.repair import replaced
from forum.accessibility.shouting import Chunk, shouted_runs
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span


@rule(
    "capitals-run",
    wcag="",
    severity=Severity.WARN,
    message=_("These words are all in capitals: please write them as in a sentence."),
    help=_(
        "Words in capitals lose their shape, which makes them hard to read for many, and some "
        "screen readers spell them letter by letter. To stress something write **Please read "
        "this first** instead of PLEASE READ THIS FIRST."
    ),
    bad="PLEASE READ THIS FIRST",
    good="**Please read this first.**",
)
def capitals_run(document: Document) -> Iterator[Fault]:
    """Runs of capitals in the author's own prose; code, addresses and quotes are not that."""
    for passage in document.passages:
        if not passage.nested:
            yield from _in_passage(document, passage)


def _in_passage(document: Document, passage: Passage) -> Iterator[Fault]:
    text = passage.text
    if text == text.lower():
        return
    found = shouted_runs(text)
    offsets = passage.offsets(document.source) if found else []
    for run in found:
        yield from _fault(document, run, text, offsets)


def _fault(document: Document, run: list[Chunk], text: str, offsets: list[int]) -> Iterator[Fault]:
    first, last = run[0].place, run[-1].place
    places = [Span(offsets[c.place.start], offsets[c.place.end - 1] + 1) for c in run]
    if all(place.of(document.source) == c.word for place, c in zip(places, run, strict=True)):
        span = Span(places[0].start, places[-1].end)
        words = " ".join(text[first.start : last.end].split())
        yield Fault(span, words, _lowered(document, span, list(zip(places, run, strict=True))))


def _lowered(document: Document, span: Span, chunks: list[tuple[Span, Chunk]]) -> Repair | None:
    if not can_lower(document.language):
        return None
    edits = [
        (place, sentence_case(chunk.word, document.language, opens=chunk.opens))
        for place, chunk in chunks
        if chunk.kind is Kind.CAPITALS or len(chunk.word) == 1
    ]
    return Repair(span, replaced(document.source, span, edits), _("Write as in a sentence"))


RULES = (capitals_run,)
