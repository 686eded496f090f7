"""What stands above a text in the composer: what to decide, what to consider, and what is kept."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from forum.accessibility.describing import own_pictures
from forum.accessibility.document import Document, Picture
from forum.accessibility.repair_all import mends_safely
from forum.discussion.rules import is_kept
from forum.errors import Invalid
from forum.review import Finding, Review, Severity, Span
from forum.text.pictures import short_addresses

MOST_QUOTED = 120
"""Characters of the words that a finding is about: enough to know them again; a finding about a
paragraph would else repeat all of it."""


def quoted(words: str) -> str:
    """The words that a finding is about, short enough to be read with it."""
    short = " ".join(short_addresses(words).split())
    if len(short) <= MOST_QUOTED:
        return short
    whole = short[:MOST_QUOTED].rpartition(" ")[0]
    return f"{whole} …" if len(whole) > MOST_QUOTED // 2 else f"{short[: MOST_QUOTED - 1]}…"


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding, and where it stands in the text.

    Attributes:
        line: the number of its line, from 1; ``None`` when it is about the whole text.
        picture: the picture it is about, if it is about one: its words can be written beside it.
    """

    finding: Finding
    line: int | None
    picture: Picture | None = None

    @property
    def words(self) -> str:
        """The words it is about, as they are quoted; a picture is shown instead."""
        is_shown = self.picture is not None and self.picture.address in self.finding.text
        return "" if is_shown else quoted(self.finding.text)

    @property
    def is_decision(self) -> bool:
        """Whether it has to be mended, or waits for a moderator; else it is to be considered."""
        return self.finding.severity in (Severity.BLOCK, Severity.HOLD)


@dataclass(frozen=True, slots=True)
class Panel:
    """All of it, in the order to meet it.

    Attributes:
        failed: checks that did not run.
        safe: how many findings can be mended together with one button.
    """

    open: tuple[Shown, ...] = ()
    kept: tuple[Shown, ...] = ()
    failed: tuple[str, ...] = ()
    safe: int = 0

    def __bool__(self) -> bool:
        return bool(self.open or self.kept or self.failed)

    @property
    def to_decide(self) -> int:
        """How many findings have to be mended."""
        return sum(shown.is_decision for shown in self.open)

    @property
    def to_consider(self) -> int:
        """How many could be better."""
        return len(self.open) - self.to_decide

    @property
    def blocks(self) -> bool:
        """Whether the text cannot be published as it is, unless its author asks for help."""
        return any(shown.finding.severity is Severity.BLOCK for shown in self.open)


def panel_of(source: str, review: Review, kept: Collection[str]) -> Panel:
    """The panel of a normalised text and what was said of it."""
    pictures = _pictures(source)
    shown = [
        Shown(finding, _line(source, finding.span), _picture(pictures, finding.span))
        for finding in review.findings
    ]
    open_ = tuple(one for one in shown if not is_kept(one.finding, kept))
    return Panel(
        open=open_,
        kept=tuple(one for one in shown if is_kept(one.finding, kept)),
        failed=review.failed,
        safe=sum(mends_safely(one.finding) for one in open_),
    )


def _line(source: str, span: Span | None) -> int | None:
    return None if span is None else source.count("\n", 0, span.start) + 1


def _pictures(source: str) -> dict[int, Picture]:
    if "/files/" not in source:
        return {}
    try:
        return {picture.span.start: picture for picture in own_pictures(Document.parse(source))}
    except Invalid:
        return {}


def _picture(pictures: dict[int, Picture], span: Span | None) -> Picture | None:
    return None if span is None else pictures.get(span.start)
