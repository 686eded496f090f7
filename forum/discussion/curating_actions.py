"""What authors and moderators do with threads and posts that stand there: remove and restore, lock,
pin, move, mark the answer, file. Whoever changes a thread holds its row, so two cannot at once.

Each gives the number of its entry in the moderators' record, or ``None`` where there is none: what
people do with what is theirs is not recorded."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import select

from forum.accounts.hold_queries import standing_hold
from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.db import db
from forum.discussion import deed_actions as deeds
from forum.discussion.actions import locked_thread
from forum.discussion.author_actions import tell_author, tell_starter
from forum.discussion.curating_queries import categories_to_move_to
from forum.discussion.deed_actions import noted
from forum.discussion.emptying_actions import empty_revisions
from forum.discussion.models import Post, Revision, Thread
from forum.discussion.removal_rules import require_restore_thread
from forum.discussion.rules import (
    can_retitle,
    is_in_edit_window,
    is_locked,
    is_starter,
    require_file,
    require_mark,
    require_remove,
    require_restore,
    require_there,
)
from forum.discussion.settings import PINNED
from forum.discussion.tag_actions import (
    checked_tags,
    checked_title,
    keep_tags,
    require_title_passes,
)
from forum.discussion.trust_actions import promise_settling
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.permissions import Actor, require
from forum.record.actions import checked_words
from forum.text.lines import is_readable_line

REASON_LENGTH = 500
LONGEST_LOCK = timedelta(days=366)
MOST_SLOW_MINUTES = 7 * 24 * 60


def remove_post(actor: Actor, thread_id: int, number: int, *, reason: str = "") -> int | None:
    """Take a post away from readers; its number stays, and so do its words for who may restore it.

    Args:
        reason: what readers find in its place; moderators give one, authors need none.

    Raises:
        NotFound: there is no such post, or the actor may not see it.
        NotAllowed: it is not theirs to remove.
        Conflict: it is removed already.
        Invalid: a moderator gives no reason.
    """
    thread, post = _locked_post(thread_id, number)
    require_remove(actor, thread, post)
    own = post.author_id == actor.id
    reason = "" if own else checked_reason(reason)
    with noted(actor, deeds.REMOVE_POST, thread, post, reason=reason, is_own=own) as deed:
        post.removal_reason, post.removal = reason, "author" if own else "moderator"
        post.removed_at, post.removed_by = utcnow(), actor.id
        # Nobody is sent to an answer that cannot be read.
        if thread.answer_number == number:
            thread.answer_number = None
        deeds.note_newest(thread)
    if own:
        promise_settling(post.author_id)
    tell_author(actor, post, "removed", reason)
    return deed.entry_id


def restore_post(actor: Actor, thread_id: int, number: int) -> int | None:
    """Let readers have a removed post again. If it was the answer, somebody has to say so anew.

    Raises:
        NotFound: there is no such post, or the actor may not see it.
        NotAllowed: it is not theirs to restore, or a colleague removed what they wrote.
        Conflict: it is not removed.
    """
    thread, post = _locked_post(thread_id, number)
    require_restore(actor, thread, post)
    own = post.author_id == actor.id and post.removal == "author"
    with noted(actor, deeds.RESTORE_POST, thread, post, is_own=own) as deed:
        post.removed_at = post.removed_by = post.removal = None
        post.removal_reason = ""
        deeds.note_newest(thread)
    if own:
        promise_settling(post.author_id)
    tell_author(actor, post, "restored")
    return deed.entry_id


def mark_answer(actor: Actor, thread_id: int, number: int) -> int | None:
    """Say that this post answers the thread, instead of what was the answer before.

    Raises:
        NotFound: there is no such post, or the actor may not see it.
        NotAllowed: they neither started the thread nor curate it, or it is locked.
        Conflict: it is the answer already, or cannot be.
    """
    thread, post = _locked_post(thread_id, number)
    require_mark(actor, thread, post)
    if thread.answer_number == number:
        raise Conflict(gettext("This post is the answer already. Nothing was changed."))
    own = is_starter(actor, thread)
    before = _who_answered(thread)
    with noted(actor, deeds.MARK, thread, post, is_own=own) as deed:
        thread.answer_number = number
    promise_settling(before, post.author_id)
    return deed.entry_id


def unmark_answer(actor: Actor, thread_id: int, number: int) -> int | None:
    """Say that this post does not answer the thread after all.

    Raises:
        NotFound: there is no such post, or the actor may not see it.
        NotAllowed: they neither started the thread nor curate it, or it is locked.
        Conflict: it is not the answer.
    """
    thread, post = _locked_post(thread_id, number)
    require_mark(actor, thread, post)
    if thread.answer_number != number:
        raise Conflict(gettext("This post is not the answer any more. Nothing was changed."))
    own = is_starter(actor, thread)
    with noted(actor, deeds.UNMARK, thread, post, is_own=own) as deed:
        thread.answer_number = None
    promise_settling(post.author_id)
    return deed.entry_id


def _who_answered(thread: Thread) -> int | None:
    answer = Post.thread_id == thread.id, Post.number == thread.answer_number
    return db.session.scalar(select(Post.author_id).where(*answer))


def empty_version(actor: Actor, thread_id: int, number: int, version: int) -> int | None:
    """Take the words of one version out for good. A post without words answers nothing any more.

    Raises:
        NotFound: there is no such version, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Conflict: it is empty already, or a legal hold stands on whoever wrote it.
    """
    thread, post = _locked_post(thread_id, number)
    require(actor, "thread.curate", thread)
    revision = db.session.get(Revision, (post.id, version)) if version <= post.version else None
    if revision is None:
        raise NotFound(gettext("There is no such version."))
    if revision.emptied_at is not None:
        raise Conflict(gettext("This version is empty already. Nothing was changed."))
    _require_no_hold(post.author_id, revision.editor_id)
    with noted(actor, deeds.EMPTY, thread, post) as deed:
        if version == post.version and thread.answer_number == number:
            thread.answer_number = None
            db.session.flush()
        this = (Revision.post_id == post.id) & (Revision.version == version)
        empty_revisions(this, emptied_by=actor.id)
    return deed.entry_id


def _require_no_hold(*member_ids: int) -> None:
    # The reason is for the member and the administrators.
    if any(standing_hold(member_id) is not None for member_id in member_ids):
        message = gettext(
            "A legal hold stands on whoever wrote this: nothing of it may be erased for the time "
            "being. You can remove the post, so that nobody reads it; ask an administrator about "
            "the hold."
        )
        raise Conflict(message)


def lock_thread(
    actor: Actor, thread_id: int, *, reason: str = "", until: datetime | None = None
) -> int | None:
    """Let nobody write in a thread any more.

    Args:
        until: when the lock ends by itself; ``None`` when a moderator has to end it.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Conflict: it is locked already.
        Invalid: the reason is too long, or the lock would have ended already, or end in years.
    """
    thread = _curated(actor, thread_id)
    if is_locked(thread):
        raise Conflict(gettext("This thread has been locked already. Nothing was changed."))
    reason = checked_reason(reason) if reason.strip() else ""
    _require_sensible_end(until)
    with noted(actor, deeds.LOCK, thread, reason=reason) as deed:
        thread.lock_reason, thread.locked_until = reason, until
        thread.locked_at, thread.locked_by = utcnow(), actor.id
    return deed.entry_id


def _require_sensible_end(until: datetime | None) -> None:
    if until is None:
        return
    if until <= utcnow():
        raise Invalid("until", gettext("Choose a time that is still to come."))
    if until > utcnow() + LONGEST_LOCK:
        raise Invalid(
            "until", gettext("Choose a time within a year, or leave it out to lock for good.")
        )


def unlock_thread(actor: Actor, thread_id: int) -> int | None:
    """Let people write in a locked thread again.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Conflict: it is not locked.
    """
    thread = _curated(actor, thread_id)
    if not is_locked(thread):
        raise Conflict(gettext("This thread is not locked any more. Nothing was changed."))
    with noted(actor, deeds.UNLOCK, thread) as deed:
        thread.locked_at = thread.locked_by = thread.locked_until = None
        thread.lock_reason = ""
    return deed.entry_id


def slow_thread(actor: Actor, thread_id: int, minutes: int | None) -> int | None:
    """Let each member post only once in so many minutes; ``None`` as often as they like.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Invalid: it is no number of minutes from one to a week.
        Conflict: it is so already.
    """
    thread = _curated(actor, thread_id)
    if minutes is not None and not 1 <= minutes <= MOST_SLOW_MINUTES:
        message = gettext("Choose from 1 minute to a week, which is %(n)s.", n=MOST_SLOW_MINUTES)
        raise Invalid("minutes", message)
    if minutes == thread.slow_minutes:
        raise Conflict(gettext("This thread has that pace already. Nothing was changed."))
    with noted(actor, deeds.SLOW, thread) as deed:
        thread.slow_minutes = minutes
    return deed.entry_id


def feature_thread(actor: Actor, thread_id: int) -> int | None:
    """Put a thread into the short list on the front page.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Conflict: it is there already, or so many are that the others would be hard to find.
    """
    thread = _curated(actor, thread_id)
    if thread.featured_at is not None:
        raise Conflict(gettext("This thread has been featured already. Nothing was changed."))
    deeds.require_featured(deeds.MOST_FEATURED)
    with noted(actor, deeds.FEATURE, thread) as deed:
        thread.featured_at = utcnow()
    return deed.entry_id


def unfeature_thread(actor: Actor, thread_id: int) -> int | None:
    """Take a thread from the short list on the front page.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Conflict: it is not there.
    """
    thread = _curated(actor, thread_id)
    if thread.featured_at is None:
        raise Conflict(gettext("This thread is not featured any more. Nothing was changed."))
    with noted(actor, deeds.UNFEATURE, thread) as deed:
        thread.featured_at = None
    return deed.entry_id


def pin_thread(actor: Actor, thread_id: int) -> int | None:
    """Put a thread first in its category.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Conflict: it is pinned already, or so many are that the others would be hard to find.
    """
    thread = _curated(actor, thread_id)
    if thread.pinned_at is not None:
        raise Conflict(gettext("This thread has been pinned already. Nothing was changed."))
    deeds.require_pins(thread.category_id, value_of(PINNED))
    with noted(actor, deeds.PIN, thread) as deed:
        thread.pinned_at = utcnow()
    return deed.entry_id


def unpin_thread(actor: Actor, thread_id: int) -> int | None:
    """Let a thread stand where its last post puts it.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Conflict: it is not pinned.
    """
    thread = _curated(actor, thread_id)
    if thread.pinned_at is None:
        raise Conflict(gettext("This thread is not pinned any more. Nothing was changed."))
    with noted(actor, deeds.UNPIN, thread) as deed:
        thread.pinned_at = None
    return deed.entry_id


def move_thread(actor: Actor, thread_id: int, category_id: int | None) -> int | None:
    """Put a thread into another category, where it is not pinned. Its address stays.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category it stands in.
        Invalid: there is no such category, or they may not both start threads and curate there.
    """
    thread = _curated(actor, thread_id)
    # One message for all: whether there is a category that they may not see, it does not tell.
    if category_id not in {category.id for category in categories_to_move_to(actor)}:
        raise Invalid("category", gettext("Choose the category it moves to."))
    if category_id == thread.category_id:
        raise Conflict(gettext("This thread stands in that category already."))
    assert category_id is not None
    with noted(actor, deeds.MOVE, thread) as deed:
        thread.category_id, thread.pinned_at = category_id, None
    return deed.entry_id


def remove_thread(actor: Actor, thread_id: int, *, reason: str) -> int | None:
    """Take a whole thread away from readers, who find the reason in its place.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Conflict: it is removed already.
        Invalid: there is no reason, or it is too long.
    """
    thread = locked_thread(thread_id)
    require(actor, "thread.curate", thread)
    if thread.removed_at is not None:
        raise Conflict(gettext("This thread has been removed already. Nothing was changed."))
    reason = checked_reason(reason)
    with noted(actor, deeds.REMOVE_THREAD, thread, reason=reason) as deed:
        thread.removal_reason = reason
        thread.removed_at, thread.removed_by = utcnow(), actor.id
    tell_starter(actor, thread, "t_removed", reason)
    return deed.entry_id


def restore_thread(actor: Actor, thread_id: int) -> int | None:
    """Let readers have a removed thread again. It comes back without its pin, and without its place on
    the front page, where there is no room for that any more.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category, or a colleague removed what they started.
        Conflict: it is not removed.
    """
    thread = locked_thread(thread_id)
    require_restore_thread(actor, thread)
    if thread.removed_at is None:
        raise Conflict(gettext("This thread is not removed any more. Nothing was changed."))
    with noted(actor, deeds.RESTORE_THREAD, thread) as deed:
        for mark in deeds.marks_without_room(thread):
            setattr(thread, mark, None)
        thread.removed_at = thread.removed_by = None
        thread.removal_reason = ""
    tell_starter(actor, thread, "t_restored")
    return deed.entry_id


def file_thread(
    actor: Actor, thread_id: int, *, title: str | None, tags: str, reason: str = ""
) -> int | None:
    """Give a thread other tags and, unless ``title`` is ``None``, another title.

    Args:
        reason: why, for the record; of what is one's own nothing is recorded.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: they neither started the thread nor curate it, or may not change it any more, or a
            check refuses the title.
        Invalid: title, tags or reason cannot be taken.
    """
    thread = locked_thread(thread_id)
    require_file(actor, thread)
    words, reason = checked_tags(tags), checked_words(reason)
    wanted = thread.title if title is None else checked_title(title)
    if wanted != thread.title and not can_retitle(actor, thread):
        raise NotAllowed(
            gettext("The time to change the title is over. The tags can still be changed.")
        )
    if wanted != thread.title:
        require_title_passes(actor, thread, wanted)
    in_time = wanted == thread.title or is_in_edit_window(actor, thread.created_at)
    own = is_starter(actor, thread) and in_time
    with noted(actor, deeds.FILE, thread, reason=reason, is_own=own) as deed:
        if not own:
            deed.watch(deeds.TAG_ROWS.name, thread.id)
        thread.title = wanted
        keep_tags(thread.id, words)
    return deed.entry_id


def checked_reason(reason: str) -> str:
    """The reason with its white space folded.

    Raises:
        Invalid: it is empty, too long, or has control characters.
    """
    folded = " ".join(reason.split())
    if not folded:
        raise Invalid("reason", gettext("Say why, in a sentence. Readers will find it there."))
    if len(folded) > REASON_LENGTH:
        message = gettext(
            "Shorten the reason to %(most)d characters; it has %(n)d.",
            most=REASON_LENGTH,
            n=len(folded),
        )
        raise Invalid("reason", message)
    if not is_readable_line(folded):
        raise Invalid("reason", gettext("Leave invisible characters out of the reason."))
    return folded


def _curated(actor: Actor, thread_id: int) -> Thread:
    """A thread that is there, its row held, and that the actor curates."""
    thread = locked_thread(thread_id)
    require(actor, "thread.curate", thread)
    require_there(thread)
    return thread


def _locked_post(thread_id: int, number: int) -> tuple[Thread, Post]:
    thread = locked_thread(thread_id)
    post = None
    if number <= thread.last_number:
        post = db.session.scalar(
            select(Post)
            .where(Post.thread_id == thread_id, Post.number == number)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    if post is None:
        raise NotFound(gettext("This post does not exist any more."))
    return thread, post
