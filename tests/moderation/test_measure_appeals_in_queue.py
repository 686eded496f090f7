"""Appeals about measures stand in the queue of the moderators as cases do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from forum.accounts.models import MeasureAppeal
from forum.accounts.role_actions import take_role_from
from forum.clock import utcnow
from forum.db import db, transaction
from forum.moderation.fairness_queries import OpenByAge, open_by_age, own_waits, waits_of_all
from forum.moderation.measure_actions import (
    suspend_member,
    warn_member,
)
from forum.moderation.measure_appeal_actions import (
    appeal_against_measure,
    uphold_measure,
)
from forum.testing.factories import Factories, Person
from tests.evidence import words_of
from tests.moderation.court import Court
from tests.moderation.judging import REASON

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def court(app: Flask, factories: Factories) -> Court:
    """A community."""
    return Court(app, factories)


@ONE_DATABASE
@pytest.mark.parametrize(("about", "helper"), [("mo", "admin"), ("ada", "moderator")])
def test_page_says_when_nobody_else_can_decide(court: Court, about: str, helper: str) -> None:
    person = getattr(court, about)
    for colleague in (court.mo, court.max):
        if about == "ada":
            court.by(court.olga, take_role_from, colleague.id, "moderator")
    court.by(court.olga, warn_member, person.id, reason=REASON)
    court.by(person, appeal_against_measure, court.newest(), words="No.")
    browser = court.make.signed_in(court.olga)
    needed = "another administrator decides" if about == "mo" else "another moderator or"
    said = words_of(browser.get("/moderation/measures/1"), "main .notice.warn")
    assert [needed in words for words in said] == [True]
    ines = court.make.member("Ines", role=helper)
    assert "Somebody else looks at the appeal." in browser.get("/moderation/measures/1").text
    court.by(court.olga, suspend_member, ines.id, reason=REASON, until=None)
    assert words_of(browser.get("/moderation/measures/1"), "main .notice.warn") == said


@ONE_DATABASE
def test_upheld_after_its_end_is_told_as_over(court: Court, worker: Callable[[], int]) -> None:
    measure = court.mute()
    appeal = court.ask(measure)
    court.let_time_pass()
    court.by(court.max, uphold_measure, appeal, words="It was loud.")
    worker()
    ada = court.make.signed_in(court.ada)
    told = (
        dict(court.letters())["Your appeal in Potters"],
        ada.get("/notifications").text,
        ada.get(f"/decided/measures/{measure}").text,
    )
    for words in told:
        assert "decided rightly. It is over by now." in " ".join(words.split())
        assert "It stays." not in words


def test_waiting_times_have_appeals_about_measures(court: Court) -> None:
    first, second = court.ask(court.warn()), court.ask(court.mute())
    with court.app.test_request_context(), transaction():
        for appeal, hours in ((first, 50), (second, 200)):
            found = db.session.get_one(MeasureAppeal, appeal)
            found.opened_at = utcnow() - timedelta(hours=hours)
    boss = court.make.member("Ines", role="admin")
    court.by(court.olga, warn_member, court.mo.id, reason=REASON)
    court.by(court.mo, appeal_against_measure, court.newest(), words="No.")
    assert _ages(court, court.max) == OpenByAge(0, 1, 0, 1)
    assert _ages(court, boss) == OpenByAge(1, 1, 0, 1)
    court.by(court.max, uphold_measure, first, words="Rightly.")
    assert _ages(court, court.max) == OpenByAge(0, 0, 0, 1)
    for person, ask, decided in ((court.max, own_waits, 1), (court.olga, waits_of_all, 1)):
        waits = _asked(court, person, ask)
        assert [w.decided for w in waits] == [decided] * 2
        assert {w.longest and round(w.longest / timedelta(hours=1)) for w in waits} == {50}
    assert [w.decided for w in _asked(court, court.olga, own_waits)] == [0, 0]
    # Of what is about themselves, nobody is told.
    court.by(boss, uphold_measure, 3, words="Rightly.")
    for person, decided in ((court.mo, 1), (court.max, 1), (court.olga, 2)):
        assert [w.decided for w in _asked(court, person, waits_of_all)] == [decided] * 2


def _asked(court: Court, person: Person, question: Callable[..., Any]) -> Any:
    actor = court.make.actor(person)
    with court.app.test_request_context():
        return question(actor, utcnow())


def _ages(court: Court, person: Person) -> OpenByAge:
    found: OpenByAge = _asked(court, person, open_by_age)
    return found
