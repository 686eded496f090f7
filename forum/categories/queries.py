"""Named reads about categories."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select

from forum import db as database
from forum.accounts.models import Grant
from forum.categories.models import Category
from forum.db import Found, Statement
from forum.errors import NotFound
from forum.permissions import Actor, allowed

EVERYONE, MEMBERS, MODERATORS = "everyone", "members", "moderators"
SOME = "some"
# What each field of ``Audiences`` lets people do.
PERMISSION_OF = {
    "see": ("thread.see",),
    "start": ("thread.start",),
    "reply": ("thread.reply", "post.edit_own"),
    "curate": ("thread.curate",),
}


@dataclass(frozen=True, slots=True)
class Audiences:
    """Who may see, start, reply and curate: ``everyone``, ``members``, the id of a group as text, or
    ``moderators``: only they and administrators, who may everywhere.

    Guests cannot write, so ``everyone`` is open to ``see`` only, and ``curate`` to groups only.
    """

    see: str = EVERYONE
    start: str = MEMBERS
    reply: str = MEMBERS
    curate: str = MODERATORS


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category as lists show it."""

    id: int
    slug: str
    title: str
    description: str
    position: int

    @property
    def category_id(self) -> int:
        """Itself: a category stands in itself when permissions are asked."""
        return self.id


_COLUMNS = (Category.id, Category.slug, Category.title, Category.description, Category.position)
ALL: Statement = select(*_COLUMNS).order_by(Category.position, Category.title, Category.id)
BY_SLUG: Statement = select(*_COLUMNS).where(Category.slug == bindparam("slug"))


def all_categories() -> list[CategoryRow]:
    """Every category, in order, for those who manage them."""
    return [CategoryRow(*row) for row in database.rows(ALL)]


def categories_open_to(actor: Actor, permission: str = "thread.see") -> list[CategoryRow]:
    """The categories in which the actor may see threads and also has ``permission``, in order."""
    return [
        c
        for c in all_categories()
        if allowed(actor, "thread.see", c) and allowed(actor, permission, c)
    ]


def category_by_slug(actor: Actor, slug: str) -> CategoryRow:
    """The category of this address.

    Raises:
        NotFound: there is none, or the actor may not see its threads.
    """
    # PostgreSQL refuses to look for a NUL.
    row = None if "\0" in slug else database.row(BY_SLUG, {"slug": slug})
    if row is None or not allowed(actor, "thread.see", found := CategoryRow(*row)):
        raise NotFound("")
    return found


def audiences_in(category_id: int) -> Audiences:
    """Who may do what in a category."""
    statement = select(Grant.permission, Grant.role, Grant.group_id).where(
        Grant.category_id == category_id, Grant.effect == "allow"
    )
    held = {row.permission: _audience(row) for row in database.rows(statement.order_by(Grant.id))}
    return Audiences(
        **{field: held.get(names[0], MODERATORS) for field, names in PERMISSION_OF.items()}
    )


def who_more_may_see(here: int, others: Collection[int]) -> dict[int, str]:
    """Who may see the threads of other categories, but not those that stand ``here``: ``EVERYONE``,
    all ``MEMBERS``, or ``SOME`` people, by category; without those where nobody may. With one
    statement."""
    found = _seers_of({here, *others})
    more = {number: _more(found[here], found[number]) for number in others if number != here}
    return {number: who for number, who in more.items() if who}


def from_where_more_may_see(places: Collection[int], there: int) -> dict[int, str]:
    """Of these categories those of which the threads may be seen by more people once they stand ``there``,
    and by whom, in the words and at the cost of ``who_more_may_see``."""
    found = _seers_of({there, *places})
    more = {number: _more(found[number], found[there]) for number in places if number != there}
    return {number: who for number, who in more.items() if who}


_SEERS: Statement = select(Grant.role, Grant.group_id, Grant.effect, Grant.category_id).where(
    Grant.permission == "thread.see",
    Grant.category_id.is_(None) | Grant.category_id.in_(bindparam("categories", expanding=True)),
)


@dataclass(slots=True)
class _Seers:
    """The roles and groups that may see the threads of a category, and those to which it is denied."""

    allowed: set[str | int] = field(default_factory=set)
    denied: set[str | int] = field(default_factory=set)


def _seers_of(categories: Collection[int]) -> dict[int, _Seers]:
    found: dict[int, _Seers] = {number: _Seers() for number in categories}
    for row in database.rows(_SEERS, {"categories": sorted(found)}):
        for number in found if row.category_id is None else (row.category_id,):
            seers = found[number]
            held = seers.allowed if row.effect == "allow" else seers.denied
            held.add(row.role or row.group_id)
    return found


def _more(here: _Seers, there: _Seers) -> str:
    gained = there.allowed - there.denied - here.allowed
    # A member may what guests may, and everybody with an account is a member.
    if "guest" in here.allowed:
        gained = set()
    elif "member" in here.allowed:
        gained &= {"guest"}
    if "guest" in gained:
        return EVERYONE
    if "member" in gained:
        return MEMBERS
    return SOME if gained or here.denied - there.denied else ""


def _audience(row: Found) -> str:
    if row.group_id is not None:
        return str(row.group_id)
    return EVERYONE if row.role == "guest" else MEMBERS
