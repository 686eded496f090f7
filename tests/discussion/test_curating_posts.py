"""Posts that are removed, restored, marked or emptied: what stays, who sees what, who may."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.db import db, rows, transaction
from forum.discussion.curating_actions import (
    empty_version,
    mark_answer,
    remove_post,
    restore_post,
)
from forum.discussion.emptying_actions import empty_revisions
from forum.discussion.models import EMPTIED, Post, PostFinding, Revision, Thread
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import everything, links_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WARNED = "## Firing\n\n#### Cones\n\nSecret words."


class Potters:
    """Ada asks in thread 1, Bo answers twice, Mo moderates."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        factories.community()
        self.app, self.factories = app, factories
        self.ada, self.bo = factories.member("Ada"), factories.member("Bo")
        self.mo = factories.member("Mo", role="moderator")
        self.thread = factories.thread(self.ada, source="Which clay?")
        factories.reply(self.thread, self.bo, source="Secret words.", in_reply_to=1)
        factories.reply(self.thread, self.bo, source="Red clay.", in_reply_to=2)

    def do(self, action: Callable[..., None], who: Person, *values: int, **options: str) -> None:
        """An action of somebody in a transaction of its own."""
        with self.app.test_request_context():
            actor = self.factories.actor(who)
            with transaction():
                action(actor, *values, **options)

    def browser(self, who: Person) -> FlaskClient:
        """Where this person has signed in."""
        return self.factories.signed_in(who)


@pytest.fixture
def potters(app: Flask, factories: Factories) -> Potters:
    """A thread of three posts."""
    return Potters(app, factories)


def thread_row(app: Flask) -> tuple[int, int | None, int | None]:
    """Newest number, its author as lists say it, the answer."""
    with app.app_context():
        columns = Thread.last_number, Thread.last_author_id, Thread.answer_number
        number, author, answer = rows(select(*columns))[0]
    return number, author, answer


def test_removed_post_leaves_its_number_and_who_removed_it(
    potters: Potters, client: FlaskClient
) -> None:
    answer = submit(potters.browser(potters.mo), "/t/1/2/remove", reason="  An   advertisement. ")
    page = client.get("/t/1")
    assert (answer.status_code, answer.location) == (303, "/t/1#p2")
    assert words_of(page, ".post .number") == [
        "Permanent address of post #1",
        "Permanent address of post #2",
        "Permanent address of post #3",
    ]
    assert words_of(page, "#p2 h2") == ["Removed by a moderator"]
    assert words_of(page, "#p2 > p") == ["An advertisement."]
    assert "Secret words" not in page.text


def test_author_removes_and_restores_their_own(potters: Potters, client: FlaskClient) -> None:
    browser = potters.browser(potters.bo)
    removed = submit(browser, "/t/1/2/remove")
    shown = words_of(client.get("/t/1"), "#p2 h2")
    restored = submit(browser, "/t/1/2/restore")
    assert (removed.status_code, shown, restored.status_code) == (
        303,
        ["Removed by its author"],
        303,
    )
    assert words_of(client.get("/t/1"), "#p2 .words") == ["Secret words."]


def test_nothing_of_a_removed_post_is_told_anywhere(
    potters: Potters, client: FlaskClient, worker: Callable[[], int]
) -> None:
    worker()
    ada = potters.browser(potters.ada)
    places = ("/", "/latest", "/t/1", "/t/1/2/history", "/notifications", "/t/1/reply?to=2")
    before = [place for place in places if "Secret words" in ada.get(place).text]
    potters.factories.reply(potters.thread, potters.bo, source="Secret words, again.")
    potters.do(remove_post, potters.mo, 1, 2, reason="A secret.")
    potters.do(remove_post, potters.bo, 1, 4)
    worker()
    assert before == ["/latest", "/t/1", "/t/1/2/history", "/notifications", "/t/1/reply?to=2"]
    assert [place for place in places if "Secret words" in ada.get(place).text] == []
    assert links_of(ada.get("/t/1"), "#p1 .replies a") == []
    folder = Path(potters.app.instance_path) / "mail"
    letters = [letter.read_text() for letter in folder.glob("*.eml")]
    assert [letter for letter in letters if "again" in letter] == []


def test_removed_text_is_for_its_author_and_the_moderators(
    potters: Potters, client: FlaskClient
) -> None:
    potters.do(remove_post, potters.mo, 1, 2, reason="A secret.")
    who = {"ada": potters.ada, "bo": potters.bo, "mo": potters.mo}
    readers = {"guest": client, **{name: potters.browser(one) for name, one in who.items()}}
    answers = {name: reader.get("/t/1/2/history") for name, reader in readers.items()}
    assert {name: ("Secret words" in a.text, a.status_code) for name, a in answers.items()} == {
        "guest": (False, 404),
        "ada": (False, 404),
        "bo": (True, 200),
        "mo": (True, 200),
    }
    footers = {n: words_of(r.get("/t/1"), "#p2 footer > a") for n, r in readers.items()}
    assert footers == {
        "guest": [],
        "ada": [],
        "bo": ["What you can do: post 2", "What stood here: post 2"],
        "mo": ["Restore post 2", "What stood here: post 2"],
    }


