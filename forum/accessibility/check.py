"""The accessibility review of a draft: all rules over one document."""

from __future__ import annotations

from forum.accessibility.document import Document
from forum.accessibility.rules import RULES
from forum.errors import Invalid
from forum.review import Draft, Finding


def review(draft: Draft) -> list[Finding]:
    """What the accessibility rules say of ``draft``, rule by rule, each in reading order.

    Spans and repairs refer to the normalised source (:func:`forum.text.markdown.normalize`),
    which is what the forum stores. Takes any string, whatever its length, and never raises: a text
    too tangled to be parsed has no findings, for it is refused with the parser's own words.
    """
    try:
        document = Document.of(draft)
    except Invalid:
        return []
    return [finding for rule in RULES for finding in rule.findings(document)]
