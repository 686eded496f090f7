"""What a draft is compared with, to see what in it may tell who wrote it. Only reads."""

from __future__ import annotations

from sqlalchemy import bindparam, column, or_, select, table, text

from forum.plugin_api import rows
from forum_anonymous_questions.recognising import Usage, candidates

MOST_POSTS = 300
"""So many of the newest posts are compared with: about 200 KB, read in some hundredths of a second."""
MOST_NAMES = 2_000
# Words are looked up so many at a time, so that the statement is always the same one.
PORTION = 10

_MEMBERS = table("members", column("name"), column("closed_at"))
_NAMES = (
    select(_MEMBERS.c.name)
    .where(
        _MEMBERS.c.closed_at.is_(None),
        or_(
            *(
                _MEMBERS.c.name.like(bindparam(kind + str(n)))
                for n in range(PORTION)
                for kind in ("whole", "first", "last")
            )
        ),
    )
    .limit(MOST_NAMES)
)
_SOURCES = text(
    "SELECT revisions.source FROM posts "
    "JOIN revisions ON revisions.post_id = posts.id AND revisions.version = posts.version "
    "JOIN threads ON threads.id = posts.thread_id "
    "WHERE posts.number IS NOT NULL AND posts.removed_at IS NULL AND threads.removed_at IS NULL "
    "AND threads.category_id IN :categories "
    "ORDER BY posts.id DESC LIMIT :most"
).bindparams(bindparam("categories", expanding=True))


def members_named_in(words: str) -> set[str]:
    """The names of members that may stand in this text, whole and each of their parts."""
    asked, found = candidates(words), set[str]()
    for start in range(0, len(asked), PORTION):
        given = asked[start : start + PORTION]
        given += given[-1:] * (PORTION - len(given))
        values = {f"whole{n}": word for n, word in enumerate(given)}
        values |= {f"first{n}": f"{word} %" for n, word in enumerate(given)}
        values |= {f"last{n}": f"% {word}" for n, word in enumerate(given)}
        found |= {row.name for row in rows(_NAMES, values)}
    parts = {part for name in found for part in name.split() if part in asked}
    return {name for name in found if name in words} | parts


def usage_in(category_ids: list[int]) -> Usage:
    """How the newest posts in these categories are written."""
    if not category_ids:
        return Usage()
    given = {"categories": category_ids, "most": MOST_POSTS}
    return Usage.of(row.source for row in rows(_SOURCES, given))
