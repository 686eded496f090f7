"""A page on which moderators see how long others wait for them, and what a second look changed."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, render_template
from flask_babel import format_timedelta, gettext

from forum.clock import utcnow
from forum.community.setting_queries import value_of
from forum.moderation.deciding import decided_words, deed_words
from forum.moderation.fairness_queries import (
    MOST_SECOND_LOOKS,
    measures_looked_at,
    open_by_age,
    own_waits,
    second_looks,
    waits_of_all,
)
from forum.moderation.rules import require_some_cases
from forum.moderation.settings import DAYS_TO_DECIDE
from forum.web.forms import Answer
from forum.web.visit import current_actor

pages = Blueprint("fairness", __name__)


@pages.get("/moderation/fairness")
def figures() -> Answer:
    """The reader's own figures, and those of all moderators together."""
    actor, now = current_actor(), utcnow()
    require_some_cases(actor)
    counts, looks = second_looks(actor, now)
    return render_template(
        "moderation/fairness.html",
        own=own_waits(actor, now),
        everybody=waits_of_all(actor, now),
        counts=counts,
        looks=looks,
        measures=measures_looked_at(actor, now),
        most_looks=MOST_SECOND_LOOKS,
        waiting=open_by_age(actor, now),
        days_to_decide=value_of(DAYS_TO_DECIDE),
        time_in_words=time_in_words,
        decided_words=decided_words,
        deed_words=deed_words,
    )


def time_in_words(time: timedelta | None) -> str:
    """Such as "2 days", rounded; a dash where there is none."""
    if time is None:
        return "–"
    short: str = gettext("under a minute")
    said: str = format_timedelta(time, granularity="minute", threshold=1.5)
    return short if time < timedelta(minutes=1) else said
