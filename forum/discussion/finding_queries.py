"""Named reads about what reviewers said of posts, and what of it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, select

from forum import db as database
from forum.accounts.models import Member
from forum.db import Statement
from forum.discussion.models import PostFinding
from forum.discussion.rules import Kept

_OF_VERSION = (PostFinding.post_id == bindparam("post")) & (
    PostFinding.version == bindparam("version")
)
_KEPT: Statement = (
    select(PostFinding.fingerprint, PostFinding.kept_by, PostFinding.kept_at)
    .where(_OF_VERSION, PostFinding.kept_at.is_not(None))
    .order_by(PostFinding.id)
)
_NOTED: Statement = (
    select(
        PostFinding.rule,
        PostFinding.severity,
        PostFinding.fingerprint,
        PostFinding.kept_at,
        Member.name,
    )
    .outerjoin(Member, Member.id == PostFinding.kept_by)
    .where(_OF_VERSION)
    .order_by(PostFinding.id)
)


_BLOCKING: Statement = select(exists().where(_OF_VERSION, PostFinding.severity == "block"))


@dataclass(frozen=True, slots=True)
class NotedFinding:
    """What was said of a version: the rule, and who decided when to keep it as it is, if somebody
    did. ``keeper`` is ``None`` also where they have left."""

    rule: str
    severity: str
    fingerprint: str
    kept_at: datetime | None
    keeper: str | None


def kept_findings(post_id: int, version: int) -> dict[str, Kept]:
    """What of a version's findings was kept, by fingerprint."""
    found = database.rows(_KEPT, {"post": post_id, "version": version})
    return {row.fingerprint: Kept(row.kept_by, row.kept_at) for row in found}


def noted_findings(post_id: int, version: int) -> list[NotedFinding]:
    """Everything that was said of a version and published all the same, in the order it was said."""
    found = database.rows(_NOTED, {"post": post_id, "version": version})
    return [NotedFinding(*row) for row in found]


def shuts_out(post_id: int, version: int) -> bool:
    """Whether something in a version shuts somebody out, so that it is there only because its author
    asked for help, or because it came from elsewhere."""
    return bool(database.value(_BLOCKING, {"post": post_id, "version": version}))
