"""Where posts stand now that moderators moved, and what is left where they stood."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from forum import db as database
from forum.accounts.models import Member
from forum.db import Statement
from forum.discussion.models import EMPTIED, MovedNumber, Post, Thread
from forum.discussion.queries import PostFacts, ThreadFacts, post_facts, thread_facts
from forum.discussion.removal_queries import LET_THROUGH
from forum.discussion.rules import POSTS_A_PAGE
from forum.errors import Moved
from forum.permissions import Actor, allowed


@dataclass(frozen=True, slots=True)
class PlaceNow:
    """Where a post stands now that had another number before. It has a category, so permissions can be
    asked for it; ``is_let_through`` says whether readers find anything in its thread."""

    thread_id: int
    number: int
    title: str
    category_id: int
    removed_at: datetime | None
    was_number: int
    moved_at: datetime
    is_let_through: bool


_NOW: Statement = (
    select(
        Post.thread_id,
        Post.number,
        Thread.title,
        Thread.category_id,
        Thread.removed_at,
        MovedNumber.number,
        MovedNumber.moved_at,
        LET_THROUGH,
    )
    .select_from(MovedNumber)
    .join(Post, Post.id == MovedNumber.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .where(MovedNumber.thread_id == bindparam("thread"), Post.number.is_not(None))
)
_ONE = _NOW.where(MovedNumber.number == bindparam("number"))
_FIRST = _NOW.order_by(MovedNumber.number).limit(1)
_LINES = _NOW.where(
    MovedNumber.number.between(bindparam("first"), bindparam("last")), MovedNumber.is_line
).order_by(MovedNumber.number)
_HIGHEST = select(func.max(MovedNumber.number)).where(MovedNumber.thread_id == bindparam("thread"))


def place_now(thread_id: int, number: int) -> PlaceNow | None:
    """Where the post stands now that had this number, if it was moved, whoever may see it."""
    # A number that no column holds is an error on PostgreSQL.
    if number >= 2**31:
        return None
    row = database.row(_ONE, {"thread": thread_id, "number": number})
    return None if row is None else PlaceNow(*row)


def first_place_now(thread_id: int) -> PlaceNow | None:
    """Where the first post of a thread stands now whose posts were all moved."""
    row = database.row(_FIRST, {"thread": thread_id})
    return None if row is None else PlaceNow(*row)


def is_open_place(actor: Actor, place: PlaceNow) -> bool:
    """Whether the actor may read what stands there."""
    if place.removed_at is not None or not place.is_let_through:
        return allowed(actor, "thread.curate", place)
    return allowed(actor, "thread.see", place)


@dataclass(frozen=True, slots=True)
class MovedLine:
    """What stands in the place of a moved post. ``to`` is empty where the reader may not know it."""

    number: int
    moved_at: datetime
    to: tuple[int, int] | None = None
    title: str = ""


def lines_of_page(actor: Actor, thread: ThreadFacts, page: int) -> tuple[MovedLine, ...]:
    """The lines about moved posts on one page of a thread; nothing is asked where there are none."""
    if not thread.moved:
        return ()
    first = (page - 1) * POSTS_A_PAGE + 1
    values = {"thread": thread.id, "first": first, "last": first + POSTS_A_PAGE - 1}
    places = (PlaceNow(*row) for row in database.rows(_LINES, values))
    return tuple(_line(actor, place) for place in places)


def _line(actor: Actor, place: PlaceNow) -> MovedLine:
    if not is_open_place(actor, place):
        return MovedLine(place.was_number, place.moved_at)
    to = place.thread_id, place.number
    return MovedLine(place.was_number, place.moved_at, to, place.title)


def reply_place(
    actor: Actor, thread: ThreadFacts, number: int | None
) -> tuple[ThreadFacts, PostFacts | None]:
    """Where a reply belongs that was meant for a thread, or for its post ``number``: the thread and
    the post where they stand now.

    Raises:
        NotFound: there is no such post, or it is not open to the actor.
    """
    if number is None:
        now = first_place_now(thread.id) if thread.is_left else None
        return (thread if now is None else thread_facts(actor, now.thread_id)), None
    try:
        return thread, post_facts(thread, number)
    except Moved as moved:
        there = thread_facts(actor, moved.thread_id)
        return there, post_facts(there, moved.number)


@dataclass(frozen=True, slots=True)
class PostLine:
    """A post in a list to choose from."""

    number: int
    author: str
    excerpt: str
    created_at: datetime
    removal: str | None


_LISTED: Statement = (
    select(Post.number, Member.name, Post.excerpt, Post.created_at, Post.removal)
    .join(Member, Member.id == Post.author_id)
    .where(Post.thread_id == bindparam("thread"))
    .order_by(Post.number)
)
_OF_PAGE = _LISTED.where(Post.number.between(bindparam("first"), bindparam("last")))
_OF_NUMBERS = _LISTED.where(Post.number.in_(bindparam("numbers", expanding=True)))


def excerpts_of_page(thread_id: int, page: int) -> list[PostLine]:
    """The posts of one page of a thread, in a line each, for who may read it."""
    first = (page - 1) * POSTS_A_PAGE + 1
    values = {"thread": thread_id, "first": first, "last": first + POSTS_A_PAGE - 1}
    return [PostLine(*row) for row in database.rows(_OF_PAGE, values)]


def excerpts_of_posts(thread_id: int, numbers: Collection[int]) -> list[PostLine]:
    """Posts of a thread, in a line each, for who may read it."""
    known = [number for number in numbers if number < 2**31]
    values = {"thread": thread_id, "numbers": known}
    return [PostLine(*row) for row in database.rows(_OF_NUMBERS, values)]


_READABLE: Statement = select(Post.id).where(
    Post.thread_id == bindparam("thread"),
    Post.number == bindparam("number"),
    Post.removed_at.is_(None),
    Post.pipeline != EMPTIED,
)


def is_readable_at(thread_id: int, number: int) -> bool:
    """Whether a post has this number whose words readers find."""
    return database.value(_READABLE, {"thread": thread_id, "number": number}) is not None


def highest_moved(thread_id: int) -> int:
    """The highest number of a thread whose post stands elsewhere; 0 when there is none."""
    return database.value(_HIGHEST, {"thread": thread_id}) or 0
