"""One decision about several cases: what it would do is shown first, and all of it is undone at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from forum.accounts.models import Grant
from forum.db import db, rows, transaction
from forum.discussion.actions import edit_post, prepare
from forum.discussion.curating_actions import lock_thread, move_thread, remove_post
from forum.discussion.models import Post
from forum.hookspecs import CaseNeeded
from forum.moderation.actions import claim_case, open_case
from forum.moderation.appeal_actions import appeal
from forum.moderation.decision_actions import find_nothing_wrong
from forum.moderation.flag_actions import flag_post, withdraw_flag
from forum.moderation.models import Case
from forum.moderation.several import MOST_AT_ONCE
from forum.record.models import LogEntry
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import everything, links_of, page_of, words_of
from tests.moderation.judging import Town

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SEVERAL = "/moderation/several"
APART = (
    *("jobs", "member_sessions"),
    *("moderation_log", "moderation_log_steps", "moderation_log_reasons"),
)
WORDS = "Thank you,\nbut not here."


class Pile(Town):
    """Bo flagged Ada's replies 2 to 6 in thread 1, cases 1 to 5; case 6 asks for help with reply 7."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        super().__init__(app, factories)
        self.bo = factories.member("Bo")
        for n in range(2, 8):
            factories.reply(self.first, self.ada, source=f"Buy book {n}!")
        for n in range(2, 7):
            self.by(self.bo, flag_post, 1, n, words="It sells.")
        with app.test_request_context(), transaction():
            open_case(CaseNeeded(post_id=7, kind="help", reason="A table."))

    def decided(self) -> list[str | None]:
        """What was decided about each case."""
        with self.app.app_context():
            return [row.decision for row in rows(select(Case.decision).order_by(Case.id))]

    def asked(self, person: Person, numbers: Any, decision: str, **values: str) -> Asking:
        """Somebody chose cases and a decision, and reads what would happen."""
        return Asking(self.make.signed_in(person), numbers, decision, **values)


class Asking:
    """A browser on the page that says what would happen."""

    def __init__(self, browser: FlaskClient, numbers: Any, decision: str, **values: str) -> None:
        self.browser = browser
        query = "&".join(f"cases={n}" for n in numbers)
        chosen = browser.get(f"{SEVERAL}?{query}")
        assert chosen.status_code == 200, chosen.location
        sent = {"words": WORDS, "decision": decision, **values}
        self.page = press(browser, chosen, "See what would happen", **sent)

    def outlook(self) -> list[str]:
        """What would happen to each case, or why it is left out, in the order of the page."""
        assert self.page.status_code == 200, words_of(self.page, ".summary")
        return words_of(self.page, "main .effect")

    def confirm(self) -> TestResponse:
        """Have it done."""
        [button] = page_of(self.page).select("button[value=decide]")
        return press(self.browser, self.page, button.get_text())


def press(browser: FlaskClient, page: TestResponse, button: str, **values: str) -> TestResponse:
    """Press a button of a page that sends several values of one name."""
    [form] = BeautifulSoup(page.text, "html.parser").select("main form[method=post]")
    data = MultiDict(
        (str(part["name"]), str(part.get("value", "")))
        for part in form.select("input[type=hidden][name]")
    )
    for name in ("words", "label", "category"):
        if field := form.select_one(f"textarea[name={name}]"):
            data[name] = field.get_text().removeprefix("\n")
    [pressed] = [part for part in form.select("button") if part.get_text() == button]
    if pressed.get("name"):
        data[str(pressed["name"])] = str(pressed["value"])
    for name, value in values.items():
        data[name] = value
    return browser.post(SEVERAL, data=data)


@pytest.fixture
def pile(app: Flask, factories: Factories) -> Pile:
    """Six cases."""
    return Pile(app, factories)


