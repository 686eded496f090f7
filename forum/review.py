"""What every reviewer of a draft speaks: findings with a severity, a place and, where possible, a repair.

A *reviewer* is an implementation of a ``review_*`` hook. It reads a draft and returns findings;
it never changes anything. Accessibility is the first reviewer, plugins add others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs, heaviest first.

    ``BLOCK`` is only for what is certain, mendable by the author here, and shuts somebody out;
    ``HOLD`` asks a moderator before publication; ``WARN`` is shown once and may be kept;
    ``HINT`` is advice that never stands in the way.
    """

    BLOCK = "block"
    HOLD = "hold"
    WARN = "warn"
    HINT = "hint"

    @property
    def weight(self) -> int:
        """0 for the heaviest; sorts findings in the order a person should meet them."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters (Python string offsets) in the source of a draft."""

    start: int
    end: int

    def of(self, source: str) -> str:
        """The text of ``source`` that the span covers."""
        return source[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Repair:
    """An edit of the source that mends one finding: replace ``span`` by ``replacement``.

    A repair changes nothing outside its span, doing it twice is doing it once, and afterwards
    the finding it belongs to is gone.
    """

    span: Span
    replacement: str
    label: str

    def apply(self, source: str) -> str:
        """``source`` with this repair made."""
        return source[: self.span.start] + self.replacement + source[self.span.end :]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a reviewer says about one place of a draft.

    Attributes:
        rule: id of the rule, ``family-name`` in lower case, such as ``link-empty``.
        span: the place in the source; ``None`` when it is about the whole draft.
        text: the words concerned, as quoted to the author.
        message: what is wrong, one plain sentence.
        help: why it matters and how to mend it.
        wcag: WCAG 2.2 success criterion, such as ``2.4.4``; empty when there is none.
        act: ids of the ACT rules it corresponds to.
        repair: an edit that mends it, where one is known.
    """

    rule: str
    severity: Severity
    span: Span | None
    text: str
    message: str
    help: str = ""
    wcag: str = ""
    act: tuple[str, ...] = ()
    repair: Repair | None = None

    @property
    def fingerprint(self) -> str:
        """Names this finding by rule and words, not by place, so an edit elsewhere keeps it the same."""
        raw = f"{self.rule}\0{self.text}".encode(errors="surrogatepass")
        return hashlib.sha256(raw).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reviewer is given: the words, never who wrote them.

    Attributes:
        source: the Markdown.
        language: BCP 47 tag of the language the community writes in.
        titles: what pages of this forum are called that the author may see, by the addresses that
            stand in the source.
        glossary: the community's acronyms, each with what it stands for.
    """

    source: str
    language: str = "en"
    titles: Mapping[str, str] = field(default_factory=dict, hash=False)
    glossary: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """All findings about one draft, in the order the author should meet them.

    Attributes:
        findings: heaviest first, then by place.
        failed: names of reviewers that did not run; the author is told so.
    """

    findings: tuple[Finding, ...] = ()
    failed: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, findings: list[Finding], failed: list[str] | None = None) -> Review:
        """A review with ``findings`` brought into order."""
        ordered = sorted(
            findings, key=lambda f: (f.severity.weight, f.span or Span(-1, -1), f.rule)
        )
        return cls(tuple(ordered), tuple(failed or ()))

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings of this severity or a heavier one."""
        return tuple(f for f in self.findings if f.severity.weight <= severity.weight)

    def by_fingerprint(self, fingerprint: str, near: int = 0) -> Finding | None:
        """The finding so named, or ``None`` when the draft no longer has it; where several have the
        same words, the one that begins nearest to ``near``."""
        named = [f for f in self.findings if f.fingerprint == fingerprint]
        return min(named, key=lambda f: abs((f.span.start if f.span else 0) - near), default=None)
