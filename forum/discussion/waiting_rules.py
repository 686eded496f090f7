"""What may be done with posts that were published and wait for a moderator again."""

from __future__ import annotations

from typing import Protocol

from flask_babel import gettext

from forum.discussion.models import WAITING, WITHDRAWN
from forum.errors import Conflict


class Removable(Protocol):
    """A post, or facts about one."""

    @property
    def removal(self) -> str | None:
        """Who removed it, or that it waits again; as in the table."""


def is_kept_back(post: Removable) -> bool:
    """Whether nobody has let the post through: it waits, or was taken back while it did."""
    return post.removal in (WAITING, WITHDRAWN)


def require_not_waiting(post: Removable) -> None:
    """Refuse what waits for a moderator.

    Raises:
        Conflict: it does; its case is decided first.
    """
    if post.removal == WAITING:
        raise Conflict(waits_for_moderator(), heading=gettext("This post waits for a moderator"))


def require_let_through(post: Removable) -> None:
    """Refuse to restore what is published by deciding its case alone.

    Raises:
        Conflict: it waits for a moderator, or did when its author took it back.
    """
    require_not_waiting(post)
    if is_kept_back(post):
        message = gettext(
            "This post was taken back while it waited for a moderator, so it cannot be restored. Its "
            "author can write it anew."
        )
        raise Conflict(message, heading=gettext("This post was taken back"))


def waits_for_moderator() -> str:
    """Why nothing is done with what waits: a sentence."""
    return str(
        gettext(
            "This post waits for a moderator. Nothing can be done with it until that is decided."
        )
    )
