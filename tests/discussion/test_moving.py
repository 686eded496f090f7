"""Posts split off, moved and merged: where they stand then, what leads there, and all of it undone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.closing_actions import close_account
from forum.accounts.models import Group
from forum.app import create_app
from forum.categories.queries import Audiences
from forum.db import db, rows, transaction
from forum.discussion import curating_actions as curating
from forum.discussion import moving_actions as moving
from forum.discussion import place_actions
from forum.discussion.models import Draft, MovedNumber, Post, Revision, Thread
from forum.errors import Conflict, ForumError, Invalid, NotAllowed, NotFound
from forum.notifications.letter_file_actions import _posts_by
from forum.record.actions import undo
from forum.testing.application import close, count_statements
from forum.testing.factories import Factories
from forum.testing.forms import send, submit
from tests.admin.archives import bring_in, exported, lines_in
from tests.admin.excerpts import files_in, loose_ends, pages

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LOG = ("moderation_log", "moderation_log_reasons", "moderation_log_steps")
Place = tuple[int, int | None, int | None, int | None, int | None]


class Forum:
    """Ada's thread 1 has six posts, of which 4 answers 2, 5 answers 4 and 6 answers 5; Bo's thread 2
    has two, of which 2 answers 1. Mo and Max moderate."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        factories.community()
        self.app, self.factories = app, factories
        self.ada, self.bo = factories.member("Ada"), factories.member("Bo")
        self.mo, self.max = (factories.member(n, role="moderator") for n in ("Mo", "Max"))
        self.glazes, self.kilns = factories.category("Glazes"), factories.category("Kilns")
        self.first = factories.thread(self.ada, self.glazes, title="Crackle")
        for number, answered in ((2, None), (3, None), (4, 2), (5, 4), (6, 5)):
            self.reply(f"Words of {number}.", answered)
        self.second = factories.thread(self.bo, self.kilns, title="Kiln")
        factories.reply(self.second, self.ada, source="Fire it.", in_reply_to=1)
        self.moderator = factories.signed_in(self.mo)

    def reply(self, source: str, answered: int | None = None) -> Post:
        """Bo writes in thread 1."""
        return self.factories.reply(self.first, self.bo, source=source, in_reply_to=answered)

    def do(self, action: Any, *values: Any, who: Any = None, **options: Any) -> Any:
        """An action of Mo, or of somebody else, in a transaction of its own."""
        actor = self.factories.actor(who or self.mo)
        with self.app.test_request_context(), transaction():
            return action(actor, *values, **options)

    def split(self, *numbers: int, title: str = "Ash") -> Any:
        """Mo makes a new thread of posts of thread 1."""
        category = self.glazes.id
        return self.do(moving.split_thread, 1, numbers, title=title, category_id=category)

    def places(self) -> dict[int, Place]:
        """Thread, number and what is answered of every post, by what its words end with."""
        columns = (Post.thread_id, Post.number, Post.in_reply_to, Post.reply_thread)
        with self.app.app_context():
            found = rows(select(Post.id, *columns, Post.reply_number).order_by(Post.id))
        return {row[0]: tuple(row)[1:] for row in found}

    def state(self, folder: Path) -> Any:
        """What is the community's, the log and the addresses that lead on apart: those stay."""
        lines = lines_in(exported(self.app, folder / "archive"))
        lines["threads"] = [t for t in lines["threads"] if t["last_number"]]
        return {n: found for n, found in lines.items() if n not in (*LOG, "moved_numbers")}


@pytest.fixture
def other(tmp_path: Path, sqlite_template: Path) -> Iterator[Flask]:
    """Another forum, which is empty."""
    folder = tmp_path / "other"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "forum.sqlite3")
    app = create_app(folder)
    yield app
    close(app)


@pytest.fixture
def forum(app: Flask, factories: Factories) -> Forum:
    """The forum."""
    return Forum(app, factories)


def words(page: str) -> str:
    """What is read, its white space folded."""
    return " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())


