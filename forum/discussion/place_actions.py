"""Posts taking another place, and the record of it: the place they leave leads on for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, String, cast, delete, func, insert, select

from forum.clock import utcnow
from forum.db import db, rows
from forum.discussion.author_actions import tell_of_places_again
from forum.discussion.deed_actions import (
    CURATE,
    NAME_OF_LENGTHS,
    THREAD_ROWS,
    note_newest,
    require_answer,
    require_room,
)
from forum.discussion.models import MovedNumber, Post, Thread
from forum.discussion.rules import is_locked, require_there
from forum.errors import NotFound
from forum.permissions import Actor, require
from forum.record.models import LogStep
from forum.record.queries import Step, steps_of
from forum.record.rules import (
    DeedKind,
    Dependents,
    Entry,
    Labels,
    Values,
    define_kind,
    define_relation,
)

_FIELDS = ("thread_id", "number", "in_reply_to", "reply_thread", "reply_number")
_MARKS = ("answer_number", "pinned_at", "featured_at", "locked_at", "slow_minutes")


def take_place(post: Post, values: Values, *, is_line: bool) -> None:
    """Let a post stand elsewhere. Its old number leads on to it for ever, as a line for readers or
    only by its address; where it comes to, the number is its own again."""
    if post.number is not None and (post.thread_id, post.number) != _place(post, values):
        _leave(post.thread_id, post.number, post.id, is_line=is_line)
    for name, value in values.items():
        setattr(post, name, value)
    db.session.flush()
    if post.number is not None:
        _forget(post.thread_id, post.number)


def _place(post: Post, values: Values) -> tuple[Any, Any]:
    return values.get("thread_id", post.thread_id), values.get("number", post.number)


def _stood(thread_id: int, post_id: int) -> bool:
    """Whether a post that stands elsewhere had a number in this thread."""
    there = MovedNumber.thread_id == thread_id, MovedNumber.post_id == post_id
    return db.session.scalar(select(MovedNumber.number).where(*there).limit(1)) is not None


def _leave(thread_id: int, number: int, post_id: int, *, is_line: bool) -> None:
    values = {"thread_id": thread_id, "number": number, "post_id": post_id}
    db.session.execute(insert(MovedNumber), {**values, "moved_at": utcnow(), "is_line": is_line})


def _forget(thread_id: int, number: int) -> None:
    there = MovedNumber.thread_id == thread_id, MovedNumber.number == number
    db.session.execute(delete(MovedNumber).where(*there))


class _Places:
    """Where posts stand and what they reply to; a key is a post's."""

    name = "post_places"
    is_whole = False
    labels = Labels(
        _("Post"),
        {
            "thread_id": _("Number of its thread"),
            "number": _("Number in the thread"),
            "in_reply_to": _("In reply to"),
            "reply_thread": _("In reply to a post of another thread, which has the number"),
            "reply_number": _("In reply to a post of another thread, there"),
        },
    )

    def read(self, key: str, *, held: bool = False) -> Values:
        """Where the post stands."""
        return self.read_all([key], held=held).get(key, {})

    def read_all(self, keys: Collection[str], *, held: bool = False) -> dict[str, Values]:
        """Where many posts stand."""
        columns = [getattr(Post, name) for name in _FIELDS]
        these = Post.id.in_([int(key) for key in keys])
        statement = select(Post.id, *columns).where(these).order_by(Post.id)
        found = rows(statement.with_for_update() if held else statement)
        return {str(post_id): dict(zip(_FIELDS, place, strict=True)) for post_id, *place in found}

    def write(self, key: str, values: Values) -> None:
        """Let the post stand there again. One that waited there, and was published since where it came
        to, goes back without a number, to get the next; see ``_number_published``."""
        post = db.session.get_one(Post, int(key), populate_existing=True)
        thread_id = values.get("thread_id", post.thread_id)
        if (
            thread_id != post.thread_id
            and "number" not in values
            and not _stood(thread_id, post.id)
        ):
            values = {**values, "number": None}
        take_place(post, values, is_line=False)

    def dependents(self, key: str) -> list[Dependents]:
        """No deed deletes a post."""
        del key
        return []

    def owner(self, key: str) -> int | None:
        """Nobody's: there is nothing in it but numbers, as in the log itself."""
        del key
        return None


class _Lengths:
    """What others gave a thread that a deed made: posts, also those that wait, and what stands at its
    head; a key is a thread's. Undoing would leave it to a thread without posts."""

    name = NAME_OF_LENGTHS
    is_whole = False
    labels = Labels(
        _("Thread"),
        {"posts": _("Posts"), **{name: THREAD_ROWS.labels.fields[name] for name in _MARKS}},
    )

    def read(self, key: str, *, held: bool = False) -> Values:
        """So many, and these marks. They are held with the thread's row, which whoever writes there or
        curates it holds. A lock that has ended hinders nobody."""
        del held
        thread = db.session.get_one(Thread, int(key), populate_existing=True)
        count = select(func.count()).select_from(Post).where(Post.thread_id == thread.id)
        marks = THREAD_ROWS.read(key)
        if not is_locked(thread):
            marks["locked_at"] = None
        return {"posts": db.session.scalar(count), **{name: marks[name] for name in _MARKS}}

    def read_all(self, keys: Collection[str], *, held: bool = False) -> dict[str, Values]:
        """No deed makes more than one thread."""
        return {key: self.read(key, held=held) for key in keys}

    def write(self, key: str, values: Values) -> None:
        """How many there are follows from where the posts stand; the answer goes with them."""
        if not values:
            THREAD_ROWS.write(key, {"answer_number": None})

    def dependents(self, key: str) -> list[Dependents]:
        """No deed deletes a thread."""
        del key
        return []

    def owner(self, key: str) -> int | None:
        """Nobody's: it is numbers and times."""
        del key
        return None


