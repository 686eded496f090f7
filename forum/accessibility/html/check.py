"""The review of imported HTML: what it says as it was given, and what the sanitiser takes away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from forum.accessibility.html.registry import Fault, HtmlRule, Removed
from forum.accessibility.html.rules import HTML_RULES
from forum.accessibility.html.tree import Page
from forum.phrases import Phrase as _
from forum.review import Finding, Severity
from forum.text import caps
from forum.text.sanitize import sanitize

LOST = _(
    "It was said in a way that a post cannot keep, or it was hidden and will be seen. Say it again in "
    "the text."
)


@dataclass(frozen=True, slots=True)
class HtmlReview:
    """What is to be said of a text of HTML.

    Attributes:
        html: the text sanitised, as a post would show it.
        findings: in the order of the rules; spans refer to the HTML as it was given.
        removed: faults that the sanitiser took out together with the markup that had them.
    """

    html: str
    findings: tuple[Finding, ...]
    removed: tuple[Removed, ...]


def review_html(source: str, language: str = "en") -> HtmlReview:
    """Review HTML from elsewhere.

    Args:
        language: BCP 47 tag of what it is in, where it does not say so itself.

    Raises:
        Invalid: on ``source``, when it is over a cap of :func:`forum.text.caps.check_html`.
    """
    caps.check_html(source)
    page = Page(source, language)
    faults = list(_faults(page))
    findings = [rule.finding(fault, source) for rule, fault in faults if fault.remains]
    removed = [rule.removed(fault, source) for rule, fault in faults if not fault.remains]
    sanitized = sanitize(source)
    findings += _new_in(sanitized, language, Counter(finding.rule for finding in findings))
    return HtmlReview(sanitized, tuple(findings), tuple(removed))


def _new_in(sanitized: str, language: str, known: Counter[str]) -> Iterator[Finding]:
    """What is wrong only now: a picture whose words stood in an attribute that is gone.

    Only a hint, for it was right as it was given; without a place, for it has none there.
    """
    page = Page(sanitized, language)
    left = known.copy()
    for rule, fault in _faults(page):
        if fault.remains:
            left[rule.id] -= 1
            if left[rule.id] == -1:
                found = rule.finding(fault, sanitized)
                yield replace(found, severity=Severity.HINT, span=None, help=LOST)


def _faults(page: Page) -> Iterator[tuple[HtmlRule, Fault]]:
    for rule in HTML_RULES:
        for fault in rule.check(page):
            yield rule, fault
