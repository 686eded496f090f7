"""A member asks another moderator to look at a warning, a mute or a suspension; that one decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.closing_actions import close_account
from forum.accounts.models import Measure, MeasureAppeal
from forum.accounts.tokens import OF_MEASURES, signed
from forum.clock import utcnow
from forum.db import rows
from forum.errors import Conflict, NotAllowed, NotFound
from forum.moderation.measure_actions import (
    lift_measure,
    note_member,
    warn_member,
)
from forum.moderation.measure_appeal_actions import (
    appeal_against_measure,
    overturn_measure,
    uphold_measure,
)
from forum.record.actions import undo
from forum.testing.application import count_statements
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.evidence import everything, links_of, words_of
from tests.moderation.court import Court
from tests.moderation.judging import REASON

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DECIDE, WRONG, RIGHTLY = "form.decide", "Undo what was decided", "It was decided rightly"


@pytest.fixture
def court(app: Flask, factories: Factories) -> Court:
    """A community."""
    return Court(app, factories)


def test_muted_member_asks_and_another_moderator_undoes_it(
    court: Court, worker: Callable[[], int]
) -> None:
    measure = court.mute()
    ada, mo, max_ = (court.make.signed_in(p) for p in (court.ada, court.mo, court.max))
    address = f"/decided/measures/{measure}"
    assert address in links_of(ada.get("/notifications"), "main a")
    assert REASON in ada.get(address).text
    assert submit(ada, address, words="I said that his\n\nglaze ran.").location == address
    assert "waits for a moderator" in words_of(ada.get(address), ".label")
    assert words_of(ada.get(address), "main form") == []
    case = "/moderation/measures/1"
    for browser in (mo, max_):
        for only in ("", "?kind=measure"):
            assert case + only in links_of(browser.get(f"/moderation{only}"), ".case h2 a")
    assert case not in links_of(max_.get("/moderation?kind=flag"), "a")
    assert words_of(mo.get(case), f"{DECIDE} button") == []
    assert "Somebody else looks at the appeal." in mo.get(case).text
    page = max_.get(case)
    assert all(said in page.text for said in (REASON, "glaze ran.", "Mo", "member muted"))
    done = submit(max_, case, form=DECIDE, button=WRONG, words="He misread you.")
    assert "What was decided is undone. The member is told." in max_.get(done.location).text
    assert (court.decided(), court.make.actor(court.ada).bar) == ([("mute", "overturned")], None)
    assert court.log() == [
        ("member.mute", False),
        ("member.mute", True),
        ("member.overturn", False),
    ]
    assert case not in links_of(max_.get("/moderation"), "a")
    worker()
    letters = dict(court.letters())
    assert "and undone it. In their words:\n\nHe misread you." in letters["Your appeal in Potters"]
    page = ada.get("/notifications")
    assert words_of(page, "main li.unread h3") == [
        "Another moderator has looked at what was decided about you, and undone it."
    ]
    assert submit(ada, "/notifications", button="Mark all as seen").status_code == 303
    assert words_of(ada.get("/notifications"), "main li.unread") == []
    assert "He misread you." in ada.get(address).text


def test_suspended_member_comes_in_with_the_link_of_the_letter_and_nowhere_else(
    court: Court, worker: Callable[[], int]
) -> None:
    browser = court.make.signed_in(court.ada)
    court.suspend()
    worker()
    link, other = court.link(), court.app.test_client()
    for ada in (browser, other):
        page = ada.get(link)
        assert (page.status_code, REASON in page.text) == (200, True)
        assert ada.get("/me").status_code == 303
        assert words_of(page, "header a[href='/notifications']") == []
    assert submit(other, link, words="").status_code == 422
    assert submit(other, link, words="I was not there.").location == link
    assert "I was not there." in other.get(link).text
    assert court.decided() == [("suspension", None)]
    assert other.get("/notifications").status_code == 303
    max_ = court.make.signed_in(court.max)
    submit(max_, "/moderation/measures/1", form=DECIDE, button=RIGHTLY, words="You were.")
    worker()
    subject, letter = court.letters()[-1]
    assert (subject, "It stays. In their words:\n\nYou were." in letter) == (
        "Your appeal in Potters",
        True,
    )
    assert "You were." in other.get(link).text
    bar = court.make.actor(court.ada).bar
    assert bar is not None
    # Undone, it waits for somebody again, and the member is told.
    court.by(court.max, undo, len(court.log()))
    assert court.decided() == [("suspension", None)]
    worker()
    assert "is taken back" in court.letters()[-1][1]


@ONE_DATABASE
def test_link_that_is_not_ours_says_nothing(court: Court, worker: Callable[[], int]) -> None:
    measure = court.suspend()
    worker()
    link, guest = court.link(), court.app.test_client()
    number, until, signature = link.rpartition("/")[2].split(".")
    with court.app.app_context():
        now = int(utcnow().timestamp())
        over = signed(OF_MEASURES, measure, now - 1)
        unknown = signed(OF_MEASURES, 999, now + 60)
        another = signed("other", measure, now + 60)
    forged = (
        *(f"{number}.{int(until) + 1}.{signature}", f"9{number}.{until}.{signature}"),
        *(f"{number}.{until}.{signature[::-1]}", signature, "", "x" * 4_000),
    )
    texts = set()
    for word in (*forged, over, unknown, another):
        answer = guest.get(f"/appeal/{word}")
        assert answer.status_code == 404, word
        texts.add(tuple(words_of(answer, "main p")) if word else ())
    assert len(texts - {()}) == 1
    before = everything(court.app)
    token = words_of(guest.get(link), "title") and _token(guest.get(link).text)
    for word in (*forged[:3], over):
        answer = guest.post(f"/appeal/{word}", data={"csrf_token": token, "words": "Let me in."})
        assert answer.status_code == 404
    late = guest.post(link, data={"words": "Let me in."})
    assert (late.status_code, words_of(late, "textarea")) == (400, ["Let me in."])
    after = everything(court.app)
    assert {name for name in before if before[name] != after[name]} == {"attempts"}


def _token(text: str) -> str:
    return text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


@ONE_DATABASE
def test_who_sends_too_much_is_asked_to_wait(court: Court, worker: Callable[[], int]) -> None:
    court.suspend()
    worker()
    link, guest = court.link(), court.app.test_client()
    token = _token(guest.get(link).text)
    sent = {"csrf_token": token, "words": "x" * 1001}
    for _ in range(10):
        assert guest.post(link, data=sent).status_code == 422
    late = guest.post(link, data=sent)
    assert (late.status_code, words_of(late, "textarea")) == (429, ["x" * 1001])
    strange = {"csrf_token": token, "words": "x"}
    tries = [guest.post("/appeal/1.2.3", data=strange).status_code for _ in range(10)]
    assert tries == [*([404] * 9), 429]


@ONE_DATABASE
def test_what_cannot_be_asked_or_decided_says_why(court: Court) -> None:
    measure = court.warn()
    court.by(court.mo, note_member, court.ada.id, reason="Was rude.")
    note, bo = court.newest(), court.make.member("Bo")
    for person, number in ((bo, measure), (court.ada, note), (court.ada, 999)):
        with pytest.raises(NotFound):
            court.by(person, appeal_against_measure, number, words="No.")
        assert court.make.signed_in(person).get(f"/decided/measures/{number}").status_code == 404
    appeal = court.ask(measure)
    with pytest.raises(Conflict, match="appealed already"):
        court.ask(measure)
    for act in (uphold_measure, overturn_measure):
        with pytest.raises(NotAllowed, match="decided this yourself"):
            court.by(court.mo, act, appeal, words="No.")
        with pytest.raises(NotAllowed):
            court.by(bo, act, appeal, words="No.")
        with pytest.raises(NotFound):
            court.by(court.max, act, 999, words="No.")
    max_, case = court.make.signed_in(court.max), f"/moderation/measures/{appeal}"
    early = _token(max_.get(case).text)
    for words, error in (("", "Say why."), ("x" * 1001, "Shorten this")):
        answer = submit(max_, case, form=DECIDE, button=RIGHTLY, words=words)
        assert (answer.status_code, error in answer.text) == (422, True)
    nothing = max_.post(case, data={"csrf_token": early, "words": "So.", "decision": "x"})
    assert (nothing.status_code, words_of(nothing, "textarea")) == (422, ["So."])
    forged = max_.post(case, data={"words": "So.", "decision": "uphold"})
    assert (forged.status_code, words_of(forged, "textarea")) == (400, ["So."])
    court.by(court.olga, uphold_measure, appeal, words="Rightly.")
    court.by(court.olga, uphold_measure, appeal, words="Twice.")
    sent = {"csrf_token": early, "words": "So.", "decision": "overturn"}
    late = max_.post(case, data=sent)
    assert (late.status_code, words_of(late, "textarea#unsaid")) == (409, ["So."])
    assert court.decided() == [("warning", "upheld")]


@ONE_DATABASE
def test_of_a_moderator_only_administrators_find_the_appeal(court: Court) -> None:
    court.by(court.olga, warn_member, court.mo.id, reason=REASON)
    court.by(court.mo, appeal_against_measure, court.newest(), words="No.")
    case = "/moderation/measures/1"
    boss = court.make.member("Ines", role="admin")
    for person, found in ((court.mo, 404), (court.max, 404), (boss, 200), (court.ada, 403)):
        browser = court.make.signed_in(person)
        assert browser.get(case).status_code == found
        assert (case in browser.get("/moderation").text) == (found == 200)
    with pytest.raises(NotAllowed):
        court.by(court.max, overturn_measure, 1, words="No.")


@ONE_DATABASE
@pytest.mark.parametrize("mended", ["lifted", "undone"])
def test_measure_of_which_nothing_is_left_is_still_found_wrong(
    court: Court, worker: Callable[[], int], mended: str
) -> None:
    measure = court.mute()
    appeal = court.ask(measure)
    if mended == "lifted":
        court.by(court.max, lift_measure, court.ada.id, measure)
    else:
        court.by(court.max, undo, 1)
    max_, case = court.make.signed_in(court.max), f"/moderation/measures/{appeal}"
    page = max_.get(case)
    assert "Nothing is left to undo" in page.text
    assert REASON in page.text
    submit(max_, case, form=DECIDE, button="It was decided wrongly", words="You are right.")
    assert court.log()[-1] == ("member.overturn", False)
    assert len(court.log()) == 3
    worker()
    said = "and undone it" if mended == "undone" else "Nothing of it was left to undo."
    assert said in dict(court.letters())["Your appeal in Potters"]


def test_who_decided_finds_what_became_of_it_among_the_second_looks(court: Court) -> None:
    court.by(court.max, overturn_measure, court.ask(court.warn()), words="No.")
    court.ask(court.mute())
    page = court.make.signed_in(court.mo).get("/moderation/fairness")
    cases = ["/moderation/measures/2", "/moderation/measures/1"]
    assert links_of(page, "section[aria-labelledby=looks] a") == cases
    said = words_of(page, "section[aria-labelledby=looks] li p:last-child")
    assert said == ["Appeal: waits for a moderator", "Appeal: overturned"]
    for person in (court.max, court.olga):
        page = court.make.signed_in(person).get("/moderation/fairness")
        assert "None in the last 90 days." in page.text


def test_of_two_who_decide_at_once_one_does(court: Court) -> None:
    appeal = court.ask(court.mute())

    def outcome(act: Callable[[], Any]) -> str:
        try:
            act()
        except Conflict as error:
            return error.message
        return "done"

    deeds = (
        lambda: court.by(court.max, overturn_measure, appeal, words="No."),
        lambda: court.by(court.olga, uphold_measure, appeal, words="Yes."),
    )
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(outcome, deeds))
    assert found.count("done") == 1, found
    assert any("has decided this case meanwhile" in words for words in found)


@ONE_DATABASE
def test_of_who_leaves_nothing_stays(court: Court) -> None:
    court.ask(court.mute())
    with court.app.test_request_context():
        actor = court.make.actor(court.ada)
        close_account(actor, password=court.ada.password, empty_posts=False)
        assert rows(select(MeasureAppeal.id)) == rows(select(Measure.id)) == []
    assert "/moderation/measures" not in court.make.signed_in(court.max).get("/moderation").text


@ONE_DATABASE
def test_list_costs_the_same_however_many_ask(court: Court) -> None:
    max_, counts = court.make.signed_in(court.max), []
    for reason in ("Loud.", "Louder.", "Loudest."):
        court.by(court.mo, warn_member, court.ada.id, reason=reason)
        court.ask(court.newest())
        max_.get("/moderation")
        with count_statements(court.app) as found:
            assert max_.get("/moderation").text.count("/moderation/measures/") == len(counts) + 1
        counts.append(len(found))
    assert counts[0] == counts[-1]


@ONE_DATABASE
@pytest.mark.parametrize("mended", ["lifted", "undone"])
def test_of_what_is_over_already_nobody_says_that_it_stays(
    court: Court, worker: Callable[[], int], mended: str
) -> None:
    measure = court.mute()
    appeal = court.ask(measure)
    if mended == "lifted":
        court.by(court.max, lift_measure, court.ada.id, measure)
    else:
        court.by(court.max, undo, 1)
    max_, case = court.make.signed_in(court.max), f"/moderation/measures/{appeal}"
    done = submit(max_, case, form=DECIDE, button=RIGHTLY, words="You were loud.")
    said = max_.get(done.location).text
    assert "It is noted that this was decided rightly. The member is told." in said
    worker()
    ada = court.make.signed_in(court.ada)
    letter = dict(court.letters())["Your appeal in Potters"]
    for told in (
        letter,
        ada.get("/notifications").text,
        ada.get(f"/decided/measures/{measure}").text,
    ):
        assert "It was lifted or undone all the same" in told
        assert "It stays." not in told


@ONE_DATABASE
def test_letter_about_what_stands_again_promises_no_second_appeal(
    court: Court, worker: Callable[[], int]
) -> None:
    measure = court.suspend(until=None)
    worker()
    assert "another moderator will look at it, once" in court.letters()[-1][1]
    court.by(court.max, uphold_measure, court.ask(measure), words="Rightly.")
    court.by(court.mo, undo, court.by(court.mo, lift_measure, court.ada.id, measure))
    worker()
    [again] = [text for subject, text in court.letters()[1:] if "suspended" in subject]
    assert "another moderator will look at it" not in again
    assert "You have appealed against this already" in again
    [link] = re.findall(r"http\S+(/appeal/\S+)", again)
    assert "Rightly." in court.app.test_client().get(link).text


@ONE_DATABASE
@pytest.mark.parametrize("how", ["lifted", "undone", "overturned"])
def test_who_is_muted_still_reads_that_they_can_sign_in_again(
    court: Court, worker: Callable[[], int], how: str
) -> None:
    court.mute()
    measure = court.suspend(until=None)
    worker()
    before = len(court.letters())
    if how == "lifted":
        court.by(court.max, lift_measure, court.ada.id, measure)
    elif how == "undone":
        court.by(court.max, undo, len(court.log()))
    else:
        court.by(court.max, overturn_measure, court.ask(measure), words="You are right.")
    worker()
    [(subject, text)] = court.letters()[before:]
    answered = how == "overturned"
    assert subject == ("Your appeal in Potters" if answered else "You can sign in again in Potters")
    assert "You can sign in and read again. You are still muted: until " in text


@ONE_DATABASE
def test_mute_that_ends_before_the_suspension_has_no_letter(
    court: Court, worker: Callable[[], int]
) -> None:
    mute = court.mute()
    court.suspend(until=None)
    worker()
    before = len(court.letters())
    court.by(court.max, lift_measure, court.ada.id, mute)
    worker()
    assert court.letters()[before:] == []


@ONE_DATABASE
def test_one_letter_answers_the_appeal_and_says_what_is_open_again(
    court: Court, worker: Callable[[], int]
) -> None:
    appeal = court.ask(court.suspend(until=None))
    worker()
    before = len(court.letters())
    court.by(court.max, overturn_measure, appeal, words="You are right.")
    worker()
    [(subject, text)] = court.letters()[before:]
    assert subject == "Your appeal in Potters"
    assert "You are right.\n\nYou can sign in, read and write again." in text


@ONE_DATABASE
def test_words_of_a_second_appeal_from_another_tab_stay_on_the_page(court: Court) -> None:
    measure = court.warn()
    ada, address = court.make.signed_in(court.ada), f"/decided/measures/{measure}"
    sent = {"csrf_token": _token(ada.get(address).text), "words": "Long thought about."}
    court.ask(measure)
    late = ada.post(address, data=sent)
    assert (late.status_code, words_of(late, "textarea#unsaid")) == (409, ["Long thought about."])
    assert words_of(ada.get(address), "textarea") == []


@ONE_DATABASE
def test_who_decided_first_does_not_take_back_what_became_of_the_appeal(court: Court) -> None:
    court.by(court.max, uphold_measure, court.ask(court.warn()), words="Rightly.")
    upheld = len(court.log())
    with pytest.raises(NotAllowed, match="decided this yourself"):
        court.by(court.mo, undo, upheld)
    assert court.decided() == [("warning", "upheld")]
    court.by(court.olga, undo, upheld)
    assert court.decided() == [("warning", None)]
