"""Telling members, and members noting that they were told."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select, update

from forum.accounts.measure_queries import TOLD
from forum.accounts.models import Measure, MeasureAppeal
from forum.accounts.queries import actor_by_id, members_by_handle, with_account
from forum.clock import utcnow
from forum.db import db
from forum.discussion.models import Post, Thread
from forum.discussion.queries import SHOWN
from forum.errors import Invalid
from forum.events import OF_HELD, RELOCATED, WAITED, CaseDecided, FlagsAnswered, PostCurated
from forum.jobs.queue import enqueue
from forum.notifications.models import Notification
from forum.notifications.queries import PostToTellOf, post_to_tell_of
from forum.permissions import Actor, allowed, require_member
from forum.text.mentions import handles_in
from forum.text.pipeline import mentioned_in


def tell_of_post(post_id: int) -> None:
    """Tell the member replied to, whoever started the thread, and whoever is mentioned.

    Nobody is told twice, of themselves, or of what they may not see. Doing it again changes
    nothing, so an event may come twice.
    """
    post = post_to_tell_of(post_id)
    if post is None:
        return
    concerned = {member for member in (post.replied_to, post.starter) if member is not None}
    _tell_all(post, concerned, "reply")
    _tell_all(post, _mentioned(post), "mention")


def tell_of_edit(post_id: int) -> None:
    """Tell whoever a post mentions and was not told of it yet."""
    post = post_to_tell_of(post_id)
    if post is not None:
        _tell_all(post, _mentioned(post), "mention")


def _mentioned(post: PostToTellOf) -> Collection[int]:
    try:
        return mentioned_in(post.source, members_by_handle(handles_in(post.source)))
    except Invalid:
        # Published under other limits than those of today; its readers see it all the same.
        return frozenset()


def _tell_all(post: PostToTellOf, members: Collection[int], kind: str) -> None:
    for member_id in sorted(with_account(set(members) - {post.author_id})):
        actor = actor_by_id(member_id)
        if actor is not None and allowed(actor, "thread.see", post):
            _tell(member_id, post, kind)


def _tell(member_id: int, post: PostToTellOf, kind: str) -> None:
    # Two workers that tell of one thread do it in turn: neither a row nor a letter comes twice.
    db.session.execute(select(Thread.id).where(Thread.id == post.thread_id).with_for_update())
    already = select(Notification.id).where(
        Notification.member_id == member_id, Notification.post_id == post.id
    )
    if db.session.scalar(already) is not None:
        return
    notification = Notification(member_id=member_id, post_id=post.id, kind=kind)
    db.session.add(notification)
    if not _was_written_to(member_id, post.thread_id):
        notification.mailed_at = utcnow()
        db.session.flush()
        enqueue("mail", kind=kind, notification=notification.id, member=member_id)


def _was_written_to(member_id: int, thread_id: int) -> bool:
    """Whether a letter about this thread went to the member, who has not been back since."""
    waiting = (
        select(Notification.id)
        .join(Post, Post.id == Notification.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(
            SHOWN,
            Notification.member_id == member_id,
            Notification.seen_at.is_(None),
            Notification.mailed_at.is_not(None),
            Post.thread_id == thread_id,
        )
        .limit(1)
    )
    return db.session.scalar(waiting) is not None


def tell_of_decision(event: CaseDecided) -> None:
    """Tell the author what a moderator decided about their post; a later decision replaces it.

    Doing it again changes nothing, so an event may come twice.
    """
    _tell_author(event.post_id, _told_as(event), event.words)


def _told_as(event: CaseDecided) -> str:
    if event.kind in WAITED:
        # Of what nobody had read before, it says whether it can be read.
        return OF_HELD.get(event.decision, event.decision)
    # What a plugin asked to look at was neither flagged nor asked for by the author.
    is_of_plugin = "." in event.kind and event.decision in ("done", "nothing")
    return "looked" if is_of_plugin else event.decision


def tell_of_curating(event: PostCurated) -> None:
    """Tell the author what a moderator did to their post. Of a post that only stands elsewhere now no
    letter tells: its links lead on, and there is nothing to answer; nor does that replace what they
    have not read yet.

    Doing it again changes nothing, so an event may come twice.
    """
    if event.deed != RELOCATED:
        _tell_author(event.post_id, event.deed, event.words)
    elif (author := _author_of(event.post_id)) and not _has_more_to_read(author, event.post_id):
        _tell_decided(author, "decision", event.post_id, event.deed, event.words)


def _tell_author(post_id: int, decision: str, words: str) -> None:
    if (author := _author_of(post_id)) is None:
        return
    told = _tell_decided(author, "decision", post_id, decision, words)
    if told is not None:
        enqueue("mail", kind="decision", notification=told, member=author)


def _author_of(post_id: int) -> int | None:
    found: int | None = db.session.scalar(select(Post.author_id).where(Post.id == post_id))
    return found if found is not None and with_account({found}) else None


def _has_more_to_read(member_id: int, post_id: int) -> bool:
    unread = select(Notification.id).where(
        Notification.member_id == member_id,
        Notification.post_id == post_id,
        Notification.kind == "decision",
        Notification.decision != RELOCATED,
        Notification.seen_at.is_(None),
    )
    return db.session.scalar(unread) is not None


def tell_of_answered_flag(event: FlagsAnswered) -> None:
    """Tell those who flagged a post what was decided about it, on the site alone: nobody waits for a
    letter about it. A later decision replaces it.

    Doing it again changes nothing, so an event may come twice.
    """
    if db.session.scalar(select(Post.id).where(Post.id == event.post_id)) is not None:
        for member_id in sorted(with_account(set(event.members))):
            _tell_decided(member_id, "flag", event.post_id, event.decision, event.words)


def _tell_decided(member_id: int, kind: str, post_id: int, decision: str, words: str) -> int | None:
    """The number of the notification; ``None`` when they were told this before."""
    earlier = db.session.scalar(
        select(Notification).where(
            Notification.member_id == member_id,
            Notification.post_id == post_id,
            Notification.kind == kind,
        )
    )
    if earlier is not None:
        if (earlier.decision, earlier.words) == (decision, words):
            return None
        db.session.delete(earlier)
        db.session.flush()
    notification = Notification(
        member_id=member_id, post_id=post_id, kind=kind, decision=decision, words=words
    )
    db.session.add(notification)
    db.session.flush()
    return notification.id


def mark_decision_seen(actor: Actor, post_id: int) -> None:
    """Note that the actor has seen what a moderator decided about their post."""
    db.session.execute(
        update(Notification)
        .where(
            Notification.member_id == actor.id,
            Notification.post_id == post_id,
            Notification.kind == "decision",
            Notification.seen_at.is_(None),
        )
        .values(seen_at=utcnow())
        .execution_options(synchronize_session=False)
    )


def mark_all_seen(actor: Actor, up_to: int) -> None:
    """Note that the actor has seen their list up to this notification."""
    require_member(actor)
    db.session.execute(
        update(Notification)
        .where(
            Notification.member_id == actor.id,
            Notification.id <= up_to,
            Notification.seen_at.is_(None),
        )
        .values(seen_at=utcnow())
    )


def mark_measures_seen(actor: Actor, up_to: int) -> None:
    """Note that the actor has read what moderators decided about them, up to this measure."""
    theirs = Measure.member_id == require_member(actor)
    db.session.execute(
        update(Measure)
        .where(theirs, Measure.id <= up_to, Measure.seen_at.is_(None), Measure.kind.in_(TOLD))
        .values(seen_at=utcnow())
    )


def mark_appeals_seen(actor: Actor, up_to: int) -> None:
    """Note that the actor has read what became of their appeals about measures, up to this one."""
    theirs = MeasureAppeal.member_id == require_member(actor), MeasureAppeal.id <= up_to
    db.session.execute(
        update(MeasureAppeal)
        .where(*theirs, MeasureAppeal.seen_at.is_(None), MeasureAppeal.closed_at.is_not(None))
        .values(seen_at=utcnow())
    )


def mark_posts_seen(actor: Actor, thread_id: int, first: int, last: int) -> None:
    """Note that the actor has seen what they were told of posts ``first`` to ``last`` of a thread."""
    posts = select(Post.id).where(Post.thread_id == thread_id, Post.number.between(first, last))
    db.session.execute(
        update(Notification)
        .where(
            Notification.member_id == actor.id,
            Notification.post_id.in_(posts),
            Notification.seen_at.is_(None),
        )
        .values(seen_at=utcnow())
        .execution_options(synchronize_session=False)
    )


def forget_notifications(member_id: int) -> None:
    """Delete all that a member was told, in the transaction that closes the account, and empty what
    others were told about the member's posts in a moderator's words."""
    db.session.execute(delete(Notification).where(Notification.member_id == member_id))
    theirs = select(Post.id).where(Post.author_id == member_id)
    db.session.execute(
        update(Notification)
        .where(Notification.post_id.in_(theirs), Notification.words != "")
        .values(words="")
        .execution_options(synchronize_session=False)
    )
