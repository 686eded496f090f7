"""How often somebody may write in a thread."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Protocol

from flask_babel import ngettext

from forum.clock import utcnow
from forum.errors import TooMany
from forum.permissions import Actor, InCategory, allowed


class Paced(InCategory, Protocol):
    """A thread with its pace."""

    @property
    def slow_minutes(self) -> int | None:
        """In so many minutes a member may post once, if so."""


def require_pace(actor: Actor, thread: Paced, last_own: datetime | None) -> None:
    """Refuse a post that comes too soon in a thread in slow mode; curators keep their own pace.

    Args:
        last_own: when the actor wrote last in the thread.

    Raises:
        TooMany: it does; the message says when it will be possible.
    """
    if thread.slow_minutes is None or last_own is None or allowed(actor, "thread.curate", thread):
        return
    wait = (last_own + timedelta(minutes=thread.slow_minutes) - utcnow()).total_seconds()
    if wait <= 0:
        return
    minutes = math.ceil(wait / 60)
    message = ngettext(
        "This thread is in slow mode, and you wrote in it a short while ago. You can post this in "
        "%(num)s minute.",
        "This thread is in slow mode, and you wrote in it a short while ago. You can post this in "
        "%(num)s minutes.",
        minutes,
    )
    raise TooMany(message, retry_after=math.ceil(wait))