def test_decision_about_several_is_shown_made_noted_and_undone_at_once(pile: Pile) -> None:
    before = everything(pile.app, less=APART)
    asked = pile.asked(pile.mo, (1, 2, 3, 6), "remove")
    kept = everything(pile.app, less=APART)
    assert kept == before
    assert asked.outlook() == [
        *["Readers find your words in its place."] * 3,
        "This cannot be decided about cases of this kind.",
    ]
    answer = asked.confirm()
    assert (answer.status_code, answer.location) == (303, "/moderation")
    assert pile.decided() == ["removed", "removed", "removed", None, None, None]
    with pile.app.app_context():
        reasons = [
            row[0] for row in rows(select(Post.removal_reason).where(Post.number.in_((2, 4))))
        ]
        moments = rows(select(LogEntry.at, LogEntry.actor_id).distinct())
        assert (reasons, len(moments)) == ([WORDS, WORDS], 1)
    undo = "/moderation/log/1/several"
    assert undo in links_of(asked.browser.get("/moderation"), ".notice a")
    assert undo.replace("/1/", "/3/") in links_of(asked.browser.get("/moderation/log/3"), "main a")
    undone = submit(pile.make.signed_in(pile.max), undo, reason="Not all of it.")
    assert (undone.status_code, undone.location) == (303, undo)
    after = everything(pile.app, less=APART)
    assert after == before


@ONE_DATABASE
def test_what_changed_between_is_left_out_and_named(pile: Pile) -> None:
    asked = pile.asked(pile.mo, (1, 2, 3, 4, 5), "nothing")
    pile.by(pile.max, find_nothing_wrong, 1, words="Fine.")
    pile.by(pile.max, claim_case, 2)
    pile.by(pile.max, remove_post, 1, 4, reason="It sells.")
    with pile.app.test_request_context():
        new = prepare("Buy two!")
    pile.by(pile.ada, edit_post, 5, text=new, based_on=1)
    answer = asked.confirm()
    assert answer.status_code == 409
    assert words_of(answer, "li .small") == [
        "Left out: Max has decided this case meanwhile.",
        "Left out: Max has this case at present. Wait until it is given back, or talk to them.",
        "Left out: This post was removed meanwhile, so nobody reads it.",
        "Left out: The post was changed, moved or labelled meanwhile. Look at it again.",
    ]
    assert words_of(answer, "form > .notice") == ["1 case is decided. Undo"]
    assert page_of(answer).select_one("textarea#words").get_text().strip() == WORDS  # type: ignore[union-attr]
    assert pile.decided() == ["nothing", None, None, None, "nothing", None]
    # What is left can be looked at again from here.
    again = press(asked.browser, answer, "See what would happen", decision="nothing")
    assert [words_of(again, "h1"), len(page_of(again).select("main .plain-list li"))] == [
        ["Decide about 2 cases?"],
        4,
    ]


@ONE_DATABASE
def test_case_whose_flags_were_taken_back_or_whose_thread_moved_is_left_out(pile: Pile) -> None:
    kilns = pile.make.category("Kilns").id
    asked = pile.asked(pile.mo, (1, 2), "changes")
    pile.by(pile.bo, withdraw_flag, 1)
    pile.by(pile.max, move_thread, 1, kilns)
    answer = asked.confirm()
    assert answer.status_code == 409
    assert words_of(answer, ".summary li") == [
        "Whoever flagged this post has taken that back meanwhile.",
        "The post was changed, moved or labelled meanwhile. Look at it again.",
    ]
    assert pile.decided()[:2] == ["withdrawn", None]


@ONE_DATABASE
def test_confirming_twice_decides_and_tells_once(pile: Pile, worker: Callable[[], int]) -> None:
    asked = pile.asked(pile.mo, (1, 2, 6), "nothing")
    assert asked.confirm().status_code == 303
    before = everything(pile.app)
    assert asked.confirm().status_code == 303
    assert everything(pile.app) == before
    worker()
    told = words_of(pile.make.signed_in(pile.ada).get("/notifications"), "blockquote")
    assert told == ["Thank you, but not here."] * 2


