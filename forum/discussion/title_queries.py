"""What the pages of this forum are called to which a text has links."""

from __future__ import annotations

import re

from sqlalchemy import bindparam, select

from forum import db as database
from forum.categories.queries import categories_open_to
from forum.config import current_settings
from forum.discussion.models import Thread
from forum.discussion.queries import scope_values, variant, variants
from forum.discussion.removal_queries import LET_THROUGH
from forum.permissions import Actor

MOST = 200
"""As many links as a post may have; whatever else looks like an address is not looked up."""

_PAGE = (
    r"/(?:t/(?P<thread>[1-9][0-9]{0,17})(?:/(?P<post>[1-9][0-9]{0,8}))?(?:\?page=[0-9]{1,9})?"
    r"|c/(?P<category>[a-z0-9-]{1,100}))/?(?:#[\w-]{0,40})?"
)
_TITLES = variants(
    select(Thread.id, Thread.title, Thread.last_number).where(
        Thread.id.in_(bindparam("ids", expanding=True)),
        Thread.removed_at.is_(None),
        LET_THROUGH,
    ),
    Thread.id > 0,
)


def titles_in(actor: Actor, source: str) -> dict[str, str]:
    """What each page is called that ``source`` has an address of and the actor may see.

    A post is called after its thread, with its number. Asks the database at most twice, and not at
    all where there is no such address.
    """
    found = list(_addresses(source).items())[:MOST]
    threads = _threads(actor, {int(page["thread"]) for _, page in found if page["thread"]})
    slugs = {page["category"] for _, page in found} - {None}
    categories = {c.slug: c.title for c in categories_open_to(actor)} if slugs else {}
    titles = {
        address: _thread_title(threads, page) or categories.get(page["category"] or "", "")
        for address, page in found
    }
    return {address: title for address, title in titles.items() if title}


def _addresses(source: str) -> dict[str, re.Match[str]]:
    base = re.escape(current_settings().base_url)
    pattern = rf"(?<![^\s(<:])(?:{base})?{_PAGE}(?=[\s)>|]|\Z)"
    return {page[0]: page for page in re.finditer(pattern, source)}


def _threads(actor: Actor, ids: set[int]) -> dict[int, tuple[str, int]]:
    """Titles and last numbers of those threads that the actor may see."""
    if not ids:
        return {}
    scope = actor.scope("thread.see")
    values = scope_values(scope) | {"ids": sorted(ids)}
    rows = database.rows(_TITLES[variant(scope), False], values)
    return {number: (title, last) for number, title, last in rows}


def _thread_title(threads: dict[int, tuple[str, int]], page: re.Match[str]) -> str:
    title, last = threads.get(int(page["thread"] or 0), ("", 0))
    post = int(page["post"] or 0)
    if not post:
        return title
    return f"{title} #{post}" if post <= last else ""
