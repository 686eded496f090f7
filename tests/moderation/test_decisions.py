"""What moderators decide about flagged posts: what it does, who is told, and that it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.app import create_app
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import empty_version, remove_post, remove_thread
from forum.discussion.models import Post, Thread
from forum.errors import Conflict
from forum.hookspecs import Hold, PostToCheck, hookimpl
from forum.moderation.decision_actions import remove_flagged
from forum.moderation.models import Case
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import everything, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
APART = (
    *("jobs", "member_sessions"),
    *("moderation_log", "moderation_log_steps", "moderation_log_reasons"),
)
CASE, DECIDE = "/moderation/1", "form.decide"


class NoSales:
    """Holds what sells."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        """Holds sales."""
        return Hold("It sells.") if "SALE" in post.source else None


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose checks hold what sells."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


@dataclass
class Desk:
    """Bo flagged Ada's reply 2 in thread 1, which is the answer; Mo moderates, and so does Max."""

    app: Flask
    make: Factories
    ada: Person
    bo: Person
    mo: Person
    max: Person
    kilns: int

    def browser(self, person: Person) -> FlaskClient:
        """Somebody's browser."""
        return self.make.signed_in(person)

    def decide(self, decision: str, **values: str) -> Any:
        """Mo presses a button."""
        sent = {"words": "Because.", **values}
        return submit(self.browser(self.mo), CASE, form=DECIDE, button=decision, **sent)

    def do(self, person: Person, action: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """An action of somebody in a transaction of its own."""
        actor = self.make.actor(person)
        with self.app.test_request_context(), transaction():
            return action(actor, *values, **options)

    def decided(self, case: int = 1) -> tuple[str | None, str]:
        """What was decided, and in which words."""
        with self.app.app_context():
            found = db.session.get_one(Case, case)
            return found.decision, found.decision_reason

    @property
    def post(self) -> Post:
        """The flagged post."""
        with self.app.app_context():
            return db.session.get_one(Post, 2)

    @property
    def thread(self) -> Thread:
        """Its thread."""
        with self.app.app_context():
            return db.session.get_one(Thread, 1)


@pytest.fixture
def desk(app: Flask, factories: Factories) -> Desk:
    """A flagged post."""
    factories.community()
    ada, bo = factories.member("Ada"), factories.member("Bo")
    mo, max_ = (factories.member(name, role="moderator") for name in ("Mo", "Max"))
    first = factories.thread(bo, title="Crackle")
    factories.reply(first, ada, source="Buy my book!")
    factories.reply(first, bo, source="No books, please.")
    kilns = factories.category("Kilns").id
    made = Desk(app, factories, ada, bo, mo, max_, kilns)
    browser = made.browser(bo)
    submit(browser, "/t/1/2/answer")
    submit(browser, "/t/1/2/flag", words="It sells a book.")
    return made


def test_removal_takes_the_post_away_and_is_undone_in_one_step(desk: Desk) -> None:
    before = everything(desk.app, less=APART)
    answer = desk.decide("Remove", words="It sells.")
    assert (answer.status_code, answer.location) == (303, "/moderation")
    assert desk.decided() == ("removed", "It sells.")
    assert (desk.post.removal, desk.post.removal_reason) == ("moderator", "It sells.")
    assert (desk.thread.answer_number, desk.thread.last_number) == (None, 3)
    removed = desk.browser(desk.bo).get("/t/1")
    assert words_of(removed, "article.removed p") == ["It sells."]
    desk.do(desk.max, undo, 1)
    after = everything(desk.app, less=APART)
    assert after == before
    assert words_of(desk.browser(desk.max).get("/moderation"), ".case h2") == ["Crackle"]


@ONE_DATABASE
def test_label_stands_above_the_post_until_it_is_undone(desk: Desk) -> None:
    answer = desk.decide("Put a label above it", label="  Ada   sells this <book>. ")
    assert answer.status_code == 303, answer.text
    reader = desk.browser(desk.bo)
    said = "A moderator says: Ada sells this <book>."
    assert words_of(reader.get("/t/1"), "article .notice") == [said]
    desk.do(desk.mo, undo, 1)
    assert words_of(reader.get("/t/1"), "article .notice") == []


@ONE_DATABASE
def test_thread_is_moved_and_moved_back(desk: Desk) -> None:
    nowhere = desk.decide("Move the thread")
    assert nowhere.status_code == 422
    assert "Choose another category" in nowhere.text
    assert words_of(nowhere, "textarea#words") == ["Because."]
    assert desk.decide("Move the thread", category=str(desk.kilns)).status_code == 303
    assert (desk.decided()[0], desk.thread.category_id) == ("moved", desk.kilns)
    desk.do(desk.mo, undo, 1)
    assert (desk.decided()[0], desk.thread.category_id) == (None, 1)


@ONE_DATABASE
@pytest.mark.parametrize(
    ("button", "decision", "author_reads", "flagger_reads"),
    [
        ("Nothing wrong", "nothing", "found nothing wrong", "found nothing wrong with it."),
        ("Ask for changes", "changes", "asks you to change", "asked the author"),
        ("Remove", "removed", "has removed your post", "is removed."),
    ],
)
def test_author_and_flagger_read_what_was_decided_and_why(
    desk: Desk,
    worker: Callable[[], int],
    button: str,
    decision: str,
    author_reads: str,
    flagger_reads: str,
) -> None:
    note = submit(desk.browser(desk.mo), f"{CASE}", form="form.note", note="Secret: twice before.")
    assert note.location == f"{CASE}#notes"
    assert desk.decide(button).status_code == 303
    assert desk.decided() == (decision, "Because.")
    worker()
    for person, sentence in ((desk.ada, author_reads), (desk.bo, flagger_reads)):
        told = desk.browser(person).get("/notifications")
        read = words_of(told, "ul.rows li:first-child .about, ul.rows li:first-child blockquote")
        assert sentence in read[0]
        assert read[1] == "Because."
        assert "Secret" not in told.text
    assert "Secret: twice before." in desk.browser(desk.max).get(CASE).text


@ONE_DATABASE
@pytest.mark.parametrize("button", ["Ask for changes", "Remove"])
def test_decision_without_a_reason_is_refused(desk: Desk, button: str) -> None:
    answer = desk.decide(button, words=" ")
    assert answer.status_code == 422
    assert "Say why; the author reads it." in answer.text
    assert desk.decided() == (None, "")


@ONE_DATABASE
def test_label_needs_words_that_can_be_shown(desk: Desk) -> None:
    for label in ("", "x" * 121, "a\u200b"):
        answer = desk.decide("Put a label above it", label=label)
        assert answer.status_code == 422
        assert len(words_of(answer, ".error")) == 1
    assert desk.post.label is None


def test_of_two_who_decide_at_once_one_does_and_the_other_keeps_the_words(desk: Desk) -> None:
    def press(person: Person) -> Any:
        browser = desk.browser(person)
        return submit(
            browser, CASE, form=DECIDE, button="Nothing wrong", words=f"I, {person.name}."
        )

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(press, (desk.mo, desk.max)))
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    won, loser = ("Mo", "Max") if answers[0].status_code == 303 else ("Max", "Mo")
    assert desk.decided() == ("nothing", f"I, {won}.")
    assert words_of(lost, "#error-summary li") == [f"{won} has decided this case meanwhile."]
    assert words_of(lost, "textarea#unsaid") == [f"I, {loser}."]
    assert f"I, {won}." in lost.text


