"""Where a member is writing: what the word for a draft's place means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from forum import db as database
from forum.discussion.models import Post
from forum.discussion.queries import post_facts, thread_facts
from forum.discussion.rules import require_edit, require_reply
from forum.errors import NotAllowed, NotFound
from forum.permissions import REFUSALS, Actor

_PLACE = re.compile(r"(?P<kind>reply|edit):(?P<id>[1-9][0-9]{0,17})")


@dataclass(frozen=True, slots=True)
class WritingPlace:
    """A composer: ``word`` names its drafts, ``url`` leads to it. ``source`` is what it holds before
    anything was written, ``version`` the version of the post that this is."""

    word: str
    url: str
    source: str = ""
    version: int | None = None


def writing_place(actor: Actor, word: str) -> WritingPlace:
    """The place where the actor may write, by its word (see ``Draft.place``).

    Raises:
        NotFound: there is no such place, or the actor may not know of it.
        NotAllowed: they may not write there now; the message says why.
        Conflict: the post was removed.
    """
    if word == "new":
        return _new_thread(actor)
    found = _PLACE.fullmatch(word)
    if found is None:
        raise NotFound("")
    key = int(found["id"])
    return _reply(actor, key) if found["kind"] == "reply" else _edit(actor, key)


def _new_thread(actor: Actor) -> WritingPlace:
    scope = actor.scope("thread.start")
    if not actor.is_member or not (scope.everywhere or scope.categories):
        raise NotAllowed(str(REFUSALS["thread.start"]))
    return WritingPlace("new", "/new")


def _reply(actor: Actor, thread_id: int) -> WritingPlace:
    require_reply(actor, thread_facts(actor, thread_id))
    return WritingPlace(f"reply:{thread_id}", f"/t/{thread_id}/reply")


def _edit(actor: Actor, post_id: int) -> WritingPlace:
    found = database.row(select(Post.thread_id, Post.number).where(Post.id == post_id))
    if found is None or found.number is None:
        raise NotFound("")
    thread = thread_facts(actor, found.thread_id)
    post = post_facts(thread, found.number)
    require_edit(actor, thread, post)
    url = f"/t/{thread.id}/{found.number}/edit"
    return WritingPlace(f"edit:{post_id}", url, post.source, post.version)
