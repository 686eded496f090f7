"""What would gladly be looked after: what stands in the four lists, who sees it, and where each leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from forum.accounts.closing_actions import close_account
from forum.accounts.models import Grant, Group, Member
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, transaction
from forum.discussion import care_queries as care
from forum.discussion.curating_actions import (
    lock_thread,
    mark_answer,
    remove_post,
    remove_thread,
)
from forum.discussion.models import Post, Revision, Thread
from forum.permissions import OPERATOR, Actor, Scope
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from tests.evidence import links_of, words_of

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PAGE = "/moderation/community"


class Town:
    """Ada and Bo, who have long been there, write in Glazes; Mo moderates."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        factories.community()
        self.app, self.make, self.now = app, factories, utcnow()
        self.mo = factories.member("Mo", role="moderator")
        self.glazes, self.kilns = factories.category("Glazes"), factories.category("Kilns")
        with app.test_request_context():
            self.place = self.glazes.id
        self.ada, self.bo = factories.member("Ada"), factories.member("Bo")
        for person in (self.ada, self.bo, self.mo):
            self.thread(person, "Long ago", days=200)

    def thread(self, by: Person, title: str, *, days: float = 4) -> Post:
        """A thread in Glazes that somebody started so many days ago."""
        at = self.now - timedelta(days=days)
        with self.app.app_context(), transaction():
            made = Thread(title=title, author_id=by.id, category_id=self.place, created_at=at)
            db.session.add(made)
            db.session.flush()
            there = made.id
        return self.post(there, by, days=days)

    def reply(self, to: Post, by: Person, *, days: float = 4, directed: bool = False) -> Post:
        """A reply of so many days ago, to the post itself or to the thread."""
        return self.post(to.thread_id, by, days=days, to=to.number if directed else None)

    def post(self, thread_id: int, by: Person, *, days: float, to: int | None = None) -> Post:
        """The thread's next post, written so many days ago. Through actions, it would be now, and the
        tests would take long."""
        at = self.now - timedelta(days=days)
        facts = {"author_id": by.id, "in_reply_to": to, "created_at": at, "pipeline": 1}
        with self.app.app_context(), transaction():
            thread = db.session.get_one(Thread, thread_id)
            thread.last_number += 1
            thread.last_posted_at, thread.last_author_id = at, by.id
            there = {"thread_id": thread_id, "number": thread.last_number}
            made = Post(html="<p>Words</p>", excerpt="Words", **there, **facts)
            db.session.add(made)
            db.session.flush()
            db.session.add(Revision(post_id=made.id, version=1, source="Words", editor_id=by.id))
        return made

    def written(self, title: str, by: str, *, days: float = 4) -> Post:
        """A thread whose posts are by Ada and Bo, one for each letter."""
        authors = {"a": self.ada, "b": self.bo}
        first = self.thread(authors[by[0]], title, days=days)
        for who in by[1:]:
            self.reply(first, authors[who], days=days)
        return first

    def do(self, action: Callable[..., object], *values: Any, **options: Any) -> None:
        """Something that whoever has a shell does."""
        with self.app.test_request_context(), transaction():
            action(OPERATOR, *values, **options)

    def found(
        self, read: Callable[[Actor, Any], list[care.Wanting]], by: Person | None = None
    ) -> list[care.Wanting]:
        """What stands in a list for Mo, or for somebody else."""
        actor = self.make.actor(by or self.mo)
        with self.app.test_request_context():
            return read(actor, self.now)

    def titles(self, read: Callable[[Actor, Any], list[care.Wanting]]) -> list[str]:
        """The titles in a list, in order."""
        return [wanting.title for wanting in self.found(read)]


@pytest.fixture
def town(app: Flask, factories: Factories) -> Town:
    """A community with some history."""
    return Town(app, factories)


def test_unanswered_are_those_in_which_nobody_else_has_written_for_three_days(town: Town) -> None:
    town.thread(town.ada, "Four days")
    town.thread(town.ada, "Two days", days=2)
    town.thread(town.ada, "Too old", days=31)
    town.reply(town.thread(town.ada, "Answered"), town.bo)
    town.reply(town.thread(town.ada, "Asked again", days=9), town.ada, days=1)
    between = town.thread(town.ada, "Answered between")
    town.reply(between, town.bo)
    town.reply(between, town.ada)
    removed = town.reply(town.thread(town.ada, "Answer removed", days=6), town.bo)
    town.do(remove_post, removed.thread_id, 2, reason="An advertisement.")
    town.do(remove_post, town.thread(town.ada, "Taken back").thread_id, 1, reason="Vague.")
    town.do(lock_thread, town.thread(town.ada, "Locked").thread_id)
    lapsed = town.thread(town.ada, "Lock has ended", days=3.5)
    town.do(lock_thread, lapsed.thread_id)
    with town.app.app_context(), transaction():
        ended = update(Thread).where(Thread.id == lapsed.thread_id)
        db.session.execute(ended.values(locked_until=town.now - timedelta(hours=1)))
    town.do(remove_thread, town.thread(town.ada, "Removed").thread_id, reason="Twice.")
    solved = town.reply(town.thread(town.ada, "Solved alone"), town.ada)
    town.do(mark_answer, solved.thread_id, 2)
    assert town.titles(care.unanswered_threads) == [
        "Asked again", "Answer removed", "Four days", "Lock has ended",
    ]  # fmt: skip


