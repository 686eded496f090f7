"""An appeal about a measure is one moderator's for half an hour, as a case is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from forum.accounts.closing_actions import close_account
from forum.accounts.models import MeasureAppeal
from forum.accounts.role_actions import give_role_to, take_role_from
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.errors import Conflict, NotAllowed
from forum.moderation.measure_actions import suspend_member
from forum.moderation.measure_appeal_actions import (
    claim_appeal,
    overturn_measure,
    release_appeal,
    uphold_measure,
)
from forum.record.actions import undo
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.evidence import links_of, words_of
from tests.moderation.court import Court
from tests.moderation.judging import REASON

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CASE = "/moderation/measures/1"


class Bench(Court):
    """Mo warned Ada, and Ada appeals: appeal 1."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        super().__init__(app, factories)
        self.ask(self.warn())

    def holder(self) -> int | None:
        """Who has the appeal."""
        with self.app.app_context():
            [row] = rows(select(MeasureAppeal.claimed_by, MeasureAppeal.claimed_until))
        assert (row.claimed_by is None) == (row.claimed_until is None)
        return row.claimed_by


@pytest.fixture
def bench(app: Flask, factories: Factories) -> Bench:
    """A community."""
    return Bench(app, factories)


def test_who_takes_it_has_it_and_others_read_who(bench: Bench) -> None:
    max_, olga = (bench.make.signed_in(person) for person in (bench.max, bench.olga))
    early = submit(olga, CASE, form="form.decide", button="It was decided rightly", words="")
    assert early.status_code == 422
    taken = submit(max_, f"{CASE}?kind=measure", form=".claim form")
    assert (taken.location, bench.holder()) == (f"{CASE}?kind=measure", bench.max.id)
    assert "You have this case until" in max_.get(CASE).text
    assert words_of(max_.get(CASE), "form.decide button") != []
    page = olga.get(CASE)
    assert "Max has this case until" in " ".join(words_of(page, ".claim p"))
    assert words_of(page, "form") == words_of(page, "header form, footer form")
    assert links_of(page, "main header nav a") == ["/moderation"]
    for browser, said in ((max_, "You have it until"), (olga, "Max has it until")):
        assert any(said in words for words in words_of(browser.get("/moderation"), ".case .about"))
    for act in (claim_appeal, uphold_measure, overturn_measure):
        words = {} if act is claim_appeal else {"words": "So."}
        with pytest.raises(Conflict, match="Max has this case at present"):
            bench.by(bench.olga, act, 1, **words)
    bench.by(bench.olga, release_appeal, 1)
    assert bench.holder() == bench.max.id
    assert submit(max_, CASE, form=".claim form").location == "/moderation"
    assert bench.holder() is None
    assert "Nobody has this case." in olga.get(CASE).text


def token_in(page: TestResponse) -> str:
    """What keeps other sites from sending forms."""
    return page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


@ONE_DATABASE
def test_words_of_who_comes_too_late_stay_on_the_page(bench: Bench) -> None:
    olga = bench.make.signed_in(bench.olga)
    form = olga.get(CASE)
    token = token_in(form)
    bench.by(bench.max, claim_appeal, 1)
    sent = {"csrf_token": token, "words": "So.", "decision": "uphold"}
    late = olga.post(CASE, data=sent)
    assert (late.status_code, words_of(late, "textarea#unsaid")) == (409, ["So."])
    taken = olga.post(f"{CASE}/claim", data={"csrf_token": token})
    assert (taken.status_code, "Max has this case at present" in taken.text) == (409, True)


@ONE_DATABASE
def test_who_decided_it_cannot_take_it(bench: Bench) -> None:
    assert words_of(bench.make.signed_in(bench.mo).get(CASE), "main button") == []
    with pytest.raises(NotAllowed, match="decided this yourself"):
        bench.by(bench.mo, claim_appeal, 1)
    for act in (claim_appeal, release_appeal):
        with pytest.raises(NotAllowed):
            bench.by(bench.ada, act, 1)


