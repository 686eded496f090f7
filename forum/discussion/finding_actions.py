"""Noting what was said of a version that is published all the same, and what of it is kept.

For actions, which have asked for the permission, inside their transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import insert, update

from forum.db import db
from forum.discussion.finding_queries import kept_findings
from forum.discussion.models import PostFinding
from forum.discussion.rules import Kept, can_keep
from forum.review import Review

NOTHING_KEPT: Mapping[str, Kept] = {}


def keep_findings(
    post_id: int, version: int, review: Review, kept: Mapping[str, Kept] = NOTHING_KEPT
) -> None:
    """Note what was said of a version, with who decided to keep which of it."""
    if not review.findings:
        return
    decided = {f.fingerprint: kept.get(f.fingerprint) for f in review.findings if can_keep(f)}
    db.session.execute(
        insert(PostFinding),
        [
            {
                "post_id": post_id,
                "version": version,
                "rule": f.rule,
                "severity": f.severity.value,
                "fingerprint": f.fingerprint,
                "start": f.span.start if f.span else None,
                "end": f.span.end if f.span else None,
                **_columns(decided.get(f.fingerprint)),
            }
            for f in review.findings
        ],
    )


def _columns(kept: Kept | None) -> dict[str, object]:
    return {"kept_at": kept.at if kept else None, "kept_by": kept.by if kept else None}


def kept_by(
    member_id: int, fingerprints: Collection[str], at: datetime, before: Mapping[str, Kept]
) -> dict[str, Kept]:
    """Who keeps these findings since when: what was kept ``before`` stays as it was."""
    now = Kept(member_id, at)
    return {fingerprint: before.get(fingerprint, now) for fingerprint in fingerprints}


def change_kept(
    post_id: int, version: int, member_id: int, kept: Collection[str], at: datetime
) -> None:
    """Have exactly these of a version's findings kept, though its words stay as they are."""
    before = kept_findings(post_id, version)
    if before.keys() == set(kept):
        return
    noted = PostFinding.post_id == post_id, PostFinding.version == version
    open_again = PostFinding.fingerprint.not_in(kept)
    kept_anew = PostFinding.fingerprint.in_(set(kept) - before.keys())
    keepable = PostFinding.severity.in_(("warn", "hint"))
    for which, kept_at, by in ((open_again, None, None), (kept_anew, at, member_id)):
        db.session.execute(
            update(PostFinding)
            .where(*noted, which, keepable)
            .values(kept_at=kept_at, kept_by=by)
            .execution_options(synchronize_session=False)
        )
