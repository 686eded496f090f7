"""The versions of a post, each with what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forum.discussion.history_queries import VERSIONS_A_PAGE, RevisionRow
from forum.text.diff import Change, changes


@dataclass(frozen=True, slots=True)
class Version:
    """A version and how it came from the one before: ``None`` where the words of either are gone,
    or there is none before."""

    revision: RevisionRow
    changes: tuple[Change, ...] | None


def versions_of(revisions: Sequence[RevisionRow]) -> list[Version]:
    """A page of versions, newest first, of a page and one more."""
    before = [*revisions[1:], None]
    pairs = zip(revisions, before, strict=True)
    return [Version(row, _changes(row, older)) for row, older in pairs][:VERSIONS_A_PAGE]


def _changes(row: RevisionRow, older: RevisionRow | None) -> tuple[Change, ...] | None:
    if older is None or row.emptied_at is not None or older.emptied_at is not None:
        return None
    return changes(older.source, row.source)
