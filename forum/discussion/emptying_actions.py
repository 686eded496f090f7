"""Taking words out for good: of single versions, or of all that somebody wrote."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, select, tuple_, update

from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import EMPTIED, Post, PostFinding, PostPicture, Revision


def empty_revisions(which: ColumnElement[bool], *, emptied_by: int | None) -> None:
    """Take the words out of every revision that fits, and out of what was derived from it. Number,
    time and who wrote it stay. For actions, which have asked for the permission; inside their
    transaction, with a fixed number of statements.

    Args:
        which: a condition on ``Revision`` by its key or its post.
        emptied_by: the member who did it, as the history says.
    """
    db.session.execute(
        update(Revision)
        .where(which, Revision.emptied_at.is_(None))
        .values(source="", emptied_at=utcnow(), emptied_by=emptied_by)
        .execution_options(synchronize_session=False)
    )
    versions = select(Revision.post_id, Revision.version).where(
        which, Revision.emptied_at.is_not(None)
    )
    db.session.execute(
        delete(PostFinding)
        .where(tuple_(PostFinding.post_id, PostFinding.version).in_(versions))
        .execution_options(synchronize_session=False)
    )
    posts = select(Post.id).where(tuple_(Post.id, Post.version).in_(versions))
    db.session.execute(
        delete(PostPicture)
        .where(PostPicture.post_id.in_(posts))
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        update(Post)
        .where(Post.id.in_(posts))
        .values(html="", excerpt="", pipeline=EMPTIED)
        .execution_options(synchronize_session=False)
    )
    # What the session holds of these rows is older than what stands there now.
    db.session.expire_all()
