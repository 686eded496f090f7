"""What waits again after a decision was undone obeys the clock anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forum.clock import utcnow
from forum.moderation.actions import remove_held
from forum.record.actions import undo
from forum.testing.forms import fields_of
from tests.evidence import form_of, words_of
from tests.moderation.test_clock import LINE, ONE_DATABASE, Waiting, app, waiting

__all__ = ["app", "waiting"]


def days_ago(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """What is noted in the record from now on was done so many days earlier."""
    monkeypatch.setattr("forum.record.actions.utcnow", lambda: utcnow() - timedelta(days=days))


def test_what_waits_again_is_published_under_its_number_when_nobody_decides_in_three_days(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.held()
    waiting.held("SALE of lamps!")
    waiting.pass_days(30)
    waiting.clock()
    days_ago(monkeypatch, 2)
    waiting.do(waiting.mo, undo, 1)
    waiting.tidy()
    assert waiting.posts() == [(3, None), (4, LINE)], "two days ago"
    days_ago(monkeypatch, 3)
    waiting.do(waiting.mo, undo, 3)
    waiting.tidy()
    assert waiting.posts() == [(3, None), (4, LINE)]
    assert waiting.log()[-1] == ("case.clock", None)
    assert waiting.cases()[-1] == ("unreviewed", None, None)
    page = waiting.browser(waiting.ada).get("/t/1")
    assert words_of(page, "article.removed h2") == ["This post waits for a moderator"]
    assert "SALE of lamps!" in page.text


def test_what_may_do_harm_waits_for_a_person_after_undoing_too(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.held("POISON of glazes!")
    days_ago(monkeypatch, 30)
    waiting.do(waiting.mo, remove_held, 1, reason="Poison.")
    waiting.do(waiting.mo, undo, 1)
    waiting.pass_days(30)
    waiting.tidy()
    assert (waiting.posts(), waiting.cases()) == ([(None, None)], [("hold", None, None)])


@ONE_DATABASE
def test_note_is_kept_when_the_time_to_decide_is_over(waiting: Waiting) -> None:
    waiting.held()
    mo = waiting.browser(waiting.mo)
    token = fields_of(form_of(mo.get("/moderation/1"), "form.note"))["csrf_token"]
    waiting.pass_days(3)
    sent = mo.post("/moderation/1/notes", data={"note": "Ask Max.", "csrf_token": token})
    assert (sent.status_code, sent.location) == (303, "/moderation/1#notes")
    assert "Ask Max." in mo.get("/moderation/1").text
