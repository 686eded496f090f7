"""Headings: the outline of a post is complete, has no holes, and can be listened to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from forum.accessibility.blocks import Block
from forum.accessibility.document import Document, Heading
from forum.accessibility.levels import Levels
from forum.accessibility.listing import READ_AS_MARKUP, goes_deeper
from forum.accessibility.posing import Posing, posing_lines
from forum.accessibility.registry import Fault, Mends, rule
from forum.accessibility.repair import replaced
from forum.accessibility.small_letters import in_small_letters
from forum.accessibility.titles import has_only_marks, is_too_long, shouted_words
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span
from forum.text.lines import is_visible


def _own(document: Document) -> list[Heading]:
    """The author's own headings that say something; screen readers pass over the others."""
    return [h for h in document.headings if not h.nested and is_visible(h.text)]


@rule(
    "heading-empty",
    wcag="1.3.1",
    act=("ffd0e9",),
    severity=Severity.WARN,
    message=_("This heading has no words: please write some, or take the # signs away."),
    help=_(
        "Many people jump from heading to heading, and land on nothing. Write what the part below "
        "is about, such as ## Night shift instead of ## alone; for more space between two parts an "
        "empty line is enough."
    ),
    bad="##\n\nAda is on call.",
    good="## Night shift\n\nAda is on call.",
    mends=Mends.SAFELY,
)
def heading_empty(document: Document) -> Iterator[Fault]:
    """Headings in which nothing can be seen. A picture that was not decided on is found by itself."""
    for heading in document.headings:
        if heading.marks and not heading.nested and not is_visible(heading.text):
            pictures = [p for p in document.pictures if _holds(heading.span, p.span)]
            if all(picture.decorative for picture in pictures):
                words = heading.span.of(document.source)
                repair = None if pictures else _removed(document.source, heading.span)
                yield Fault(heading.span, words, repair)


def _removed(source: str, span: Span) -> Repair | None:
    """Without the heading; not where a list above it would then take in what stands below."""
    margin = span.start - source.rfind("\n", 0, span.start) - 1
    deeper = goes_deeper(source, span.end, margin)
    return None if deeper else Repair(span, "", _("Remove the heading"))


def _holds(outer: Span, inner: Span) -> bool:
    return outer.start <= inner.start < outer.end


@rule(
    "heading-skipped",
    wcag="1.3.1",
    severity=Severity.WARN,
    message=_(
        "This heading is more than one level below the one before: please use the next level."
    ),
    help=_(
        "People who listen to a page find their way by its headings, and a missing level sounds "
        "like a missing part. After a heading with ## write ### and not ####; the first heading "
        "may have any level."
    ),
    bad="## Night shift\n\n#### Handover",
    good="## Night shift\n\n### Handover",
    mends=Mends.SAFELY,
)
def heading_skipped(document: Document) -> Iterator[Fault]:
    """Headings over one level deeper than the one before; those in quotes do not count."""
    own = _own(document)
    for index, (before, heading) in enumerate(pairwise(own), start=1):
        if heading.level > before.level + 1:
            section = list(_section(own, index, before.level))
            yield Fault(heading.span, heading.text, _lift(document.source, before.level, section))


def _section(headings: Sequence[Heading], index: int, level: int) -> Iterator[Heading]:
    """The headings from ``index`` on, as far as they lie below ``level``."""
    below = (headings[at] for at in range(index, len(headings)))
    return takewhile(lambda heading: heading.level > level, below)


def _lift(source: str, level: int, section: Sequence[Heading]) -> Repair:
    """Lift a whole section by the missing levels, so that what is inside keeps its order.

    Differences between neighbours only shrink, so this opens no new hole.
    """
    missing = section[0].level - level - 1
    marked = [(heading.marks, heading.level) for heading in section if heading.marks]
    edits = [(marks, "#" * max(old - missing, level + 1)) for marks, old in marked]
    span = Span(edits[0][0].start, edits[-1][0].end)
    return Repair(span, replaced(source, span, edits), _("Use the next heading level"))