@ONE_DATABASE
def test_what_somebody_else_has_is_passed_over(bench: Bench) -> None:
    bench.ask(bench.mute())
    olga = bench.make.signed_in(bench.olga)
    second = "/moderation/measures/2"
    assert links_of(olga.get(CASE), "main a[rel=next]") == [f"{second}#case"]
    bench.by(bench.max, claim_appeal, 2)
    assert links_of(olga.get(CASE), "main a[rel=next]") == []
    max_ = bench.make.signed_in(bench.max)
    assert links_of(max_.get(CASE), "main a[rel=next]") == [f"{second}#case"]


@ONE_DATABASE
def test_it_ends_by_the_clock_and_with_the_decision(bench: Bench) -> None:
    bench.by(bench.max, claim_appeal, 1)
    with bench.app.test_request_context(), transaction():
        over = utcnow() - timedelta(seconds=1)
        db.session.execute(update(MeasureAppeal).values(claimed_until=over))
    assert "Nobody has this case." in bench.make.signed_in(bench.olga).get(CASE).text
    bench.by(bench.olga, claim_appeal, 1)
    bench.by(bench.olga, uphold_measure, 1, words="Rightly.")
    assert bench.holder() is None
    bench.by(bench.olga, undo, len(bench.log()))
    assert bench.holder() is None
    bench.by(bench.max, claim_appeal, 1)


def _leave(bench: Bench) -> None:
    with bench.app.test_request_context():
        actor = bench.make.actor(bench.max)
        close_account(actor, password=bench.max.password, empty_posts=False)


LEAVING: dict[str, Callable[[Bench], object]] = {
    "role": lambda b: b.by(b.olga, take_role_from, b.max.id, "moderator"),
    "suspended": lambda b: b.by(b.olga, suspend_member, b.max.id, reason=REASON, until=None),
    "left": _leave,
    # About moderators only administrators decide.
    "whom it is about is a moderator": lambda b: b.by(b.olga, give_role_to, b.ada.id, "moderator"),
}


@pytest.mark.parametrize("how", LEAVING)
def test_who_decides_no_more_has_it_no_more(bench: Bench, how: str) -> None:
    bench.by(bench.max, claim_appeal, 1)
    LEAVING[how](bench)
    assert bench.holder() is None
    bench.by(bench.olga, uphold_measure, 1, words="Rightly.")


@ONE_DATABASE
def test_who_does_not_decide_about_it_learns_nothing_of_it(bench: Bench) -> None:
    bench.by(bench.olga, give_role_to, bench.ada.id, "moderator")
    max_ = bench.make.signed_in(bench.max)
    sent = {"csrf_token": token_in(max_.get("/account/address"))}
    answers = set()
    for number in (1, 99):
        address = f"/moderation/measures/{number}"
        assert max_.get(address).status_code == 404
        for deed in ("claim", "release"):
            answer = max_.post(f"{address}/{deed}", data=sent)
            answers.add((answer.status_code, words_of(answer, "main")[0]))
    assert len(answers) == 1
    assert [status for status, _words in answers] == [404]


@ONE_DATABASE
def test_giving_back_what_one_does_not_have_is_not_praised(bench: Bench) -> None:
    olga = bench.make.signed_in(bench.olga)
    sent = {"csrf_token": token_in(olga.get(CASE))}
    bench.by(bench.max, claim_appeal, 1)
    assert olga.post(f"{CASE}/release", data=sent).status_code == 303
    assert "You have given the case back." not in olga.get("/moderation").text
    assert bench.holder() == bench.max.id


@ONE_DATABASE
def test_another_right_that_is_taken_leaves_it(bench: Bench) -> None:
    bench.by(bench.max, claim_appeal, 1)
    bench.by(bench.olga, take_role_from, bench.mo.id, "moderator")
    assert bench.holder() == bench.max.id


def test_of_two_who_take_it_at_once_one_has_it(bench: Bench) -> None:
    def outcome(person: str) -> str:
        try:
            bench.by(getattr(bench, person), claim_appeal, 1)
        except Conflict as error:
            return error.message
        return "taken"

    with ThreadPoolExecutor(2) as both:
        found = list(both.map(outcome, ("max", "olga")))
    assert found.count("taken") == 1, found
    assert any("has this case at present" in words for words in found)
