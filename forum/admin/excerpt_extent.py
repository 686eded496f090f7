"""Of what an export is: categories and a span of days, and which posts these are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import ColumnElement, Connection, and_, false, func, not_, select

from forum.accounts.models import Community
from forum.categories.models import Category
from forum.db import Statement
from forum.discussion.models import Post, PostPicture, Thread
from forum.errors import Invalid
from forum.files.models import Picture


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to have exported.

    Attributes:
        categories: their slugs; none means all.
        since: the first day, by the community's clock.
        until: the last day, which is in it.
        with_removed: also what is removed, held, or was never let through.
        with_addresses: the authors' e-mail addresses, too.
    """

    categories: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    with_removed: bool = False
    with_addresses: bool = False

    @property
    def is_of_all(self) -> bool:
        """Whether nothing was wished."""
        return self == Wish()

    def to_json(self) -> dict[str, Any]:
        """As a job keeps it."""
        days = {"since": _iso(self.since), "until": _iso(self.until)}
        return asdict(self) | days | {"categories": list(self.categories)}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Wish:
        """As it was kept."""
        return cls(
            tuple(found["categories"]),
            _day(found["since"]),
            _day(found["until"]),
            found["with_removed"],
            found["with_addresses"],
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """A category that is exported."""

    id: int
    slug: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Extent:
    """What is exported, found in a forum. ``since`` is in it, ``until`` is not any more."""

    wish: Wish
    zone: str
    categories: tuple[Chosen, ...]
    since: datetime | None
    until: datetime | None

    @property
    def threads(self) -> list[ColumnElement[bool]]:
        """What is true of the threads; of some of them no post is chosen."""
        shown = [] if self.wish.with_removed else [Thread.removed_at.is_(None)]
        if not self.wish.categories:
            return list[ColumnElement[bool]](shown)
        return [Thread.category_id.in_([category.id for category in self.categories]), *shown]

    @property
    def posts(self) -> list[ColumnElement[bool]]:
        """What is true of the posts in these threads."""
        conditions: list[ColumnElement[bool]] = []
        if not self.wish.with_removed:
            conditions += [Post.number.is_not(None), Post.removed_at.is_(None)]
        if self.since is not None:
            conditions.append(Post.created_at >= self.since)
        if self.until is not None:
            conditions.append(Post.created_at < self.until)
        return conditions

    @property
    def others(self) -> ColumnElement[bool]:
        """What is true of the other numbered posts."""
        conditions = self.posts
        return and_(Post.number.is_not(None), not_(and_(*conditions)) if conditions else false())

    def select(self, *columns: Any) -> Statement:
        """These columns of the chosen posts, joined with their threads."""
        joined: Statement = (
            select(*columns).select_from(Post).join(Thread, Thread.id == Post.thread_id)
        )
        return joined.where(*self.threads, *self.posts)


def extent_of(connection: Connection, wish: Wish) -> Extent:
    """Find what is wished.

    Raises:
        Invalid: a category is not there, the span ends before it begins, or nothing was written
            in all of it.
    """
    zone = connection.scalar(select(Community.zone)) or "UTC"
    if wish.since and wish.until and wish.until < wish.since:
        raise Invalid(
            "until",
            gettext(
                "The span ends on %(until)s, before it begins on %(since)s. Turn the two around.",
                until=wish.until.isoformat(),
                since=wish.since.isoformat(),
            ),
        )
    # The end of the last day of all cannot be said, and need not.
    last = None if wish.until in (None, date.max) else wish.until
    extent = Extent(
        wish,
        zone,
        tuple(_categories(connection, wish.categories)),
        _midnight(wish.since, zone),
        _midnight(last and last + timedelta(days=1), zone),
    )
    if connection.execute(extent.select(Post.id).limit(1)).first() is None:
        raise Invalid(
            "since", gettext("No post is of this time and these categories. Choose more of them.")
        )
    return extent


def bytes_needed(connection: Connection, extent: Extent) -> int:
    """About how many bytes an export of the chosen posts has, rather more than less: measured, pages
    of 200,000 posts have their HTML, 600 bytes more for each, and the pictures."""
    sizes = extent.select(func.count(Post.id), func.sum(func.length(Post.html)))
    posts, words = connection.execute(sizes).one()
    shown = select(PostPicture.picture).where(PostPicture.post_id.in_(extent.select(Post.id)))
    pictures = connection.scalar(select(func.sum(Picture.size)).where(Picture.hash.in_(shown)))
    return 2048 * int(posts) + 2 * int(words or 0) + int(pictures or 0)


def _categories(connection: Connection, slugs: Sequence[str]) -> list[Chosen]:
    columns = (Category.id, Category.slug, Category.title, Category.description)
    in_order = select(*columns).order_by(Category.position, Category.title, Category.id)
    every = [Chosen(*row) for row in connection.execute(in_order)]
    known = [category.slug for category in every]
    for slug in slugs:
        if slug not in known:
            raise Invalid(
                "categories",
                gettext(
                    "There is no category %(slug)s. There are: %(known)s.",
                    # It may hold anything, and is printed on a terminal.
                    slug=ascii(slug)[:90],
                    known=", ".join(known) or "–",
                ),
            )
    return [category for category in every if not slugs or category.slug in slugs]


def _midnight(day: date | None, zone: str) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(word: str | None) -> date | None:
    return None if word is None else date.fromisoformat(word)