@ONE_DATABASE
@pytest.mark.parametrize(
    ("meanwhile", "says", "offered"),
    [
        (
            lambda d: d.do(d.ada, remove_post, 1, 2),
            "Its author has removed this post.",
            ["Nothing wrong", "It is removed: close the case"],
        ),
        (
            lambda d: d.do(d.max, remove_thread, 1, reason="Twice."),
            "The thread is removed.",
            ["Nothing wrong", "Remove"],
        ),
        (
            lambda d: d.do(d.max, empty_version, 1, 2, 1),
            "Its words were taken out for good.",
            ["Nothing wrong", "Remove"],
        ),
    ],
)
def test_case_whose_post_went_meanwhile_is_shown_and_closed(
    desk: Desk, meanwhile: Callable[[Desk], None], says: str, offered: list[str]
) -> None:
    early = desk.browser(desk.mo).get(CASE)
    meanwhile(desk)
    page = desk.browser(desk.mo).get(CASE)
    assert says in " ".join(words_of(page, ".held-post"))
    assert words_of(page, f"{DECIDE} button") == offered
    token = early.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    sent = {"csrf_token": token, "decision": "label", "label": "Old", "words": "Because."}
    late = desk.browser(desk.mo).post(CASE, data=sent)
    assert late.status_code in (400, 409)
    removed_at = desk.post.removed_at
    assert desk.decide(offered[1]).status_code == 303
    assert desk.decided()[0] == "removed"
    assert desk.post.removed_at is not None
    if removed_at is not None:
        assert (desk.post.removal, desk.post.removed_at) == ("author", removed_at)