def test_unwelcomed_are_first_posts_that_nobody_replied_to(town: Town) -> None:
    def new(name: str) -> Person:
        return town.make.member(name)

    long = town.thread(town.ada, "Cracks", days=60)
    town.thread(new("Asks"), "Alone", days=2)
    town.reply(town.thread(new("Asks and is answered"), "Not alone", days=3), town.bo, days=2)
    town.thread(new("Came today"), "Today", days=0.5)
    town.thread(new("Came long ago"), "Old", days=15)
    town.reply(long, new("Is followed"), days=3)
    town.reply(long, town.bo, days=3)
    replied = town.reply(long, new("Is replied to"), days=3)
    overlooked = town.reply(long, new("Is overlooked"), days=3)
    town.reply(long, town.make.member("Is last"), days=2.5)
    town.reply(replied, town.bo, days=2, directed=True)
    second = new("Wrote before")
    town.reply(long, second, days=20)
    town.reply(long, second, days=2)
    gone = new("Has left")
    town.thread(gone, "Gone", days=2)
    with town.app.test_request_context():
        close_account(town.make.actor(gone), password=gone.password, empty_posts=False)
    imported = new("Imported")
    town.thread(imported, "Imported", days=2)
    with town.app.app_context(), transaction():
        without = update(Member).where(Member.id == imported.id)
        db.session.execute(without.values(email=None, password_hash=None))
    found = [(w.author, w.number) for w in town.found(care.unwelcomed_posts)]
    # Whoever wrote right after the overlooked one may have meant them.
    assert found == [("Asks", 1)]
    assert overlooked.number == 5
    town.do(remove_post, long.thread_id, 6, reason="An advertisement.")
    found = [(w.author, w.number) for w in town.found(care.unwelcomed_posts)]
    assert found == [("Asks", 1), ("Is overlooked", 5)]


@ONE_DATABASE
def test_nobody_is_asked_to_welcome_themselves(town: Town) -> None:
    new = town.make.member("Max", role="moderator")
    town.thread(new, "Hello", days=2)
    found = [town.found(care.unwelcomed_posts, person) for person in (town.mo, new)]
    assert [[w.author for w in wanting] for wanting in found] == [["Max"], []]


def test_one_voice_is_more_than_half_of_the_last_posts(town: Town) -> None:
    town.written("Six of ten", "ababababaa", days=1)
    town.written("Half", "ababababab")
    town.written("Nine alone", "aaaaaaaaa")
    town.written("Long ago", "aaaaaaaaaa", days=15)
    town.written("Now Bo", "a" * 20 + "ab" * 14 + "bb", days=2)
    town.do(lock_thread, town.written("Locked", "aaaaaaaaaa").thread_id)
    fewer = town.written("Too few are left", "ababababaa")
    town.do(remove_post, fewer.thread_id, 10, reason="Twice.")
    found = [(w.title, w.author, w.written, w.of) for w in town.found(care.threads_of_one_voice)]
    assert found == [("Six of ten", "Ada", 6, 10), ("Now Bo", "Bo", 16, 30)]


def test_quiet_are_those_who_wrote_little_and_then_nothing(town: Town) -> None:
    def writes(name: str, days: Sequence[float]) -> Person:
        person = town.make.member(name)
        for number, day in enumerate(days):
            town.reply(long, person, days=day) if number else town.thread(person, name, days=day)
        return person

    long = town.thread(town.ada, "Cracks", days=100)
    writes("Once", [30])
    writes("Three times", [40, 35, 25])
    writes("Four times", [40, 36, 35, 30])
    writes("Lately", [40, 10])
    writes("Long ago", [91])
    waiting = writes("Waits for a moderator", [30])
    with town.app.app_context(), transaction():
        held = {"thread_id": long.thread_id, "author_id": waiting.id, "pipeline": long.pipeline}
        db.session.execute(insert(Post).values(html="", excerpt="", **held))
    found = [(w.author, w.title, w.number) for w in town.found(care.newcomers_gone_quiet)]
    assert found == [("Three times", "Cracks", 3), ("Once", "Once", 1)]