PLACES = define_relation(_Places())
LENGTHS = define_relation(_Lengths())


def settle_numbers(thread: Thread) -> None:
    """Let the thread say what follows from its posts: its last number, and who wrote last and when.
    One that all posts have left is in no list any more."""
    db.session.flush()
    last = _highest(Post.number, Post.thread_id == thread.id)
    if not last:
        thread.last_number, thread.last_posted_at, thread.last_author_id = 0, None, None
        db.session.flush()
        return
    lines = _highest(MovedNumber.number, MovedNumber.thread_id == thread.id, MovedNumber.is_line)
    # Both at once: a thread with a last number has a last post.
    with db.session.no_autoflush:
        thread.last_number = max(last, lines)
        thread.last_posted_at = thread.last_posted_at or utcnow()
    note_newest(thread)
    db.session.flush()


def _highest(column: Any, *conditions: Any) -> int:
    return db.session.scalar(select(func.max(column)).where(*conditions)) or 0


def locked_threads(ids: Iterable[int]) -> dict[int, Thread]:
    """These threads, each row held until the end of the transaction, always in the same order, so that
    two who move posts between two threads do not wait for each other.

    Raises:
        NotFound: there is none of these numbers.
    """
    wanted = sorted(set(ids))
    statement = (
        select(Thread)
        .where(Thread.id.in_(wanted))
        .order_by(Thread.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {thread.id: thread for thread in db.session.scalars(statement)}
    if len(found) < len(wanted):
        raise NotFound(gettext("This thread does not exist any more."))
    return found


def _threads_of(entry: Entry) -> set[int]:
    numbers = {entry.thread_id}
    for step in steps_of(entry.id):
        if step.relation == PLACES.name:
            numbers |= {step.before.get("thread_id"), step.after.get("thread_id")}
    return {number for number in numbers if number is not None}


def _require_curator_of_all(actor: Actor, entry: Entry) -> None:
    for thread in locked_threads(_threads_of(entry)).values():
        require(actor, CURATE, thread)
        require_there(thread)


def _moved_without_change_of_number(entry: Entry) -> list[Step]:
    """The steps of posts that had no number when they were moved, or got the same one by chance."""
    return [
        step
        for step in steps_of(entry.id)
        if step.relation == PLACES.name and "thread_id" in step.after and "number" not in step.after
    ]


def _number_published(entry: Entry) -> None:
    """Give posts that waited when they were moved, and were published since, the next numbers of the
    thread that they went back to, in the order of those that they leave behind, which lead there."""
    steps = _moved_without_change_of_number(entry)
    if not steps:
        return
    left = MovedNumber.thread_id.in_({step.after["thread_id"] for step in steps})
    posts = (
        select(Post)
        .join(MovedNumber, MovedNumber.post_id == Post.id)
        .where(Post.id.in_([int(step.row) for step in steps]), Post.number.is_(None), left)
        .order_by(MovedNumber.number)
    )
    for post in db.session.scalars(posts).unique().all():
        given = _highest(Post.number, Post.thread_id == post.thread_id)
        moved = _highest(MovedNumber.number, MovedNumber.thread_id == post.thread_id)
        post.number = max(given, moved) + 1
        db.session.flush()


def _say_published(entry: Entry) -> list[str]:
    steps = _moved_without_change_of_number(entry)
    came = {step.before["thread_id"]: step.after["thread_id"] for step in steps}
    stood = select(MovedNumber.post_id).where(MovedNumber.thread_id.in_(came))
    published = select(func.count()).where(
        Post.id.in_([int(step.row) for step in steps]),
        Post.id.not_in(stood),
        Post.thread_id.in_(came.values()),
        Post.number.is_not(None),
    )
    count = (db.session.scalar(published) or 0) if steps else 0
    said = ngettext(
        "%(num)s post that waited then was published since. It goes back with the others, and gets the "
        "next number there; links to the number that it has here lead to it.",
        "%(num)s posts that waited then were published since. They go back with the others, and get the "
        "next numbers there; links to the numbers that they have here lead to them.",
        count,
    )
    return [said] if count else []


def _settle_all(entry: Entry) -> None:
    _number_published(entry)
    threads = _threads_of(entry)
    for number in threads:
        thread = db.session.get_one(Thread, number, populate_existing=True)
        settle_numbers(thread)
        require_answer(thread)
        require_room(thread)


def _entries_about(member_id: int) -> Select[int]:
    """The entries that moved posts of a member."""
    return (
        select(LogStep.entry_id)
        .join(Post, LogStep.row == cast(Post.id, String))
        .where(LogStep.relation == PLACES.name, Post.author_id == member_id)
    )


def _kind(name: str, words: Any) -> str:
    kind = DeedKind(
        name,
        words,
        CURATE,
        _require_curator_of_all,
        after_undo=_settle_all,
        tell_undone=tell_of_places_again,
        of_several=_entries_about,
        also=_say_published,
    )
    return define_kind(kind).name


SPLIT = _kind("thread.split", _("posts split into a new thread"))
MOVE_POSTS = _kind("posts.move", _("posts moved to another thread"))
MERGE = _kind("thread.merge", _("thread merged into another"))


def numbered_posts(thread_id: int, numbers: Collection[int] | None = None) -> list[Post]:
    """Posts of a thread in their order, each row held: those of these numbers, or all, at the end of
    which stand those that have none."""
    statement = select(Post).where(Post.thread_id == thread_id)
    if numbers is not None:
        statement = statement.where(Post.number.in_(sorted(numbers)))
    ordered = statement.order_by(Post.number.is_(None), Post.number, Post.id)
    found = db.session.scalars(ordered.with_for_update().execution_options(populate_existing=True))
    return list(found)
