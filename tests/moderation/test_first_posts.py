"""A community may have moderators look at the first posts of newcomers, or have these wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.closing_actions import close_account
from forum.community.setting_actions import change_settings
from forum.db import db, rows, transaction
from forum.discussion.models import Post
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.models import Case
from forum.notifications.models import Notification
from forum.permissions import OPERATOR
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import links_of, words_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
REASON = "It is one of the first posts of somebody who is new here; a moderator looks at these."


class Town:
    """Mo moderates; Ada has written thread 1 before the community looked at first posts."""

    def __init__(self, app: Flask, make: Factories) -> None:
        self.app, self.make = app, make
        make.community()
        self.mo, self.bo = make.member("Mo", role="moderator"), make.member("Bo")
        self.first = make.thread(make.member("Ada"), title="Crackle")

    def settings(self, **values: str) -> None:
        """The community decides."""
        with self.app.test_request_context(), transaction():
            change_settings(OPERATOR, values)

    def reply(self, person: Person | None = None, source: str = "Hello, I am new.") -> int:
        """A reply of Bo, or of somebody else."""
        return self.make.reply(self.first, person or self.bo, source=source).id

    def cases(self) -> list[tuple[str, str | None, str | None]]:
        """All cases: (kind, decision, why a person is needed)."""
        with self.app.app_context():
            found = rows(select(Case.kind, Case.decision, Case.needs_person).order_by(Case.id))
            return [tuple(row) for row in found]

    def numbers(self) -> list[int | None]:
        """The numbers of the posts behind the first."""
        with self.app.app_context():
            found = rows(select(Post.number).where(Post.id > 1).order_by(Post.id))
            return [row.number for row in found]


@pytest.fixture
def town(app: Flask, factories: Factories) -> Town:
    """A community."""
    return Town(app, factories)


def test_without_the_setting_nobody_looks(town: Town) -> None:
    town.reply()
    assert (town.numbers(), town.cases()) == ([2], [])


def test_moderator_looks_at_so_many_first_posts_and_welcomes_their_author(
    town: Town, worker: Callable[[], int]
) -> None:
    town.settings(first_posts="2")
    for _time in range(3):
        town.reply()
    town.reply(town.mo)
    assert (town.numbers(), town.cases()) == ([2, 3, 4, 5], [("welcome", None, None)] * 2)
    mo = town.make.signed_in(town.mo)
    assert words_of(mo.get("/moderation?kind=welcome"), ".case .label") == ["first post"] * 2
    page = mo.get("/moderation/1")
    assert words_of(page, "h1, .reason") == ["First post", REASON]
    assert "/t/1/reply?to=2" in links_of(page, "form.decide a")
    assert submit(mo, "/moderation/1", form="form.decide", button="Nothing wrong").location
    sent = {"words": "It sells."}
    assert submit(mo, "/moderation/2", form="form.decide", button="Remove", **sent).location
    worker()
    assert [decision for _, decision, _ in town.cases()] == ["reviewed", "removed"]
    with town.app.app_context():
        found = select(Notification.post_id).where(Notification.kind == "decision")
        assert db.session.scalars(found).all() == [3], "of the good one there is nothing to tell"


def test_first_posts_can_wait_and_obey_the_clock_unless_they_have_links(town: Town) -> None:
    town.settings(first_posts="1", first_posts_wait="yes")
    post = town.reply()
    town.reply(source="And [my shop](https://shop.example/).")
    assert (town.numbers(), town.cases()) == (
        [None, None],
        [("first", None, None), ("first", None, "links")],
    )
    held = town.make.signed_in(town.bo).get(f"/held/{post}")
    assert words_of(held, ".label, .reason") == ["waits for a moderator", REASON]
    mo = town.make.signed_in(town.mo)
    assert words_of(mo.get("/moderation"), ".case .label") == ["first post, waits"] * 2
    assert "welcome them with a reply" in mo.get("/moderation/1").text
    with town.app.test_request_context(), transaction():
        for case in db.session.scalars(select(Case)):
            case.opened_at -= timedelta(days=3)
    with town.app.test_request_context(), transaction():
        assert [publish_unreviewed(case) for case in (1, 2)] == [True, False]
    assert town.numbers() == [2, None]
    assert submit(mo, "/moderation/2", form="form.decide", button="Publish").status_code == 303
    assert town.numbers() == [2, 3]
    town.reply()
    assert (town.numbers(), len(town.cases())) == ([2, 3, 4], 3)


def test_first_post_that_waits_goes_with_who_wrote_it(town: Town) -> None:
    town.settings(first_posts="1", first_posts_wait="yes")
    town.reply()
    actor = town.make.actor(town.bo)
    with town.app.test_request_context():
        close_account(actor, password=town.bo.password, empty_posts=False)
    assert (town.numbers(), town.cases()) == ([None], [("first", "withdrawn", None)])


def test_author_takes_a_first_post_back_and_writes_it_anew(town: Town) -> None:
    town.settings(first_posts="1", first_posts_wait="yes")
    post = town.reply()
    bo = town.make.signed_in(town.bo)
    assert submit(bo, f"/held/{post}", button="Take it back").location == f"/held/{post}"
    assert submit(bo, f"/held/{post}", button="Write it anew").location == "/t/1/reply"
    assert "Hello, I am new." in bo.get("/t/1/reply").text


def test_author_reads_that_their_first_thread_is_published_elsewhere_and_where(
    town: Town, worker: Callable[[], int]
) -> None:
    town.settings(first_posts="1", first_posts_wait="yes")
    kilns = town.make.category("Kilns")
    town.make.thread(town.bo, title="Hello")
    mo = town.make.signed_in(town.mo)
    sent = {"button": "Publish in another category", "category": str(kilns.id)}
    assert submit(mo, "/moderation/1", form="form.decide", words="It fits better.", **sent).location
    worker()
    told = words_of(town.make.signed_in(town.bo).get("/notifications"), ".rows p.about")
    assert told[0] == (
        "A moderator has published your thread “Hello” in another category than you chose. It stands "
        "in “Kilns” now."
    )