@rule(
    "heading-bold",
    wcag="1.3.1",
    severity=Severity.WARN,
    message=_("This line in bold looks like a heading: please make it one."),
    help=_(
        "Screen readers list the headings of a page and jump between them; a line in bold they read "
        "like any other. Write ## Night shift instead of **Night shift**."
    ),
    bad="Two people are on call.\n\n**Night shift**\n\nAda is on call.",
    good="Two people are on call.\n\n## Night shift\n\nAda is on call.",
)
def heading_bold(document: Document) -> Iterator[Fault]:
    """Short lines all in bold, above something that they can be the heading of."""
    levels = Levels.of(_own(document))
    for posing in posing_lines(document.groups):
        line = posing.line
        yield Fault(line.span, line.text, _as_heading(document, posing, levels))


def _as_heading(document: Document, posing: Posing, levels: Levels) -> Repair | None:
    line, below = posing.line, posing.below
    words = line.span.of(document.source)[2:-2].strip()
    if words.endswith("#") or shouted_words(line.text, document.acronyms):
        return None
    if below and READ_AS_MARKUP.match(document.source, below.span.start):
        return None
    heading = f"{'#' * levels.fitting(line.span.start)} {words}"
    span = Span(line.span.start, below.span.start if below else line.span.end)
    return Repair(span, heading + "\n\n" * (below is not None), _("Make it a heading"))


@rule(
    "heading-long",
    wcag="2.4.6",
    severity=Severity.WARN,
    message=_("This heading is very long: please say in a few words what the part is about."),
    help=_(
        "Headings are for finding the way: on a screen at a glance, by ear in a list. Keep them "
        "below 120 characters and write the rest as a paragraph below, instead of putting whole "
        "sentences behind the # signs."
    ),
    bad="## Who comes in for the night shift finds the list of what is open on the board beside the "
    "door, and signs it before the early shift leaves",
    good="## Handover of the night shift\n\nThe list of what is open is on the board beside the door.",
    mends=Mends.NOTHING,
)
def heading_long(document: Document) -> Iterator[Fault]:
    """Headings over the length that can be taken in at a glance."""
    for heading in document.headings:
        if not heading.nested and is_too_long(heading.text):
            yield Fault(heading.span, heading.text)


@rule(
    "heading-capitals",
    wcag="",
    severity=Severity.WARN,
    message=_("This heading is all in capitals: please write it as in a sentence."),
    help=_(
        "Words in capitals lose their shape, which makes them hard to read for many, and some "
        "screen readers spell them letter by letter. The # signs make the heading stand out "
        "already: write ## Night shift instead of ## NIGHT SHIFT."
    ),
    bad="## NIGHT SHIFT",
    good="## Night shift",
)
def heading_capitals(document: Document) -> Iterator[Fault]:
    """Headings in capitals that are too short to be found as a run of them."""
    for group in document.groups:
        for block in group.blocks if not group.nested else ():
            if block.kind == "heading" and block.lines:
                yield from _shouted(document, block)


def _shouted(document: Document, block: Block) -> Iterator[Fault]:
    passage = document.passages[block.passage]
    if found := shouted_words(passage.text, document.acronyms):
        offsets = passage.offsets(document.source)
        places = [Span(offsets[c.place.start], offsets[c.place.end - 1] + 1) for c in found]
        if all(p.of(document.source) == c.word for p, c in zip(places, found, strict=True)):
            span = Span(places[0].start, places[-1].end)
            repair = in_small_letters(document, span, list(zip(places, found, strict=True)))
            yield Fault(span, " ".join(passage.text.split()), repair)


@rule(
    "heading-marks",
    wcag="2.4.6",
    severity=Severity.WARN,
    message=_("This heading has no words, only signs: please write what the part is about."),
    help=_(
        "In the list of headings that a screen reader offers, signs are spelt or passed over. Write "
        "## Open questions instead of ## ???; a line between two parts is three dashes on a line "
        "of their own."
    ),
    bad="## ???\n\nWho has the key?",
    good="## Open questions\n\nWho has the key?",
    mends=Mends.NOTHING,
)
def heading_marks(document: Document) -> Iterator[Fault]:
    """Headings with nothing but punctuation; emoji are read out and count as words."""
    for heading in document.headings:
        if not heading.nested and has_only_marks(heading.text):
            yield Fault(heading.span, heading.text)


RULES = (
    heading_empty,
    heading_skipped,
    heading_bold,
    heading_long,
    heading_capitals,
    heading_marks,
)