def a_row_for_each(town: Town, category: Any, name: str) -> None:
    """Something in each of the lists."""
    town.thread(town.ada, f"{name} asks")
    town.thread(town.make.member(), f"{name} is new", days=2)
    quiet = town.thread(town.make.member(), f"{name} is quiet", days=30)
    town.reply(quiet, town.ada, days=29)
    town.written(f"{name} is loud", "aaaaaaaaaab", days=1)
    with town.app.test_request_context(), transaction():
        moved = update(Thread).where(Thread.title.startswith(f"{name} "))
        db.session.execute(moved.values(category_id=category.id))


ALL = (
    care.unanswered_threads,
    care.unwelcomed_posts,
    care.threads_of_one_voice,
    care.newcomers_gone_quiet,
)


def group(town: Town, name: str) -> int:
    """A new group of nobody."""
    with town.app.app_context(), transaction():
        made = Group(name=name)
        db.session.add(made)
        db.session.flush()
        return made.id


def test_who_looks_after_some_categories_finds_what_stands_there(town: Town) -> None:
    masters, others = (group(town, name) for name in ("Masters", "Others"))
    closed = town.make.category("Closed", audiences=Audiences(see=str(others)))
    with town.app.app_context(), transaction():
        for category in (town.kilns, closed):
            place = {"group_id": masters, "category_id": category.id}
            db.session.add(Grant(permission="thread.curate", effect="allow", **place))
    for category, name in ((town.glazes, "Ash"), (town.kilns, "Cone"), (closed, "Secret")):
        a_row_for_each(town, category, name)
    cy = town.make.member("Cy", group="Masters")
    expected = [["Cone asks"], ["Cone is new"], ["Cone is loud"], ["Cone is quiet"]]
    assert [[w.title for w in town.found(read, cy)] for read in ALL] == expected
    assert [len(town.found(read)) for read in ALL] == [3, 3, 3, 3]
    assert [town.found(read, town.ada) for read in ALL] == [[], [], [], []]


@ONE_DATABASE
def test_page_is_for_those_who_curate_and_each_row_leads_on(
    town: Town, client: FlaskClient
) -> None:
    a_row_for_each(town, town.kilns, "Cone")
    mo, ada = (town.make.signed_in(person) for person in (town.mo, town.ada))
    assert [b.get(PAGE).status_code for b in (mo, ada, client)] == [200, 403, 403]
    page = mo.get(PAGE)
    assert words_of(page, "section h3") == [
        "Cone asks", "Cone is new", "Cone is loud", "Cone is quiet",
    ]  # fmt: skip
    steps = links_of(page, "section li > p:last-child a")
    numbers = [int(step.split("/")[2]) for step in steps]
    ways = ["reply?to=1", "reply?to=1", "reply", "slow", "reply?to=1"]
    assert steps == [f"/t/{n}/{way}" for n, way in zip(numbers, ways, strict=True)]
    assert [mo.get(step).status_code for step in steps] == [200] * 5
    assert "10 of the last 11 posts are by Ada." in page.text
    for told in ("for 3 days or longer", "between 1 and 14 days", "last 30 posts", "3 posts or"):
        assert told in page.text


@ONE_DATABASE
def test_page_says_where_nothing_is_and_where_there_is_more(town: Town) -> None:
    mo = town.make.signed_in(town.mo)

    def statements() -> int:
        with count_statements(town.app) as found:
            assert mo.get(PAGE).status_code == 200
        return len(found)

    assert words_of(mo.get(PAGE), ".empty") == ["Nothing at the moment."] * 4
    one = statements()
    for number in range(care.ROWS_SHOWN + 1):
        town.thread(town.ada, f"Question {number}", days=4 + number / 100)
    page = mo.get(PAGE)
    assert statements() == one
    assert words_of(page, "section:first-of-type h3")[0] == "Question 20"
    assert len(words_of(page, "section:first-of-type h3")) == care.ROWS_SHOWN
    assert "There are more than these 20." in page.text


@ONE_DATABASE
def test_the_ways_to_the_page(town: Town, client: FlaskClient) -> None:
    mo, ada = (town.make.signed_in(person) for person in (town.mo, town.ada))
    assert PAGE in links_of(mo.get("/moderation"), "main a")
    found = [PAGE in links_of(b.get("/c/glazes"), "main a") for b in (mo, ada, client)]
    assert found == [True, False, False]


def test_both_scopes_hold_where_each_holds() -> None:
    some = [frozenset(found) for found in ((), (1,), (2,), (1, 2))]
    scopes = [Scope(*facts) for facts in product((False, True), some, some, (False, True))]
    for one, other in product(scopes, scopes):
        both = one & other
        for place in (None, 1, 2, 3):
            assert both.holds_in(place) == (one.holds_in(place) and other.holds_in(place))
    for scope in scopes:
        assert scope.holds_somewhere == any(scope.holds_in(place) for place in (1, 2, 3))
