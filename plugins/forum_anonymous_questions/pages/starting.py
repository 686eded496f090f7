"""The first page: what is kept, what is not protected, what one can do."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from forum.plugin_api import utcnow
from forum_anonymous_questions.pages.asking import Answer, Asked, page
from forum_anonymous_questions.queries import crowd, key_in_force, next_time
from forum_anonymous_questions.tickets import next_quarter

FEW = 10
"""With fewer members about, everybody is warned that others may guess."""


def start(asked: Asked) -> Answer:
    """The start page."""
    return page("start.html", tickets=len(asked.unspent), **facts(asked))


def no_tickets(asked: Asked) -> Answer:
    """Says why nothing can be asked from this browser, and when it can be; a text that was sent is given
    back."""
    title, kept = (asked.fields.get(name, "") for name in ("title", "source"))
    return page("no_tickets.html", title=title, kept=kept, **facts(asked))


def facts(asked: Asked) -> dict[str, Any]:
    """What several pages say: how many are about, the next fixed time, when there are new tickets."""
    now, members = utcnow(), crowd()
    return {
        "crowd": members,
        "is_small": members < FEW,
        "next_time": next_time(now),
        "has_begun": key_in_force() is not None,
        # At noon, so that it is this day in the community's zone, too.
        "next_tickets": datetime.combine(next_quarter(now), time(12), UTC),
        "are_spent": bool(asked.tickets) and not asked.unspent,
    }
