"""The review of a text as facts for programs: for ``forum review --jsonl`` and ``POST /review``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from forum.accessibility.html.check import review_html
from forum.accessibility.html.registry import Removed
from forum.accessibility.rules import RULES
from forum.discussion.glossary_queries import community_glossary
from forum.discussion.languages import labels_in
from forum.errors import Invalid, NotAllowed
from forum.hookspecs import PostToCheck
from forum.plugin_host import current_host
from forum.review import Draft, Finding, Repair, Review, Severity, Span
from forum.spoken import spoken
from forum.text import caps
from forum.text.from_html import markdown_from_html
from forum.text.markdown import normalize
from forum.text.pipeline import html_of

OWN_RULES = frozenset(rule.id for rule in RULES)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where a text would go, and in which language it is.

    Attributes:
        language: BCP 47 tag of the text; ``community`` that of the forum.
        thread_id: as in :class:`forum.hookspecs.PostToCheck`, and so are the next four.
    """

    language: str
    community: str
    thread_id: int | None = None
    category_id: int = 0
    title: str | None = None
    member_id: int = 0
    is_edit: bool = False


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What all reviewers and checks say of a text.

    Attributes:
        html: as a post would show it.
        hold: whether it would wait for a moderator, or be refused.
        failed: reviewers that did not run.
    """

    html: str
    findings: tuple[Finding, ...]
    removed: tuple[Removed, ...] = ()
    hold: bool = False
    failed: tuple[str, ...] = ()


def review_markdown(source: str, occasion: Occasion) -> Reviewed:
    """Review and render Markdown; one without any words has no findings and no HTML.

    Raises:
        Invalid: it is over a cap, or has characters that cannot be shown.
    """
    source = normalize(source)
    caps.check(source)
    review = current_host().review(_draft(source, occasion))
    labels = labels_in(occasion.language, occasion.community)
    html = html_of(source, post_id=0, labels=labels)
    hold = is_held(source, review.findings, occasion)
    return Reviewed(html, review.findings, hold=hold, failed=review.failed)


def review_given_html(html: str, occasion: Occasion) -> Reviewed:
    """Review HTML from elsewhere: as it was given, and as a post would keep it.

    Plugins are shown the Markdown that an import makes of it; what they find there has no place in
    the HTML.

    Raises:
        Invalid: it is over a cap.
    """
    own = review_html(html, occasion.language, community_glossary())
    source = _as_markdown(html)
    further = current_host().review(_draft(source, occasion))
    said = [replace(f, span=None, repair=None) for f in further.findings if f.rule not in OWN_RULES]
    findings = Review.of([*own.findings, *said]).findings
    hold = is_held(source, findings, occasion)
    return Reviewed(own.html, findings, own.removed, hold, further.failed)


def _draft(source: str, occasion: Occasion) -> Draft:
    return Draft(source, occasion.language, glossary=community_glossary())


def _as_markdown(html: str) -> str:
    """What an import makes of it; nothing where it could not be imported."""
    try:
        return normalize(markdown_from_html(html).source)
    except Invalid:
        return ""


def is_held(source: str, findings: Iterable[Finding], occasion: Occasion) -> bool:
    """Whether a finding or a check keeps a text from being published at once."""
    found = tuple(findings)
    if any(finding.severity is Severity.HOLD for finding in found):
        return True
    post = PostToCheck(
        thread_id=occasion.thread_id,
        category_id=occasion.category_id,
        title=occasion.title,
        source=source,
        member_id=occasion.member_id,
        is_edit=occasion.is_edit,
        findings=found,
    )
    try:
        return current_host().check_post(post) is not None
    except NotAllowed:
        return True


def as_facts(identifier: str | int | None, reviewed: Reviewed) -> dict[str, Any]:
    """A review as JSON: spans are pairs of offsets, texts are in the language of this request."""
    facts: dict[str, Any] = {
        "id": identifier,
        "html": reviewed.html,
        "findings": list(_findings(reviewed.findings)),
        "removed": [
            {"rule": r.rule, "wcag": r.wcag, "act": list(r.act), "what": r.what}
            for r in reviewed.removed
        ],
        "hold": reviewed.hold,
    }
    return facts | ({"failed": list(reviewed.failed)} if reviewed.failed else {})


def _findings(findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    for finding in findings:
        yield {
            "rule": finding.rule,
            "severity": finding.severity.value,
            "wcag": finding.wcag,
            "act": list(finding.act),
            "message": spoken(finding.message),
            "help": spoken(finding.help),
            "span": _pair(finding.span),
            "text": finding.text,
            "repair": _repair(finding.repair),
        }


def _pair(span: Span | None) -> list[int] | None:
    return None if span is None else [span.start, span.end]


def _repair(repair: Repair | None) -> dict[str, Any] | None:
    if repair is None:
        return None
    return {
        "span": _pair(repair.span),
        "replacement": repair.replacement,
        "label": spoken(repair.label),
    }
