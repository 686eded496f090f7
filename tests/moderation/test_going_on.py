"""After a decision the moderator goes on with the next case that is for them."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete

from forum.db import db, transaction
from forum.discussion.curating_actions import remove_post
from forum.moderation.actions import claim_case
from forum.moderation.appeal_actions import appeal
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import send, submit
from tests.evidence import everything, links_of, words_of
from tests.moderation.judging import Town

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FACTS = {"Accept": "application/json, text/html;q=0.9"}


class Queue(Town):
    """Case 1, an appeal against what Mo decided; 2 and 4 flags, 3 a request for help, 5 a flag that Max
    has taken; all about posts of Ada's."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        super().__init__(app, factories)
        bo = factories.member("Bo")
        for n in range(5):
            factories.reply(self.first, self.ada, source=f"Buy book {n}!")
        self.by(self.mo, remove_post, 1, 2, reason="It sells.")
        self.by(self.ada, appeal, 1, words="No.")
        self.by(bo, flag_post, 1, 3, words="Odd.")
        with app.app_context(), transaction():
            db.session.add(Case(post_id=4, kind="help", reason="A table."))
        self.by(bo, flag_post, 1, 5, words="Odd.")
        self.by(bo, flag_post, 1, 6, words="Odd.")
        self.by(self.max, claim_case, 5)

    def decide(self, person: Person, address: str, button: str = "Nothing wrong") -> str | None:
        """Somebody presses a button: where that leads."""
        browser = self.make.signed_in(person)
        answer = submit(browser, address, form="form.decide", button=button, words="Fine.")
        assert answer.status_code == 303, answer.text
        return answer.location


@pytest.fixture
def queue(app: Flask, factories: Factories) -> Queue:
    """Five cases."""
    return Queue(app, factories)


def onward(browser: FlaskClient, address: str) -> list[str]:
    """The links with which one goes on from a case."""
    return links_of(browser.get(address), "main header nav a")


def test_decision_leads_to_the_next_case_that_is_for_whoever_decided(queue: Queue) -> None:
    assert queue.decide(queue.mo, "/moderation/2") == "/moderation/3#case"
    assert queue.decide(queue.mo, "/moderation/3", "Done") == "/moderation/4#case"
    # Max has taken the last one.
    assert queue.decide(queue.mo, "/moderation/4") == "/moderation"
    assert (
        queue.decide(queue.max, "/moderation/1", "It was decided rightly") == "/moderation/5#case"
    )


@ONE_DATABASE
def test_what_was_decided_is_said_above_the_next_case(queue: Queue) -> None:
    mo = queue.make.signed_in(queue.mo)
    submit(mo, "/moderation/2", form="form.decide", button="Nothing wrong", words="Fine.")
    said = "Closed. The author and whoever flagged the post are told. Undo"
    assert words_of(mo.get("/moderation/3"), ".notice, h1") == [said, "Asked for help"]


@ONE_DATABASE
def test_list_of_one_kind_is_worked_through_alone(queue: Queue) -> None:
    mo = queue.make.signed_in(queue.mo)
    address = "/moderation/2?kind=flag"
    assert address in links_of(mo.get("/moderation?kind=flag"), ".case h2 a")
    next_one = "/moderation/4?kind=flag#case"
    assert onward(mo, address) == ["#words", next_one, "/moderation?kind=flag"]
    assert queue.decide(queue.mo, address) == next_one
    assert queue.decide(queue.mo, "/moderation/4?kind=flag") == "/moderation?kind=flag"
    assert onward(mo, "/moderation/4?kind=nonsense") == ["/moderation"]


@ONE_DATABASE
def test_case_that_cannot_be_decided_leads_on(queue: Queue) -> None:
    mo = queue.make.signed_in(queue.mo)
    page = mo.get("/moderation/1")
    assert words_of(page, "main header nav a") == ["Next case", "Back to the list"]
    assert words_of(mo.get("/moderation/5"), "main header nav a") == ["Back to the list"]


def decide_for_facts(browser: FlaskClient, address: str) -> object:
    page = BeautifulSoup(browser.get(address).text, "html.parser")
    form = page.select_one("form.decide")
    assert form is not None
    browser.environ_base["HTTP_ACCEPT"] = FACTS["Accept"]
    answer = send(browser, address, form, button="Nothing wrong", words="Fine.")
    del browser.environ_base["HTTP_ACCEPT"]
    return answer.json


def mark_on(browser: FlaskClient, address: str) -> str:
    [mark] = (
        str(part["data-mark"])
        for part in BeautifulSoup(browser.get(address).text, "html.parser").select("[data-mark]")
    )
    return mark


@ONE_DATABASE
def test_script_is_told_what_was_decided_and_which_page_comes_next(queue: Queue) -> None:
    mo = queue.make.signed_in(queue.mo)
    fetched_before = mark_on(mo, "/moderation/3")
    told = decide_for_facts(mo, "/moderation/2")
    assert told == {
        "words": "Closed. The author and whoever flagged the post are told.",
        "undo": "/moderation/log/2",
        "undo_words": "Undo",
        "next": "/moderation/3",
        "mark": fetched_before,
    }
    # It was said; the next page does not say it again.
    assert words_of(mo.get("/moderation/3"), ".notice") == []
    queue.decide(queue.mo, "/moderation/3", "Done")
    assert decide_for_facts(mo, "/moderation/4") == {"next": "/moderation"}
    assert len(words_of(mo.get("/moderation"), ".notice")) == 1


@ONE_DATABASE
def test_page_fetched_before_is_overtaken_by_what_happens_to_its_post(queue: Queue) -> None:
    mo = queue.make.signed_in(queue.mo)
    marks = [mark_on(mo, "/moderation/4")]
    ada = queue.make.signed_in(queue.ada)
    submit(ada, "/t/1/5/edit", button="Publish", source="Buy two books!")
    marks.append(mark_on(mo, "/moderation/4"))
    queue.by(queue.max, remove_post, 1, 5, reason="It sells.")
    marks.append(mark_on(mo, "/moderation/4"))
    assert len(set(marks)) == 3


@ONE_DATABASE
def test_fetching_a_case_ahead_changes_nothing(queue: Queue) -> None:
    mo = queue.make.signed_in(queue.mo)
    mo.get("/moderation/2")
    before = everything(queue.app)
    assert mo.get("/moderation/3").status_code == 200
    assert everything(queue.app) == before


@ONE_DATABASE
def test_many_further_cases_cost_no_further_statements(queue: Queue) -> None:
    mo = queue.make.signed_in(queue.mo)

    def cost() -> int:
        with count_statements(queue.app) as statements:
            assert mo.get("/moderation/2").status_code == 200
        return len(statements)

    cost()
    many = cost()
    with queue.app.app_context(), transaction():
        db.session.execute(delete(Case).where(Case.id > 3))
    assert onward(mo, "/moderation/2") == ["#words", "/moderation/3#case", "/moderation"]
    assert cost() == many
