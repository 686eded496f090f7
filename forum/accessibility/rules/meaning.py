"""Meaning: what only some can make sense of, by colour, by place, or by knowing an acronym."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forum.accessibility.acronyms import first_uses
from forum.accessibility.document import Document, Passage
from forum.accessibility.emoji import without_emoji
from forum.accessibility.lettering import plain
from forum.accessibility.registry import Fault, Mends, rule
from forum.accessibility.repair import escaped, is_as_written, place_of
from forum.accessibility.senses import told_by_senses
from forum.accessibility.shouting import shouted_runs
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span

_ADDRESS = re.compile(r"://|@|www\.", re.IGNORECASE)


@rule(
    "senses-alone",
    wcag="1.3.3",
    severity=Severity.HINT,
    message=_("Only its colour or its place tells what this is: please say its name as well."),
    help=_(
        "Who hears the page, magnifies it or sees colours differently does not find it. Write "
        "“Press **Send**, the red button” instead of “Press the red button”, and “the list "
        "**Dates** on the right” instead of “the box on the right”."
    ),
    bad="Press the red button to send it.",
    good="Press **Send**, the red button.",
    mends=Mends.NOTHING,
)
def senses_alone(document: Document) -> Iterator[Fault]:
    """What readers are asked to use or to see, without a name, in the author's own prose."""
    for passage in document.passages:
        text, language = passage.text, _language(document, passage)
        found = () if passage.nested else told_by_senses(_read(text), language)
        if found:
            offsets = passage.offsets(document.source)
            yield from (Fault(place_of(offsets, one), one.of(text)) for one in found)


def _read(text: str) -> str:
    """``text``, as long as before, in plain letters and without emoji."""
    return without_emoji(plain(text))


def _language(document: Document, passage: Passage) -> str:
    return next((run.language for run in passage.runs if run.language), document.language)


@rule(
    "acronym-unexplained",
    wcag="3.1.4",
    severity=Severity.HINT,
    message=_("Not everybody knows this acronym: please write once what it stands for."),
    help=_(
        "Newcomers, and people who hear the text, cannot guess it. It stands in the glossary of "
        "this community: at its first use write “ABC (Always Be Calm)” instead of “ABC” alone."
    ),
    bad="Ask the ABC first.",
    good="Ask the ABC (Always Be Calm) first. The ABC knows.",
)
def acronym_unexplained(document: Document) -> Iterator[Fault]:
    """Acronyms of the community's glossary that the author explains nowhere."""
    own = [passage for passage in document.passages if not passage.nested]
    texts = [_read(passage.text) for passage in own] if document.glossary else []
    for number, place, long in first_uses(texts, document.glossary):
        passage = own[number]
        offsets = passage.offsets(document.source)
        repair = _explained(document, passage.text, place, offsets, long)
        yield Fault(place_of(offsets, place), place.of(passage.text), repair)


def _explained(
    document: Document, text: str, place: Span, offsets: list[int], long: str
) -> Repair | None:
    """The acronym with what it stands for behind it, unless that would be a fault in itself."""
    words = f"{text[: place.end]} ({long}){text[place.end :]}"
    known = document.acronyms
    shouts = len(shouted_runs(words, known)) > len(shouted_runs(text, known))
    if _ADDRESS.search(long) or shouts:
        return None
    # A bracket and then braces would be a mark of a language.
    marked = text[place.end :].lstrip(" ").startswith("{")
    if marked or not is_as_written(document.source, text, offsets, place):
        return None
    written = f"{place.of(text)} ({escaped(long)})"
    return Repair(place_of(offsets, place), written, _("Write what it stands for"))


RULES = (senses_alone, acronym_unexplained)
