"""Named reads about threads and posts. Statements are built once; lists fetch columns, not objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import Integer, String, bindparam, cast, exists, func, select, true, tuple_
from sqlalchemy.orm import aliased

from forum import db as database
from forum.accounts.models import Member
from forum.accounts.stand_in_queries import IS_STAND_IN
from forum.categories.models import Category
from forum.clock import utcnow
from forum.db import Statement, UtcDateTime, in_words
from forum.discussion.models import (
    EMPTIED,
    ImportedPost,
    MovedNumber,
    Post,
    PostFinding,
    PostPicture,
    Revision,
    Thread,
    ThreadTag,
)
from forum.discussion.removal_queries import LET_THROUGH, removed_first_post
from forum.discussion.rules import POSTS_A_PAGE, require_there
from forum.errors import Moved, NotFound
from forum.permissions import Actor, Scope, allowed

ROWS_A_PAGE = 25

# So long a thread's page tells authors that a post was not published; their notifications always do.
TOLD_FOR = timedelta(days=14)

_last_author = aliased(Member)


@dataclass(frozen=True, slots=True)
class ThreadFacts:
    """A thread as its own pages need it."""

    id: int
    category_id: int
    title: str
    author_id: int
    created_at: datetime
    last_number: int
    answer_number: int | None
    pinned_at: datetime | None
    locked_at: datetime | None
    locked_until: datetime | None
    lock_reason: str
    slow_minutes: int | None
    featured_at: datetime | None
    removed_at: datetime | None
    removal_reason: str
    author: str
    category: str
    category_slug: str
    tag_words: str | None
    has_unpublished: bool
    moved: int
    removed_by: int | None
    is_let_through: bool
    stands_in: bool

    @property
    def is_left(self) -> bool:
        """Whether all its posts were moved to another thread."""
        return self.last_number == 0 and self.moved > 0

    @property
    def replies(self) -> int:
        """How many posts stand after the first."""
        return max(0, self.last_number - 1 - self.moved)

    @property
    def tags(self) -> list[str]:
        """What the thread is filed under, in order."""
        return sorted((self.tag_words or "").split())

    @property
    def last_page(self) -> int:
        """Number of the last page, from 1."""
        return max(1, -(-self.last_number // POSTS_A_PAGE))


# Numbers up to the last whose posts stand elsewhere; of a thread that was left by all, all of them.
_MOVED = (
    select(func.count())
    .select_from(MovedNumber)
    .where(
        MovedNumber.thread_id == Thread.id,
        (MovedNumber.number <= Thread.last_number) | (Thread.last_number == 0),
    )
    .scalar_subquery()
)
_THREAD: Statement = (
    select(
        Thread.id,
        Thread.category_id,
        Thread.title,
        Thread.author_id,
        Thread.created_at,
        Thread.last_number,
        Thread.answer_number,
        Thread.pinned_at,
        Thread.locked_at,
        Thread.locked_until,
        Thread.lock_reason,
        Thread.slow_minutes,
        Thread.featured_at,
        Thread.removed_at,
        Thread.removal_reason,
        Member.name,
        Category.title,
        Category.slug,
        select(in_words(ThreadTag.tag)).where(ThreadTag.thread_id == Thread.id).scalar_subquery(),
        exists().where(Post.thread_id == Thread.id, Post.number.is_(None)),
        _MOVED,
        Thread.removed_by,
        LET_THROUGH,
        IS_STAND_IN,
    )
    .join(Member, Member.id == Thread.author_id)
    .join(Category, Category.id == Thread.category_id)
    .where(Thread.id == bindparam("id"))
)


def thread_facts(actor: Actor, thread_id: int) -> ThreadFacts:
    """The thread, if the actor may see it. One whose posts all wait is its author's and
    the moderators' alone; a removed one is for those who curate the category.

    Raises:
        NotFound: there is none, or the actor may not know of it; the message says if it was removed.
    """
    row = database.row(_THREAD, {"id": thread_id})
    if row is None:
        raise NotFound("")
    facts = ThreadFacts(*row)
    waits = not facts.is_let_through and not facts.is_left
    theirs = actor.is_member and facts.author_id == actor.id
    if not allowed(actor, "thread.see", facts):
        raise NotFound("")
    if waits and not (theirs or allowed(actor, "case.decide")):
        raise NotFound("")
    if not allowed(actor, "thread.curate", facts):
        require_there(facts, own_post=_decided_about(actor, facts))
    return facts


def _decided_about(actor: Actor, thread: ThreadFacts) -> int | None:
    """The first post of a removed thread, for its author, who can ask for another look."""
    if thread.removed_at is None or not actor.is_member or thread.author_id != actor.id:
        return None
    return removed_first_post(thread.id, thread.author_id)


@dataclass(frozen=True, slots=True)
class PostRow:
    """A post as a thread page shows it, without its words."""

    id: int
    number: int
    version: int
    pipeline: int
    author_id: int
    author: str
    kind: str
    in_reply_to: int | None
    reply_thread: int | None
    reply_number: int | None
    created_at: datetime
    edited_at: datetime | None
    removed_at: datetime | None
    removal: str | None
    removal_reason: str
    label: str | None
    replies: str | None
    imported_from: str | None
    licence: str | None
    has_findings: bool
    has_pictures: bool
    stands_in: bool

    @property
    def is_emptied(self) -> bool:
        """Whether a moderator took the words out for good."""
        return self.pipeline == EMPTIED


_reply = aliased(Post)
_POSTS: Statement = (
    select(
        Post.id,
        Post.number,
        Post.version,
        Post.pipeline,
        Post.author_id,
        Member.name,
        Post.kind,
        Post.in_reply_to,
        Post.reply_thread,
        Post.reply_number,
        Post.created_at,
        Post.edited_at,
        Post.removed_at,
        Post.removal,
        Post.removal_reason,
        Post.label,
        select(in_words(cast(_reply.number, String)))
        .where(
            _reply.thread_id == Post.thread_id,
            _reply.in_reply_to == Post.number,
            _reply.removed_at.is_(None),
        )
        .scalar_subquery(),
        ImportedPost.url,
        ImportedPost.licence,
        exists().where(PostFinding.post_id == Post.id, PostFinding.version == Post.version),
        exists().where(PostPicture.post_id == Post.id),
        IS_STAND_IN,
    )
    .join(Member, Member.id == Post.author_id)
    .outerjoin(ImportedPost, ImportedPost.post_id == Post.id)
    .where(
        Post.thread_id == bindparam("thread"),
        Post.number.between(bindparam("first"), bindparam("last")),
    )
    .order_by(Post.number)
)
# The present version of a post, where its source and its language are.
PRESENT = (Revision.post_id == Post.id) & (Revision.version == Post.version)
_WORDS = (
    select(Post.id, Post.html, Revision.language)
    .join(Revision, PRESENT)
    .where(Post.id.in_(bindparam("ids", expanding=True)))
)


def posts_of_page(thread: ThreadFacts, page: int) -> list[PostRow]:
    """The posts of one page of a thread, by number. Costs the same on every page."""
    first = (page - 1) * POSTS_A_PAGE + 1
    values = {"thread": thread.id, "first": first, "last": first + POSTS_A_PAGE - 1}
    return [PostRow(*row) for row in database.rows(_POSTS, values)]


@dataclass(frozen=True, slots=True)
class Words:
    """The rendered, sanitised HTML of a post, and the language it is in; empty is the community's."""

    html: str = ""
    language: str = ""


