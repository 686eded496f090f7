"""What moderators do with posts that stand in the wrong thread: split them off, move them, merge.

Nothing is renumbered: what comes to a thread gets its next free numbers, in the old order and with the
old dates; what it leaves behind is a line that leads on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from forum.categories.models import Category
from forum.categories.queries import categories_open_to
from forum.db import db
from forum.discussion.author_actions import tell_moved
from forum.discussion.deed_actions import THREAD_ROWS
from forum.discussion.models import Post, Thread
from forum.discussion.moved_queries import highest_moved, is_readable_at, place_now
from forum.discussion.place_actions import (
    LENGTHS,
    MERGE,
    MOVE_POSTS,
    PLACES,
    SPLIT,
    locked_threads,
    numbered_posts,
    settle_numbers,
    take_place,
)
from forum.discussion.rules import require_there
from forum.discussion.tag_actions import checked_title
from forum.errors import Conflict, Invalid, NotFound
from forum.permissions import Actor, allowed, require
from forum.record.actions import Recording, checked_words, recorded

MOST_MOVED = 200
"""So many posts at once: each is a step of the record, and two threads are held meanwhile."""


@dataclass(frozen=True, slots=True)
class Moving:
    """What was done: the entry of the record, and where the posts stand now."""

    entry_id: int | None
    thread_id: int
    first: int


def split_thread(
    actor: Actor,
    thread_id: int,
    numbers: Collection[int],
    *,
    title: str,
    category_id: int | None,
    reason: str = "",
) -> Moving:
    """Make a new thread of some posts of another.

    Args:
        reason: why, for the authors and the record; so it is with all of these.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Invalid: title, category, posts or reason cannot be; also when the new thread would begin with
            what nobody can read.
        Conflict: a post was moved meanwhile.
    """
    _require_curator(actor, thread_id)
    source = _held(actor, thread_id)
    title, reason = checked_title(title), checked_words(reason)
    _require_open_category(actor, category_id)
    posts = _chosen(source, numbers)
    require_beginning(source.id, numbers)
    assert category_id is not None
    made = Thread(
        category_id=category_id,
        title=title,
        author_id=posts[0].author_id,
        created_at=posts[0].created_at,
    )
    db.session.add(made)
    db.session.flush()
    return _move(actor, SPLIT, source, made, posts, reason)


def move_posts(
    actor: Actor,
    thread_id: int,
    numbers: Collection[int],
    *,
    into: int | None,
    reason: str = "",
) -> Moving:
    """Put some posts of a thread behind those of another.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Invalid: the posts, the other thread or the reason cannot be.
        Conflict: a post was moved meanwhile.
    """
    _require_curator(actor, thread_id)
    source, target = _both(actor, thread_id, into)
    reason = checked_words(reason)
    return _move(actor, MOVE_POSTS, source, target, _chosen(source, numbers), reason)


def merge_thread(actor: Actor, thread_id: int, *, into: int | None, reason: str = "") -> Moving:
    """Put all posts of a thread behind those of another; its address leads there then.

    Raises:
        NotFound: there is no such thread, or the actor may not see it.
        NotAllowed: the actor does not curate the category.
        Invalid: the other thread or the reason cannot be, or there are too many posts.
    """
    _require_curator(actor, thread_id)
    source, target = _both(actor, thread_id, into)
    posts = numbered_posts(source.id)
    if len(posts) > MOST_MOVED:
        raise Invalid("thread", too_many(len(posts)))
    return _move(actor, MERGE, source, target, posts, checked_words(reason))


def too_many(count: int) -> str:
    """What is said to who wants to move more posts than can be at once."""
    return str(
        gettext(
            "These are %(n)s posts, and at most %(most)s can be moved at once. Move some of them first.",
            n=count,
            most=MOST_MOVED,
        )
    )


def _both(actor: Actor, thread_id: int, into: int | None) -> tuple[Thread, Thread]:
    """Both threads, held."""
    into = require_target(actor, thread_id, into).id
    source, target = _held(actor, thread_id, into), db.session.get_one(Thread, into)
    # It may have been moved or removed while we waited.
    if not _is_open_target(actor, target):
        raise Invalid("thread", _no_target())
    return source, target


def require_target(actor: Actor, thread_id: int, into: int | None) -> Thread:
    """The thread that posts of another are to go to.

    Raises:
        Invalid: it is the same one, or there is none, or the actor does not curate where it stands.
            Whether there is one that they may not see, the message does not tell.
    """
    if into == thread_id:
        raise Invalid("thread", gettext("These posts stand in this thread already."))
    target = None if into is None or into >= 2**31 else db.session.get(Thread, into)
    if target is None or not _is_open_target(actor, target):
        raise Invalid("thread", _no_target())
    found: Thread = target
    return found


def _is_open_target(actor: Actor, thread: Thread) -> bool:
    there = thread.last_number > 0 and thread.removed_at is None
    return (
        there and allowed(actor, "thread.see", thread) and allowed(actor, "thread.curate", thread)
    )


def _no_target() -> str:
    return str(gettext("Give the number or the address of a thread that you may see and moderate."))


def _require_open_category(actor: Actor, category_id: int | None) -> None:
    open_to = categories_open_to(actor, "thread.start")
    if category_id not in {c.id for c in open_to if allowed(actor, "thread.curate", c)}:
        raise Invalid("category", gettext("Choose the category of the new thread."))
    db.session.get_one(Category, category_id)


def _require_curator(actor: Actor, thread_id: int) -> None:
    thread = db.session.get(Thread, thread_id)
    if thread is None or thread.last_number == 0:
        raise NotFound(gettext("This thread does not exist any more."))
    require(actor, "thread.curate", thread)
    require_there(thread)


def _held(actor: Actor, *ids: int) -> Thread:
    """The first of these threads, all held; what was asked before is asked again of it, for somebody
    may have moved or removed it while we waited."""
    locked_threads(ids)
    _require_curator(actor, ids[0])
    return db.session.get_one(Thread, ids[0])


def require_movable(numbers: Collection[int]) -> None:
    """Refuse what cannot be chosen whatever the thread has.

    Raises:
        Invalid: no posts are chosen, the first is among them, or too many.
    """
    if not numbers:
        raise Invalid("numbers", gettext("Choose at least one post."))
    if 1 in numbers:
        message = gettext(
            "The first post stays: the thread is its. Split the others off instead, or merge the "
            "whole thread."
        )
        raise Invalid("numbers", message)
    if len(numbers) > MOST_MOVED:
        raise Invalid("numbers", too_many(len(numbers)))


def require_beginning(thread_id: int, numbers: Collection[int]) -> None:
    """Refuse a new thread of these posts whose first nobody could read.

    Raises:
        Invalid: it is removed, or its words were taken out.
    """
    first = min(numbers)
    if not is_readable_at(thread_id, first):
        message = gettext(
            "The new thread would begin with #%(number)s, which nobody can read any more. Leave it here, "
            "or restore it first.",
            number=first,
        )
        raise Invalid("numbers", message)


def _chosen(thread: Thread, numbers: Collection[int]) -> list[Post]:
    require_movable(numbers)
    known = {number for number in numbers if number < 2**31}
    posts = numbered_posts(thread.id, known)
    missing = set(numbers) - {post.number for post in posts}
    for number in sorted(missing):
        if place_now(thread.id, number) is not None:
            message = gettext(
                "#%(number)s was moved meanwhile. Nothing was changed; choose anew.", number=number
            )
            raise Conflict(message)
        message = gettext("This thread has no post #%(number)s.", number=number)
        raise Invalid("numbers", message)
    return posts


def _move(
    actor: Actor,
    kind: str,
    source: Thread,
    target: Thread,
    posts: Sequence[Post],
    reason: str,
) -> Moving:
    about = source if kind != MERGE else target
    first = max(target.last_number, highest_moved(target.id)) + 1
    numbered = [post for post in posts if post.number is not None]
    new = {post.number: first + place for place, post in enumerate(numbered) if post.number}
    about_it = {"thread": about.id, "member": source.author_id}
    with recorded(actor, kind, reason=reason, **about_it) as recording:
        _watch(recording, kind, source, target, posts)
        _hand_over_answer(source, target, new)
        if kind == MERGE:
            source.pinned_at = source.featured_at = None
        source_id = source.id
        for post in posts:
            take_place(post, _new_place(post, source_id, target.id, new), is_line=True)
        settle_numbers(target)
        settle_numbers(source)
    tell_moved(actor, [post.id for post in posts], reason)
    return Moving(recording.entry_id, target.id, first)


def _watch(
    recording: Recording, kind: str, source: Thread, target: Thread, posts: Sequence[Post]
) -> None:
    recording.watch(THREAD_ROWS.name, source.id)
    if kind == SPLIT:
        # What somebody gives a new thread would be left without its posts.
        recording.made(LENGTHS.name, target.id)
    else:
        recording.watch(THREAD_ROWS.name, target.id)
    for post in posts:
        recording.watch(PLACES.name, post.id)


def _new_place(
    post: Post, source_id: int, target_id: int, new: dict[int, int]
) -> dict[str, int | None]:
    number = None if post.number is None else new[post.number]
    place = {"thread_id": target_id, "number": number}
    if post.in_reply_to is not None:
        answered: tuple[int, int] | None = (source_id, post.in_reply_to)
    elif post.reply_thread is not None and post.reply_number is not None:
        answered = (post.reply_thread, post.reply_number)
    else:
        answered = None
    here = _number_here(answered, source_id, target_id, new)
    if answered is None or (here is not None and (number is None or here < number)):
        return {**place, "in_reply_to": here, "reply_thread": None, "reply_number": None}
    thread_id, reply_number = answered
    return {
        **place,
        "in_reply_to": None,
        "reply_thread": thread_id,
        "reply_number": reply_number,
    }


def _number_here(
    answered: tuple[int, int] | None, source_id: int, target_id: int, new: dict[int, int]
) -> int | None:
    """The number in the target of a post that stands there, or comes along."""
    if answered is None:
        return None
    thread_id, number = answered
    if thread_id == source_id and number in new:
        return new[number]
    if thread_id == target_id:
        return number
    now = place_now(thread_id, number)
    return now.number if now is not None and now.thread_id == target_id else None


def _hand_over_answer(source: Thread, target: Thread, new: dict[int, int]) -> None:
    if source.answer_number is None or source.answer_number not in new:
        return
    number, source.answer_number = new[source.answer_number], None
    if target.answer_number is None and number > 1:
        target.answer_number = number
    db.session.flush()
