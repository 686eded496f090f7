"""What happened to a post since it was published: undoing the publication must not undo that, too."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import bindparam, select

from forum import db as database
from forum.db import Statement
from forum.discussion.models import WAITING, Post, Thread
from forum.record.queries import steps_of
from forum.record.rules import Entry

_OF_POST: Statement = (
    select(Post.removal, Post.label, Post.number, Thread.answer_number)
    .join(Thread, Thread.id == Post.thread_id)
    .where(Post.id == bindparam("post"))
)


def is_removed(post_id: int) -> bool:
    """Whether its author or a moderator removed a post; what waits again is not removed."""
    found = database.row(_OF_POST, {"post": post_id})
    return found is not None and found.removal not in (None, WAITING)


def why_published_stays(entry: Entry) -> str:
    """Why a publication cannot be undone as things are now: somebody decided more about the post since,
    which is in no step of the publication. Empty when nothing speaks against it."""
    return str(_why_stays(entry))


def _why_stays(entry: Entry) -> Any:
    found = database.row(_OF_POST, {"post": entry.post_id})
    if found is None:
        return ""
    if found.removal == "moderator":
        return gettext(
            "The post was removed meanwhile by a moderator. If readers should have it again, undo that "
            "first; else nothing is left to undo."
        )
    if found.removal not in (None, WAITING):
        return gettext("The post was removed meanwhile by its author, so nothing is left to undo.")
    if found.number is not None and found.number == found.answer_number:
        return gettext(
            "The post was marked as the answer meanwhile. Take that back first, then undo this."
        )
    if found.label not in (None, _label_given(entry)):
        return gettext("The post was labelled meanwhile. Undo that first, then this.")
    return ""


def _label_given(entry: Entry) -> str | None:
    given = [step.after["label"] for step in steps_of(entry.id) if "label" in step.after]
    return given[0] if given else None