def test_split_posts_get_the_next_numbers_and_the_old_ones_lead_on(
    forum: Forum, client: FlaskClient
) -> None:
    forum.split(5, 2, 4)
    assert forum.places() == {
        1: (1, 1, None, None, None),
        2: (3, 1, None, None, None),
        3: (1, 3, None, None, None),
        4: (3, 2, 1, None, None),
        5: (3, 3, 2, None, None),
        # It stays, and what it answers is led on.
        6: (1, 6, 5, None, None),
        7: (2, 1, None, None, None),
        8: (2, 2, 1, None, None),
    }
    page = words(client.get("/t/1").text)
    assert [f"#{n} was moved to Ash #{m}" in page for n, m in ((2, 1), (4, 2), (5, 3))] == [
        True
    ] * 3
    assert "2 replies" in page
    assert [client.get(f"/t/1/{n}").location for n in (2, 4, 5, 6)] == [
        *(f"/t/3#p{n}" for n in (1, 2, 3)),
        "/t/1#p6",
    ]
    new = words(client.get("/t/3").text)
    assert ("Started by Bo" in new, "Words of 4." in new, "2 replies" in new) == (True, True, True)
    assert client.get("/t/1/5/history").location == "/t/3/3/history"
    assert "2 replies" in words(client.get("/c/glazes").text)
    # The next numbers are free ones.
    assert forum.reply("Anew.").number == 7


def test_a_post_that_is_moved_away_from_what_it_answers_says_so(
    forum: Forum, client: FlaskClient
) -> None:
    forum.split(4, 5)
    assert forum.places()[4] == (3, 1, None, 1, 2)
    page = BeautifulSoup(client.get("/t/3").text, "html.parser")
    assert [a["href"] for a in page.select("#p1 .reply-to a")] == ["/t/1/2"]
    # Back where it is, it is a number of the thread again.
    forum.do(moving.merge_thread, 3, into=1)
    assert forum.places()[4] == (1, 7, 2, None, None)
    assert forum.places()[5] == (1, 8, 7, None, None)


def test_a_merged_thread_is_an_address_that_leads_on(forum: Forum, client: FlaskClient) -> None:
    forum.do(curating.mark_answer, 1, 4)
    forum.do(moving.merge_thread, 1, into=2)
    assert [client.get(a).location for a in ("/t/1", "/t/1/1", "/t/1/6", "/t/1/4/history")] == [
        *("/t/2#p3", "/t/2#p3", "/t/2#p8"),
        "/t/2/6/history",
    ]
    assert forum.places()[5] == (2, 7, 6, None, None)
    assert client.get("/t/1/feed.atom").location == "/t/2/feed.atom"
    assert ("Crackle" in client.get("/").text, "Crackle" in client.get("/c/glazes").text) == (
        False,
        False,
    )
    page = words(client.get("/t/2").text)
    assert ("Answered in #6" in page, "7 replies" in page) == (True, True)
    with forum.app.app_context():
        left = db.session.get_one(Thread, 1)
        assert (left.last_number, left.last_posted_at, left.answer_number) == (0, None, None)


def test_undoing_puts_every_post_back_and_later_addresses_lead_there(
    forum: Forum, client: FlaskClient, tmp_path: Path
) -> None:
    forum.do(curating.mark_answer, 1, 5)
    before = forum.state(tmp_path)
    places = forum.places()
    for done in (
        lambda: forum.split(2, 5),
        lambda: forum.do(moving.move_posts, 1, [5, 6], into=2),
        lambda: forum.do(moving.merge_thread, 1, into=2),
    ):
        moved = done()
        assert forum.places() != places
        forum.do(undo, moved.entry_id)
        assert (forum.places(), forum.state(tmp_path)) == (places, before)
    # They were 3/1, 2/3 and 2/5 … meanwhile; nothing else ever gets these numbers.
    found = [client.get(a).location for a in ("/t/3", "/t/3/2", "/t/2/3", "/t/2/10", "/t/1/5")]
    assert found == ["/t/1#p2", "/t/1#p5", "/t/1#p5", "/t/1#p6", "/t/1#p5"]
    assert forum.factories.reply(forum.second, forum.bo).number == 11
    assert "moved" not in words(client.get("/t/2").text)


def test_two_moves_are_undone_in_the_order_back_only(forum: Forum, tmp_path: Path) -> None:
    before = forum.state(tmp_path)
    one = forum.split(2, 5)
    two = forum.do(moving.merge_thread, 3, into=2)
    with pytest.raises(Conflict):
        forum.do(undo, one.entry_id)
    forum.do(undo, two.entry_id)
    forum.do(undo, one.entry_id)
    assert forum.state(tmp_path) == before


