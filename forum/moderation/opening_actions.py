"""Opening cases about posts that stand there: for members who flag one, and for plugins."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.dml import Insert

from forum.accounts.stand_in_queries import is_stand_in
from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import EMPTIED, Post, Thread
from forum.errors import Conflict, Invalid, NotFound
from forum.moderation.desk_actions import checked_words
from forum.moderation.models import Case, Flag
from forum.moderation.rules import is_of_waiting
from forum.permissions import Actor, require
from forum.plugin_host import current_host


def open_case(actor: Actor | None, post_id: int, kind: str, reason: str) -> int:
    """Put a post before those who decide about cases of this kind: the number of the case. While
    one of the kind is open for the post, it is that one, and stays as it is.

    Args:
        actor: who asks for it; ``None`` when the forum does so by itself, as in a hook.
        kind: one that a running plugin brings with ``register_case_kinds``.
        reason: why, as a sentence for those who decide; 1,000 characters at most.

    Raises:
        NotFound: there is no such post, or the actor may not see its thread.
        Conflict: nobody reads the post: it was removed, or is not published yet; or the kind is of
            posts that wait, and it is none by a stand-in, or is published or removed.
        Invalid: no running plugin brings the kind, or the reason cannot be taken.
    """
    if actor is not None:
        require(actor, "thread.see", _thread_of(post_id))
    if kind not in current_host().case_kinds:
        raise Invalid("kind", gettext("No plugin that runs brings such cases."))
    reason = checked_words(reason)
    if not reason:
        raise Invalid("reason", gettext("Say why somebody should look at the post."))
    if is_of_waiting(kind):
        _require_waiting(post_id)
    else:
        _require_read(post_id)
    return opened_case(post_id, kind, reason).id


def _thread_of(post_id: int) -> Thread:
    thread = db.session.scalar(
        select(Thread).join(Post, Post.thread_id == Thread.id).where(Post.id == post_id)
    )
    if thread is None:
        raise NotFound(gettext("There is no such post, or it is not open to you."))
    return thread


def _require_read(post_id: int) -> None:
    thread, post = _thread_of(post_id), db.session.get_one(Post, post_id)
    is_gone = post.removed_at is not None or thread.removed_at is not None
    if post.number is None or is_gone or post.pipeline == EMPTIED:
        raise Conflict(gettext("Nobody can read this post: it was removed, or waits itself."))


def _require_waiting(post_id: int) -> None:
    _thread_of(post_id)
    post = db.session.get_one(Post, post_id)
    waits = post.number is None and post.removed_at is None and post.pipeline != EMPTIED
    if not waits or not is_stand_in(post.author_id):
        raise Conflict(gettext("This is no post of somebody who stands in for others that waits."))


def opened_case(post_id: int, kind: str, reason: str) -> Case:
    """The one open case of this kind about a post, held for the rest of the transaction; for
    actions, which have asked whether there may be one.

    Raises:
        Conflict: somebody decides it at this moment, again and again.
    """
    opening = {"post_id": post_id, "kind": kind, "reason": reason, "decision_reason": ""}
    # Whoever decides it closes it between these two; more than once in a row is not to be expected.
    for _attempt in range(5):
        if (case := db.session.scalar(_open_case(post_id, kind))) is not None:
            return case
        db.session.execute(adding(Case, opening | {"opened_at": utcnow()}))
    raise Conflict(gettext("A moderator is deciding about this post just now. Try again."))


def _open_case(post_id: int, kind: str) -> Select[Case]:
    return (
        select(Case)
        .where(Case.post_id == post_id, Case.kind == kind, Case.closed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def adding(model: type[Case] | type[Flag], values: dict[str, object]) -> Insert:
    """Add a row, unless another stands in the one place there is for it."""
    is_postgresql = db.engine.dialect.name == "postgresql"
    insert = postgresql_insert if is_postgresql else sqlite_insert
    return insert(model).values(**values).on_conflict_do_nothing()