@ONE_DATABASE
def test_decision_is_not_undone_while_another_case_about_the_post_waits(desk: Desk) -> None:
    desk.decide("Nothing wrong")
    submit(desk.browser(desk.make.member("Cy")), "/t/1/2/flag", words="I agree.")
    mo = desk.browser(desk.mo)
    assert "Another case about this post" in mo.get("/moderation/log/1").text
    with pytest.raises(Conflict, match="Another case about this post"):
        desk.do(desk.mo, undo, 1)
    earlier = words_of(mo.get("/moderation/2"), "section[aria-labelledby=author] strong")
    assert earlier == ["nothing wrong"]


@ONE_DATABASE
def test_same_button_twice_decides_once(desk: Desk) -> None:
    for _time in range(2):
        desk.do(desk.mo, remove_flagged, 1, words="It sells.")
    with desk.app.app_context():
        assert len(rows(select(LogEntry.id))) == 1


@ONE_DATABASE
def test_publication_that_is_undone_keeps_its_number_and_can_be_given_back(desk: Desk) -> None:
    with desk.app.app_context():
        first = db.session.get_one(Post, 1)
    held = desk.make.reply(first, desk.ada, source="SALE of books!")
    mo = desk.browser(desk.mo)
    assert words_of(mo.get("/moderation?kind=hold"), ".case .label") == ["held"]
    assert words_of(mo.get("/moderation?kind=flag"), ".case .label") == ["flagged"]
    assert (
        words_of(mo.get("/moderation?kind=appeal"), ".empty p")[0] == "Nothing of this kind waits."
    )
    submit(
        mo, "/moderation/2", form=DECIDE, button="Publish with a label", label="An advertisement"
    )
    desk.do(desk.max, undo, 1)
    reader = desk.browser(desk.bo)
    [line] = words_of(reader.get("/t/1"), "article.removed h2")
    assert line == "This post waits for a moderator"
    desk.make.reply(first, desk.bo, source="Next.")
    with desk.app.app_context():
        number = select(Post.number).order_by(Post.id)
        assert [row.number for row in rows(number)] == [1, 2, 3, 4, 5]
        assert db.session.get_one(Post, held.id).label is None
    assert desk.decided(2) == (None, "")
    submit(mo, "/moderation/2", form=DECIDE, button="Publish")
    assert "SALE of books!" in reader.get("/t/1").text
    with desk.app.app_context():
        assert [row.number for row in rows(number)] == [1, 2, 3, 4, 5]


@ONE_DATABASE
def test_author_of_a_held_post_is_asked_for_changes_and_writes_anew(
    desk: Desk, worker: Callable[[], int]
) -> None:
    with desk.app.app_context():
        first = db.session.get_one(Post, 1)
    held = desk.make.reply(first, desk.ada, source="SALE of books!")
    mo, ada = desk.browser(desk.mo), desk.browser(desk.ada)
    submit(mo, "/moderation/2", form=DECIDE, button="Ask for changes", words="Leave the price out.")
    worker()
    assert "asks you to change it first" in ada.get("/notifications").text
    page = ada.get(f"/held/{held.id}")
    assert words_of(page, ".reason") == ["Leave the price out."]
    assert submit(ada, f"/held/{held.id}", button="Write it anew").location == "/t/1/reply"
    assert "SALE of books!" in ada.get("/t/1/reply").text


@ONE_DATABASE
def test_notes_are_for_those_who_may_decide(desk: Desk) -> None:
    mo = desk.browser(desk.mo)
    empty = submit(mo, CASE, form="form.note", note=" ")
    assert (empty.status_code, words_of(empty, ".error")) == (
        *(422, ["To mend: Write what you want to note."]),
    )
    long = submit(mo, CASE, form="form.note", note="x" * 1001)
    assert (long.status_code, words_of(long, "textarea#note")) == (422, ["x" * 1001])
    forged = mo.post(f"{CASE}/notes", data={"note": "Kept."})
    assert (forged.status_code, words_of(forged, "textarea#note")) == (400, ["Kept."])
    token = empty.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    ada = desk.browser(desk.ada)
    assert ada.post(f"{CASE}/notes", data={"csrf_token": token, "note": "x"}).status_code >= 400
    desk.decide("Nothing wrong")
    submit(mo, CASE, form="form.note", note="It was a close call.")
    assert "It was a close call." in mo.get(CASE).text