@ONE_DATABASE
def test_what_was_done_to_a_thread_before_it_was_merged_waits_for_that_to_be_undone(
    forum: Forum,
) -> None:
    pinned = forum.do(curating.pin_thread, 1)
    merged = forum.do(moving.merge_thread, 1, into=2)
    with pytest.raises(Conflict, match="Undo that first"):
        forum.do(undo, pinned)
    forum.do(undo, merged.entry_id)
    forum.do(undo, pinned)


@ONE_DATABASE
def test_an_undo_that_somebody_wrote_in_front_of_is_shown_and_refused(forum: Forum) -> None:
    moved = forum.split(2, 5)
    assert (
        submit(
            forum.factories.signed_in(forum.ada), "/t/3/reply", button="Publish", source="Mine."
        ).status_code
        == 303
    )
    page = forum.moderator.get(f"/moderation/log/{moved.entry_id}")
    assert "Posts" in words(page.text)
    with pytest.raises(Conflict, match="changed since"):
        forum.do(undo, moved.entry_id)
    # What is written behind posts that were merged hinders nobody.
    merged = forum.do(moving.merge_thread, 2, into=1)
    forum.reply("Behind.", merged.first)
    forum.do(undo, merged.entry_id)
    assert forum.places()[7] == (2, 1, None, None, None)


def test_export_import_export_gives_the_same_bytes(
    forum: Forum, tmp_path: Path, other: Flask
) -> None:
    forum.do(undo, forum.split(4, 5).entry_id)
    forum.split(2)
    forum.do(moving.merge_thread, 2, into=1)
    archive = exported(forum.app, tmp_path / "one")
    bring_in(other, archive)
    assert exported(other, tmp_path / "two") == archive


@ONE_DATABASE
@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ([], "at least one"),
        ([1, 2], "first post stays"),
        ([7], "no post #7"),
        ([2**40], "no post"),
        (range(2, 203), "at most 200"),
    ],
)
def test_posts_that_cannot_be_split_off_are_refused(forum: Forum, numbers: Any, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        forum.split(*numbers)


@ONE_DATABASE
def test_targets_that_cannot_be_are_refused_with_one_message(forum: Forum) -> None:
    hidden = forum.factories.category("Secrets", audiences=Audiences(see="moderators"))
    secret = forum.factories.thread(forum.mo, hidden, title="Secret")
    group = forum.factories.member("Gil", group="Curators")
    with forum.app.app_context():
        curators = str(db.session.scalar(select(Group.id)))
    pots = forum.factories.category("Pots", audiences=Audiences(curate=curators))
    thread = forum.factories.thread(group, pots, title="Pot").thread_id
    for into in (secret.thread_id, 1, 99, 2**40, None):
        with pytest.raises(Invalid, match="that you may see and moderate"):
            forum.do(moving.merge_thread, thread, into=into, who=group)
    with pytest.raises(Invalid, match="this thread already"):
        forum.do(moving.merge_thread, 1, into=1)
    with pytest.raises(NotAllowed):
        forum.do(moving.merge_thread, 1, into=2, who=forum.ada)
    forum.do(curating.remove_thread, 2, reason="Twice.")
    with pytest.raises(Invalid, match="that you may see"):
        forum.do(moving.merge_thread, 1, into=2)


@ONE_DATABASE
def test_who_may_not_see_the_target_finds_a_plain_line(forum: Forum, client: FlaskClient) -> None:
    hidden = forum.factories.category("Secrets", audiences=Audiences(see="moderators"))
    secret = forum.factories.thread(forum.mo, hidden, title="Secret").thread_id
    forum.do(moving.move_posts, 1, [3], into=secret)
    page = words(client.get("/t/1").text)
    assert ("#3 was moved by a moderator" in page, "Secret" in page) == (True, False)
    assert client.get("/t/1/3").location == "/t/1#p3"
    assert client.get("/t/1/3/history").status_code == 404
    assert forum.moderator.get("/t/1/3").location == f"/t/{secret}#p2"
    forum.do(moving.merge_thread, 1, into=secret)
    answer = client.get("/t/1")
    assert (answer.status_code, "moved the posts of this thread" in answer.text) == (404, True)
    assert "Secret" not in answer.text


def test_of_two_moderators_at_once_one_moves_and_the_other_is_told(forum: Forum) -> None:
    def outcome(who: Any) -> str:
        try:
            return str(forum.do(moving.move_posts, 1, [2, 3], into=2, who=who).first)
        except ForumError as error:
            return error.message

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(outcome, (forum.mo, forum.max)))
    assert found == ["#2 was moved meanwhile. Nothing was changed; choose anew.", "3"]


