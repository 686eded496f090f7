"""Where a member is writing: what the word for a draft's place means."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from forum import db as database
from forum.discussion.models import Post
from forum.discussion.place_rules import base_place, is_place
from forum.discussion.queries import ThreadFacts, post_facts, thread_facts
from forum.discussion.rules import require_edit, require_reply
from forum.errors import NotAllowed, NotFound
from forum.permissions import REFUSALS, Actor


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
    if not is_place(word):
        raise NotFound("")
    place = _place(actor, base_place(word))
    return replace(place, word=word, url=draft_url(place.url, word))


def thread_at(actor: Actor, word: str) -> ThreadFacts | None:
    """The thread of a place, by its word; ``None`` for a new one, and where there is none that the
    actor may know of."""
    kind, _, key = base_place(word).partition(":")
    if not is_place(word) or kind == "new":
        return None
    number = int(key)
    if kind == "edit":
        number = database.value(select(Post.thread_id).where(Post.id == number)) or 0
    try:
        return thread_facts(actor, number)
    except NotFound:
        return None


def draft_url(url: str, place: str) -> str:
    """The address of a composer, with the spare place that it goes on with, if it is one."""
    spare = place.partition("~")[2]
    return f"{url}?draft={spare}" if spare else url


def _place(actor: Actor, word: str) -> WritingPlace:
    if word == "new":
        return _new_thread(actor)
    kind, _, key = word.partition(":")
    return _reply(actor, int(key)) if kind == "reply" else _edit(actor, int(key))


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
