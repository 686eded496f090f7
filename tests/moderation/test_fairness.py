"""How long cases waited, and what a second look changed: one's own figures, and those of all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion.curating_actions import remove_post, remove_thread
from forum.hookspecs import CaseNeeded
from forum.moderation.actions import open_case, publish_held
from forum.moderation.appeal_actions import appeal, overturn, uphold
from forum.moderation.decision_actions import (
    ask_for_changes,
    find_nothing_wrong,
    label_flagged,
    remove_flagged,
)
from forum.moderation.fairness_queries import (
    OpenByAge,
    SecondLooks,
    Waits,
    open_by_age,
    own_waits,
    second_looks,
    waits_of_all,
)
from forum.moderation.fairness_routes import time_in_words
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.moderation.rules import APPEALABLE
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from tests.evidence import links_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PAGE = "/moderation/fairness"
HOUR = timedelta(hours=1)


class Desk:
    """Bo flags what Ada writes in thread 1; Mo and Max moderate."""

    def __init__(self, app: Flask, make: Factories) -> None:
        self.app, self.make = app, make
        make.community()
        self.ada, self.bo = make.member("Ada"), make.member("Bo")
        self.mo, self.max = (make.member(name, role="moderator") for name in ("Mo", "Max"))
        self.first = make.thread(self.bo, title="Crackle")

    def do(self, person: Person, action: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """An action of somebody in a transaction of its own: the newest entry of the record."""
        actor = self.make.actor(person)
        with self.app.test_request_context(), transaction():
            action(actor, *values, **options)
            return db.session.scalar(select(LogEntry.id).order_by(LogEntry.id.desc()))

    def flagged(self, hours: float) -> int:
        """The case of a post of Ada's that waits for so many hours."""
        post = self.make.reply(self.first, self.ada, source="Buy my book!")
        self.do(self.bo, flag_post, 1, post.number, words="It sells.")
        with self.app.test_request_context(), transaction():
            case = db.session.scalars(select(Case).where(Case.post_id == post.id)).one()
            case.opened_at = utcnow() - hours * HOUR
            return case.id

    def held(self) -> int:
        """The case of a post of Ada's that waits."""
        post = self.make.reply(self.first, self.ada, source="Buy my book!")
        with self.app.test_request_context(), transaction():
            open_case(CaseNeeded(post_id=post.id, kind="hold", reason="It sells."))
            return db.session.scalars(select(Case.id).where(Case.post_id == post.id)).one()

    def ask(self, person: Person, question: Callable[..., Any]) -> Any:
        """What somebody would read."""
        actor = self.make.actor(person)
        with self.app.test_request_context():
            return question(actor, utcnow())


@pytest.fixture
def desk(app: Flask, factories: Factories) -> Desk:
    """A community."""
    return Desk(app, factories)


def rounded(waits: list[Waits]) -> list[tuple[int, int, int | None, int | None]]:
    """(days, decided, half waited, longest), times in hours."""
    return [
        (
            w.days,
            w.decided,
            w.middle and round(w.middle / HOUR),
            w.longest and round(w.longest / HOUR),
        )
        for w in waits
    ]


def test_everybody_reads_their_own_figures_and_those_of_all(desk: Desk) -> None:
    assert rounded(desk.ask(desk.mo, own_waits)) == [(30, 0, None, None), (90, 0, None, None)]
    for hours, who in ((1, desk.mo), (5, desk.mo), (79, desk.mo), (200, desk.max)):
        desk.do(who, find_nothing_wrong, desk.flagged(hours), words="It is fine.")
    assert rounded(desk.ask(desk.mo, own_waits)) == [(30, 3, 5, 79), (90, 3, 5, 79)]
    assert rounded(desk.ask(desk.max, own_waits)) == [(30, 1, 200, 200), (90, 1, 200, 200)]
    assert rounded(desk.ask(desk.max, waits_of_all))[1] == (90, 4, 42, 200)
    for hours in (2, 30, 100, 100, 200):
        desk.flagged(hours)
    assert desk.ask(desk.mo, open_by_age) == OpenByAge(1, 1, 2, 1)
    page = desk.make.signed_in(desk.mo).get(PAGE)
    assert words_of(page, "section[aria-labelledby=own] tbody tr") == [
        "30 days35 hours3 days",
        "90 days35 hours3 days",
    ]
    assert "Max" not in " ".join(words_of(page, "main"))