def test_two_who_merge_two_threads_into_each_other_do_not_lock_up(forum: Forum) -> None:
    def outcome(values: tuple[Any, int, int]) -> str:
        who, thread, into = values
        try:
            return str(forum.do(moving.merge_thread, thread, into=into, who=who).thread_id)
        except (Invalid, NotFound):
            return "refused"

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(outcome, ((forum.mo, 1, 2), (forum.max, 2, 1))))
    assert found[1] == "refused"
    assert found[0] in ("1", "2")


def test_texts_on_their_way_arrive_where_the_posts_stand_now(forum: Forum) -> None:
    bo = forum.factories.signed_in(forum.bo)
    ada = forum.factories.signed_in(forum.ada)
    submit(ada, "/t/1/reply?to=4", button="Preview", source="A reply to four.")
    edit = bo.get("/t/1/5/edit")
    assert edit.status_code == 200
    forum.split(4, 5)
    # Her draft leads to the new thread, in reply to the same post.
    assert 'href="/t/1/reply' in ada.get("/drafts").text
    answer = submit(ada, "/t/1/reply", button="Publish")
    assert (answer.status_code, answer.location) == (303, "/t/3/3")
    assert forum.places()[9] == (3, 3, 1, None, None)
    with forum.app.app_context():
        assert db.session.scalars(select(Draft.place)).all() == []
    form = BeautifulSoup(edit.text, "html.parser").select_one("main form[method=post]")
    assert form is not None
    answer = send(bo, "/t/1/5/edit", form, button="Publish", source="Better words of 5.")
    assert answer.status_code == 303
    assert "Better words of 5." in bo.get("/t/3").text


@ONE_DATABASE
def test_a_reply_to_a_merged_thread_goes_to_the_other(forum: Forum) -> None:
    ada = forum.factories.signed_in(forum.ada)
    page = ada.get("/t/1/reply")
    forum.do(moving.merge_thread, 1, into=2)
    form = BeautifulSoup(page.text, "html.parser").select_one("main form[method=post]")
    assert form is not None
    assert send(ada, "/t/1/reply", form, button="Publish", source="Late.").location == "/t/2/9"


@ONE_DATABASE
def test_the_form_asks_first_and_says_what_will_happen(forum: Forum, client: FlaskClient) -> None:
    page = forum.moderator.get("/t/1/split")
    boxes = BeautifulSoup(page.text, "html.parser").select("input[name=numbers]")
    assert [box["value"] for box in boxes] == ["2", "3", "4", "5", "6"]
    why = "It is about ash."
    question = submit(forum.moderator, "/t/1/split", more="4-5", title="Ash", reason=why)
    said = words(question.text)
    assert (question.status_code, "Move 2 posts?" in said, "#4 Bo" in said) == (200, True, True)
    assert f"The authors read why: {why}" in said
    assert forum.places()[4][0] == 1
    form = BeautifulSoup(question.text, "html.parser").select_one("main form[method=post]")
    assert form is not None
    done = send(forum.moderator, "/t/1/split", form)
    assert (done.status_code, done.location) == (303, "/t/3#p1")
    assert "Undo" in forum.moderator.get("/t/3").text
    assert why in forum.moderator.get("/moderation/log/1").text
    address = "http://localhost/t/2/1#p1"
    question = submit(forum.moderator, "/t/3/merge", thread=address, reason="One is enough.")
    assert "Merge “Ash” into “Kiln”?" in words(question.text)
    form = BeautifulSoup(question.text, "html.parser").select_one("main form[method=post]")
    assert form is not None
    assert send(forum.moderator, "/t/3/merge", form).location == "/t/2#p3"
    assert "One is enough." in forum.moderator.get("/moderation/log/2").text
    assert client.get("/t/1/4").location == "/t/2#p3"


