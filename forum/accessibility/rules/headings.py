"""Headings: the outline of a post has no holes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile

from forum.accessibility.document import Document, Heading
from forum.accessibility.registry import Fault, Mends, rule
from forum.accessibility.repair import replaced
from forum.phrases import Phrase as _
from forum.review import Repair, Severity, Span


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
    own = [heading for heading in document.headings if not heading.nested]
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


RULES = (heading_skipped,)
