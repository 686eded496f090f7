"""Notes, warnings, mutes and suspensions: what each does to a member, at once, and how it ends."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.actions import Browser, sign_in
from forum.accounts.closing_actions import close_account
from forum.accounts.models import Measure, Member, MemberSession
from forum.accounts.role_actions import take_role_from
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.models import Post
from forum.errors import Barred, Conflict, ForumError, Invalid, NotFound
from forum.hookspecs import CaseNeeded
from forum.moderation.actions import claim_case, open_case
from forum.moderation.measure_actions import (
    lift_measure,
    mute_member,
    note_member,
    suspend_member,
    warn_member,
)
from forum.moderation.models import Case
from forum.permissions import OPERATOR, Actor
from forum.record.actions import undo
from forum.testing.application import count_statements, work
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import everything, words_of
from tests.moderation.judging import REASON, Town

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SPOKEN = "You are suspended: until"


@pytest.fixture
def town(app: Flask, factories: Factories) -> Town:
    """A community with something to decide about."""
    return Town(app, factories)


def test_suspension_ends_an_open_session_with_the_next_page_which_says_why(town: Town) -> None:
    browser, other = town.make.signed_in(town.ada), town.make.signed_in(town.ada)
    assert browser.get("/me").status_code == 200
    town.suspend()

    page = browser.get("/latest")
    assert page.status_code == 403
    assert words_of(page, "h1") == ["Moderators have decided about your account"]
    [said] = words_of(page, "main header p")
    assert (SPOKEN in said, REASON in said, "leads to another moderator" in said) == (
        True,
        True,
        True,
    )
    assert "Sign out" not in page.text
    # It is said once; then they are a guest, who reads what guests may.
    assert browser.get("/latest").status_code == 200
    assert browser.get("/me").status_code != 200
    # A script that keeps their draft is refused, and takes nothing of that away.
    script = {"Sec-Fetch-Dest": "empty"}
    assert [other.post("/drafts", headers=script).status_code for _ in range(2)] == [403, 403]
    # What they were writing in another window is given back.
    answer = other.post("/t/1/reply", data={"source": "A long and good answer."})
    assert answer.status_code == 403
    assert (SPOKEN in answer.text, "A long and good answer." in answer.text) == (True, True)
    with town.app.app_context():
        assert rows(select(MemberSession.id).where(MemberSession.member_id == town.ada.id)) == []


@ONE_DATABASE
def test_suspended_member_reads_why_wherever_they_come_in(town: Town) -> None:
    paths = ("/no-such-page", "/t/1/99", "/notifications", "/account/data")
    browsers = {path: town.make.signed_in(town.ada) for path in paths}
    town.suspend()
    pages = {path: browser.get(path) for path, browser in browsers.items()}
    found = {path: (page.status_code, SPOKEN in page.text) for path, page in pages.items()}
    assert found == dict.fromkeys(paths, (403, True))


def test_session_is_asked_about_in_the_statement_that_loads_it(town: Town) -> None:
    browser = town.make.signed_in(town.ada)
    browser.get("/about")
    with count_statements(town.app) as before:
        browser.get("/about")
    town.by(town.mo, mute_member, town.ada.id, reason=REASON, until=utcnow() + timedelta(days=1))
    with count_statements(town.app) as muted:
        assert REASON in browser.get("/about").text
    assert len(muted) == len(before)
    assert sum("member_sessions" in str(statement) for statement in muted) == 1


def test_sign_in_says_it_after_the_right_password_only(town: Town) -> None:
    town.suspend(until=None)
    browser = town.app.test_client()
    tries = [
        submit(browser, "/sign-in", email=email, password=password)
        for email, password in (
            (town.ada.email, "not the right one"),
            ("nobody@example.org", town.ada.password),
        )
    ]
    said = [words_of(page, ".error") for page in tries]
    assert said[0] == said[1] != []
    assert [page.status_code for page in tries] == [422, 422]
    page = submit(browser, "/sign-in", email=town.ada.email, password=town.ada.password)
    assert page.status_code == 403
    assert "you cannot sign in any more" in page.text
    assert REASON in page.text
    # Nor does a text that waits to be posted let them in.
    with town.app.test_request_context(), pytest.raises(Barred):
        sign_in(town.ada.email, town.ada.password, browser=Browser("127.0.0.1"))


def test_time_alone_ends_it(town: Town, worker: Callable[[], int]) -> None:
    town.suspend()
    worker()
    with town.app.test_request_context(), pytest.raises(Barred):
        sign_in(town.ada.email, town.ada.password, browser=Browser("127.0.0.1"))
    town.let_time_pass()
    with town.app.test_request_context():
        assert sign_in(town.ada.email, town.ada.password, browser=Browser("127.0.0.1"))
    # What is over cannot be lifted, and can be decided anew.
    with pytest.raises(Conflict, match="ended already"):
        town.by(town.mo, lift_measure, town.ada.id, town.newest())
    town.suspend()


def test_muted_member_reads_and_gets_the_text_back_with_reason_and_end(town: Town) -> None:
    browser = town.make.signed_in(town.ada)
    until = utcnow() + timedelta(days=1)
    town.by(town.mo, mute_member, town.ada.id, reason=REASON, until=until)
    page = browser.get("/t/1")
    assert page.status_code == 200
    assert any(REASON in notice for notice in words_of(page, ".notices, .notice"))
    for path in ("/t/1/reply", "/t/1/1/edit", "/new"):
        answer = browser.post(
            path, data={"source": "A long answer.", "title": "Why?", "step": "publish"}
        )
        text = answer.get_data(as_text=True)
        assert answer.status_code in (400, 403), path
        assert (REASON in text, "A long answer." in text) == (True, True), path
    with pytest.raises(Barred, match="you can read here, but not write"):
        town.make.reply(town.first, town.ada)
    town.let_time_pass()
    town.make.reply(town.first, town.ada)


def test_member_is_told_on_the_site_and_by_mail(town: Town, worker: Callable[[], int]) -> None:
    browser = town.make.signed_in(town.ada)
    town.by(town.mo, note_member, town.ada.id, reason="Was rude on Monday, too.")
    worker()
    assert town.letters() == []
    assert "Was rude" not in browser.get("/notifications").text
    town.by(town.mo, warn_member, town.ada.id, reason=REASON)
    worker()
    [(subject, text)] = town.letters()
    assert subject == "A warning from Potters"
    assert all(part in text for part in (REASON, "has warned you", "another moderator will look"))
    page = browser.get("/notifications")
    assert words_of(page, "main li h3") == ["A moderator has warned you"]
    assert (REASON in page.text, "What you can do" in page.text) == (True, True)
    assert "Mo" not in words_of(page, "main")[0].split()
    count = words_of(page, "a[href='/notifications'] .count")
    assert submit(browser, "/notifications", button="Mark all as seen").status_code == 303
    assert words_of(browser.get("/notifications"), "a[href='/notifications'] .count") != count
    until = utcnow() + timedelta(days=3)
    town.by(town.mo, mute_member, town.ada.id, reason="And again.", until=until)
    worker()
    assert "until" in town.letters()[-1][1]
    town.by(town.mo, lift_measure, town.ada.id, town.newest(), reason="Apologised.")
    worker()
    assert town.letters()[-1][0] == "You can write again in Potters"
    assert "Apologised" not in town.letters()[-1][1]
    town.suspend()
    town.make.reply(town.first, town.max, source="Come back!")
    worker()
    assert [subject for subject, _ in town.letters()][-1] == "You are suspended from Potters"


def test_moderator_decides_on_the_pages_and_undoes_it(town: Town) -> None:
    browser, address = town.make.signed_in(town.mo), f"/moderation/members/{town.ada.id}"
    assert f'href="{address}"' in browser.get(f"/members/{town.ada.id}").text
    with count_statements(town.app) as empty:
        browser.get(address)
    for what in ("note", "warn"):
        assert submit(browser, f"{address}/{what}", reason=REASON).status_code == 303
    end = f"{utcnow() + timedelta(days=2):%Y-%m-%dT%H:%M}"
    assert submit(browser, f"{address}/mute", reason=REASON, until=end).status_code == 303
    answer = submit(browser, f"{address}/suspend", reason=REASON, until=end)
    assert answer.location == address
    page = browser.get(address)
    assert words_of(page, "main li h3") == ["suspension", "mute", "warning", "note"]
    assert "Undo" in page.text
    browser.get(address)
    with count_statements(town.app) as full:
        browser.get(address)
    assert len(full) == len(empty)
    lift = f"{address}/measures/{town.newest()}/lift"
    assert submit(browser, lift).status_code == 303
    assert submit(browser, lift).status_code == 409
    listed = browser.get("/moderation/log")
    assert "Ada" in listed.text
    assert "member suspended" in listed.text
    entry = words_of(listed, "tbody tr")[0].split()[0]
    deed = browser.get(f"/moderation/log/{entry}")
    assert f'href="{address}"' in deed.text
    assert "No letter about it has left since." in deed.text
    work(town.app)
    deed = browser.get(f"/moderation/log/{entry}")
    assert "1 letter about it has left since. It cannot be called back." in deed.text
    noted = words_of(listed, "tbody tr")[4].split()[0]
    assert "No letter about it has left since." in browser.get(f"/moderation/log/{noted}").text
    assert submit(browser, f"/moderation/log/{entry}").status_code == 303
    assert words_of(browser.get(address), "main li .label") == ["in force", "in force"]


def test_every_measure_is_undone_exactly(town: Town) -> None:
    apart = ("moderation_log", "moderation_log_reasons", "moderation_log_steps", "jobs")
    before = everything(town.app, less=apart)
    until = utcnow() + timedelta(days=1)
    decide: list[tuple[Callable[..., int], dict[str, Any]]] = [
        (note_member, {}),
        (warn_member, {}),
        (mute_member, {"until": until}),
        (suspend_member, {}),
    ]
    browser = town.make.signed_in(town.ada)
    before = everything(town.app, less=apart)
    for action, options in decide:
        entry = town.by(town.mo, action, town.ada.id, reason=REASON, **options)
        # That they read it in between is no change of what was decided.
        if action is warn_member:
            submit(browser, "/notifications", button="Mark all as seen")
        assert everything(town.app, less=apart) != before
        town.by(town.max, undo, entry)
        assert everything(town.app, less=apart) == before
        with pytest.raises(Conflict, match="undone already"):
            town.by(town.max, undo, entry)
    assert browser.get("/me").status_code == 200


def test_letter_about_a_measure_that_was_undone_tells_of_no_other(
    town: Town, worker: Callable[[], int]
) -> None:
    bo = town.make.member("Bo")
    entry = town.by(town.mo, warn_member, town.ada.id, reason="You called Bo a fool.")
    undone = town.newest()
    town.by(town.mo, undo, entry)
    town.by(town.mo, warn_member, bo.id, reason="You called Ada a fool.")
    assert town.newest() > undone
    worker()
    assert town.letters() == []


def test_undoing_a_lift_makes_it_stand_again_and_tells(
    town: Town, worker: Callable[[], int]
) -> None:
    measure = town.suspend()
    lifted = town.by(town.mo, lift_measure, town.ada.id, measure)
    browser = town.make.signed_in(town.ada)
    assert browser.get("/me").status_code == 200
    town.by(town.mo, undo, lifted)
    worker()
    assert browser.get("/me").status_code == 403
    assert town.letters()[-1][0] == "You are suspended from Potters"


WAYS: list[tuple[str, Callable[..., Any], dict[str, Any]]] = [
    ("note", note_member, {}),
    ("warn", warn_member, {}),
    ("mute", mute_member, {"until": timedelta(days=1)}),
    ("suspend", suspend_member, {}),
]
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"reason": " \n "}, "reason", "."),
    ({"reason": "x" * 1001}, "reason", "Shorten this to 1000"),
    ({"reason": "a\x07b"}, "reason", "cannot be shown"),
]
WRONG_END: list[tuple[dict[str, Any], str, str]] = [
    ({"until": timedelta(seconds=-1)}, "until", "over already"),
    ({"until": timedelta(days=4000)}, "until", "within the next five years"),
]


@ONE_DATABASE
def test_what_cannot_be_taken_is_refused_with_what_to_mend(town: Town) -> None:
    before = everything(town.app)
    for _name, action, options in WAYS:
        for wrong, field, said in WRONG + (
            WRONG_END if action in (mute_member, suspend_member) else []
        ):
            values = {"reason": REASON, **options, **wrong}
            if isinstance(values.get("until"), timedelta):
                values["until"] = utcnow() + values["until"]
            with pytest.raises(Invalid, match=said) as refused:
                town.by(town.mo, action, town.ada.id, **values)
            assert refused.value.field == field
    with pytest.raises(Invalid, match="always has an end"):
        town.by(town.mo, mute_member, town.ada.id, reason=REASON, until=None)
    assert everything(town.app) == before


UNREADABLE_ENDS = {
    "tomorrow": "Write the moment as 2026-01-31 17:00.",
    "2020-01-01 10:00": "This is over already.",
    "9999-12-31T23:59": "within the next five years",
    "0001-01-01 00:00": "This is over already.",
    "": "A mute always has an end.",
}


@ONE_DATABASE
def test_end_that_cannot_be_taken_gives_the_form_back(town: Town) -> None:
    browser = town.make.signed_in(town.mo)
    for end, said in UNREADABLE_ENDS.items():
        page = submit(browser, f"/moderation/members/{town.ada.id}/mute", reason=REASON, until=end)
        found = (page.status_code, said in page.text, REASON in page.text)
        assert found == (422, True, True), end
    assert town.newest() == 0


@ONE_DATABASE
def test_end_is_in_the_moderators_own_time(town: Town) -> None:
    town.by(town.mo, _live_in, "Asia/Kathmandu")
    browser = town.make.signed_in(town.mo)
    year = utcnow().year + 1
    address = f"/moderation/members/{town.ada.id}/suspend"
    assert submit(browser, address, reason=REASON, until=f"{year}-07-01T12:00").status_code == 303
    with town.app.app_context():
        found = db.session.scalar(select(Measure.until))
    assert f"{found:%Y-%m-%d %H:%M}" == f"{year}-07-01 06:15"


def _live_in(actor: Actor, zone: str) -> None:
    db.session.get_one(Member, actor.id).zone = zone


def test_who_may_decide_about_whom(town: Town) -> None:
    def outcome(actor: Person, about: Person) -> str:
        try:
            town.by(actor, suspend_member, about.id, reason=REASON)
        except ForumError as error:
            return type(error).__name__
        town.by(town.olga if about != town.olga else otto, _free, about.id)
        return "done"

    otto, bo = town.make.member("Otto", role="admin"), town.make.member("Bo")
    pairs = [
        (bo, town.ada), (town.mo, town.ada), (town.mo, town.mo), (town.mo, town.max),
        (town.mo, town.olga), (otto, town.mo), (otto, town.olga), (otto, otto),
    ]  # fmt: skip
    assert [outcome(*pair) for pair in pairs] == [
        "NotAllowed", "done", "NotAllowed", "NotAllowed", "NotAllowed", "done", "done", "NotAllowed",
    ]  # fmt: skip
    pages = [
        town.make.signed_in(who).get(f"/moderation/members/{about.id}").status_code
        for who, about in pairs
    ]
    assert pages == [403, 200, 403, 403, 403, 200, 200, 403]


def _free(actor: Actor, member_id: int) -> None:
    lift_measure(
        actor,
        member_id,
        db.session.scalars(select(Measure.id).order_by(Measure.id.desc())).first() or 0,
    )


@ONE_DATABASE
def test_unknown_closed_and_imported_members_are_refused(town: Town) -> None:
    bo = town.make.member("Bo")
    with town.app.test_request_context():
        close_account(town.make.actor(bo), password=bo.password, empty_posts=False)
    before = everything(town.app)
    for _name, action, options in WAYS:
        values = {name: utcnow() + span for name, span in options.items()}
        with pytest.raises(NotFound):
            town.by(town.mo, action, 999, reason=REASON, **values)
        with pytest.raises(Conflict, match="This account is closed"):
            town.by(town.mo, action, bo.id, reason=REASON, **values)
    with pytest.raises(NotFound):
        town.by(town.mo, lift_measure, town.ada.id, 999)
    browser = town.make.signed_in(town.mo)
    kept = everything(town.app)
    page = browser.get(f"/moderation/members/{bo.id}")
    assert (page.status_code, "There is no account any more" in page.text) == (200, True)
    assert browser.get("/moderation/members/999").status_code == 404
    assert browser.get(f"/moderation/members/{town.ada.id}/measures/999/lift").status_code == 404
    answer = submit(browser, f"/moderation/members/{bo.id}/warn", reason=REASON)
    assert (answer.status_code, REASON in answer.text) == (409, True)
    assert everything(town.app) == kept
    assert {name: rows for name, rows in kept.items() if name != "member_sessions"} == {
        name: rows for name, rows in before.items() if name != "member_sessions"
    }


def test_of_two_moderators_at_once_the_second_finds_what_the_first_decided(town: Town) -> None:
    mo, max_ = town.make.actor(town.mo), town.make.actor(town.max)

    def decide(actor: Actor) -> str:
        with town.app.test_request_context():
            try:
                with transaction():
                    suspend_member(actor, town.ada.id, reason=f"{actor.name} says so.")
            except Conflict as error:
                return error.message
            return "done"

    with ThreadPoolExecutor(2) as both:
        found = list(both.map(decide, (mo, max_)))
    [refusal] = set(found) - {"done"}
    assert "suspended already" in refusal
    assert found.count("done") == 1
    measure = town.newest()
    with ThreadPoolExecutor(2) as both:
        lifted = list(both.map(lambda actor: _lift(town, actor, measure), (mo, max_)))
    assert sorted(lifted) == ["Conflict", "done"]


def _lift(town: Town, actor: Actor, measure: int) -> str:
    with town.app.test_request_context():
        try:
            with transaction():
                lift_measure(actor, town.ada.id, measure)
        except Conflict:
            return "Conflict"
        return "done"


@ONE_DATABASE
def test_button_pressed_twice_warns_once(town: Town) -> None:
    town.by(town.mo, warn_member, town.ada.id, reason=REASON)
    with pytest.raises(Conflict, match="It was done once"):
        town.by(town.mo, warn_member, town.ada.id, reason=REASON)
    town.by(town.mo, warn_member, town.ada.id, reason="Bo again.")


def test_somebody_always_administers_the_community(town: Town) -> None:
    with (
        pytest.raises(Conflict, match="only administrator"),
        town.app.test_request_context(),
        transaction(),
    ):
        suspend_member(OPERATOR, town.olga.id, reason=REASON)
    otto = town.make.member("Otto", role="admin")
    town.by(town.olga, suspend_member, otto.id, reason=REASON)
    # Who is suspended does not count: Otto, whose session was open, suspends nobody, and Olga stays.
    with pytest.raises(Conflict, match="only administrator"):
        town.by(otto, suspend_member, town.olga.id, reason=REASON)
    with pytest.raises(Conflict, match="only administrator"):
        town.by(town.olga, take_role_from, town.olga.id, "admin")


def test_claims_of_a_suspended_moderator_are_free(town: Town) -> None:
    with town.app.test_request_context(), transaction():
        post = db.session.scalars(select(Post.id)).one()
        open_case(CaseNeeded(post_id=post, kind="help", reason="Please help."))
    with town.app.app_context():
        case = db.session.scalars(select(Case.id)).one()
    town.by(town.mo, claim_case, case)
    with pytest.raises(Conflict):
        town.by(town.max, claim_case, case)
    town.suspend(town.mo)
    town.by(town.max, claim_case, case)


@ONE_DATABASE
def test_member_takes_along_what_was_noted_without_who_did_it(town: Town) -> None:
    town.by(town.mo, note_member, town.ada.id, reason="Look again at Ada.")
    town.by(town.max, mute_member, town.ada.id, reason=REASON, until=utcnow() + timedelta(days=1))
    browser, target = town.make.signed_in(town.ada), "/account/data"
    answer = submit(browser, target, button="Download my data", password=town.ada.password)
    with answer, zipfile.ZipFile(io.BytesIO(answer.data)) as taken:
        files = {name: taken.read(name).decode() for name in taken.namelist()}
    measures = json.loads(files["accounts/measures.json"])
    assert [(m["kind"], m["reason"]) for m in measures] == [
        ("note", "Look again at Ada."),
        ("mute", REASON),
    ]
    said = "".join(files.values())
    assert [by for by in ("placed_by", "lifted_by") if by in said] == []
