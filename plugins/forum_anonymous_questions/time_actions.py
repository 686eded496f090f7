"""The fixed time: all that askers did since the last one takes effect, in random order and at once.

Nobody is asked for a permission, as the clock does this. What asked, clarified or thanked is applied each by
itself: one that cannot be taken any more keeps none of the others from it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from forum.accounts.models import Community
from forum.accounts.stand_in_queries import is_stand_in
from forum.plugin_api import (
    JobCall,
    add_stand_in,
    db,
    enqueue,
    prepare_waiting,
    transaction,
    utcnow,
    value,
)
from forum.web.door_page import in_language
from forum_anonymous_questions import opening_actions as opening
from forum_anonymous_questions import publishing_actions as publishing
from forum_anonymous_questions.actions import hold_period
from forum_anonymous_questions.models import PERIOD
from forum_anonymous_questions.period_actions import begin_period, forget_former_periods
from forum_anonymous_questions.queries import is_due, key_in_force
from forum_anonymous_questions.texts import gettext

FORGETTING = "anonymous-questions.forget"


def run_fixed_time(call: JobCall) -> None:
    """What the worker does at each fixed time. Forgetting is a job of its own: were it tried again with
    this, what came in meanwhile would take effect alone."""
    take_effect(utcnow())


def begin_if_none(_call: JobCall) -> None:
    """Begin a period where there is none that anybody could ask in: at the very start, or after a backup
    was brought back, which has no keys. Nothing that waits can be read then, so nothing tells a time."""
    if key_in_force() is not None:
        return
    hold_period(shared=False)
    if key_in_force() is None:
        begin_period(utcnow())


def run_forgetting(call: JobCall) -> None:
    """What the worker does after each fixed time, until it succeeds."""
    forget_former_periods(pulse=call.pulse)


def pass_fixed_time(now: datetime, *, pause: float = 1.0) -> None:
    """Do all that is done at a fixed time, outside of a transaction: for whoever has no worker.

    Args:
        pause: seconds between two tries to wipe what was deleted.

    Raises:
        StillRead: what was deleted could not be wiped; all else is done.
    """
    take_effect(now)
    forget_former_periods(pause=pause)


def take_effect(now: datetime) -> None:
    """End the period and do what askers did in it, in one transaction, which promises that it is
    forgotten. What crashes before its end changes nothing.

    Nothing is done while no fixed time has come since the period began, and in its first two hours: not
    when somebody has the work tried at once, nor when it is tried again after its worker died."""
    if not is_due(now):
        return
    with in_language(_language()):
        texts = opening.Texts(prepare_waiting)
        texts.prepare_ahead()
        with transaction():
            hold_period(shared=False)
            # Another worker may have been quicker.
            if is_due(now):
                _take_effect(now, texts)
                enqueue(FORGETTING)


def _take_effect(now: datetime, texts: opening.Texts) -> None:
    acts = begin_period(now)
    publishing.settle_decisions()
    # Before anybody has asked, a forum has no more members than were made: archives come into an empty one.
    if acts:
        opening.apply_acts(acts, _asker(), now, texts)
    publishing.lapse_undecided(now)
    publishing.ask_again()
    publishing.publish_batch(now)
    publishing.tell_of_undecided(now)


def _asker() -> int:
    """The member in whose name all questions are; their name is in the language of the community."""
    found = value(select(PERIOD.c.asker_id))
    # Somebody may have erased it like a member.
    if found is None or not is_stand_in(found):
        with in_language(_language()):
            found = add_stand_in(gettext("Asker"))
        db.session.execute(update(PERIOD).values(asker_id=found))
    return int(found)


def _language() -> str:
    return value(select(Community.language)) or "en"
