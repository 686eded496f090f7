"""What reviewers said of a published version, in the words in which they say it today."""

from __future__ import annotations

from dataclasses import dataclass

from forum.discussion.finding_queries import OF_IMPORT, NotedFinding, noted_findings
from forum.discussion.glossary_queries import community_glossary
from forum.discussion.panel import quoted
from forum.plugin_host import current_host
from forum.review import Draft, Finding, Severity
from forum.web.visit import current_visit


@dataclass(frozen=True, slots=True)
class ToldFinding:
    """A finding that was noted. Only names of rules are kept: ``said`` is ``None`` where nobody says
    it any more."""

    noted: NotedFinding
    said: Finding | None

    @property
    def message(self) -> str:
        """What it says; empty where nobody says it any more."""
        return self.said.message if self.said else OF_IMPORT.get(self.noted.rule, "")

    @property
    def words(self) -> str:
        """The words it is about, as they are quoted."""
        return quoted(self.said.text) if self.said else ""

    @property
    def is_kept(self) -> bool:
        """Whether somebody decided to keep it."""
        return self.noted.kept_at is not None

    @property
    def weight(self) -> int:
        """0 for the heaviest."""
        return Severity(self.noted.severity).weight


def told_findings(post_id: int, version: int, source: str, language: str) -> list[ToldFinding]:
    """What was said of a version and published all the same, heaviest first. Reviews it anew."""
    noted = noted_findings(post_id, version)
    if not noted:
        return []
    written_in = language or current_visit().community.language
    # Titles of pages serve repairs, of which nothing is told here.
    draft = Draft(source, written_in, glossary=community_glossary())
    review = current_host().review(draft)
    told = [ToldFinding(one, review.by_fingerprint(one.fingerprint)) for one in noted]
    return sorted(told, key=lambda one: one.weight)
