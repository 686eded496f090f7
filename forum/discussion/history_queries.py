"""Named reads about the versions of a post."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Member
from forum.discussion.models import Revision
from forum.discussion.queries import PostFacts

# Each may be as long as a post can be.
VERSIONS_A_PAGE = 10

_emptier = aliased(Member)


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One version of a post. Of an emptied one the source is gone."""

    version: int
    source: str
    created_at: datetime
    editor: str
    emptied_at: datetime | None
    emptied_by: str | None
    language: str


def revisions_of(post: PostFacts, after: int | None = None) -> list[RevisionRow]:
    """Versions of a post, newest first, those below ``after``: a page and one more."""
    below = post.version + 1 if after is None else min(after, post.version + 1)
    statement = (
        select(
            Revision.version,
            Revision.source,
            Revision.created_at,
            Member.name,
            Revision.emptied_at,
            _emptier.name,
            Revision.language,
        )
        .join(Member, Member.id == Revision.editor_id)
        .outerjoin(_emptier, _emptier.id == Revision.emptied_by)
        .where(Revision.post_id == post.id, Revision.version < below)
        .order_by(Revision.version.desc())
        .limit(VERSIONS_A_PAGE + 1)
    )
    return [RevisionRow(*row) for row in database.rows(statement)]
