"""Where threads and posts can be moved, and who can read there: in words, for who is about to move them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flask_babel import gettext, ngettext
from sqlalchemy import select

from forum import db as database
from forum.accounts.models import Member
from forum.accounts.queries import actors_by_ids
from forum.categories.queries import (
    EVERYONE,
    MEMBERS,
    SOME,
    CategoryRow,
    from_where_more_may_see,
    who_more_may_see,
)
from forum.discussion.models import Post
from forum.permissions import InCategory, allowed


def category_choices(others: Sequence[CategoryRow], here: int) -> list[tuple[str, str]]:
    """Categories as choices of a form. Where more people can read than ``here``, the choice says so."""
    more = who_more_may_see(here, [category.id for category in others])
    return [(str(c.id), _choice(c.title, more.get(c.id, ""))) for c in others]


def _choice(title: str, who: str) -> str:
    said: dict[str, str] = {
        EVERYONE: gettext(
            "%(category)s (everybody can read there, also without an account)", category=title
        ),
        MEMBERS: gettext("%(category)s (all members can read there)", category=title),
        SOME: gettext("%(category)s (some can read there who cannot read here)", category=title),
    }
    return said.get(who, title)


def who_reads_there(here: int, there: int) -> list[str]:
    """What moving from one category to another changes about who can read: sentences; none where all
    who can read in one can in the other."""
    said: dict[str, str] = {
        EVERYONE: gettext(
            "More people can read there: everybody, also without an account. Here only some can."
        ),
        MEMBERS: gettext("More people can read there: all members. Here only some of them can."),
        SOME: gettext("Others can read there: some who cannot read here."),
    }
    found = [said[who] for who in who_more_may_see(here, [there]).values()]
    if who_more_may_see(there, [here]):
        found.append(gettext("Some who can read here cannot read there."))
    return found


def how_many_are_read_by_more(places: Sequence[int], there: int) -> list[str]:
    """Of how many threads moving them to a category widens who can read them: sentences, if any.

    Args:
        places: the category of each thread.
    """
    more = from_where_more_may_see(set(places), there)
    counts = Counter(more[place] for place in places if place in more)
    return [_wider(who, counts[who]) for who in (EVERYONE, MEMBERS, SOME) if counts[who]]


def _wider(who: str, count: int) -> str:
    said: dict[str, str] = {
        EVERYONE: ngettext(
            "More people could then read %(num)s of these threads: everybody, also without an account.",
            "More people could then read %(num)s of these threads: everybody, also without an account.",
            count,
        ),
        MEMBERS: ngettext(
            "More people could then read %(num)s of these threads: all members.",
            "More people could then read %(num)s of these threads: all members.",
            count,
        ),
        SOME: ngettext(
            "Others could then read %(num)s of these threads: some who cannot read it where it stands.",
            "Others could then read %(num)s of these threads: some who cannot read them where they stand.",
            count,
        ),
    }
    return said[who]


def authors_shut_out(thread_id: int, numbers: Sequence[int] | None, to: InCategory) -> list[str]:
    """How many of those who wrote these posts of a thread, or all of it, cannot read where the posts
    go: a sentence, if any."""
    wrote = select(Post.author_id).where(Post.thread_id == thread_id)
    if numbers is not None:
        wrote = wrote.where(Post.number.in_([number for number in numbers if number < 2**31]))
    here = select(Member.id).where(Member.id.in_(wrote), Member.closed_at.is_(None))
    authors = actors_by_ids({row.id for row in database.rows(here)})
    count = sum(not allowed(author, "thread.see", to) for author in authors.values())
    said = ngettext(
        "%(num)s of the authors cannot read there, and then cannot read their own words any more.",
        "%(num)s of the authors cannot read there, and then cannot read their own words any more.",
        count,
    )
    return [said] if count else []