@ONE_DATABASE
def test_own_decisions_that_were_looked_at_once_more_lead_to_their_cases(desk: Desk) -> None:
    cases = [desk.flagged(1) for _ in range(4)]
    entries = [desk.do(desk.mo, remove_flagged, case, words="It sells.") for case in cases]
    entries.append(desk.do(desk.mo, remove_post, 1, 1, reason="Loud."))
    for entry in entries[:3]:
        desk.do(desk.ada, appeal, entry, words="It does not.")
    desk.do(desk.max, uphold, 5, words="It does.")
    desk.do(desk.max, overturn, 6, words="It does not.")
    desk.do(desk.max, undo, entries[3])
    desk.do(desk.mo, undo, entries[4])
    counts, looks = desk.ask(desk.mo, second_looks)
    assert counts == SecondLooks(appealed=3, upheld=1, overturned=1, undone=1)
    assert [(look.case_id, look.appeal_id, look.appeal_decision) for look in looks] == [
        (cases[3], None, None),
        (cases[2], 7, None),
        (cases[1], 6, "overturned"),
        (cases[0], 5, "upheld"),
    ]
    assert desk.ask(desk.max, second_looks) == (SecondLooks(0, 0, 0, 0), [])
    mo = desk.make.signed_in(desk.mo)
    page = mo.get(PAGE)
    links = links_of(page, "section[aria-labelledby=looks] a")
    assert [mo.get(link).status_code for link in links] == [200] * 8
    assert "3 appealed against, of these 1 upheld and 1 overturned; 1 more" in page.text


@ONE_DATABASE
def test_every_decision_that_can_be_appealed_against_counts(desk: Desk) -> None:
    flags = {name: desk.flagged(1) for name in ("case.remove", "case.changes", "case.label")}
    deeds: dict[str, Callable[[], Any]] = {
        "case.remove": lambda: desk.do(desk.mo, remove_flagged, flags["case.remove"], words="No."),
        "case.changes": lambda: desk.do(
            desk.mo, ask_for_changes, flags["case.changes"], words="No."
        ),
        "case.label": lambda: desk.do(
            desk.mo, label_flagged, flags["case.label"], label="Old.", words="No."
        ),
        "post.remove": lambda: desk.do(
            desk.mo, remove_post, 1, desk.make.reply(desk.first, desk.ada).number, reason="No."
        ),
        "thread.remove": lambda: desk.do(
            desk.mo, remove_thread, desk.make.thread(desk.ada).thread_id, reason="No."
        ),
    }
    deeds["case.publish_labelled"] = lambda: desk.do(
        desk.mo, publish_held, desk.held(), label="Old.", words="No."
    )
    for kind, deed in deeds.items():
        desk.do(desk.ada, appeal, deed(), words="Yes.")
        counts, looks = desk.ask(desk.mo, second_looks)
        assert looks[0].kind == kind
    assert counts.appealed == len(deeds)
    # These two are decided with the same rights, and are about a whole thread.
    assert {*APPEALABLE} - {*deeds} == {"case.move", "case.place"}


@ONE_DATABASE
def test_page_costs_the_same_with_many_cases_and_is_for_moderators(desk: Desk) -> None:
    mo = desk.make.signed_in(desk.mo)

    def statements() -> int:
        with count_statements(desk.app) as found:
            assert mo.get(PAGE).status_code == 200
        return len(found)

    mo.get(PAGE)
    none = statements()
    for number in range(3):
        entry = desk.do(desk.mo, remove_flagged, desk.flagged(number), words="It sells.")
        desk.do(desk.ada, appeal, entry, words="It does not.")
        desk.flagged(number)
    assert statements() == none
    assert PAGE in links_of(mo.get("/moderation"), "main a")
    assert desk.make.signed_in(desk.ada).get(PAGE).status_code == 403


@ONE_DATABASE
def test_times_are_said_in_words(desk: Desk) -> None:
    times = [None, timedelta(seconds=20), timedelta(minutes=5), timedelta(days=3, hours=2)]
    with desk.app.test_request_context():
        assert [time_in_words(time) for time in times] == [
            "–",
            "under a minute",
            "5 minutes",
            "3 days",
        ]
