"""Words: what is written in capitals is hard to read, and some screen readers spell it out."""

from __future__ import annotations

from collections.abc import Iterator

from forum.accessibility.document import Document, Passage
from forum.accessibility.registry import Fault, rule
from forum.accessibility.shouting import Chunk, shouted_runs
from forum.accessibility.small_letters import in_small_letters
from forum.phrases import Phrase as _
from forum.review import Severity, Span


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
    known = document.acronyms
    for passage in document.passages:
        if not passage.nested:
            yield from _in_passage(document, passage, known)


def _in_passage(document: Document, passage: Passage, known: frozenset[str]) -> Iterator[Fault]:
    text = passage.text
    if text == text.lower():
        return
    found = shouted_runs(text, known)
    offsets = passage.offsets(document.source) if found else []
    for run in found:
        yield from _fault(document, run, text, offsets)


def _fault(document: Document, run: list[Chunk], text: str, offsets: list[int]) -> Iterator[Fault]:
    first, last = run[0].place, run[-1].place
    places = [Span(offsets[c.place.start], offsets[c.place.end - 1] + 1) for c in run]
    if all(place.of(document.source) == c.word for place, c in zip(places, run, strict=True)):
        span = Span(places[0].start, places[-1].end)
        words = " ".join(text[first.start : last.end].split())
        repair = in_small_letters(document, span, list(zip(places, run, strict=True)))
        yield Fault(span, words, repair)


RULES = (capitals_run,)
