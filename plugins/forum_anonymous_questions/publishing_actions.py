"""What becomes of questions at a fixed time: refused, lapsed, published together with others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from forum.db import savepoint
from forum.plugin_api import (
    Conflict,
    Phrase,
    db,
    publish_waiting,
    require_publishable_waiting,
    take_back_waiting,
    tell_administrators,
    value_of,
)
from forum_anonymous_questions.models import ASKED, LAPSED, PUBLISHED, QUESTIONS, REFUSED
from forum_anonymous_questions.opening_actions import (
    open_question_case,
    passing_over,
    set_state,
)
from forum_anonymous_questions.period_actions import shuffled
from forum_anonymous_questions.settings import LEAST
from forum_anonymous_questions.standing_queries import (
    is_approved,
    is_undecided,
    standing_questions,
    waiting_follow_ups,
)

LAPSES = timedelta(days=14)
TOLD = timedelta(days=3)
LONGEST_WAIT = timedelta(hours=48)
# A fixed time is some minutes late now and then, or an hour by the clock that people set twice a year.
_NEARLY = timedelta(hours=2)


def settle_decisions() -> None:
    """Note which questions moderators have refused, or do not refuse any more."""
    for one in standing_questions():
        is_refused = one.decision == "removed" and one.removed_at is not None
        if is_refused != (one.state == REFUSED):
            set_state(one.id, REFUSED if is_refused else ASKED)


def lapse_undecided(now: datetime) -> None:
    """Give up what nobody has decided about for a fortnight."""
    for one in _asked():
        if is_undecided(one) and one.opened_at <= now - LAPSES:
            with passing_over():
                take_back_waiting(one.post_id)
            set_state(one.id, LAPSED)
    for one in waiting_follow_ups():
        if is_undecided(one) and one.opened_at <= now - LAPSES:
            with passing_over():
                take_back_waiting(one.post_id)


def ask_again() -> None:
    """Put before moderators again whatever waits without anybody having decided about it: its case was
    closed while this plugin was switched off."""
    asked = _asked()
    again = [one for one in asked if one.case_id is None and one.removed_at is None]
    again += [one for one in (*asked, *waiting_follow_ups()) if one.decision == "nothing"]
    for one in again:
        with passing_over():
            open_question_case(one.post_id)


def publish_batch(now: datetime) -> None:
    """Publish what is approved, in random order, if it is enough or has waited long enough."""
    asked = _asked()
    questions = {one.post_id: one.id for one in asked}
    ready = [
        one
        for one in (*asked, *waiting_follow_ups())
        if is_approved(one) and _can_be_published(one)
    ]
    if not _is_due(ready, now):
        return
    for one in shuffled(ready):
        with passing_over():
            publish_waiting(one.post_id)
            if one.post_id in questions:
                set_state(questions[one.post_id], PUBLISHED)


def tell_of_undecided(now: datetime) -> None:
    """Tell administrators, once of each question, that nobody decides, or that it cannot be published
    where it is to stand."""
    late = [one for one in _asked() if not one.is_told and _is_late(one, now)]
    if not late:
        return
    ids = [one.id for one in late]
    db.session.execute(update(QUESTIONS).where(QUESTIONS.c.id.in_(ids)).values(is_told=True))
    tell_administrators(
        Phrase("Anonymous questions wait for moderators"),
        Phrase(
            "Anonymous questions have waited for three days without a decision, or cannot be published "
            "where they are to stand. Undecided, a question lapses after fourteen days."
        ),
        path="/moderation",
    )


def _asked() -> list[Any]:
    return [one for one in standing_questions() if one.state == ASKED]


def _is_due(ready: Sequence[Any], now: datetime) -> bool:
    if not ready:
        return False
    since = min(one.closed_at or one.created_at for one in ready)
    return len(ready) >= value_of(LEAST) or since <= now - LONGEST_WAIT + _NEARLY


def _is_late(one: Any, now: datetime) -> bool:
    if is_undecided(one):
        return bool(one.opened_at <= now - TOLD)
    return is_approved(one) and not _can_be_published(one)


def _can_be_published(one: Any) -> bool:
    try:
        with savepoint():
            require_publishable_waiting(one.post_id)
    except Conflict:
        return False
    return True
