"""How fast the review is: on real posts, on long prose, and on texts made to be slow."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from benchmarks.report import CannotMeasure, table
from benchmarks.review_examples import CORPORA
from forum.accessibility.check import review
from forum.accessibility.html.check import review_html
from forum.errors import Invalid
from forum.review import Draft, Finding
from forum.text import caps
from forum.text.from_html import markdown_from_html

THREADS = CORPORA / "forum_threads.jsonl.gz"
PROSE = "The quick fox asks about *tokens*, and wants [an answer](/t/1) soon. "
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
    "cells": "<td>x",
    "headers": "<table><tr>" + "<th>x" * 4000,
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
    aims: dict[str, Any]


def measure() -> Speed:
    """Review all real posts, long prose, and hostile texts as long as a post may be.

    Raises:
        CannotMeasure: the real posts are not there.
    """
    from benchmarks.review import Aim

    times, findings, posts = _real_posts()
    prose = _seconds(lambda: review(Draft(_filled(PROSE))))
    slow = {
        name: _seconds(lambda t=text: review(Draft(_filled(t)))) for name, text in HOSTILE.items()
    }
    slow_html = dict(_hostile_html())
    worst = max(slow, key=lambda name: slow[name])
    worst_html = max(slow_html, key=lambda name: slow_html[name])
    middle, high = median(times), quantiles(times, n=100)[98]
    aims = {
        "median real post, ms": Aim(_ms(middle), "at most 5", middle <= MEDIAN),
        "99th of a hundred, ms": Aim(_ms(high), "at most 20", high <= P99),
        "32 KiB of prose, ms": Aim(_ms(prose), "at most 300", prose <= LONG_PROSE),
        f"slowest at the caps ({worst}), ms": Aim(
            _ms(slow[worst]), "at most 1000", slow[worst] <= AT_CAPS
        ),
        f"slowest HTML at the caps ({worst_html}), ms": Aim(
            _ms(slow_html[worst_html]), "at most 1000", slow_html[worst_html] <= AT_CAPS
        ),
    }
    rows = [[rule, severity, str(n)] for (rule, severity), n in findings.most_common()]
    text = f"Findings in {posts} real posts:\n" + table(("rule", "severity", "findings"), rows)
    facts = {
        "posts": posts,
        "findings": {rule: n for (rule, _severity), n in findings.items()},
        "seconds": {"median": middle, "p99": high, "prose": prose} | slow | slow_html,
    }
    return Speed(text, facts, aims)


def _real_posts() -> tuple[list[float], Counter[tuple[str, str]], int]:
    times: list[float] = []
    findings: Counter[tuple[str, str]] = Counter()
    for source in _sources():
        began = time.process_time()
        found: list[Finding] = review(Draft(source))
        times.append(time.process_time() - began)
        findings.update((finding.rule, finding.severity.value) for finding in found)
    return times, findings, len(times)


def _sources() -> Iterator[str]:
    """The Markdown of all real posts, as an import makes it."""
    if not THREADS.is_file():
        raise CannotMeasure(f"{THREADS} is not there; --no-speed leaves the real posts out.")
    with gzip.open(THREADS, "rt", encoding="utf-8") as lines:
        for line in lines:
            thread = json.loads(line)
            for post in (thread, *thread["replies"]):
                yield markdown_from_html(post["body_html"], base=post["url"]).source


def _hostile_html() -> Iterator[tuple[str, float]]:
    for name, text in HOSTILE_HTML.items():
        html = _within_caps(text)
        yield name, _seconds(lambda given=html: review_html(given))


def _within_caps(text: str) -> str:
    """``text`` over and over, as often as HTML may have it."""
    times = max(1, min(caps.MAX_HTML_BYTES // len(text), caps.MAX_HTML_TAGS // text.count("<")))
    while times > 1:
        try:
            caps.check_html(text * times)
            break
        except Invalid:
            times = times * 9 // 10
    return text * times


def _filled(text: str) -> str:
    """``text`` over and over, as long as a post may be."""
    return (text * (caps.MAX_BYTES // len(text.encode()) + 1))[: caps.MAX_BYTES // _widest(text)]


def _widest(text: str) -> int:
    return max(len(letter.encode()) for letter in text)


def _seconds(work: Callable[[], object]) -> float:
    """Of processor time, the better of two runs."""
    times = []
    for _ in range(2):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