def words_of(post_ids: Sequence[int]) -> dict[int, Words]:
    """What these posts say."""
    found = database.rows(_WORDS, {"ids": list(post_ids)})
    return {post_id: Words(html, language) for post_id, html, language in found}


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A thread as lists show it."""

    id: int
    title: str
    posts: int
    last_posted_at: datetime
    answered: bool
    featured: bool
    last_author: str
    category: str
    category_slug: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a list ordered by time, newest first: the list goes on after it."""

    at: datetime
    id: int


def visible(scope: Scope) -> Any:
    """Whether a thread stands where the scope holds.

    ``category_id + 0`` keeps the planner on the index that gives the order: a list shows 25 rows
    and must not sort all there are.
    """
    if scope.denied_everywhere:
        return ~true()
    if scope.everywhere and not scope.denied:
        return true()
    category = cast(Thread.category_id, Integer) + 0
    if scope.everywhere:
        return category.not_in(bindparam("denied", expanding=True))
    return category.in_(bindparam("open", expanding=True))


def scope_values(scope: Scope) -> dict[str, Any]:
    """The values that this scope's variant takes."""
    if scope.denied_everywhere:
        return {}
    if scope.everywhere:
        return {"denied": sorted(scope.denied)} if scope.denied else {}
    return {"open": sorted(scope.categories - scope.denied)}


THREADS: Statement = (
    select(
        Thread.id,
        Thread.title,
        Thread.last_number - _MOVED,
        Thread.last_posted_at,
        Thread.answer_number.is_not(None),
        Thread.featured_at.is_not(None),
        _last_author.name,
        Category.title,
        Category.slug,
    )
    .join(_last_author, _last_author.id == Thread.last_author_id)
    .join(Category, Category.id == Thread.category_id)
    .where(Thread.removed_at.is_(None), LET_THROUGH)
    .order_by(Thread.last_posted_at.desc(), Thread.id.desc())
    .limit(ROWS_A_PAGE + 1)
)
# What everybody may read of a thread that they may see: nothing removed, neither itself nor with it.
SHOWN = Post.number.is_not(None) & Post.removed_at.is_(None) & Thread.removed_at.is_(None)
# Without its type, SQLite would compare moments that are written in two different ways.
_AT = bindparam("at", type_=UtcDateTime)
_AFTER_THREAD = tuple_(Thread.last_posted_at, Thread.id) < tuple_(_AT, bindparam("id"))
_UNPINNED = (Thread.category_id == bindparam("category")) & Thread.pinned_at.is_(None)


# One of each kind, to make statements from; ``everywhere`` alone costs nothing to ask for.
SCOPES = {
    "everywhere": Scope(everywhere=True),
    "most": Scope(everywhere=True, denied=frozenset({0})),
    "some": Scope(),
    "none": Scope(denied_everywhere=True),
}


