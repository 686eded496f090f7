"""Named reads about somebody's drafts, with what became of the places they are meant for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, tuple_

from forum import db as database
from forum.discussion.models import Draft, Post, Thread
from forum.discussion.place_queries import draft_url
from forum.discussion.place_rules import base_place
from forum.discussion.queries import ROWS_A_PAGE, Place
from forum.discussion.removal_queries import LET_THROUGH
from forum.discussion.rules import require_edit, require_reply
from forum.errors import ForumError
from forum.permissions import Actor, allowed


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A draft as its author's list shows it.

    Attributes:
        goes_to: the title of its thread; of a new one its own, which may be empty.
        number: the post it changes or answers, if it is one.
        url: the composer that goes on with it; ``None`` while it cannot, and ``reason`` says why.
    """

    id: int
    place: str
    kind: str
    goes_to: str
    number: int | None
    source: str
    saved_at: datetime
    url: str | None
    reason: str = ""


def drafts_of(actor: Actor, after: Place | None = None) -> list[ListedDraft]:
    """The actor's drafts, the one saved last first: a page and one more, in three statements."""
    statement = _DRAFTS.where(Draft.member_id == actor.id)
    if after is not None:
        statement = statement.where(tuple_(Draft.saved_at, Draft.id) < (after.at, after.id))
    found = database.rows(statement)
    places = [base_place(row.place).partition(":") for row in found]
    posts = _by_id(_POST_COLUMNS, [int(key) for kind, _, key in places if kind == "edit"])
    meant = [int(key) for kind, _, key in places if kind == "reply"]
    threads = _by_id(_THREAD_COLUMNS, [*meant, *(post.thread_id for post in posts.values())])
    listed = []
    for row, (kind, _, key) in zip(found, places, strict=True):
        post = posts.get(int(key)) if kind == "edit" else None
        thread = threads.get(post.thread_id if post else int(key or 0))
        listed.append(_listed(actor, row, kind, thread, post))
    return listed


_DRAFTS = (
    select(Draft.id, Draft.place, Draft.title, Draft.in_reply_to, Draft.source, Draft.saved_at)
    .order_by(Draft.saved_at.desc(), Draft.id.desc())
    .limit(ROWS_A_PAGE + 1)
)
# Enough for the rules that say whether somebody may write there.
_THREAD_COLUMNS = (
    Thread.id,
    Thread.title,
    Thread.category_id,
    Thread.author_id,
    Thread.created_at,
    Thread.locked_at,
    Thread.locked_until,
    Thread.lock_reason,
    Thread.removed_at,
    Thread.removal_reason,
    LET_THROUGH.label("is_let_through"),
)
_POST_COLUMNS = (
    Post.id,
    Post.thread_id,
    Post.number,
    Post.author_id,
    Post.created_at,
    Post.removed_at,
    Post.removal,
    Post.pipeline,
)


def _by_id(columns: Sequence[Any], ids: Sequence[int]) -> dict[int, Any]:
    if not ids:
        return {}
    found = database.rows(select(*columns).where(columns[0].in_(set(ids))))
    return {row.id: row for row in found}


def _listed(actor: Actor, row: Any, kind: str, thread: Any, post: Any) -> ListedDraft:
    title, number, url, reason = row.title, row.in_reply_to, None, ""
    if kind != "new":
        title, number = thread.title if thread else "", post.number if post else number
    if kind != "new" and not (thread and _is_open(actor, thread)):
        # What is gone and what is not open to them any more look the same.
        title, reason = "", gettext("Its place is gone, or not open to you any more.")
    else:
        try:
            url = draft_url(_composer_url(actor, kind, thread, post), row.place)
        except ForumError as error:
            reason = error.message
    return ListedDraft(
        row.id, row.place, kind, title, number, row.source, row.saved_at, url, reason
    )


def _is_open(actor: Actor, thread: Any) -> bool:
    if thread.is_let_through or thread.author_id == actor.id:
        return allowed(actor, "thread.see", thread)
    return allowed(actor, "thread.curate", thread)


def _composer_url(actor: Actor, kind: str, thread: Any, post: Any) -> str:
    if kind == "new":
        return "/new"
    if kind == "reply":
        require_reply(actor, thread)
        return f"/t/{thread.id}/reply"
    require_edit(actor, thread, post)
    return f"/t/{thread.id}/{post.number}/edit"


def draft_at(actor: Actor, place: str) -> Draft | None:
    """The actor's draft for this place, if there is one."""
    statement = select(Draft).where(Draft.member_id == actor.id, Draft.place == place)
    return database.db.session.scalar(statement)
