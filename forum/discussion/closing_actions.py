"""What of a member's words and pictures goes when they close their account."""

from __future__ import annotations

from flask_babel import force_locale, gettext
from sqlalchemy import ColumnElement, delete, exists, select, update

from forum.accounts.queries import guest_visit
from forum.db import db
from forum.discussion.emptying_actions import empty_revisions
from forum.discussion.former_actions import FORGET_NAME
from forum.discussion.models import (
    Draft,
    ImportedPost,
    MovedNumber,
    Post,
    Revision,
    Thread,
    ThreadTag,
)
from forum.discussion.picture_actions import forget_uploads
from forum.hookspecs import AccountClosing
from forum.jobs.queue import enqueue


def forget_words(closing: AccountClosing) -> None:
    """Delete the member's drafts, empty what was never published and, if they want, all their posts
    in every version, and forget the pictures that nothing shows any more, and what moderators gave
    as reasons for removing their posts. For the transaction that closes the account, with a fixed
    number of statements; doing it again does no harm. Where others quoted or mentioned them, the
    worker takes the name out.
    """
    by_them = Post.author_id == closing.member_id
    if closing.empty_posts:
        _unmark_answers(closing.member_id)
        _forget_lonely_threads(Thread.author_id == closing.member_id)
        _forget_origins(closing.member_id)
    else:
        # Nobody but moderators has ever read it.
        by_them &= Post.number.is_(None)
        left = exists().where(MovedNumber.thread_id == Thread.id)
        unread = (Thread.last_number == 0) & ~left
        _forget_lonely_threads((Thread.author_id == closing.member_id) & unread)
    db.session.execute(delete(Draft).where(Draft.member_id == closing.member_id))
    theirs = Revision.post_id.in_(select(Post.id).where(by_them))
    empty_revisions(theirs, emptied_by=closing.member_id)
    _forget_reasons(closing.member_id)
    forget_uploads(closing.member_id)
    enqueue(FORGET_NAME, former=closing.member_id, handle=closing.handle, after=[0, 0])


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


def _forget_lonely_threads(which: ColumnElement[bool]) -> None:
    """Take title and tags from those of these threads in which nobody but their author wrote."""
    others = exists().where(Post.thread_id == Thread.id, Post.author_id != Thread.author_id)
    moved = exists().where(
        MovedNumber.thread_id == Thread.id,
        MovedNumber.post_id == Post.id,
        Post.author_id != Thread.author_id,
    )
    lonely = which & ~others & ~moved
    db.session.execute(
        delete(ThreadTag)
        .where(ThreadTag.thread_id.in_(select(Thread.id).where(lonely)))
        .execution_options(synchronize_session=False)
    )
    with force_locale(guest_visit().community.language.replace("-", "_")):
        title = gettext("A thread whose words are gone")
    db.session.execute(
        update(Thread)
        .where(lonely)
        .values(title=title)
        .execution_options(synchronize_session=False)
    )


def _forget_origins(member_id: int) -> None:
    # Its number there stays, or the next import would bring the words back.
    theirs = select(Post.id).where(Post.author_id == member_id)
    db.session.execute(
        update(ImportedPost)
        .where(ImportedPost.post_id.in_(theirs))
        .values(url="")
        .execution_options(synchronize_session=False)
    )


def _forget_reasons(member_id: int) -> None:
    labelled = (Post.author_id == member_id) & Post.label.is_not(None)
    db.session.execute(
        update(Post).where(labelled).values(label=None).execution_options(synchronize_session=False)
    )
    for kind in (Post, Thread):
        db.session.execute(
            update(kind)
            .where(kind.author_id == member_id)
            .values(removal_reason="")
            .execution_options(synchronize_session=False)
        )