def variants(base: Statement, after: Any) -> dict[tuple[str, bool], Statement]:
    """One statement for each kind of scope, without and with ``after``, the place to go on from."""
    return {
        (name, goes_on): base.where(visible(scope), after if goes_on else true())
        for name, scope in SCOPES.items()
        for goes_on in (False, True)
    }


def variant(scope: Scope) -> str:
    """Which of the ``variants`` is for this scope."""
    if scope.denied_everywhere:
        return "none"
    if scope.everywhere:
        return "most" if scope.denied else "everywhere"
    return "some"


_LATEST_THREADS = variants(THREADS.where(Thread.last_posted_at.is_not(None)), _AFTER_THREAD)
_CATEGORY_THREADS = {
    False: THREADS.where(_UNPINNED, Thread.last_posted_at.is_not(None)),
    True: THREADS.where(_UNPINNED, _AFTER_THREAD),
}


def latest_threads(actor: Actor, after: Place | None = None) -> list[ThreadRow]:
    """Threads the actor may see, last active first: a page and one more, to tell that it goes on."""
    scope = actor.scope("thread.see")
    statement = _LATEST_THREADS[variant(scope), after is not None]
    values = scope_values(scope) | place_values(after)
    return [ThreadRow(*row) for row in database.rows(statement, values)]


def threads_of_category(category_id: int, after: Place | None = None) -> list[ThreadRow]:
    """Threads of a category that are not pinned, last active first: a page and one more."""
    statement = _CATEGORY_THREADS[after is not None]
    values = {"category": category_id} | place_values(after)
    return [ThreadRow(*row) for row in database.rows(statement, values)]


def place_values(after: Place | None) -> dict[str, Any]:
    """What the variants that go on take."""
    return {} if after is None else {"at": after.at, "id": after.id}


@dataclass(frozen=True, slots=True)
class PostFacts:
    """A post as its own pages (permanent address, editing, history) need it."""

    id: int
    thread_id: int
    number: int | None
    author_id: int
    author: str
    version: int
    created_at: datetime
    source: str
    excerpt: str
    pipeline: int
    removed_at: datetime | None
    removal: str | None
    removal_reason: str
    language: str
    label: str | None

    @property
    def is_emptied(self) -> bool:
        """Whether a moderator took the words out for good."""
        return self.pipeline == EMPTIED


_POST: Statement = (
    select(
        Post.id,
        Post.thread_id,
        Post.number,
        Post.author_id,
        Member.name,
        Post.version,
        Post.created_at,
        Revision.source,
        Post.excerpt,
        Post.pipeline,
        Post.removed_at,
        Post.removal,
        Post.removal_reason,
        Revision.language,
        Post.label,
    )
    .join(Member, Member.id == Post.author_id)
    .join(Revision, PRESENT)
)
_POST_BY_NUMBER = _POST.where(
    Post.thread_id == bindparam("thread"), Post.number == bindparam("number")
)
_MOVED_TO = (
    select(
        Post.thread_id,
        Post.number,
        Thread.category_id,
        Thread.removed_at.is_not(None).label("removed"),
    )
    .select_from(MovedNumber)
    .join(Post, Post.id == MovedNumber.post_id)
    .join(Thread, Thread.id == Post.thread_id)
    .where(
        MovedNumber.thread_id == bindparam("thread"),
        MovedNumber.number == bindparam("number"),
        Post.number.is_not(None),
    )
)
_HELD_OF_AUTHOR = (
    _POST.where(
        Post.thread_id == bindparam("thread"),
        Post.number.is_(None),
        Post.author_id == bindparam("author"),
        Post.removal.is_(None) | (Post.removed_at > bindparam("lately", type_=UtcDateTime)),
    )
    .order_by(Post.id)
    .limit(POSTS_A_PAGE)
)


def post_facts(thread: ThreadFacts, number: int) -> PostFacts:
    """The published post of this number, which may have been removed.

    Raises:
        NotFound: the thread has no such post.
        Moved: it had one, which stands elsewhere now.
    """
    # A number that no column holds is an error on PostgreSQL, not an empty answer.
    values = {"thread": thread.id, "number": min(number, 2**31 - 1)}
    row = None if number > thread.last_number else database.row(_POST_BY_NUMBER, values)
    if row is not None:
        return PostFacts(*row)
    now = database.row(_MOVED_TO, values)
    if now is None:
        raise NotFound("")
    message = gettext("A moderator moved this post meanwhile. Open it anew at its address.")
    raise Moved(message, **now._mapping)


def held_posts_of(actor: Actor, thread: ThreadFacts) -> list[PostFacts]:
    """The actor's own posts in this thread that wait for a moderator, or were not published
    lately. Most threads have none of anybody, which is known without asking."""
    if not thread.has_unpublished:
        return []
    values = {"thread": thread.id, "author": actor.id, "lately": utcnow() - TOLD_FOR}
    return [PostFacts(*row) for row in database.rows(_HELD_OF_AUTHOR, values)]
