"""Who may bring back what was removed: nobody what colleagues removed of their own words."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from flask_babel import gettext

from forum.errors import NotAllowed
from forum.permissions import Actor, InCategory, allowed, require


class Taken(Protocol):
    """A post that may have been taken away."""

    @property
    def author_id(self) -> int:
        """Who wrote it."""

    @property
    def removal(self) -> str | None:
        """Who removed it: ``author`` or ``moderator``."""


class Removed(InCategory, Protocol):
    """A thread that may be removed, with who did that."""

    @property
    def author_id(self) -> int:
        """Who started it."""

    @property
    def removed_at(self) -> datetime | None:
        """Since when it is removed, if so."""

    @property
    def removed_by(self) -> int | None:
        """By whom, as far as they are still here."""


def was_decided_about(actor: Actor, post: Taken) -> bool:
    """Whether moderators took away what the actor wrote: they can appeal, whatever else they may."""
    return actor.is_member and post.author_id == actor.id and post.removal == "moderator"


def can_restore_thread(actor: Actor, thread: Removed) -> bool:
    """Whether the actor may bring back a removed thread: as a moderator, unless another removed what they
    started themselves."""
    if thread.removed_at is None or not allowed(actor, "thread.curate", thread):
        return False
    return thread.author_id != actor.id or thread.removed_by == actor.id


def require_restore_thread(actor: Actor, thread: Removed) -> None:
    """Refuse whoever may not bring the thread back, if it is removed, and say why.

    Raises:
        NotFound: the thread is not for the actor to see.
        NotAllowed: they do not curate the category, or a colleague removed what they started.
    """
    require(actor, "thread.curate", thread)
    if thread.removed_at is not None and not can_restore_thread(actor, thread):
        raise NotAllowed(about_own_words())


def about_own_words() -> str:
    """Why nobody brings back what moderators took away of their own: two sentences."""
    return str(
        gettext(
            "Another moderator removed what you wrote, so you do not bring it back yourself. Ask for another "
            "look under “What you can do”."
        )
    )
