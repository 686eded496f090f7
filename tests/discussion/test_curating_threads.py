"""Threads that are locked, pinned, moved or removed: what readers find, who may, two at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.accounts.models import Grant, Group
from forum.categories.queries import Audiences
from forum.db import db, rows, transaction
from forum.discussion import curating_actions as curating
from forum.discussion.models import Thread
from forum.discussion.settings import PINNED
from forum.errors import Conflict, NotAllowed
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import fields_of, submit
from tests.evidence import everything, form_of, links_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Forum:
    """Ada's thread 1 in Glazes; Mo moderates."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        factories.community()
        self.app, self.factories = app, factories
        self.ada, self.mo = factories.member("Ada"), factories.member("Mo", role="moderator")
        self.glazes, self.kilns = factories.category("Glazes"), factories.category("Kilns")
        self.thread = factories.thread(self.ada, self.glazes, title="Crackle")
        self.moderator = factories.signed_in(self.mo)

    def do(self, action: Callable[..., None], who: Person, *values: int, **options: str) -> None:
        """An action of somebody in a transaction of its own."""
        with self.app.test_request_context():
            actor = self.factories.actor(who)
            with transaction():
                action(actor, *values, **options)


@pytest.fixture
def forum(app: Flask, factories: Factories) -> Forum:
    """A forum with one thread."""
    return Forum(app, factories)


def test_locked_thread_says_why_and_takes_no_replies(forum: Forum, client: FlaskClient) -> None:
    answer = submit(forum.moderator, "/t/1/lock", reason="This is settled.")
    ada = forum.factories.signed_in(forum.ada)
    pages = [client.get("/t/1"), ada.get("/t/1"), forum.moderator.get("/t/1")]
    assert (answer.status_code, answer.location) == (303, "/t/1")
    assert ["This is settled." in words_of(p, "main .notice.warn")[0] for p in pages] == [True] * 3
    assert [links_of(p, "a[href$=reply], a[href*='reply?']") for p in pages] == [[]] * 3
    with pytest.raises(NotAllowed, match="This is settled"):
        forum.factories.reply(forum.thread, forum.mo)
    submit(forum.moderator, "/t/1/unlock")
    assert words_of(client.get("/t/1"), "main .notice") == []
    assert forum.factories.reply(forum.thread, forum.ada).number == 2


def test_author_cannot_change_or_remove_in_a_locked_thread(forum: Forum) -> None:
    submit(forum.moderator, "/t/1/lock")
    ada = forum.factories.signed_in(forum.ada)
    addresses = ("/t/1/1/edit", "/t/1/1/remove", "/t/1/title", "/t/1/reply")
    assert [ada.get(address).status_code for address in addresses] == [403] * 4
    assert links_of(ada.get("/t/1"), ".post footer a, .curating a") == []
    assert submit(forum.moderator, "/t/1/1/remove", reason="Loud.").status_code == 303


def test_pinned_thread_stands_first_once(forum: Forum, client: FlaskClient) -> None:
    forum.factories.thread(forum.ada, forum.glazes, title="Newer")
    submit(forum.moderator, "/t/1/pin")
    page = client.get("/c/glazes")
    assert words_of(page, "main h2") == ["Pinned", "Last active"]
    assert words_of(page, ".rows h3") == ["Crackle", "Newer"]
    assert words_of(client.get("/"), ".rows h3") == ["Newer", "Crackle"]
    submit(forum.moderator, "/t/1/unpin")
    page = client.get("/c/glazes")
    assert (words_of(page, "main h2"), words_of(page, ".rows h3")) == (
        ["Last active"],
        ["Newer", "Crackle"],
    )


def test_pins_cost_one_statement_and_only_on_the_first_page(
    forum: Forum, client: FlaskClient
) -> None:
    def statements(path: str) -> int:
        with count_statements(forum.app) as found:
            assert client.get(path).status_code == 200
        return len(found)

    paths = ("/c/glazes", "/c/glazes?after=4102444800000000-1")
    without = [statements(path) for path in paths]
    for number in range(2, 5):
        forum.factories.thread(forum.ada, forum.glazes)
        forum.do(curating.pin_thread, forum.mo, number)
    assert [statements(path) for path in paths] == without
    assert without[0] - without[1] == 1


