"""Drawing findings, or posts without any, at random, for people to read and judge.

What comes is decided by a hash of the seed and the finding's own name, so the same seed draws the
same, and a rule that changes moves nothing but its own findings.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.report import Report, table
from benchmarks.review_posts import Post, real_posts
from forum.accessibility.check import review
from forum.review import Draft, Span


@dataclass(frozen=True, slots=True)
class Drawn:
    """A post, and what was found there: the rule, its severity and the place; or nothing at all."""

    post: Post
    rule: str = ""
    severity: str = ""
    span: Span | None = None
    number: int = 0

    @property
    def name(self) -> str:
        """Names it in all runs. A place would change with every change of what an import makes."""
        return f"{self.post.id} {self.rule} {self.number}"


def draw(wanted: int, *, seed: int, rule: str = "", clean: bool = False, read: bool) -> Report:
    """A list of ``wanted`` findings drawn by ``seed``: of all, or of ``rule`` alone.

    With ``clean`` posts without a finding are drawn instead. With ``read`` each whole post follows,
    what is meant set between two signs; whoever judges by an excerpt misses why it is right.

    Raises:
        CannotMeasure: the real posts are not there.
    """
    posts = real_posts()
    among = list(_clean(posts) if clean else _findings(posts, rule))
    drawn = sorted(among, key=lambda one: _lot(one.name, seed))[:wanted]
    facts: dict[str, Any] = {
        "among": len(among),
        "seed": seed,
        "drawn": [{"id": d.post.id, "rule": d.rule, "severity": d.severity} for d in drawn],
    }
    parts = [_listed(drawn, len(among)), *(map(_whole, drawn) if read else ())]
    return Report("\n\n".join(parts), facts)


def _findings(posts: Iterator[Post], rule: str) -> Iterator[Drawn]:
    for post in posts:
        numbers: Counter[str] = Counter()
        for found in review(Draft(post.source)):
            numbers[found.rule] += 1
            if rule in ("", found.rule):
                number = numbers[found.rule]
                yield Drawn(post, found.rule, found.severity.value, found.span, number)


def _clean(posts: Iterator[Post]) -> Iterator[Drawn]:
    return (Drawn(post) for post in posts if post.source.strip() and not review(Draft(post.source)))


def _lot(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {name}".encode()).digest()


def _listed(drawn: Sequence[Drawn], among: int) -> str:
    rows = [
        [d.post.id, d.rule or "none", d.severity, str(d.number or ""), _place(d.span)]
        for d in drawn
    ]
    heads = ("post", "rule", "severity", "of the post", "place")
    return f"{len(drawn)} drawn out of {among}:\n" + table(heads, rows)


def _place(span: Span | None) -> str:
    return f"{span.start}–{span.end}" if span else ""


def _whole(drawn: Drawn) -> str:
    source, span = drawn.post.source, drawn.span
    shown = source
    if span:
        shown = f"{source[: span.start]}⟦{span.of(source)}⟧{source[span.end :]}"
    return f"===== {drawn.post.id} {drawn.rule} {drawn.severity}\n\n{shown}"