@ONE_DATABASE
@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"title": "Ash"}, "at least one post"),
        ({"more": "5-4", "title": "Ash"}, "Write numbers such as"),
        ({"more": "0", "title": "Ash"}, "Write numbers such as"),
        ({"more": "all", "title": "Ash"}, "Write numbers such as"),
        ({"more": "2-999999999", "title": "Ash"}, "at most 200"),
        ({"more": "9", "title": "Ash"}, "no post #9"),
        ({"more": "4"}, "title"),
        ({"more": "4", "thread": "Kiln"}, "number or the address"),
        ({"more": "4", "thread": "/t/2", "title": "Ash"}, "but not both"),
        ({"more": "4", "thread": "1"}, "in this thread already"),
        ({"more": "4", "title": "Ash", "category": "99"}, "Choose the category"),
        ({"more": "4", "title": "Ash", "reason": "x" * 501}, "Shorten the reason"),
    ],
)
def test_what_the_form_cannot_take_is_said_and_given_back(
    forum: Forum, values: dict[str, str], told: str
) -> None:
    answer = submit(forum.moderator, "/t/1/split", **values)
    assert (answer.status_code, told in words(answer.text)) == (422, True)
    assert all(
        f'value="{value}"' in answer.text for name, value in values.items() if name == "more"
    )


@ONE_DATABASE
def test_a_page_with_many_lines_costs_what_one_with_few_does(
    forum: Forum, app: Flask, client: FlaskClient
) -> None:
    forum.split(2)
    client.get("/t/1")
    counts = []
    for numbers in ((), (3, 4, 5, 6)):
        if numbers:
            forum.do(moving.move_posts, 1, numbers, into=2)
        with count_statements(app) as statements:
            assert client.get("/t/1").status_code == 200
        counts.append(len(statements))
    assert counts[1] <= counts[0]


@ONE_DATABASE
def test_removed_and_emptied_posts_come_along(forum: Forum, client: FlaskClient) -> None:
    forum.do(curating.remove_post, 1, 3, reason="Loud.")
    forum.do(curating.empty_version, 1, 4, 1)
    forum.split(2, 3, 4)
    page = words(client.get("/t/3").text)
    assert ("Loud." in page, "took the words of this post out" in page) == (True, True)
    with forum.app.app_context():
        assert db.session.get_one(Thread, 3).last_number == 3


def test_moved_posts_keep_their_dates_and_do_not_put_a_thread_back(forum: Forum) -> None:
    with forum.app.app_context(), transaction():
        old = db.session.get_one(Thread, 2).last_posted_at
        before = db.session.scalar(select(Post.created_at).where(Post.id == 2))
        db.session.execute(
            update(Post).where(Post.id == 2).values(created_at=before.replace(year=2020))
        )
    forum.do(moving.move_posts, 1, [2], into=2)
    with forum.app.app_context():
        thread, post = db.session.get_one(Thread, 2), db.session.get_one(Post, 2)
        assert (thread.last_posted_at, post.created_at.year, thread.last_number) == (old, 2020, 3)
        line = db.session.get_one(MovedNumber, (1, 2))
        assert (line.post_id, line.is_line) == (2, True)


@ONE_DATABASE
def test_exported_pages_say_where_posts_were(forum: Forum, tmp_path: Path) -> None:
    forum.split(3, 4)
    pages(forum.app, tmp_path / "out")
    files = files_in(tmp_path / "out")
    assert "#3 to #4 were moved to another thread." in words(files["t/1.html"].decode())
    assert loose_ends(files) == []


def test_a_letter_about_a_moved_post_goes_with_its_author(forum: Forum) -> None:
    forum.split(3)
    with forum.app.app_context():
        assert _posts_by(forum.bo.id, {(1, 3), (1, 2), (1, 1)}) == {(1, 3), (1, 2)}


def test_whoever_was_quoted_before_the_move_is_found_when_they_leave(
    forum: Forum, worker: Any
) -> None:
    quote = "> [Bo wrote in #3](/t/1/3):\n>\n> Words of 3.\n\nYes."
    forum.factories.reply(forum.second, forum.ada, source=quote)
    forum.split(3)
    bo = forum.factories.actor(forum.bo)
    with forum.app.test_request_context():
        close_account(bo, password=forum.bo.password, empty_posts=False)
    worker()
    with forum.app.app_context():
        sources = db.session.scalars(select(Revision.source).where(Revision.post_id == 9)).all()
    assert ["Bo wrote" in source for source in sources] == [False]


@ONE_DATABASE
def test_an_undo_that_forgets_what_was_answered_would_be_seen(
    forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, before = place_actions.take_place, forum.places()

    def forgetful(post: Post, values: dict[str, Any], *, is_line: bool) -> None:
        some = {name: v for name, v in values.items() if is_line or name != "in_reply_to"}
        real(post, some, is_line=is_line)

    monkeypatch.setattr(place_actions, "take_place", forgetful)
    forum.do(undo, forum.split(4, 5).entry_id)
    assert forum.places() != before