@ONE_DATABASE
def test_no_more_are_pinned_than_leave_room(forum: Forum) -> None:
    for _ in range(PINNED.default):
        thread = forum.factories.thread(forum.ada, forum.glazes)
        forum.do(curating.pin_thread, forum.mo, thread.thread_id)
    with pytest.raises(Conflict, match="Unpin one of them"):
        forum.do(curating.pin_thread, forum.mo, 1)


def test_moved_thread_keeps_its_address_and_loses_its_pin(
    forum: Forum, client: FlaskClient
) -> None:
    submit(forum.moderator, "/t/1/pin")
    answer = submit(forum.moderator, "/t/1/move", category=str(forum.kilns.id))
    assert (answer.status_code, answer.location) == (303, "/t/1")
    assert links_of(client.get("/t/1"), ".crumbs a") == ["/", "/c/kilns"]
    assert words_of(client.get("/c/glazes"), ".rows h3") == []
    page = client.get("/c/kilns")
    assert (words_of(page, ".rows h3"), words_of(page, "main h2")) == (["Crackle"], ["Last active"])


@pytest.fixture
def curator(forum: Forum, app: Flask) -> Person:
    """Curates Glazes only; there is a category that she may not see."""

    curator = forum.factories.member("Cleo", group="Glaze masters")
    forum.factories.member(group="Board")
    with app.test_request_context():
        groups = {g.name: g.id for g in rows(select(Group.id, Group.name))}
    forum.factories.category("Board room", audiences=Audiences(see=str(groups["Board"])))
    with app.app_context(), transaction():
        permission, group = "thread.curate", groups["Glaze masters"]
        db.session.add(Grant(permission=permission, group_id=group, category_id=forum.glazes.id))
    return curator


def test_move_to_what_one_may_not_see_is_a_move_to_nowhere(forum: Forum, curator: Person) -> None:
    browser = forum.factories.signed_in(curator)
    before = everything(forum.app)
    answers = [
        submit(browser, "/t/1/move", category=category)
        for category in ("3", "2", "999", "9" * 30, "", "x")
    ]
    assert {a.status_code for a in answers} == {422}
    assert {tuple(words_of(a, "#error-summary li")) for a in answers} == {
        ("Category: Choose the category it moves to.",)
    }
    assert words_of(answers[0], "option") == ["Choose one"]
    assert everything(forum.app) == before


def test_curator_of_one_category_does_nothing_in_another(forum: Forum, curator: Person) -> None:
    forum.factories.thread(forum.ada, forum.kilns)
    browser = forum.factories.signed_in(curator)
    ways = ("lock", "pin", "move", "remove", "title", "1/remove", "1/history/1/empty")
    assert [browser.get(f"/t/1/{way}").status_code for way in ways] == [200] * len(ways)
    assert [browser.get(f"/t/2/{way}").status_code for way in ways] == [403] * len(ways)


LISTS = ("/", "/c/glazes", "/latest", "/tags", "/notifications")


