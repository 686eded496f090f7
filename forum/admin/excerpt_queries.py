"""Reading a part of a forum: a few rows in memory at a time, all of one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, case, literal, select

from forum.accounts.models import Member
from forum.accounts.stand_in_queries import IS_STAND_IN
from forum.admin.excerpt_extent import Extent
from forum.db import Statement
from forum.discussion.models import WAITING, MovedNumber, Post, Revision, Thread

BATCH = 1_000
REMOVED, OUTSIDE, MOVED, WAITS = "removed", "outside", "moved", "waits"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Posts with numbers from ``first`` to ``last`` that are not in an export; ``why`` is
    ``outside`` the span, or ``removed``, or ``moved`` to another thread, or ``waits`` for a moderator
    again."""

    thread_id: int
    first: int
    last: int
    why: str


def authors_in(connection: Connection, extent: Extent) -> set[int]:
    """Who wrote the chosen posts, or a version of one."""
    wrote = extent.select(Post.author_id).distinct()
    of_posts = extent.select(Revision.editor_id).join(Revision, Revision.post_id == Post.id)
    return {*connection.scalars(wrote), *connection.scalars(of_posts.distinct())}


def stand_ins_in(connection: Connection) -> set[int]:
    """Who stands in for others, so that no list of a copy may lead from one post of theirs to another."""
    return set(connection.scalars(select(Member.id).where(IS_STAND_IN)))


def left_out(
    connection: Connection, extent: Extent, thread_id: int | None = None
) -> Iterator[LeftOut]:
    """The numbers missing in threads of which something is chosen, in the order of threads."""
    waits = Post.removal == WAITING
    why = case((waits, WAITS), (Post.removed_at.is_not(None), REMOVED), else_=OUTSIDE)
    statement: Statement = (
        select(Post.thread_id, Post.number, why)
        .join(Thread, Thread.id == Post.thread_id)
        .where(*extent.threads, extent.others)
        .order_by(Post.thread_id, Post.number)
    )
    if thread_id is None:
        statement = statement.where(Post.thread_id.in_(extent.select(Post.thread_id)))
    else:
        statement = statement.where(Post.thread_id == thread_id)
    return runs_of(streamed(connection, statement))


def moved_away(connection: Connection, thread_id: int) -> Iterator[LeftOut]:
    """The numbers of a thread whose posts stand elsewhere."""
    statement: Statement = (
        select(MovedNumber.thread_id, MovedNumber.number, literal(MOVED))
        .where(MovedNumber.thread_id == thread_id, MovedNumber.is_line)
        .order_by(MovedNumber.number)
    )
    return runs_of(streamed(connection, statement))


def runs_of(rows: Iterable[tuple[int, int, str]]) -> Iterator[LeftOut]:
    """Numbers that follow each other, and are missing for the same reason, in one."""
    counted = ((row[1] - place, row) for place, row in enumerate(rows))
    for (_, thread_id, why), found in groupby(counted, lambda one: (one[0], one[1][0], one[1][2])):
        numbers = [row[1] for _, row in found]
        yield LeftOut(thread_id, numbers[0], numbers[-1], why)


def streamed(connection: Connection, statement: Statement) -> Iterator[Any]:
    """The rows of a read, a few in memory at a time."""
    with connection.execute(statement.execution_options(yield_per=BATCH)) as result:
        yield from result
