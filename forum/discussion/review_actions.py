"""Reviewing all posts again after a rule has changed: what is said of them, never their words."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, select, tuple_

from forum import db as database
from forum.accounts.queries import guest_visit
from forum.clock import utcnow
from forum.community.change_actions import note_change
from forum.db import Statement, db, transaction
from forum.discussion.finding_actions import keep_findings
from forum.discussion.finding_queries import OF_IMPORT, kept_findings, noted_findings
from forum.discussion.glossary_queries import community_glossary
from forum.discussion.models import Post, PostFinding, Revision
from forum.discussion.queries import PRESENT
from forum.jobs.models import Job
from forum.jobs.queue import enqueue
from forum.permissions import Actor, require
from forum.plugin_host import current_host
from forum.review import Draft, Review

REVIEW_ALL = "review.all"
BATCH = 50
"""Posts. A quarter of a second of CPU as a rule, and at most as many seconds as there are posts."""

_POSTS: Statement = (
    select(Post.id, Post.version, Revision.source, Revision.language)
    .join(Revision, PRESENT)
    .where(Revision.emptied_at.is_(None))
)
_COUNT: Statement = select(func.count()).select_from(_POSTS.subquery())
_SOME = _POSTS.where(Post.id > bindparam("after")).order_by(Post.id).limit(BATCH)


@dataclass(frozen=True, slots=True)
class _Reviewed:
    post_id: int
    version: int
    source: str
    review: Review


def order_review(actor: Actor) -> int:
    """Have the present version of every post reviewed again, from the first one: how many there are.
    What was ordered before and still waits begins anew.

    Raises:
        NotAllowed: the actor does not manage the community.
    """
    require(actor, "community.manage")
    db.session.execute(delete(Job).where(Job.name == REVIEW_ALL, Job.lease_until.is_(None)))
    enqueue(REVIEW_ALL, after=0)
    count = int(database.value(_COUNT) or 0)
    note_change(actor, "posts.review", after={"posts": count})
    return count


def review_some(actor: Actor, *, after: int) -> int:
    """Review some posts again, those after this id, and have the next ones reviewed: how many it were.
    Doing it again changes nothing. A post of which a reviewer that failed may have spoken keeps what
    was said of it.

    The texts are read outside of the transaction, so that nobody who writes waits for a reviewer.

    Raises:
        NotAllowed: the actor does not manage the community.
    """
    require(actor, "community.manage")
    found = database.rows(_SOME, {"after": after})
    community, glossary = guest_visit().community.language, community_glossary()
    reviewed = [
        _Reviewed(
            row.id,
            row.version,
            row.source,
            current_host().review(Draft(row.source, row.language or community, glossary=glossary)),
        )
        for row in found
    ]
    with transaction():
        for one in _unchanged([one for one in reviewed if not one.review.failed]):
            _note_anew(one)
        if found:
            _go_on(found[-1].id)
    return len(found)


def _unchanged(reviewed: list[_Reviewed]) -> list[_Reviewed]:
    """Those whose words stand as they were read: what was said of others is about words that are
    gone. Their rows are held, so that nobody empties them meanwhile."""
    keys = [(one.post_id, one.version) for one in reviewed]
    rows = db.session.execute(
        select(Revision.post_id, Revision.version, Revision.source)
        .where(tuple_(Revision.post_id, Revision.version).in_(keys))
        .where(Revision.emptied_at.is_(None))
        .order_by(Revision.post_id)
        .with_for_update()
    )
    sources = {(row.post_id, row.version): row.source for row in rows}
    return [one for one in reviewed if sources.get((one.post_id, one.version)) == one.source]


def _note_anew(one: _Reviewed) -> None:
    noted = [(f.rule, f.severity, f.fingerprint) for f in noted_findings(one.post_id, one.version)]
    said = [(f.rule, f.severity.value, f.fingerprint) for f in one.review.findings]
    if sorted(noted) == sorted(said):
        return
    kept = kept_findings(one.post_id, one.version)
    of_version = PostFinding.post_id == one.post_id, PostFinding.version == one.version
    said_anew = PostFinding.rule.not_in(list(OF_IMPORT))
    db.session.execute(delete(PostFinding).where(*of_version, said_anew))
    keep_findings(one.post_id, one.version, one.review, kept)


def _go_on(after: int) -> None:
    # A worker that died between this and the end of its job does the same batch again.
    waiting = select(Job.arguments).where(Job.name == REVIEW_ALL, Job.run_at <= utcnow())
    if {"after": after} not in db.session.scalars(waiting).all():
        enqueue(REVIEW_ALL, after=after)
