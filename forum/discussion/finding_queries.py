"""Named reads about what reviewers said of posts, and what of it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from forum import db as database
from forum.accounts.models import Member
from forum.categories.models import Category
from forum.db import Statement
from forum.discussion.models import Post, PostFinding, Thread
from forum.discussion.queries import ROWS_A_PAGE, SHOWN, scope_values, visible
from forum.discussion.rules import Kept
from forum.permissions import Actor
from forum.phrases import Phrase

OF_IMPORT = {"picture-elsewhere": Phrase("A picture of another site became a link.")}
"""Rules that are about what an import could not bring along, with their words: no reviewer says them
again."""

_OF_VERSION = (PostFinding.post_id == bindparam("post")) & (
    PostFinding.version == bindparam("version")
)
_KEPT: Statement = (
    select(PostFinding.fingerprint, PostFinding.kept_by, PostFinding.kept_at)
    .where(_OF_VERSION, PostFinding.kept_at.is_not(None))
    .order_by(PostFinding.id)
)
_NOTED: Statement = (
    select(
        PostFinding.rule,
        PostFinding.severity,
        PostFinding.fingerprint,
        PostFinding.kept_at,
        Member.name,
    )
    .outerjoin(Member, Member.id == PostFinding.kept_by)
    .where(_OF_VERSION)
    .order_by(PostFinding.id)
)


_BLOCKING: Statement = select(exists().where(_OF_VERSION, PostFinding.severity == "block"))


@dataclass(frozen=True, slots=True)
class NotedFinding:
    """What was said of a version: the rule, and who decided when to keep it as it is, if somebody
    did. ``keeper`` is ``None`` also where they have left."""

    rule: str
    severity: str
    fingerprint: str
    kept_at: datetime | None
    keeper: str | None


def kept_findings(post_id: int, version: int) -> dict[str, Kept]:
    """What of a version's findings was kept, by fingerprint."""
    found = database.rows(_KEPT, {"post": post_id, "version": version})
    return {row.fingerprint: Kept(row.kept_by, row.kept_at) for row in found}


def noted_findings(post_id: int, version: int) -> list[NotedFinding]:
    """Everything that was said of a version and published all the same, in the order it was said."""
    found = database.rows(_NOTED, {"post": post_id, "version": version})
    return [NotedFinding(*row) for row in found]


def shuts_out(post_id: int, version: int) -> bool:
    """Whether something in a version shuts somebody out, so that it is there only because its author
    asked for help, or because it came from elsewhere."""
    return bool(database.value(_BLOCKING, {"post": post_id, "version": version}))


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which findings a list is about: those of one rule or severity, that are open or kept."""

    rule: str = ""
    severity: str = ""
    kept: bool = False


@dataclass(frozen=True, slots=True)
class FoundPost:
    """A post in a list of posts with findings; ``rules`` are those of the list: (rule, severity),
    as often as each was found."""

    id: int
    thread_id: int
    number: int
    created_at: datetime
    title: str
    author: str
    category: str
    rules: tuple[tuple[str, str], ...]


def posts_with_findings(
    actor: Actor, narrowed: Narrowed, after: int | None = None
) -> list[FoundPost]:
    """Posts that the actor may see whose present version has such findings, the one begun last
    first: a page and one more, in two statements."""
    scope = actor.scope("thread.see")
    conditions = [visible(scope), SHOWN, *_which(narrowed)]
    if after is not None:
        conditions.append(PostFinding.post_id < after)
    found = (
        select(PostFinding.post_id)
        .join(Post, (Post.id == PostFinding.post_id) & (Post.version == PostFinding.version))
        .join(Thread, Thread.id == Post.thread_id)
        .where(*conditions)
        .group_by(PostFinding.post_id)
        .order_by(PostFinding.post_id.desc())
        .limit(ROWS_A_PAGE + 1)
    )
    listed = database.rows(_LISTED.where(Post.id.in_(found)), scope_values(scope))
    said = _rules_of([row.id for row in listed], narrowed)
    return [_found(row, tuple(said.get(row.id, ()))) for row in listed]


def _found(row: Any, rules: tuple[tuple[str, str], ...]) -> FoundPost:
    return FoundPost(
        row.id,
        row.thread_id,
        row.number,
        row.created_at,
        row.title,
        row.author,
        row.category,
        rules,
    )


_LISTED: Statement = (
    select(
        Post.id,
        Post.thread_id,
        Post.number,
        Post.created_at,
        Thread.title.label("title"),
        Member.name.label("author"),
        Category.title.label("category"),
    )
    .join(Thread, Thread.id == Post.thread_id)
    .join(Category, Category.id == Thread.category_id)
    .join(Member, Member.id == Post.author_id)
    .order_by(Post.id.desc())
)


def _which(narrowed: Narrowed) -> list[Any]:
    kept = PostFinding.kept_at
    conditions: list[Any] = [kept.is_not(None) if narrowed.kept else kept.is_(None)]
    if narrowed.rule:
        conditions.append(PostFinding.rule == narrowed.rule)
    if narrowed.severity:
        conditions.append(PostFinding.severity == narrowed.severity)
    return conditions


def _rules_of(posts: list[int], narrowed: Narrowed) -> dict[int, list[tuple[str, str]]]:
    statement = (
        select(PostFinding.post_id, PostFinding.rule, PostFinding.severity)
        .join(Post, (Post.id == PostFinding.post_id) & (Post.version == PostFinding.version))
        .where(PostFinding.post_id.in_(posts), *_which(narrowed))
        .order_by(PostFinding.id)
    )
    said: dict[int, list[tuple[str, str]]] = {}
    for row in database.rows(statement):
        said.setdefault(row.post_id, []).append((row.rule, row.severity))
    return said


def finding_counts() -> list[tuple[str, str, int]]:
    """How many findings of each rule stand in present versions: (rule, severity, count)."""
    statement = (
        select(PostFinding.rule, PostFinding.severity, func.count())
        .join(Post, (Post.id == PostFinding.post_id) & (Post.version == PostFinding.version))
        .group_by(PostFinding.rule, PostFinding.severity)
        .order_by(func.count().desc(), PostFinding.rule)
    )
    return [(rule, severity, count) for rule, severity, count in database.rows(statement)]
