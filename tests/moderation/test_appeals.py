"""Authors ask another moderator to look at what was decided; that one upholds or undoes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.closing_actions import close_account
from forum.app import create_app
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import (
    lock_thread,
    move_thread,
    remove_post,
    restore_post,
)
from forum.discussion.models import Post, Thread
from forum.discussion.moving_actions import move_posts
from forum.discussion.personal_queries import written_data
from forum.errors import NotAllowed
from forum.moderation.decision_actions import label_flagged, move_flagged
from forum.moderation.fairness_queries import second_looks
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.record.actions import undo
from forum.record.decisions import (
    CAN_BE_APPEALED,
    decision_in_words,
    hidden_decision_in_words,
)
from forum.record.models import LogEntry
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import links_of, words_of
from tests.moderation.test_decisions import NoSales

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
APPEAL, DECIDE = "/decided/2/1/appeal", "form.decide"


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose checks hold what sells."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


@dataclass
class Court:
    """Mo has removed Ada's reply 2 in thread 1, where it stood; Max moderates, too."""

    app: Flask
    make: Factories
    ada: Person
    mo: Person
    max: Person
    first: Post

    def browser(self, person: Person) -> FlaskClient:
        """Somebody's browser."""
        return self.make.signed_in(person)

    def do(self, person: Person, action: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """An action of somebody in a transaction of its own."""
        actor = self.make.actor(person)
        with self.app.test_request_context(), transaction():
            return action(actor, *values, **options)

    def cases(self) -> list[tuple[str, str | None, int | None]]:
        """All cases: (kind, decision, what it appeals against)."""
        with self.app.app_context():
            found = rows(select(Case.kind, Case.decision, Case.appeal_of).order_by(Case.id))
            return [tuple(row) for row in found]

    def numbers(self) -> list[tuple[int | None, str | None]]:
        """All posts: (number, who removed it)."""
        with self.app.app_context():
            found = rows(select(Post.number, Post.removal).order_by(Post.id))
            return [tuple(row) for row in found]

    def decide(self, person: Person, case: int, button: str, words: str = "So it is.") -> Any:
        """Somebody presses a button."""
        address = f"/moderation/{case}"
        return submit(self.browser(person), address, form=DECIDE, button=button, words=words)


@pytest.fixture
def court(app: Flask, factories: Factories) -> Court:
    """A removed post."""
    factories.community()
    ada = factories.member("Ada")
    mo, max_ = (factories.member(name, role="moderator") for name in ("Mo", "Max"))
    first = factories.thread(factories.member("Bo"), title="Crackle")
    factories.reply(first, ada, source="Buy my book!")
    made = Court(app, factories, ada, mo, max_, first)
    made.do(mo, remove_post, 1, 2, reason="It sells.")
    return made


def test_removal_is_appealed_against_and_undone_by_another_moderator(
    court: Court, worker: Callable[[], int]
) -> None:
    ada = court.browser(court.ada)
    assert "/decided/2" in links_of(ada.get("/t/1"), "article.removed footer a")
    assert APPEAL in links_of(ada.get("/decided/2"), "main a")
    assert submit(ada, APPEAL, words="It is a free book.").location == "/decided/2"
    assert court.cases() == [("appeal", None, 1)]
    assert words_of(ada.get("/decided/2"), ".label") == ["waits for a moderator"]
    mo, max_ = court.browser(court.mo), court.browser(court.max)
    assert words_of(mo.get("/moderation/1"), f"{DECIDE} button, .claim button") == []
    token = {"csrf_token": _token(mo.get("/moderation/1").text), "decision": "uphold", "words": "x"}
    for verb in ("", "/claim"):
        refused = mo.post(f"/moderation/1{verb}", data=token)
        assert (refused.status_code, "decided this yourself" in refused.text) == (403, True)
    page = max_.get("/moderation/1")
    assert "It is a free book." in page.text
    assert "It sells." in page.text
    button, words = "Undo what was decided", "A gift is no sale."
    done = submit(max_, "/moderation/1", form=DECIDE, button=button, words=words)
    told = max_.get(done.location)
    assert "What was decided is undone." in told.text
    assert [link for link in links_of(told, "a") if "/log/" in link] == []
    assert (court.numbers()[1], court.cases()) == ((2, None), [("appeal", "overturned", 1)])
    worker()
    told = ada.get("/notifications")
    assert "undone what was decided" in told.text
    assert "A gift is no sale." in told.text
    assert "Buy my book!" in court.browser(court.mo).get("/t/1").text


def _token(text: str) -> str:
    return text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


@ONE_DATABASE
def test_what_was_upheld_stays_and_is_not_looked_at_again(
    court: Court, worker: Callable[[], int]
) -> None:
    ada = court.browser(court.ada)
    submit(ada, APPEAL, words="It is a free book.")
    max_, button = court.browser(court.max), "It was decided rightly"
    done = submit(max_, "/moderation/1", form=DECIDE, button=button, words="It still sells.")
    assert "/moderation/log/2" in links_of(max_.get(done.location), "a")
    assert (court.numbers()[1], court.cases()) == ((2, "moderator"), [("appeal", "upheld", 1)])
    worker()
    assert "What was decided stays." in ada.get("/notifications").text
    page = ada.get("/decided/2")
    assert "It still sells." in page.text
    assert APPEAL not in links_of(page, "main a")
    assert ada.get(APPEAL).location == "/decided/2"
    with court.app.app_context():
        (entry,) = db.session.scalars(select(LogEntry.id).where(LogEntry.kind == "case.uphold"))
    # Whoever decided first has no say in it.
    with pytest.raises(NotAllowed):
        court.do(court.mo, undo, entry)
    court.do(court.max, undo, entry)
    assert court.cases() == [("appeal", None, 1)]


@ONE_DATABASE
def test_appeal_that_cannot_be_taken_says_why_and_keeps_the_words(court: Court) -> None:
    ada = court.browser(court.ada)
    early = ada.get(APPEAL)
    for words, error in (("", "Say why it should"), ("x" * 1001, "Shorten this to 1000")):
        answer = submit(ada, APPEAL, words=words)
        assert (answer.status_code, words_of(answer, "textarea")) == (422, [words])
        assert error in answer.text.replace("1,000", "1000")
    others = court.browser(court.make.member("Cy"))
    for browser in (others, court.browser(court.mo)):
        assert [browser.get(path).status_code for path in ("/decided/2", APPEAL)] == [404, 404]
    assert court.app.test_client().get(APPEAL).status_code == 403
    submit(ada, APPEAL, words="It is free.")
    sent = {"csrf_token": _token(early.text), "words": "Free, I say."}
    twice = ada.post(APPEAL, data=sent)
    assert (twice.status_code, words_of(twice, "textarea")) == (422, ["Free, I say."])
    assert court.cases() == [("appeal", None, 1)]


@ONE_DATABASE
def test_what_is_undone_already_cannot_be_appealed_against(court: Court) -> None:
    ada = court.browser(court.ada)
    early = ada.get(APPEAL)
    court.do(court.mo, undo, 1)
    late = ada.post(APPEAL, data={"csrf_token": _token(early.text), "words": "It is free."})
    assert (late.status_code, "undone already" in late.text) == (422, True)
    assert "A moderator has undone this meanwhile." in ada.get("/decided/2").text
    assert court.cases() == []


@ONE_DATABASE
def test_held_post_that_was_not_published_is_published_after_an_appeal(
    court: Court, worker: Callable[[], int]
) -> None:
    held = court.make.reply(court.first, court.ada, source="SALE of books!")
    court.decide(court.mo, 1, "Remove")
    ada = court.browser(court.ada)
    assert f"/decided/{held.id}" in links_of(ada.get(f"/held/{held.id}"), "main a")
    submit(ada, f"/decided/{held.id}/2/appeal", words="It is for charity.")
    court.do(court.mo, lock_thread, 1, reason="Tea.")
    early = court.decide(court.max, 2, "Undo what was decided")
    assert early.status_code == 409
    assert "The thread was locked." in early.text
    assert words_of(early, "textarea#words") == ["So it is."]
    court.do(court.mo, undo, 3)
    assert court.decide(court.max, 2, "Undo what was decided").status_code == 303
    assert court.cases() == [("hold", "published", None), ("appeal", "overturned", 2)]
    assert court.numbers()[2] == (3, None)
    worker()
    assert "SALE of books!" in court.browser(court.mo).get("/t/1").text


@ONE_DATABASE
def test_flag_case_stays_closed_when_its_removal_is_overturned(court: Court) -> None:
    court.make.reply(court.first, court.ada, source="Read on.")
    bo = court.browser(court.make.member("Cy"))
    submit(bo, "/t/1/3/flag", words="It is rude.")
    court.decide(court.mo, 1, "Remove")
    submit(court.browser(court.ada), "/decided/3/2/appeal", words="It is not.")
    court.decide(court.max, 2, "Undo what was decided")
    assert court.cases() == [("flag", "overturned", None), ("appeal", "overturned", 2)]
    assert court.numbers()[2] == (3, None)
    assert "another moderator has undone" in bo.get("/flags").text


@ONE_DATABASE
def test_post_that_somebody_restored_meanwhile_stays_restored(court: Court) -> None:
    submit(court.browser(court.ada), APPEAL, words="It is free.")
    court.do(court.mo, restore_post, 1, 2)
    assert court.decide(court.max, 1, "It was decided wrongly").status_code == 303
    assert (court.numbers()[1], court.cases()) == ((2, None), [("appeal", "overturned", 1)])


def _flag(court: Court, thread: int, number: int) -> int:
    """A post of Ada's is flagged: the case."""
    court.do(court.make.member(), flag_post, thread, number, words="Odd.")
    return len(court.cases())


def _moved(court: Court) -> tuple[int, int]:
    """Mo moves Ada's thread by a decision, Ada appeals, and Max moves it back by hand."""
    kilns = court.make.category("Kilns")
    post = court.make.thread(court.ada, title="Slip")
    case = _flag(court, post.thread_id, 1)
    with court.app.app_context():
        home = db.session.get_one(Thread, post.thread_id).category_id
    court.do(court.mo, move_flagged, case, category_id=kilns.id, words="Kilns.")
    submit(court.browser(court.ada), f"/decided/{post.id}/2/appeal", words="It is slip.")
    court.do(court.max, move_thread, post.thread_id, home)
    return post.id, case + 1


def _labelled(court: Court) -> tuple[int, int]:
    """Mo puts a label above Ada's post and then another one; Ada appeals against the first."""
    post = court.make.reply(court.first, court.ada, source="Lead is fine.")
    for label in ("It is old.", "It is wrong."):
        case = _flag(court, 1, 3)
        court.do(court.mo, label_flagged, case, label=label, words=label)
    submit(court.browser(court.ada), f"/decided/{post.id}/2/appeal", words="It is not.")
    return post.id, case + 1


def _standing(court: Court) -> list[tuple[object, ...]]:
    """What readers find of each post."""
    facts = Post.label, Post.removed_at, Thread.category_id
    found = select(*facts).join(Thread, Thread.id == Post.thread_id).order_by(Post.id)
    with court.app.app_context():
        return [tuple(row) for row in rows(found)]


@ONE_DATABASE
@pytest.mark.parametrize("decided", [_moved, _labelled])
def test_decision_of_which_nothing_is_left_is_still_found_wrong(
    court: Court,
    worker: Callable[[], int],
    decided: Callable[[Court], tuple[int, int]],
) -> None:
    post, case = decided(court)
    max_ = court.browser(court.max)
    page = max_.get(f"/moderation/{case}")
    assert "Nothing is left to undo" in page.text
    buttons = words_of(page, f"{DECIDE} button")
    assert buttons == ["It was decided rightly", "It was decided wrongly"]
    before = _standing(court)
    address, words = f"/moderation/{case}", "You are right."
    done = submit(max_, address, form=DECIDE, button="It was decided wrongly", words=words)
    assert "noted that this was decided wrongly" in max_.get(done.location).text
    assert _standing(court) == before
    with court.app.app_context():
        newest = rows(select(LogEntry.kind, LogEntry.undo_of).order_by(LogEntry.id.desc()))[0]
    assert tuple(newest) == ("case.overturn", None)
    assert court.cases()[-1] == ("appeal", "overturned", 2)
    worker()
    ada = court.browser(court.ada)
    for page in (ada.get("/notifications"), ada.get(f"/decided/{post}")):
        assert "says that it was decided wrongly. Nothing of it was left to undo" in page.text
        assert "You are right." in page.text
    with court.app.test_request_context():
        counts, _looks = second_looks(court.make.actor(court.mo), utcnow())
    assert (counts.appealed, counts.overturned) == (1, 1)


@ONE_DATABASE
@pytest.mark.parametrize("decided", [_moved, _labelled])
def test_of_a_decision_of_which_nothing_is_left_nobody_says_that_it_stays(
    court: Court,
    worker: Callable[[], int],
    decided: Callable[[Court], tuple[int, int]],
) -> None:
    _post, case = decided(court)
    before = _standing(court)
    max_, words = court.browser(court.max), "As I read it."
    button = "It was decided rightly"
    done = submit(max_, f"/moderation/{case}", form=DECIDE, button=button, words=words)
    assert "noted that this was decided rightly" in max_.get(done.location).text
    assert (_standing(court), court.cases()[-1]) == (before, ("appeal", "upheld", 2))
    worker()
    page = court.browser(court.ada).get("/notifications")
    assert "says that it was decided rightly. Still, it does not stand any more" in page.text
    assert "What was decided stays" not in page.text


@ONE_DATABASE
def test_what_was_decided_says_nothing_of_where_the_author_may_not_look(court: Court) -> None:
    closed = court.make.category("Staff", audiences=Audiences(see="moderators", start="moderators"))
    secret = court.make.thread(court.mo, closed, title="Ban Ada?")
    court.do(court.mo, move_posts, 1, [2], into=secret.thread_id)
    ada, max_ = court.browser(court.ada), court.browser(court.max)
    page = ada.get("/decided/2")
    assert words_of(page, "main section > p, main blockquote") == [
        "A moderator has removed your post. The reason:", "It sells.",
        "Ask another moderator to look at it",
    ]  # fmt: skip
    assert "Ban Ada?" not in page.text
    assert f"/t/{secret.thread_id}" not in page.text
    assert submit(ada, APPEAL, words="It is a free book.").status_code == 303
    assert "Ban Ada?" in max_.get("/moderation/1").text
    with court.app.test_request_context():
        [rows] = [part.rows for part in written_data(court.ada.id) if part.name == "posts"]
        [of_mo] = [part.rows for part in written_data(court.mo.id) if part.name == "posts"]
    assert ([row["in_thread"] for row in rows], [row["in_thread"] for row in of_mo]) == (
        *([None], ["Ban Ada?"]),
    )


@ONE_DATABASE
@pytest.mark.parametrize("decision", CAN_BE_APPEALED)
@pytest.mark.parametrize("was_held", [False, True])
def test_every_decision_is_told_without_naming_a_hidden_place(
    app: Flask, decision: str, was_held: bool
) -> None:
    with app.test_request_context():
        told = hidden_decision_in_words(decision, was_held=was_held)
        full = decision_in_words(decision, None if was_held else 2, "Crackle")
    assert (told.startswith("A moderator "), "“" in told) == (True, False)
    kept = [" in “Crackle”", " “Crackle”", ", in which you wrote,", " in which you wrote"]
    for part in kept:
        told, full = told.replace(part, ""), full.replace(part, "")
    assert told == full or (was_held and decision not in ("removed", "changes"))


@ONE_DATABASE
def test_appeal_of_who_leaves_is_taken_back(court: Court) -> None:
    submit(court.browser(court.ada), APPEAL, words="It is free.")
    with court.app.test_request_context():
        actor = court.make.actor(court.ada)
        close_account(actor, password=court.ada.password, empty_posts=False)
        found = rows(select(Case.decision, Case.reason))
    assert [tuple(row) for row in found] == [("withdrawn", "")]
    assert court.browser(court.max).get("/moderation/1").status_code == 200
