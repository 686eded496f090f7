"""What of a member's words and pictures goes when they close their account."""

from __future__ import annotations

from sqlalchemy import delete, exists, select, update

from forum.db import db
from forum.discussion.emptying_actions import empty_revisions
from forum.discussion.models import Draft, Post, Revision, Thread
from forum.discussion.picture_actions import forget_uploads
from forum.hookspecs import AccountClosing


def forget_words(closing: AccountClosing) -> None:
    """Delete the member's drafts, empty what was never published and, if they want, all their posts
    in every version, and forget the pictures that nothing shows any more. For the transaction that
    closes the account, with a fixed number of statements; doing it again does no harm.
    """
    by_them = Post.author_id == closing.member_id
    if closing.empty_posts:
        _unmark_answers(closing.member_id)
    else:
        # Nobody but moderators has ever read it.
        by_them &= Post.number.is_(None)
    db.session.execute(delete(Draft).where(Draft.member_id == closing.member_id))
    theirs = Revision.post_id.in_(select(Post.id).where(by_them))
    empty_revisions(theirs, emptied_by=closing.member_id)
    forget_uploads(closing.member_id)


def _unmark_answers(member_id: int) -> None:
    # A post without words answers nothing.
    theirs = exists().where(
        Post.thread_id == Thread.id,
        Post.number == Thread.answer_number,
        Post.author_id == member_id,
    )
    db.session.execute(
        update(Thread)
        .where(Thread.answer_number.is_not(None), theirs)
        .values(answer_number=None)
        .execution_options(synchronize_session=False)
    )
