"""The fixed time: all that askers did since the last one takes effect, in random order and at once.

Nobody is asked for a permission, as the clock does this. What asked, clarified or thanked is applied each by
itself: one that cannot be taken any more keeps none of the others from it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select, update

from forum.accounts.models import Community
from forum.plugin_api import (
    JobCall,
    add_stand_in,
    db,
    prepare_waiting,
    transaction,
    utcnow,
    value,
)
from forum.web.door_page import in_language
from forum_anonymous_questions import opening_actions as opening
from forum_anonymous_questions import publishing_actions as publishing
from forum_anonymous_questions.models import PERIOD
from forum_anonymous_questions.period_actions import begin_period, forget_former_periods
from forum_anonymous_questions.texts import gettext


def run_fixed_time(call: JobCall) -> None:
    """What the worker does at each fixed time."""
    pass_fixed_time(utcnow(), pulse=call.pulse)


def pass_fixed_time(
    now: datetime, *, pulse: Callable[[], None] = lambda: None, pause: float = 1.0
) -> None:
    """Do what is done at a fixed time. Call it outside of a transaction. Doing it twice in a row is doing
    it once.

    Args:
        pulse: called while it waits for readers of the database.
        pause: seconds between two tries to wipe what was deleted.

    Raises:
        StillRead: what was deleted could not be wiped; all else is done, and it is to be tried again.
    """
    with in_language(_language()):
        texts = opening.Texts(prepare_waiting)
        texts.prepare_ahead()
        with transaction():
            _take_effect(now, texts)
    forget_former_periods(pause=pause, pulse=pulse)


def _take_effect(now: datetime, texts: opening.Texts) -> None:
    acts = begin_period(now)
    asker_id = _asker()
    publishing.settle_decisions()
    opening.apply_acts(acts, asker_id, now, texts)
    publishing.lapse_undecided(now)
    publishing.ask_again()
    publishing.publish_batch(now)
    publishing.tell_of_undecided(now)


def _asker() -> int:
    """The member in whose name all questions are."""
    found = value(select(PERIOD.c.asker_id))
    if found is None:
        found = add_stand_in(gettext("Asker"))
        db.session.execute(update(PERIOD).values(asker_id=found))
    return int(found)


def _language() -> str:
    return value(select(Community.language)) or "en"
