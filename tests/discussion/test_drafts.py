"""Drafts: kept while somebody types, listed with what became of their places, and discarded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from forum.accounts.limits import DRAFTS_BY_MEMBER, POSTS_BY_MEMBER, PREVIEWS_BY_MEMBER
from forum.accounts.models import Attempt, Member
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.draft_actions import MOST_DRAFTS
from forum.discussion.models import Draft, Post, Thread
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, submit
from tests.evidence import everything, form_of, links_of, text_given_back, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
REPLY = "/t/1/reply"


@pytest.fixture
def ada(factories: Factories) -> Person:
    """Who has started thread 1."""
    factories.community()
    ada = factories.member("Ada")
    factories.thread(ada, title="Crackle")
    return ada


@pytest.fixture
def browser(factories: Factories, ada: Person) -> FlaskClient:
    """Her browser."""
    return factories.signed_in(ada)


def drafts(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {r.place: r.source for r in rows(select(Draft.place, Draft.source))}


def type_in(browser: FlaskClient, form: dict[str, str], **values: str) -> TestResponse:
    """Send what the script sends while somebody types."""
    return browser.post("/drafts", data=form | values)


def test_what_is_typed_is_kept_and_said_to_be_only_then(app: Flask, browser: FlaskClient) -> None:
    with app.app_context(), transaction():
        db.session.execute(update(Member).values(zone="Asia/Kolkata"))
    form = fields_of(form_of(browser.get(REPLY)))
    answer = type_in(browser, form, source="Half a")
    said: dict[str, Any] = answer.get_json()
    at = datetime.fromisoformat(said["saved_at"]) + timedelta(hours=5, minutes=30)
    assert said["words"] == f"Saved at {at:%H:%M:%S}."
    assert (answer.status_code, said["place"], said["notice"]) == (200, "reply:1", "")
    assert drafts(app) == {"reply:1": "Half a"}
    type_in(browser, form, source="Half a thought", saved=said["saved"])
    assert text_given_back(browser.get(REPLY)) == "Half a thought"


def test_other_window_is_told_and_keeps_its_own(app: Flask, browser: FlaskClient) -> None:
    one, two = (fields_of(form_of(browser.get(REPLY))) for _ in range(2))
    type_in(browser, one, source="One.")
    said = type_in(browser, two, source="Two.").get_json()
    assert said["place"] == "reply:1~2"
    assert said["notice"].startswith("Another window had kept other words here.")
    type_in(browser, two, source="Two more.", place=said["place"], saved=said["saved"])
    assert drafts(app) == {"reply:1": "One.", "reply:1~2": "Two more."}


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"csrf_token": "old"}, 400, "Not saved: this page is too old. Preview keeps your text."),
        ({"place": "reply:x"}, 422, "Not saved: this page is broken. Preview keeps your text."),
        ({"place": "new~12"}, 422, "Not saved: this page is broken. Preview keeps your text."),
        ({"source": " \n"}, 422, "Not saved: nothing is written yet."),
    ],
)
def test_what_cannot_be_kept_is_said_and_changes_nothing(
    app: Flask, browser: FlaskClient, values: dict[str, str], status: int, words: str
) -> None:
    form = fields_of(form_of(browser.get(REPLY))) | {"source": "Text."}
    before = everything(app, less=("attempts",))
    answer = type_in(browser, form, **values)
    assert (answer.status_code, answer.get_json()) == (status, {"words": words})
    assert everything(app, less=("attempts",)) == before


@ONE_DATABASE
def test_guest_and_one_draft_too_many_are_told(app: Flask, browser: FlaskClient) -> None:
    form = fields_of(form_of(browser.get(REPLY))) | {"source": "Text."}
    with app.app_context(), transaction():
        db.session.execute(
            insert(Draft),
            [
                {"member_id": 2, "place": f"reply:{n}", "source": "x"}
                for n in range(2, MOST_DRAFTS + 2)
            ],
        )
    full = type_in(browser, form)
    assert (full.status_code, full.get_json()["words"]) == (
        409,
        "Not saved: You have 200 drafts. Discard some under “Your drafts” first.",
    )
    assert type_in(browser, form, place="reply:7").status_code == 200
    browser.delete_cookie("forum")
    gone = type_in(browser, form)
    assert (gone.status_code, gone.get_json()["words"]) == (
        403,
        "Not saved: you are not signed in any more. Preview leads to signing in.",
    )


def use_up(app: Flask) -> None:
    """Whatever was counted has been done as often as it may be, now and in the next span."""
    most = {limit.name: limit for limit in (DRAFTS_BY_MEMBER, POSTS_BY_MEMBER, PREVIEWS_BY_MEMBER)}
    with app.app_context(), transaction():
        for row in db.session.scalars(select(Attempt)).all():
            limit = most.get(row.key.partition(":")[0])
            if limit is not None:
                row.count = limit.times
                db.session.add(Attempt(key=row.key, window=row.window + 1, count=limit.times))


def test_limits_give_the_text_back(app: Flask, browser: FlaskClient) -> None:
    form = fields_of(form_of(browser.get(REPLY)))
    type_in(browser, form, source="Typed.")
    assert submit(browser, REPLY, button="Preview", source="Looked at.").status_code == 200
    assert submit(browser, REPLY, button="Publish", source="Published.").status_code == 303
    use_up(app)
    typed = type_in(browser, form, source="Typed more.")
    assert typed.status_code == 429
    assert typed.get_json()["words"].startswith("Not saved: That was too often in a short time.")
    for button in ("Preview", "Publish"):
        answer = submit(browser, REPLY, button=button, source=f"{button}, please.")
        assert (answer.status_code, text_given_back(answer)) == (429, f"{button}, please.")
        assert drafts(app) == {"reply:1": f"{button}, please."}


@ONE_DATABASE
def test_posts_are_limited_by_themselves(app: Flask, browser: FlaskClient) -> None:
    submit(browser, REPLY, button="Publish", source="Published.")
    with app.app_context(), transaction():
        posts = Attempt.key.like("posts-member:%")
        row = db.session.scalars(select(Attempt).where(posts)).one()
        row.count = POSTS_BY_MEMBER.times
        db.session.add(Attempt(key=row.key, window=row.window + 1, count=row.count))
    assert submit(browser, REPLY, button="Preview", source="Looked at.").status_code == 200
    answer = submit(browser, "/t/1/1/edit", button="Publish", source="Changed.")
    assert (answer.status_code, text_given_back(answer)) == (429, "Changed.")
    with app.app_context():
        assert len(rows(select(Post.id))) == 2


def test_list_shows_each_draft_with_its_place(
    app: Flask, factories: Factories, browser: FlaskClient
) -> None:
    submit(browser, "/new", button="Preview", title="A <kiln>", source="Which?")
    submit(browser, "/t/1/1/edit", button="Preview", source="Better.")
    submit(browser, f"{REPLY}?to=1", button="Preview", source="An answer.")
    page = browser.get("/drafts")
    assert words_of(page, ".rows h2") == [
        "Reply to #1: “Crackle”",
        "Change of #1: “Crackle”",
        "New thread: “A <kiln>”",
    ]
    assert words_of(page, ".rows .excerpt") == ["An answer.", "Better.", "Which?"]
    assert links_of(page, ".rows a.button") == [REPLY, "/t/1/1/edit", "/new"]
    others = factories.signed_in(factories.member())
    assert words_of(others.get("/drafts"), ".rows li") == []
    assert app.test_client().get("/drafts").location == "/sign-in?next=/drafts"


@pytest.mark.parametrize(
    ("change", "title", "reason"),
    [
        ({"locked_at": utcnow(), "lock_reason": "Settled."}, ": “Crackle”",
         "A moderator locked this thread: Settled."),
        ({"removed_at": utcnow(), "removal_reason": "Spam."}, ": “Crackle”",
         "A moderator removed this thread: Spam."),
        ({"category_id": 2}, "", "Its place is gone, or not open to you any more."),
    ],
)  # fmt: skip
def test_draft_without_a_place_stays_and_can_be_copied(
    app: Flask,
    factories: Factories,
    browser: FlaskClient,
    change: dict[str, Any],
    title: str,
    reason: str,
) -> None:
    submit(browser, REPLY, button="Preview", source="A long\n\n*answer*.")
    factories.member(group="Masters")
    factories.category("Closed", audiences=Audiences(see="1", start="1", reply="1"))
    with app.app_context(), transaction():
        db.session.execute(update(Thread).values(change))
    page = browser.get("/drafts")
    assert words_of(page, ".rows h2") == [f"Your reply{title}"]
    assert words_of(page, ".rows .notice") == [f"{reason} You can copy your text from here."]
    assert (words_of(page, ".rows pre"), links_of(page, ".rows a.button")) == (
        ["A long *answer*."],
        [],
    )


def test_draft_is_discarded_after_a_question(app: Flask, browser: FlaskClient) -> None:
    submit(browser, REPLY, button="Preview", source="Two words")
    submit(browser, "/new", button="Preview", source="Stays.")
    address = links_of(browser.get("/drafts"), "a[href*='discard?place=reply']")[0]
    before = everything(app)
    assert "It has 2 words." in browser.get(address).text
    assert everything(app) == before
    assert submit(browser, address, button="Discard").location == "/drafts"
    assert drafts(app) == {"new": "Stays."}
    codes = [browser.get(f"/drafts/discard?place={w}").status_code for w in ("reply:1", "x", "")]
    assert codes == [404, 404, 404]


@ONE_DATABASE
def test_list_comes_in_pages_and_costs_the_same(app: Flask, browser: FlaskClient) -> None:
    submit(browser, REPLY, button="Preview", source="First.")
    submit(browser, "/t/1/1/edit", button="Preview", source="Second.")
    browser.get("/drafts")
    with count_statements(app) as few:
        browser.get("/drafts")
    with app.app_context(), transaction():
        old = utcnow() - timedelta(days=1)
        more = [
            {"member_id": 2, "place": f"reply:1{n:02}", "source": f"x{n}", "saved_at": old}
            for n in range(40)
        ]
        db.session.execute(insert(Draft), more)
    with count_statements(app) as many:
        first = browser.get("/drafts")
    second = browser.get(links_of(first, "nav.pages a[rel=next]")[0])
    assert len(few) == len(many)
    shown = words_of(first, ".rows pre, .rows .excerpt") + words_of(second, ".rows pre")
    assert shown == ["Second.", "First.", *(f"x{n}" for n in range(39, -1, -1))]
