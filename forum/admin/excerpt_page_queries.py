"""What the pages of an export show: read a thread at a time, a page of posts at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from forum.accounts.models import Community, Member
from forum.admin.excerpt_extent import Extent
from forum.admin.excerpt_queries import streamed
from forum.db import Statement
from forum.discussion.models import EMPTIED, ImportedPost, Post, Revision, Thread, ThreadTag

MOST_IN_A_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """The community whose pages these are."""

    name: str
    language: str
    zone: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a thread."""

    id: int
    title: str
    category_id: int
    author_id: int
    author: str
    created_at: datetime
    last_number: int
    locked_at: datetime | None
    removed_at: datetime | None
    removal_reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A thread in the list of its category, with what of it is in the export."""

    id: int
    title: str
    last_number: int
    posts: int
    first: int | None
    begun: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """A post with everything that is shown of it."""

    id: int
    number: int | None
    author_id: int
    author: str
    created_at: datetime
    edited_at: datetime | None
    html: str
    in_reply_to: int | None
    kind: str
    pipeline: int
    removed_at: datetime | None
    removal: str | None
    removal_reason: str
    language: str
    url: str | None
    licence: str | None
    label: str | None

    @property
    def is_emptied(self) -> bool:
        """Whether a moderator has taken its words out."""
        return self.pipeline == EMPTIED


def facts_of(connection: Connection) -> Facts:
    """The community, or what stands for one that was not set up."""
    columns = (Community.name, Community.language, Community.zone)
    row = connection.execute(select(*columns)).first()
    return Facts("Folkmoot", "en", "UTC") if row is None else Facts(*row)


def headings(connection: Connection, extent: Extent) -> Iterator[Heading]:
    """The threads of which something is exported."""
    columns = (
        Thread.id,
        Thread.title,
        Thread.category_id,
        Thread.author_id,
        Member.name,
        Thread.created_at,
        Thread.last_number,
        Thread.locked_at,
        Thread.removed_at,
        Thread.removal_reason,
    )
    statement: Statement = select(*columns).join(Member, Member.id == Thread.author_id)
    statement = statement.where(Thread.id.in_(extent.select(Post.thread_id))).order_by(Thread.id)
    return (Heading(*row) for row in streamed(connection, statement))


def tags_of(connection: Connection, thread_id: int) -> list[str]:
    """The thread's tags."""
    wanted = select(ThreadTag.tag).where(ThreadTag.thread_id == thread_id)
    return sorted(connection.scalars(wanted))


def numbers_in(
    connection: Connection, extent: Extent, thread_id: int
) -> list[tuple[int | None, int | None]]:
    """Number and number replied to of each exported post of a thread, those without one last."""
    statement = extent.select(Post.number, Post.in_reply_to).where(Post.thread_id == thread_id)
    found = [(number, to) for number, to in connection.execute(statement)]
    return sorted(found, key=lambda row: (row[0] is None, row[0] or 0))


def words_in(
    connection: Connection, extent: Extent, thread_id: int, first: int, last: int
) -> list[Words]:
    """The exported posts of a thread with numbers from ``first`` to ``last``."""
    between = Post.number.between(first, last)
    statement = _words(extent).where(Post.thread_id == thread_id, between).order_by(Post.number)
    return [Words(*row) for row in connection.execute(statement)]


def unnumbered_in(connection: Connection, extent: Extent, thread_id: int) -> list[Words]:
    """The exported posts of a thread that wait for a moderator, or were not let through."""
    statement = _words(extent).where(Post.thread_id == thread_id, Post.number.is_(None))
    return [Words(*row) for row in connection.execute(statement.order_by(Post.id))]


def _words(extent: Extent) -> Statement:
    columns = (
        Post.id,
        Post.number,
        Post.author_id,
        Member.name,
        Post.created_at,
        Post.edited_at,
        Post.html,
        Post.in_reply_to,
        Post.kind,
        Post.pipeline,
        Post.removed_at,
        Post.removal,
        Post.removal_reason,
        Revision.language,
        ImportedPost.url,
        ImportedPost.licence,
        Post.label,
    )
    present = and_(Revision.post_id == Post.id, Revision.version == Post.version)
    return (
        extent.select(*columns)
        .join(Member, Member.id == Post.author_id)
        .join(Revision, present)
        .outerjoin(ImportedPost, ImportedPost.post_id == Post.id)
    )


def entries_of(connection: Connection, extent: Extent, category_id: int) -> Iterator[Entry]:
    """The threads of a category of which something is exported, the newest first."""
    newest = func.max(Post.created_at)
    columns = (
        Thread.id,
        Thread.title,
        Thread.last_number,
        func.count(Post.id),
        func.min(Post.number),
        func.min(Post.created_at),
        newest,
    )
    statement = extent.select(*columns).where(Thread.category_id == category_id)
    statement = statement.group_by(Thread.id, Thread.title, Thread.last_number)
    ordered = statement.order_by(newest.desc(), Thread.id.desc())
    return (Entry(*row) for row in streamed(connection, ordered))


def sizes_of(connection: Connection, extent: Extent) -> dict[int, tuple[int, int]]:
    """Exported threads and posts of each category."""
    threads = func.count(Post.thread_id.distinct())
    statement = extent.select(Thread.category_id, threads, func.count(Post.id))
    found = connection.execute(statement.group_by(Thread.category_id))
    return {category: (threads, posts) for category, threads, posts in found}


def people_in(
    connection: Connection, extent: Extent, authors: Collection[int]
) -> Iterator[tuple[int, str, int]]:
    """Id, name and number of exported posts of each of these authors, in the order of their ids."""
    counted = extent.select(Post.author_id, func.count(Post.id)).group_by(Post.author_id)
    posts = {row[0]: row[1] for row in connection.execute(counted)}
    everybody: Statement = select(Member.id, Member.name).order_by(Member.id)
    for member_id, name in streamed(connection, everybody):
        if member_id in authors:
            yield member_id, name, posts.get(member_id, 0)


def exported_numbers(
    connection: Connection, extent: Extent, wanted: Collection[tuple[int, int]]
) -> set[tuple[int, int]]:
    """Which of these posts (thread, number) are exported."""
    found: set[tuple[int, int]] = set()
    pairs = sorted(wanted)
    for at in range(0, len(pairs), MOST_IN_A_STATEMENT):
        some = pairs[at : at + MOST_IN_A_STATEMENT]
        statement = extent.select(Post.thread_id, Post.number).where(
            Post.thread_id.in_({thread for thread, _ in some}),
            Post.number.in_({number for _, number in some}),
        )
        found |= {(thread, number) for thread, number in connection.execute(statement)}
    return found & set(pairs)


def first_numbers(
    connection: Connection, extent: Extent, threads: Collection[int]
) -> dict[int, int]:
    """The first exported number of each of these threads that has one."""
    found: dict[int, int] = {}
    ids = sorted(threads)
    for at in range(0, len(ids), MOST_IN_A_STATEMENT):
        wanted = Post.thread_id.in_(ids[at : at + MOST_IN_A_STATEMENT])
        statement = extent.select(Post.thread_id, func.min(Post.number)).where(wanted)
        found |= {t: n for t, n in connection.execute(statement.group_by(Post.thread_id)) if n}
    return found