def test_what_a_moderator_removed_its_author_cannot_restore(potters: Potters) -> None:
    potters.do(remove_post, potters.mo, 1, 2, reason="A secret.")
    with pytest.raises(NotAllowed, match="Only a moderator"):
        potters.do(restore_post, potters.bo, 1, 2)
    potters.do(restore_post, potters.mo, 1, 2)
    potters.do(remove_post, potters.bo, 1, 2)
    potters.do(restore_post, potters.mo, 1, 2)
    assert thread_row(potters.app) == (3, potters.bo.id, None)


def test_first_post_goes_by_itself(potters: Potters, client: FlaskClient) -> None:
    potters.do(remove_post, potters.ada, 1, 1)
    page = client.get("/t/1")
    assert words_of(page, "h1") == ["Crackle on stoneware"]
    assert words_of(page, ".post h2") == ["Removed by its author", "Bo", "Bo"]
    assert words_of(client.get("/"), ".rows h3") == ["Crackle on stoneware"]


@ONE_DATABASE
def test_lists_name_the_last_who_can_be_read(potters: Potters) -> None:
    potters.factories.reply(potters.thread, potters.ada, source="Thanks.")
    seen = [thread_row(potters.app)]
    potters.do(remove_post, potters.ada, 1, 4)
    seen.append(thread_row(potters.app))
    potters.do(restore_post, potters.ada, 1, 4)
    seen.append(thread_row(potters.app))
    ada, bo = potters.ada.id, potters.bo.id
    assert seen == [(4, ada, None), (4, bo, None), (4, ada, None)]


@ONE_DATABASE
def test_numbers_go_on_behind_a_removed_post(potters: Potters) -> None:
    potters.do(remove_post, potters.bo, 1, 3)
    assert potters.factories.reply(potters.thread).number == 4


def test_removing_the_answer_takes_the_mark_away(potters: Potters) -> None:
    potters.do(mark_answer, potters.ada, 1, 3)
    potters.do(remove_post, potters.bo, 1, 3)
    removed = thread_row(potters.app)
    potters.do(restore_post, potters.bo, 1, 3)
    assert (removed[2], thread_row(potters.app)[2]) == (None, None)


REFUSED = {
    "somebody else's": ("ada", 2, NotAllowed),
    "number that is not there": ("bo", 99, NotFound),
    "number that no database holds": ("mo", 10**17, NotFound),
    "no reason": ("mo", 2, Invalid),
}


@ONE_DATABASE
@pytest.mark.parametrize("case", REFUSED)
def test_post_is_not_removed(potters: Potters, case: str) -> None:
    name, number, error = REFUSED[case]
    before = everything(potters.app)
    with pytest.raises(error):
        potters.do(remove_post, getattr(potters, name), 1, number)
    assert everything(potters.app) == before


@ONE_DATABASE
@pytest.mark.parametrize("reason", ["a" * 501, "hidden\u202ereason", " \n "])
def test_reason_that_cannot_be_taken_is_given_back(potters: Potters, reason: str) -> None:
    answer = submit(potters.browser(potters.mo), "/t/1/2/remove", reason=reason)
    assert answer.status_code == 422
    assert len(words_of(answer, "#error-summary li")) == 1


def test_second_moderator_learns_that_it_is_done(potters: Potters) -> None:
    potters.do(remove_post, potters.mo, 1, 2, reason="A secret.")
    with pytest.raises(Conflict, match="removed already"):
        potters.do(remove_post, potters.mo, 1, 2, reason="Another reason.")
    potters.do(restore_post, potters.mo, 1, 2)
    with pytest.raises(Conflict, match="not removed"):
        potters.do(restore_post, potters.mo, 1, 2)


def test_pages_of_what_is_done_already_say_so(potters: Potters) -> None:
    mo = potters.browser(potters.mo)
    submit(mo, "/t/1/2/remove", reason="A secret.")
    again, undone = mo.get("/t/1/2/remove"), mo.get("/t/1/3/restore")
    assert (again.status_code, undone.status_code) == (409, 409)
    assert "has been removed already" in again.text


def test_removed_post_is_not_changed(potters: Potters) -> None:
    potters.do(remove_post, potters.bo, 1, 2)
    for who in (potters.bo, potters.mo):
        answer = potters.browser(who).get("/t/1/2/edit")
        assert (answer.status_code, "was removed" in answer.text) == (409, True)


def test_answer_is_marked_by_whoever_asked(potters: Potters, client: FlaskClient) -> None:
    ada = potters.browser(potters.ada)
    marked = submit(ada, "/t/1/3/answer")
    page = client.get("/t/1")
    assert (marked.status_code, words_of(page, "#p3 .label")) == (303, ["answer"])
    assert links_of(page, ".meta a[href='/t/1/3']") == ["/t/1/3"]
    assert "Answered." in words_of(client.get("/"), ".rows .about")[0]
    submit(ada, "/t/1/2/answer")
    assert thread_row(potters.app)[2] == 2
    submit(ada, "/t/1/2/unanswer")
    assert thread_row(potters.app)[2] is None


