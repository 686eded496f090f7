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
    repaired = Repaired(normalize(draft.source), ())
    for rule in rules:
        if rule.mends is Mends.SAFELY:
            with suppress(Invalid):
                repaired = _repaired(rule, repaired, draft, kept)
    return repaired


def _repaired(rule: Rule, before: Repaired, draft: Draft, kept: Collection[str]) -> Repaired:
    """``before`` with what one rule finds in it mended, in rounds."""
    source, applied = before
    findings = _findings(rule, source, draft)
    for _ in range(MAX_ROUNDS):
        mended = list(_apart(f for f in findings if f.fingerprint not in kept))
        after = _all_made(source, [repair for _, repair in mended])
        left = _findings(rule, after, draft)
        if len(left) >= len(findings):
            break
        source, findings = after, left
        applied += tuple(finding for finding, _ in mended)
    return Repaired(source, applied)


def _findings(rule: Rule, source: str, draft: Draft) -> list[Finding]:
    """What ``rule`` finds in ``source``, which is ``draft`` with some repairs made."""
    return rule.findings(Document.of(replace(draft, source=source)))


def _apart(findings: Iterable[Finding]) -> Iterator[tuple[Finding, Repair]]:
    """The findings that can be mended in one go, with their repairs, in the order of the source."""
    pairs = [(finding, finding.repair) for finding in findings if finding.repair]
    end = -1
    for finding, repair in sorted(pairs, key=lambda pair: pair[1].span):
        if repair.span.start > end:
            yield finding, repair
            end = repair.span.end


def _all_made(source: str, repairs: Iterable[Repair]) -> str:
    """``source`` with all ``repairs``, which lie apart and in order."""
    edits = [(repair.span, repair.replacement) for repair in repairs]
    return replaced(source, Span(0, len(source)), edits)