@ONE_DATABASE
def test_preview_says_of_each_case_why_it_cannot_be_decided_so(pile: Pile) -> None:
    pile.by(pile.mo, remove_post, 1, 2, reason="It sells.")
    pile.by(pile.ada, appeal, 1, words="No.")
    pile.by(pile.max, claim_case, 2)
    pile.by(pile.max, find_nothing_wrong, 3, words="Fine.")
    asked = pile.asked(pile.olga, (1, 2, 3, 4, 6, 7), "label", label="An advertisement")
    assert asked.outlook() == [
        "The label stands above it, and the author is told.",
        "This post was removed meanwhile, so nobody reads it.",
        "Max has this case at present. Wait until it is given back, or talk to them.",
        "Max has decided this case meanwhile.",
        "This cannot be decided about cases of this kind.",
        "Appeals are decided one by one.",
    ]
    assert asked.confirm().status_code == 303
    assert pile.decided() == [None, None, "nothing", "labelled", None, None, None]


@ONE_DATABASE
def test_threads_are_moved_once_and_not_to_where_they_stand(pile: Pile) -> None:
    kilns = pile.make.category("Kilns")
    with pile.app.test_request_context():
        kilns_id = str(kilns.id)
    asked = pile.asked(pile.mo, (1, 2), "move", category=kilns_id)
    assert asked.outlook() == [
        "Its thread goes to “Kilns”.",
        "Its thread is moved with another of these posts. Decide about it afterwards.",
    ]
    assert asked.confirm().status_code == 303
    there = pile.asked(pile.mo, (2, 3), "move", category=kilns_id)
    assert there.outlook() == ["The thread stands there already."] * 2
    assert words_of(there.page, "h1, button[value=decide]") == ["Nothing of this can be done"]


