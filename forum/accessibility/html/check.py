"""The review of imported HTML: what it says as it was given, and what the sanitiser takes away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from forum.accessibility.check import review
from forum.accessibility.html.registry import Fault, HtmlRule, Removed
from forum.accessibility.html.rules import HTML_RULES, links, pictures, structure, tables
from forum.accessibility.html.tree import Page
from forum.errors import Invalid
from forum.phrases import Phrase as _
from forum.review import Draft, Finding, Severity, Span
from forum.text import caps
from forum.text.from_html import markdown_from_html
from forum.text.sanitize import sanitize

# Of what the others look for, a post has nothing.
_AFTERWARDS = (*links.RULES, *pictures.RULES, *structure.RULES, *tables.RULES)
_OWN = frozenset(rule.id for rule in HTML_RULES)
LOST = _(
    "It was said in a way that a post cannot keep, or it was hidden and will be seen. Say it again in "
    "the text."
)


@dataclass(frozen=True, slots=True)
class HtmlReview:
    """What is to be said of a text of HTML.

    Attributes:
        html: the text sanitised, as a post would show it.
        findings: in the order of the rules, then those about the words alone; spans refer to the
            HTML as it was given.
        removed: faults that the sanitiser took out together with the markup that had them.
    """

    html: str
    findings: tuple[Finding, ...]
    removed: tuple[Removed, ...]


def review_html(
    source: str, language: str = "en", glossary: tuple[tuple[str, str], ...] = ()
) -> HtmlReview:
    """Review HTML from elsewhere.

    Args:
        language: BCP 47 tag of what it is in, where it does not say so itself.
        glossary: the community's acronyms, each with what it stands for.

    Raises:
        Invalid: on ``source``, when it is over a cap of :func:`forum.text.caps.check_html` or has
            more than ``MAX_REVIEWED_TAGS`` tags.
    """
    caps.check_html(source, most_tags=caps.MAX_REVIEWED_TAGS)
    page = Page(source, language)
    faults = list(_faults(page))
    findings = [rule.finding(fault, source) for rule, fault in faults if fault.remains]
    removed = [rule.removed(fault, source) for rule, fault in faults if not fault.remains]
    findings += _of_the_words(source, Draft("", language, glossary=glossary))
    sanitized = sanitize(source)
    findings += _new_in(sanitized, language, Counter(finding.rule for finding in findings))
    return HtmlReview(sanitized, tuple(findings), tuple(removed))


def _of_the_words(source: str, draft: Draft) -> Iterator[Finding]:
    """What the rules that there are only for Markdown say of what an import makes of the HTML, which
    takes the place of the source of ``draft``.

    The place is known where the words concerned stand only once.
    """
    try:
        markdown = markdown_from_html(source).source
    except Invalid:
        return
    for finding in review(replace(draft, source=markdown)):
        if finding.rule not in _OWN:
            yield replace(finding, span=_only_place(source, finding.text), repair=None)


def _only_place(source: str, text: str) -> Span | None:
    first = source.find(text) if text else -1
    is_alone = first >= 0 and source.find(text, first + 1) < 0
    return Span(first, first + len(text)) if is_alone else None


def _new_in(sanitized: str, language: str, known: Counter[str]) -> Iterator[Finding]:
    """What is wrong only now: a picture whose words stood in an attribute that is gone.

    Only a hint, for it was right as it was given; without a place, for it has none there.
    """
    page = Page(sanitized, language)
    left = known.copy()
    for rule, fault in _faults(page, _AFTERWARDS):
        if fault.remains:
            left[rule.id] -= 1
            if left[rule.id] == -1:
                found = rule.finding(fault, sanitized)
                yield replace(found, severity=Severity.HINT, span=None, help=LOST)


def _faults(page: Page, rules: Iterable[HtmlRule] = HTML_RULES) -> Iterator[tuple[HtmlRule, Fault]]:
    for rule in rules:
        for fault in rule.check(page):
            yield rule, fault
