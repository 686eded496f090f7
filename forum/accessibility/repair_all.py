"""All safe repairs of a draft at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from forum.accessibility.document import Document
from forum.accessibility.registry import Mends, Rule
from forum.accessibility.repair import replaced
from forum.accessibility.rules import RULES
from forum.errors import Invalid
from forum.review import Draft, Finding, Repair, Span
from forum.text.markdown import normalize

MAX_ROUNDS = 10
"""How often one rule may go over a draft: repairs that overlap take a round each."""


class Repaired(NamedTuple):
    """The normalised Markdown after all repairs, and what was mended, each as it was found."""

    source: str
    applied: tuple[Finding, ...]


_SAFE = frozenset(rule.id for rule in RULES if rule.mends is Mends.SAFELY)


def mends_safely(finding: Finding) -> bool:
    """Whether ``repair_all`` would mend this."""
    return finding.repair is not None and finding.rule in _SAFE


def repair_all(
    draft: Draft, rules: Iterable[Rule] = RULES, kept: Collection[str] = frozenset()
) -> Repaired:
    """``draft`` after all repairs of those rules that mend safely, rule by rule, less what the
    author keeps, by fingerprint.

    A rule's repairs are made only if it finds less afterwards, so this comes to an end whatever a
    rule does. Never raises: what would be too tangled to be parsed stays as it is.
    """
    applied: list[Finding] = []
    try:
        document = Document.of(draft)
    except Invalid:
        return Repaired(normalize(draft.source), ())
    for rule in rules:
        if rule.mends is Mends.SAFELY:
            document = _repaired(rule, document, draft, kept, applied)
    return Repaired(document.source, tuple(applied))


def _repaired(
    rule: Rule, document: Document, draft: Draft, kept: Collection[str], applied: list[Finding]
) -> Document:
    """``document`` with what one rule finds in it mended, in rounds, and noted in ``applied``."""
    findings = rule.findings(document)
    for _ in range(MAX_ROUNDS):
        mended = list(_apart(f for f in findings if f.fingerprint not in kept))
        after = _after(document, draft, mended) if mended else document
        left = rule.findings(after) if mended else findings
        if len(left) >= len(findings):
            break
        document, findings = after, left
        applied += [finding for finding, _ in mended]
    return document


def _after(document: Document, draft: Draft, mended: Iterable[tuple[Finding, Repair]]) -> Document:
    """``document`` after repairs that lie apart and in order; itself if that cannot be parsed."""
    source = document.source
    edits = [(repair.span, repair.replacement) for _, repair in mended]
    with suppress(Invalid):
        after = replaced(source, Span(0, len(source)), edits)
        return Document.of(replace(draft, source=after))
    return document


def _apart(findings: Iterable[Finding]) -> Iterator[tuple[Finding, Repair]]:
    """The findings that can be mended in one go, with their repairs, in the order of the source."""
    pairs = [(finding, finding.repair) for finding in findings if finding.repair]
    end = -1
    for finding, repair in sorted(pairs, key=lambda pair: pair[1].span):
        if repair.span.start > end:
            yield finding, repair
            end = repair.span.end