@ONE_DATABASE
@pytest.mark.parametrize(
    ("numbers", "sent", "said"),
    [
        ((1, 2), {"words": " ", "decision": "remove"}, "Say why; the author reads it."),
        ((1, 2), {"words": "x" * 1001}, "Shorten this to 1000 characters; it has 1001."),
        ((1, 2), {"decision": "label"}, "Write the label that readers find above the post."),
        ((1, 2), {"decision": "move"}, "Choose another category to move the thread to."),
        ((1, 2), {"decision": "move", "category": "99"}, "Choose another category"),
        ((1, 2), {"decision": ""}, "Choose what to decide."),
        ((1, 2), {"decision": "overturn"}, "Choose what to decide."),
        ((), {}, "Choose cases in the list first"),
        (("x", "-1", "0", "9" * 30, "²"), {}, "Choose cases in the list first"),
        (range(1, 52), {}, "Choose 50 cases at most; these are 51."),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_lost(
    pile: Pile, numbers: Any, sent: dict[str, str], said: str
) -> None:
    mo = pile.make.signed_in(pile.mo)
    page = mo.get(f"{SEVERAL}?cases=1&cases=2")
    before = everything(pile.app)
    [token] = page_of(page).select("main [name=csrf_token]")
    words = {"decision": "nothing", "words": WORDS, **sent}
    data = MultiDict([("cases", str(n)) for n in numbers] + [*words.items()])
    data["csrf_token"] = str(token["value"])
    for action in ("", "decide"):
        data["action"] = action
        answer = mo.post(SEVERAL, data=data)
        assert answer.status_code == 422, answer.text
        assert said in " ".join(words_of(answer, ".summary"))
        [field] = page_of(answer).select("textarea#words")
        assert field.get_text().strip() == words["words"].strip()
    assert everything(pile.app) == before


@ONE_DATABASE
def test_list_without_choice_says_what_to_do(pile: Pile) -> None:
    mo = pile.make.signed_in(pile.mo)
    assert mo.get(SEVERAL).location == "/moderation"
    assert "Choose cases in the list first" in words_of(mo.get("/moderation"), ".notice")[0]
    many = "&".join(f"cases={n}" for n in range(1, MOST_AT_ONCE + 2))
    assert mo.get(f"{SEVERAL}?{many}").location == "/moderation"
    page = page_of(mo.get("/moderation?chosen=all&kind=flag"))
    assert [box["value"] for box in page.select("input[checked]")] == list("12345")
    assert page_of(mo.get("/moderation?kind=help")).select("input[name=cases]") == []


@ONE_DATABASE
def test_only_what_is_for_a_moderator_is_decided(pile: Pile) -> None:
    with pile.app.test_request_context(), transaction():
        deny = {"permission": "thread.curate", "effect": "deny", "role": "moderator"}
        db.session.add(Grant(**deny, category_id=1))
    asked = pile.asked(pile.mo, (1, 2), "remove")
    assert asked.outlook() == ["You do not curate “Glazes”."] * 2
    # A page that somebody made by hand.
    [token] = page_of(asked.page).select("main [name=csrf_token]")
    data = {"csrf_token": token["value"], "action": "decide", "decision": "remove", "words": "x"}
    answer = asked.browser.post(SEVERAL, data={**data, "cases": ["1.x", "2.x"]})
    assert answer.status_code == 409
    ada = pile.make.signed_in(pile.ada)
    assert (ada.get(SEVERAL).status_code, ada.post(SEVERAL, data=data).status_code) == (403, 403)
    # Flags on a moderator's own posts are not there for them.
    own = pile.make.reply(pile.first, pile.mo)
    pile.by(pile.bo, flag_post, 1, own.number, words="Odd.")
    chosen = pile.make.signed_in(pile.mo).get(f"{SEVERAL}?cases=1&cases=7")
    assert "1 case is not there any more, or not open to you." in words_of(chosen, "main p")
    theirs = pile.asked(pile.mo, (1, 7), "nothing")
    assert theirs.confirm().status_code == 303
    assert pile.decided() == ["nothing", *[None] * 6]


@ONE_DATABASE
def test_held_posts_are_published_together_where_their_threads_take_them(pile: Pile) -> None:
    other = pile.make.thread(pile.bo, title="Slip")
    with pile.app.test_request_context(), transaction():
        for thread in (1, other.thread_id):
            post = db.session.scalar(
                select(Post).where(Post.thread_id == thread).order_by(Post.id.desc()).limit(1)
            )
            assert post is not None
            post.number = None
            open_case(CaseNeeded(post_id=post.id, kind="hold", reason="It sells."))
    pile.by(pile.max, lock_thread, 1)
    asked = pile.asked(pile.mo, (7, 8), "publish", words="")
    assert asked.outlook() == [
        "It is published, and the author is told. "
        "What the author reads: It reads well; nothing had to change.",
        "The thread was locked. Unlock it first, or remove this post.",
    ]
    kilns = pile.make.category("Kilns")
    with pile.app.test_request_context():
        elsewhere = pile.asked(pile.mo, (7, 8), "move", category=str(kilns.id))
    # Each has a place of its own.
    assert elsewhere.outlook() == ["This cannot be decided about cases of this kind."] * 2


@ONE_DATABASE
def test_preview_of_many_costs_as_many_statements_as_of_few(pile: Pile) -> None:
    mo = pile.make.signed_in(pile.mo)

    def cost(numbers: Any) -> int:
        query = "&".join(f"cases={n}" for n in numbers)
        page = mo.get(f"{SEVERAL}?{query}")
        with count_statements(pile.app) as statements:
            sent = {"decision": "nothing", "words": WORDS}
            shown = press(mo, page, "See what would happen", **sent)
        assert shown.status_code == 200
        return len(statements)

    cost((1, 2))
    assert cost((1, 2, 3, 4, 5, 6)) == cost((1, 2))


@ONE_DATABASE
def test_undoing_leaves_what_was_changed_since(pile: Pile) -> None:
    pile.asked(pile.mo, (1, 2), "remove").confirm()
    with pile.app.test_request_context(), transaction():
        post = db.session.get_one(Post, 2)
        post.removal_reason = "Something else."
    undo = "/moderation/log/1/several"
    mo = pile.make.signed_in(pile.mo)
    changed = "Something of it was changed since, so it is left as it is."
    assert words_of(mo.get(undo), "li .small") == [changed]
    submit(mo, undo)
    assert pile.decided()[:2] == ["removed", None]
    with pile.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(LogEntry)) == 3