def test_removed_thread_is_nowhere_but_its_address_says_why(
    forum: Forum, client: FlaskClient, worker: Callable[[], int]
) -> None:
    forum.factories.reply(forum.thread, forum.mo, source="A crackle of words.")
    forum.do(curating.file_thread, forum.ada, 1, title=None, tags="crackle")
    worker()
    ada = forum.factories.signed_in(forum.ada)
    before = [path for path in LISTS if "rackle" in ada.get(path).text]
    submit(forum.moderator, "/t/1/remove", reason="Posted twice.")
    answers = {path: ada.get(path) for path in ("/t/1", "/t/1/2", "/t/1/2/history", "/t/1/reply")}
    assert before == list(LISTS)
    assert [path for path in LISTS if "rackle" in ada.get(path).text] == []
    assert {
        path: (a.status_code, "A moderator removed this thread: Posted twice." in a.text)
        for path, a in answers.items()
    } == dict.fromkeys(answers, (404, True))
    assert client.get("/tags/crackle").status_code == 404


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Posted twice", "Posted twice."),
        ("Posted twice.", "Posted twice."),
        ("Why twice?", "Why twice?"),
        ("二回投稿。", "二回投稿。"),
    ],
)
def test_reason_ends_before_the_next_sentence_begins(forum: Forum, reason: str, said: str) -> None:
    ada = forum.factories.signed_in(forum.ada)
    page = ada.get("/t/1/reply")
    submit(forum.moderator, "/t/1/remove", reason=reason)
    form = fields_of(form_of(page)) | {"source": "My thought", "action": "publish"}
    answer = ada.post("/t/1/reply", data=form)
    assert answer.status_code == 404
    assert words_of(answer, "main p")[0] == (
        f"A moderator removed this thread: {said} Your text is kept as a draft."
    )


def test_moderators_read_and_restore_a_removed_thread(forum: Forum, client: FlaskClient) -> None:
    submit(forum.moderator, "/t/1/remove", reason="Posted twice.")
    page = forum.moderator.get("/t/1")
    assert "Posted twice." in words_of(page, "main .notice.stop")[0]
    assert links_of(page, ".curating a") == ["/t/1/restore", "/moderation/log?thread=1"]
    assert links_of(page, ".post footer a") == []
    submit(forum.moderator, "/t/1/restore")
    assert words_of(client.get("/"), ".rows h3") == ["Crackle"]


def test_reason_is_not_for_those_who_never_saw_the_category(forum: Forum, app: Flask) -> None:
    forum.factories.member("Kim", group="Board")
    with app.app_context():
        group = str(rows(select(Group.id))[0][0])
    board = forum.factories.category("Board room", audiences=Audiences(see=group))
    forum.factories.thread(forum.factories.member(group="Board"), board)
    submit(forum.moderator, "/t/2/remove", reason="A secret plan.")
    ada = forum.factories.signed_in(forum.ada)
    assert words_of(ada.get("/t/2"), "main") == words_of(ada.get("/t/99"), "main")


def test_done_twice_is_said(forum: Forum) -> None:
    pairs = (("lock", "unlock"), ("pin", "unpin"), ("remove", "restore"))
    answers = []
    for do, undo in pairs:
        reason = {} if do == "pin" else {"reason": "So be it."}
        answers += [
            submit(forum.moderator, f"/t/1/{undo}"),
            submit(forum.moderator, f"/t/1/{do}", **reason),
            submit(forum.moderator, f"/t/1/{do}", **reason),
            submit(forum.moderator, f"/t/1/{undo}"),
            submit(forum.moderator, f"/t/1/{undo}"),
        ]
    assert [a.status_code for a in answers] == [409, 303, 409, 303, 409] * 3
    assert {"Nothing was changed." in a.text for a in answers if a.status_code == 409} == {True}


def test_of_two_moderators_at_once_one_is_told(forum: Forum) -> None:
    def lock(reason: str) -> bool:
        try:
            forum.do(curating.lock_thread, forum.mo, 1, reason=reason)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lock, ["One.", "Two."]))
    with forum.app.app_context():
        reason = rows(select(Thread.lock_reason))[0][0]
    assert sorted(done) == [False, True]
    assert reason == ["One.", "Two."][done.index(True)]


@ONE_DATABASE
def test_members_and_guests_curate_nothing(forum: Forum, client: FlaskClient) -> None:
    bo = forum.factories.signed_in(forum.factories.member("Bo"))
    ways = ("lock", "unlock", "pin", "unpin", "move", "remove", "restore", "title", "1/remove")
    assert [bo.get(f"/t/1/{way}").status_code for way in ways] == [403] * len(ways)
    assert [client.get(f"/t/1/{way}").status_code for way in ways] == [403] * len(ways)
    assert [forum.moderator.get(f"/t/{n}/lock").status_code for n in (99, 10**17)] == [404, 404]
    assert links_of(bo.get("/t/1"), ".curating a") == []