@ONE_DATABASE
def test_answer_is_not_for_others_to_mark(potters: Potters) -> None:
    bo, ada = potters.browser(potters.bo), potters.browser(potters.ada)
    assert bo.get("/t/1/3/answer").status_code == 403
    assert ada.get("/t/1/1/answer").status_code == 409
    potters.do(remove_post, potters.bo, 1, 3)
    assert ada.get("/t/1/3/answer").status_code == 409
    links = {
        name: words_of(potters.browser(who).get("/t/1"), "#p2 footer a[href$=answer]")
        for name, who in {"ada": potters.ada, "bo": potters.bo, "mo": potters.mo}.items()
    }
    assert links == {
        "ada": ["Mark as the answer: post 2"],
        "bo": [],
        "mo": ["Mark as the answer: post 2"],
    }


def revisions(app: Flask) -> list[tuple[int, int, str, bool]]:
    """Post, version, source, whether it was emptied."""
    columns = Revision.post_id, Revision.version, Revision.source, Revision.emptied_at
    with app.app_context():
        found = rows(select(*columns).order_by(Revision.post_id, Revision.version))
        return [(post, version, source, at is not None) for post, version, source, at in found]


def test_emptied_version_keeps_number_time_and_who(potters: Potters, client: FlaskClient) -> None:
    bo, mo = potters.browser(potters.bo), potters.browser(potters.mo)
    submit(bo, "/t/1/2/edit", button="Publish", source="Other words.")
    answer = submit(mo, "/t/1/2/history/1/empty")
    history = client.get("/t/1/2/history")
    assert (answer.status_code, answer.location) == (303, "/t/1/2/history")
    assert words_of(history, "h2") == ["Version 2", "Version 1"]
    assert "Secret words" not in history.text
    assert "Mo took the words of this version out for good" in history.text
    assert words_of(client.get("/t/1"), "#p2 .words") == ["Other words."]
    assert revisions(potters.app)[1:3] == [(2, 1, "", True), (2, 2, "Other words.", False)]


def test_emptied_present_version_leaves_nothing_of_the_words(
    potters: Potters, client: FlaskClient
) -> None:
    potters.factories.reply(potters.thread, potters.bo, source=WARNED)
    client.get("/t/1")
    with potters.app.app_context():
        found_before = len(rows(select(PostFinding.id)))
    potters.do(empty_version, potters.mo, 1, 4, 1)
    with potters.app.app_context():
        post = rows(select(Post.html, Post.excerpt, Post.pipeline).where(Post.number == 4))
        findings = rows(select(PostFinding.id))
    assert (found_before, findings, post) == (1, [], [("", "", EMPTIED)])
    page = client.get("/t/1")
    assert words_of(page, "#p4 > p") == ["A moderator took the words of this post out for good."]
    assert [p for p in ("/t/1", "/latest", "/t/1/4/history") if "Cones" in client.get(p).text] == []


@ONE_DATABASE
def test_emptied_post_answers_nothing(potters: Potters) -> None:
    potters.do(mark_answer, potters.ada, 1, 2)
    potters.do(empty_version, potters.mo, 1, 2, 1)
    ada = potters.browser(potters.ada)
    assert thread_row(potters.app)[2] is None
    assert ada.get("/t/1/2/answer").status_code == 409
    assert links_of(ada.get("/t/1"), "#p2 footer a[href$=answer]") == []


def test_emptied_post_can_be_written_anew(potters: Potters, client: FlaskClient) -> None:
    potters.do(empty_version, potters.mo, 1, 2, 1)
    submit(potters.browser(potters.bo), "/t/1/2/edit", button="Publish", source="New words.")
    assert words_of(client.get("/t/1"), "#p2 .words") == ["New words."]


@ONE_DATABASE
def test_version_is_not_emptied(potters: Potters) -> None:
    bo, mo = potters.browser(potters.bo), potters.browser(potters.mo)
    potters.do(empty_version, potters.mo, 1, 3, 1)
    statuses = [
        bo.get("/t/1/2/history/1/empty").status_code,
        mo.get("/t/1/2/history/2/empty").status_code,
        mo.get("/t/1/9/history/1/empty").status_code,
        submit(mo, "/t/1/3/history/1/empty").status_code,
    ]
    assert statuses == [403, 404, 404, 409]
    assert [emptied for *_, emptied in revisions(potters.app)] == [False, False, True]


def test_all_that_somebody_wrote_is_emptied_at_once(potters: Potters) -> None:
    with potters.app.test_request_context(), transaction():
        theirs = select(Post.id).where(Post.author_id == potters.bo.id)
        empty_revisions(Revision.post_id.in_(theirs), emptied_by=None)
    assert revisions(potters.app) == [
        (1, 1, "Which clay?", False),
        (2, 1, "", True),
        (3, 1, "", True),
    ]
    with potters.app.app_context():
        assert db.session.scalars(select(Post.excerpt).order_by(Post.id)).all() == [
            "Which clay?",
            "",
            "",
        ]
