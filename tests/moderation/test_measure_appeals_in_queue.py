"""Appeals about measures stand in the queue of the moderators as cases do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from forum.accounts.models import MeasureAppeal
from forum.accounts.role_actions import take_role_from
from forum.clock import utcnow
from forum.db import db, transaction
from forum.moderation.fairness_queries import OpenByAge, open_by_age, own_waits, waits_of_all
from forum.moderation.flag_actions import flag_post
from forum.moderation.measure_actions import (
    lift_measure,
    suspend_member,
    warn_member,
)
from forum.moderation.measure_appeal_actions import (
    appeal_against_measure,
    uphold_measure,
)
from forum.moderation.models import Case
from forum.record.actions import undo
from forum.testing.factories import Factories, Person
from forum.testing.forms import send, submit
from tests.evidence import links_of, words_of
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


class Between(Court):
    """Case 1, a flag; appeal 1, about a warning; case 2, a flag; appeal 2, about a mute."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        super().__init__(app, factories)
        bo = factories.member("Bo")
        posts = [factories.reply(self.first, self.ada).number for _n in range(2)]
        self.by(bo, flag_post, 1, posts[0], words="Odd.")
        self.ask(self.warn())
        self.by(bo, flag_post, 1, posts[1], words="Odd.")
        self.ask(self.mute())

    def decide(self, person: Person, address: str, button: str) -> str | None:
        """Somebody presses a button: where that leads."""
        browser = self.make.signed_in(person)
        answer = submit(browser, address, form="form.decide", button=button, words="Fine.")
        assert answer.status_code == 303, answer.text
        return answer.location


ALL = ["/moderation/1", "/moderation/measures/1", "/moderation/2", "/moderation/measures/2"]
RIGHTLY = "It was decided rightly"


def test_they_stand_among_the_cases_in_the_order_of_their_age(
    app: Flask, factories: Factories
) -> None:
    court = Between(app, factories)
    max_, mo = (court.make.signed_in(person) for person in (court.max, court.mo))
    assert links_of(max_.get("/moderation"), ".case h2 a") == ALL
    only = [f"{address}?kind=measure" for address in ALL[1::2]]
    assert links_of(max_.get("/moderation?kind=measure"), ".case h2 a") == only
    following = [links_of(max_.get(address), "main a[rel=next]") for address in ALL]
    assert following == [[f"{address}#case"] for address in ALL[1:]] + [[]]
    # What Mo decided, Mo goes past.
    passed = [links_of(mo.get(address), "main a[rel=next]") for address in ALL]
    assert passed == [["/moderation/2#case"], ["/moderation/2#case"], [], []]
    for address in only:
        assert links_of(max_.get(address), "header nav a")[-1] == "/moderation?kind=measure"
    assert links_of(max_.get(only[0]), "main a[rel=next]") == [f"{only[1]}#case"]
    assert court.decide(court.max, ALL[0], "Nothing wrong") == f"{ALL[1]}#case"
    assert court.decide(court.max, ALL[1], RIGHTLY) == f"{ALL[2]}#case"
    assert court.decide(court.max, ALL[2], "Nothing wrong") == f"{ALL[3]}#case"
    assert court.decide(court.max, ALL[3], RIGHTLY) == "/moderation"


@ONE_DATABASE
def test_script_is_told_what_comes_next(app: Flask, factories: Factories) -> None:
    court = Between(app, factories)
    max_, facts = court.make.signed_in(court.max), []
    marks_on = {address: _mark(court, court.max, address) for address in ALL}
    for address, button in ((ALL[0], "Nothing wrong"), (ALL[1], RIGHTLY)):
        form = BeautifulSoup(max_.get(address).text, "html.parser").select_one("form.decide")
        assert form is not None
        assert form["action"] == address
        max_.environ_base["HTTP_ACCEPT"] = "application/json, text/html;q=0.9"
        facts.append(send(max_, address, form, button=button, words="Fine.").json)
        del max_.environ_base["HTTP_ACCEPT"]
    for said, following in zip(facts, ALL[1:3], strict=True):
        assert said is not None
        assert said["next"] == following
        assert marks_on[following] == said["mark"]
    assert facts[1]["words"] == "It stays as it was decided. The member is told."
    # Upheld, it can be undone from there.
    heading = words_of(max_.get(facts[1]["undo"]), "h1")
    assert ["measure upheld after an appeal" in words for words in heading] == [True]


@ONE_DATABASE
def test_mark_tells_that_the_measure_is_not_as_it_was_read(court: Court) -> None:
    measure = court.mute()
    appeal = court.ask(measure)
    marks = [_mark(court, court.max)]
    court.by(court.max, lift_measure, court.ada.id, measure)
    marks.append(_mark(court, court.max))
    court.by(court.max, undo, len(court.log()))
    assert _mark(court, court.max) == marks[0] != marks[1]
    court.by(court.max, undo, 1)
    marks.append(_mark(court, court.max))
    court.by(court.max, uphold_measure, appeal, words="Rightly.")
    marks.append(_mark(court, court.max))
    assert len(set(marks)) == 4


@ONE_DATABASE
@pytest.mark.parametrize("was_lifted", [False, True])
def test_measure_that_is_not_as_it_was_read_is_looked_at_again(
    court: Court, was_lifted: bool
) -> None:
    measure = court.mute()
    appeal = court.ask(measure)
    case, max_ = f"/moderation/measures/{appeal}", court.make.signed_in(court.max)
    lift = partial(court.by, court.mo, lift_measure, court.ada.id, measure)
    if was_lifted:
        lift()
    form = BeautifulSoup(max_.get(case).text, "html.parser").select_one("form.decide")
    assert form is not None
    undone = len(court.log())
    if was_lifted:
        court.by(court.mo, undo, undone)
    else:
        lift()
    button = "It was decided wrongly" if was_lifted else "Undo what was decided"
    answer = send(max_, case, form, button=button, words="You are right.")
    assert answer.status_code == 409
    assert "lifted or undone meanwhile" in answer.text
    assert "You are right." in answer.text
    assert court.decided() == [("mute", None)]
    again = "Undo what was decided" if was_lifted else "It was decided wrongly"
    assert submit(max_, case, form="form.decide", button=again, words="Yes.").status_code == 303
    assert court.decided() == [("mute", "overturned")]


def _mark(court: Court, person: Person, address: str = "/moderation/measures/1") -> str:
    page = court.make.signed_in(person).get(address).text
    [heading] = BeautifulSoup(page, "html.parser").select("#case")
    return str(heading["data-mark"])


@ONE_DATABASE
def test_each_stands_on_one_page_of_a_long_list(court: Court) -> None:
    def wait(*numbers: int) -> None:
        with court.app.test_request_context(), transaction():
            for number in numbers:
                db.session.add(Case(post_id=1, kind=f"gone.k{number}", reason="Odd."))
                db.session.flush()

    court.ask(court.warn())
    wait(*range(25))
    court.ask(court.mute())
    wait(25, 26)
    until = utcnow() + timedelta(days=1)
    court.by(court.mo, suspend_member, court.ada.id, reason=REASON, until=until)
    court.ask(court.newest())
    max_ = court.make.signed_in(court.max)
    first, second = max_.get("/moderation"), max_.get("/moderation?after=25")
    cases = [f"/moderation/{n}" for n in range(1, 28)]
    appeals = [f"/moderation/measures/{n}" for n in range(1, 4)]
    assert links_of(first, ".case h2 a") == [appeals[0], *cases[:25]]
    assert links_of(second, ".case h2 a") == [appeals[1], *cases[25:], appeals[2]]
    assert "/moderation?after=25" in links_of(first, "a")
