"""Predicates over (actor, object), and the refusals that go with them. They query nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from flask_babel import gettext

from forum.clock import utcnow
from forum.errors import Conflict, NotAllowed, NotFound
from forum.permissions import Actor, InCategory, allowed, require
from forum.review import Finding, Review, Severity

POSTS_A_PAGE = 20


class Conversation(InCategory, Protocol):
    """A thread, or facts about one."""

    @property
    def author_id(self) -> int:
        """Who started it."""

    @property
    def created_at(self) -> datetime:
        """When it was started."""

    @property
    def locked_at(self) -> datetime | None:
        """Since when nobody replies, if so."""

    @property
    def lock_reason(self) -> str:
        """Why; may be empty."""

    @property
    def removed_at(self) -> datetime | None:
        """Since when it is removed, if so."""

    @property
    def removal_reason(self) -> str:
        """Why."""


class Written(Protocol):
    """A post, or facts about one."""

    @property
    def author_id(self) -> int:
        """The author's id."""

    @property
    def created_at(self) -> datetime:
        """When it was published."""

    @property
    def removed_at(self) -> datetime | None:
        """Since when it is removed, if so."""

    @property
    def removal(self) -> str | None:
        """Who removed it: ``author`` or ``moderator``."""


class Rights(NamedTuple):
    """What somebody may do with one post."""

    edit: bool = False
    remove: bool = False
    restore: bool = False


NO_RIGHTS = Rights()


def rights_on(actor: Actor, thread: Conversation, post: Written) -> Rights:
    """What the actor may do with this post at this moment."""
    curates = allowed(actor, "thread.curate", thread)
    if not curates and post.author_id != actor.id and not allowed(actor, "post.edit_any", thread):
        return NO_RIGHTS
    return Rights(
        edit=can_edit(actor, thread, post),
        remove=can_remove(actor, thread, post),
        restore=can_restore(actor, thread, post),
    )


def can_reply(actor: Actor, thread: Conversation) -> bool:
    """Whether the actor may write in this thread now."""
    is_open = thread.locked_at is None and thread.removed_at is None
    return is_open and allowed(actor, "thread.reply", thread)


def can_edit(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may change the text: anybody's with the right to, or their own where they
    may write, while the thread is open and the community's time for it is not over."""
    if post.removed_at is not None or thread.removed_at is not None:
        return False
    if allowed(actor, "post.edit_any", thread):
        return True
    own = _is_own(actor, thread, post) and thread.locked_at is None
    return own and is_in_edit_window(actor, post.created_at)


def can_remove(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may remove the post: anybody's as a moderator, or their own while the
    thread is open, however old."""
    if post.removed_at is not None or thread.removed_at is not None:
        return False
    if allowed(actor, "thread.curate", thread):
        return True
    return _is_own(actor, thread, post) and thread.locked_at is None


def can_restore(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may restore the post: anything as a moderator, or what they removed
    themselves."""
    if post.removed_at is None or thread.removed_at is not None:
        return False
    if allowed(actor, "thread.curate", thread):
        return True
    own = _is_own(actor, thread, post) and post.removal == "author"
    return own and thread.locked_at is None


def can_read_history(actor: Actor, thread: Conversation, post: Written) -> bool:
    """Whether the actor may read all versions: those of a removed post are for its author and the
    moderators."""
    own = actor.is_member and post.author_id == actor.id
    return post.removed_at is None or own or allowed(actor, "thread.curate", thread)


def is_in_edit_window(actor: Actor, since: datetime) -> bool:
    """Whether authors may still change what was published ``since``. The clock decides."""
    if actor.edit_minutes is None:
        return True
    return utcnow() < since + timedelta(minutes=actor.edit_minutes)


def _is_own(actor: Actor, thread: Conversation, post: Written) -> bool:
    own = actor.is_member and post.author_id == actor.id
    return own and allowed(actor, "post.edit_own", thread)


def require_there(thread: Conversation) -> None:
    """Refuse when the thread was removed.

    Raises:
        NotFound: it was; the message says why.
    """
    if thread.removed_at is not None:
        message = gettext(
            "A moderator removed this thread: %(reason)s", reason=thread.removal_reason
        )
        raise NotFound(message)


def require_unlocked(thread: Conversation) -> None:
    """Refuse when the thread is locked.

    Raises:
        NotAllowed: it is; the message says why, if a reason was given.
    """
    if thread.locked_at is None:
        return
    if thread.lock_reason:
        raise NotAllowed(
            gettext("A moderator locked this thread: %(reason)s", reason=thread.lock_reason)
        )
    raise NotAllowed(gettext("A moderator locked this thread. Nobody can write in it now."))


def require_reply(actor: Actor, thread: Conversation) -> None:
    """Refuse unless the actor may write in this thread now.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        NotAllowed: it is locked, or the actor may not reply here.
    """
    require(actor, "thread.reply", thread)
    require_there(thread)
    require_unlocked(thread)


def require_edit(actor: Actor, thread: Conversation, post: Written) -> None:
    """Refuse unless ``can_edit``, and say why.

    Raises:
        NotFound: the thread is removed, or not for the actor to see.
        Conflict: the post is removed.
        NotAllowed: it is not theirs, the thread is locked, or it is too late.
    """
    require(actor, "thread.see", thread)
    require_there(thread)
    if can_edit(actor, thread, post):
        return
    if post.removed_at is not None:
        raise Conflict(gettext("This post was removed, so it cannot be changed."))
    if post.author_id != actor.id:
        raise NotAllowed(gettext("You may change only your own posts."))
    require(actor, "post.edit_own", thread)
    require_unlocked(thread)
    message = gettext(
        "Posts can be changed for %(n)s minutes here, and this one is older. Reply to it instead.",
        n=actor.edit_minutes,
    )
    raise NotAllowed(message)


def is_acceptable(review: Review, *, asks_for_help: bool) -> bool:
    """Whether a draft so reviewed may be published: nothing blocks, or the author asks for help."""
    return asks_for_help or not review.at_least(Severity.BLOCK)


def findings_to_show(review: Review, seen: Collection[str], kept: Collection[str]) -> list[Finding]:
    """The findings that stop a publication so that the author reads them: what blocks, always;
    what is to be considered, once; hints, never."""
    return [
        f
        for f in review.at_least(Severity.WARN)
        if f.severity is Severity.BLOCK or (f.fingerprint not in seen and f.fingerprint not in kept)
    ]


def page_of(number: int) -> int:
    """The page of a thread on which post ``number`` stands, from 1."""
    return (number - 1) // POSTS_A_PAGE + 1
