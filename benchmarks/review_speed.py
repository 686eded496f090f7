"""How fast the review is: on real posts, on long prose, and on texts made to be slow."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from typing import Any

from benchmarks.report import Aim, table
from benchmarks.review_posts import real_posts
from forum.accessibility.check import review
from forum.accessibility.html.check import review_html
from forum.errors import Invalid
from forum.review import Draft, Finding
from forum.testing.pace import cpu_seconds
from forum.text import caps

PROSE = (
    "The quick fox asks about *tokens*, and wants an answer that is **right** soon. " * 9
    + "It looks for [the rules of the house](/t/1), too.\n\n"
)
HOSTILE = {
    "capitals": "PLEASE READ **THIS** FIRST, NOW AND THEN. ",
    "skipped headings": "# a\n### b\n##### c\n",
    "empty links": '[](/a "b")',
    "links": "[x](/y) ",
    "pictures": "![](/files/a.png) ",
    "empty tables": "| |\n|-|\n|a|\n\nSome words after.\n\n",
    "one table": "|a|b|\n|-|-|\n" + "|1|2|\n" * 990,
    "list marks": "- a\n",
    "typed marks": "• a\n",
    "numbers": "(1) a\n",
    "quotes": "> AND SO ON\n",
    "escapes": "\\!A\\*B ",
    "references": "&amp;A &lt",
    "emphasis": "**a ",
    "emoji": "\N{GRINNING FACE}a ",
    "fancy letters": "\N{MATHEMATICAL BOLD CAPITAL A}",
    "letters": "A" * 40_000,
    "dots": "." * 40_000,
    "lines of art": "+-|_/\\ ~=\n",
    "addresses": "https://example.org/a/b?c=d&e=f#g ",
}
HOSTILE_HTML = {
    "prose": '<p lang="fr">Words <b>and</b> <a href="/x">a link</a></p>\n',
    "long paragraphs": "<p>" + "The quick brown fox jumps over the dog. " * 16 + "</p>",
    "signs": "<p>" + "a &amp; b " * 80 + "</p>",
    "cells": "<td>x",
    "headers": "<table><tr>" + "<th>x" * (caps.MAX_REVIEWED_TAGS - 2),
    "spans": '<table><tr><td colspan="1000" rowspan="1000">x',
    "labels": '<a aria-labelledby="a b c" id="a" href="/x">here</a>',
    "same words": '<a href="?1">More</a> ',
    "styles": '<p style="color:#777;font-size:.9em">x</p>',
    "nested styles": '<div style="color:#777;line-height:1!important">x' * 90,
    "roles": '<div role="list" aria-owns="a b">x</div>',
    "recordings": "<audio controls></audio>",
    "frames": '<iframe tabindex="-1" srcdoc="<a href=/x>x</a>"></iframe>',
    "headings": "<h2></h2><h4>x</h4>",
    "bold paragraphs": "<p><b>x</b></p><p>y</p>",
}
MEDIAN, P99, LONG_PROSE, AT_CAPS = 0.005, 0.020, 0.300, 1.0


@dataclass(frozen=True, slots=True)
class Speed:
    """Figures of time and of findings in real posts."""

    text: str
    facts: dict[str, Any]
    aims: dict[str, Aim]


def measure() -> Speed:
    """Review all real posts, long prose, and hostile texts as long as a post may be.

    Raises:
        CannotMeasure: the real posts are not there.
    """
    times, findings = _real_posts()
    prose = _filled(PROSE)
    seconds = {
        "median": median(times),
        "p99": quantiles(times, n=100)[98],
        "prose": _seconds(lambda: review(Draft(prose)), LONG_PROSE),
    }
    slow, slow_html = dict(_hostile()), dict(_hostile_html())
    text = _findings(findings, len(times))
    named = {rule: number for (rule, _severity), number in findings.items()}
    facts = {"posts": len(times), "findings": named, "seconds": seconds | slow | slow_html}
    return Speed(text, facts, _aims(seconds, slow, slow_html))


def _aims(
    seconds: dict[str, float], slow: dict[str, float], slow_html: dict[str, float]
) -> dict[str, Aim]:
    worst, worst_html = (max(each, key=lambda name: each[name]) for each in (slow, slow_html))
    return {
        "median real post, ms": _at_most(seconds["median"], MEDIAN),
        "99th of a hundred, ms": _at_most(seconds["p99"], P99),
        "32 KiB of prose, ms": _at_most(seconds["prose"], LONG_PROSE),
        f"slowest at the caps ({worst}), ms": _at_most(slow[worst], AT_CAPS),
        f"slowest HTML at its caps ({worst_html}), ms": _at_most(slow_html[worst_html], AT_CAPS),
    }


def _at_most(seconds: float, most: float) -> Aim:
    return Aim(_ms(seconds), f"at most {_ms(most):g}", seconds <= most)


def _findings(findings: Counter[tuple[str, str]], posts: int) -> str:
    rows = [[rule, severity, str(n)] for (rule, severity), n in findings.most_common()]
    return f"Findings in {posts} real posts:\n" + table(("rule", "severity", "findings"), rows)


def _hostile() -> Iterator[tuple[str, float]]:
    for name, text in HOSTILE.items():
        draft = Draft(_filled(text))
        yield name, _seconds(partial(review, draft))


def _real_posts() -> tuple[list[float], Counter[tuple[str, str]]]:
    times: list[float] = []
    findings: Counter[tuple[str, str]] = Counter()
    for post in real_posts():
        began = time.process_time()
        found: list[Finding] = review(Draft(post.source))
        times.append(time.process_time() - began)
        findings.update((finding.rule, finding.severity.value) for finding in found)
    return times, findings


def _hostile_html() -> Iterator[tuple[str, float]]:
    for name, text in HOSTILE_HTML.items():
        html = _within_caps(text)
        yield name, _seconds(partial(review_html, html))


def _within_caps(text: str) -> str:
    """``text`` over and over, as often as HTML may have it."""
    most = caps.MAX_HTML_BYTES // len(text), caps.MAX_REVIEWED_TAGS // text.count("<")
    times = max(1, min(most))
    while times > 1:
        try:
            caps.check_html(text * times, most_tags=caps.MAX_REVIEWED_TAGS)
            break
        except Invalid:
            times = times * 9 // 10
    return text * times


def _filled(text: str) -> str:
    """``text`` over and over, as often as a post may have it."""
    length = caps.MAX_BYTES // max(len(letter.encode()) for letter in text)
    filled = (text * (length // len(text) + 1))[:length]
    while True:
        try:
            caps.check(filled)
        except Invalid:
            filled = filled[: len(filled) * 9 // 10]
        else:
            return filled


def _seconds(work: Callable[[], object], enough: float = AT_CAPS) -> float:
    """Of processor time, as the machine takes when it is quiet."""
    return cpu_seconds(work, enough=enough)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
