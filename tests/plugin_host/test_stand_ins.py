"""Posts in the name of a stand-in: they wait for moderators, and a plugin publishes what they approved."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from forum.accounts.models import Member
from forum.categories.models import Category
from forum.community.setting_actions import change_settings
from forum.community.setting_queries import value_of
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import lock_thread, remove_post
from forum.discussion.models import Post, Revision, Thread
from forum.discussion.settings import FIRST_POSTS_WAIT
from forum.errors import Conflict, Invalid, NotAllowed, NotFound
from forum.jobs.worker import work_off
from forum.moderation.clock_actions import publish_unreviewed
from forum.moderation.models import Case
from forum.notifications.models import SentMail
from forum.plugin_api import (
    add_stand_in,
    open_case,
    prepare_waiting,
    publish_waiting,
    reply_waiting,
    revise_waiting,
    start_waiting,
    take_back_waiting,
)
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.admin.excerpts import files_in, loose_ends, pages
from tests.evidence import words_of
from tests.plugin_host.test_bringing import reasons

ForumWith = Callable[..., Flask]
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
CASE, DECIDE = "/moderation/1", "form.decide"
KIND = "asks.question"
ASKS = """
@hookimpl
def register_case_kinds():
    return [
        CaseKind(
            "asks.question", "question", "Question", done="Approve it",
            decisions=("done", "changes", "remove"), of_waiting=True,
        )
    ]
"""


class Asking:
    """A forum with a stand-in, one question of whom waits: post 2 in thread 2. Mo moderates."""

    def __init__(self, app: Flask) -> None:
        self.app, self.make = app, Factories(app)
        self.olga, self.ada = self.make.community(), self.make.member("Ada")
        self.mo = self.make.member("Mo", role="moderator")
        self.first = self.make.thread(self.ada)
        work_off(app)
        self.asker = self.do(add_stand_in, "Asker")
        self.post, self.thread = self.ask()

    def do(self, action: Callable[..., Any], *of: Any, **options: Any) -> Any:
        """What a plugin does."""
        with self.app.test_request_context(), transaction():
            return action(*of, **options)

    def by(self, person: Person, action: Callable[..., Any], *of: Any, **options: Any) -> None:
        """What somebody does."""
        self.do(action, self.make.actor(person), *of, **options)

    def text(self, source: str = "Why do my glazes crawl?") -> Any:
        """A text that can be posted."""
        with self.app.test_request_context():
            return prepare_waiting(source)

    def ask(self) -> tuple[int, int]:
        """A question that waits, with its case: post and thread."""
        category = self.read(select(Category.id))
        found = self.do(
            start_waiting, self.asker, category, title="Crawling at the rim", text=self.text()
        )
        self.open(found.post_id)
        return found.post_id, found.thread_id

    def open(self, post: int) -> int:
        """A case about a post."""
        return int(self.do(open_case, None, post, KIND, "Somebody asks this."))

    def read(self, statement: Any) -> Any:
        """The first value of a read."""
        with self.app.app_context():
            return db.session.scalar(statement)

    def decide(self, button: str, case: int = 1) -> None:
        """Mo presses a button of a case."""
        page = self.make.signed_in(self.mo)
        submit(page, f"/moderation/{case}", form=DECIDE, button=button, words="Because.")

    def undo_newest(self) -> None:
        """Mo undoes the newest deed."""
        self.by(self.mo, undo, self.read(select(func.max(LogEntry.id))))

    def state(self, post: int = 0) -> tuple[int | None, str | None]:
        """The number of the post, and how it was removed."""
        with self.app.app_context():
            found = db.session.get_one(Post, post or self.post)
            return found.number, found.removal

    def decisions(self) -> list[str | None]:
        """Of all cases."""
        with self.app.app_context():
            return list(db.session.scalars(select(Case.decision).order_by(Case.id)))


@pytest.fixture
def asking(forum_with: ForumWith) -> Asking:
    """A forum in which one question waits."""
    return Asking(forum_with(asks=ASKS))


def test_a_question_waits_unread_and_is_published_once_approved(asking: Asking) -> None:
    guest = asking.app.test_client()
    assert guest.get(f"/t/{asking.thread}").status_code == 404
    assert "Crawling" not in guest.get("/").text
    with pytest.raises(Conflict):
        asking.do(publish_waiting, asking.post)
    asking.decide("Approve it")
    assert guest.get(f"/t/{asking.thread}").status_code == 404
    asking.do(publish_waiting, asking.post)
    work_off(asking.app)
    page = guest.get(f"/t/{asking.thread}")
    assert "Why do my glazes crawl?" in page.text
    assert "Crawling" in guest.get("/").text
    assert asking.state() == (1, None)
    with pytest.raises(Conflict):
        asking.do(publish_waiting, asking.post)
    assert asking.read(select(func.count()).select_from(SentMail)) == 0


def test_what_is_published_keeps_no_time_from_before(asking: Asking) -> None:
    def times() -> set[Any]:
        with asking.app.app_context():
            of_post = select(Post.created_at).where(Post.id == asking.post)
            of_thread = select(Thread.created_at).where(Thread.id == asking.thread)
            of_words = select(Revision.created_at).where(Revision.post_id == asking.post)
            return {found[0] for one in (of_post, of_thread, of_words) for found in rows(one)}

    before = times()
    asking.decide("Approve it")
    asking.do(publish_waiting, asking.post)
    assert len(times()) == 1
    assert times() & before == set()


def test_an_approval_can_be_undone_until_it_is_published(asking: Asking) -> None:
    asking.decide("Approve it")
    asking.undo_newest()
    assert asking.decisions() == [None]
    with pytest.raises(Conflict):
        asking.do(publish_waiting, asking.post)
    asking.decide("Approve it")
    asking.do(publish_waiting, asking.post)
    with pytest.raises(Conflict):
        asking.undo_newest()
    assert asking.state() == (1, None)
    assert asking.decisions() == ["done"]


@pytest.mark.parametrize(
    ("button", "decision"), [("Ask for changes", "changes"), ("Remove", "removed")]
)
def test_what_is_kept_from_readers_comes_back_when_that_is_undone(
    asking: Asking, button: str, decision: str
) -> None:
    asking.decide(button)
    assert asking.decisions() == [decision]
    assert asking.state() == (None, "moderator")
    with pytest.raises(Conflict):
        asking.do(publish_waiting, asking.post)
    asking.undo_newest()
    assert asking.decisions() == [None]
    assert asking.state() == (None, None)
    asking.decide("Approve it")
    asking.do(publish_waiting, asking.post)
    assert asking.state() == (1, None)


def test_changed_words_wait_again_for_a_case_of_their_own(asking: Asking) -> None:
    asking.decide("Ask for changes")
    found = asking.do(revise_waiting, asking.post, text=asking.text("Why at the rim?"))
    assert (found.post_id, found.thread_id) == (asking.post, asking.thread)
    case = asking.open(asking.post)
    assert asking.decisions() == ["changes", None]
    asking.decide("Approve it", case)
    asking.do(publish_waiting, asking.post)
    assert asking.state() == (1, None)
    # Readers find no trace of the words that were taken out.
    words = select(Revision.version, Revision.source).where(Revision.post_id == asking.post)
    with asking.app.app_context():
        assert [tuple(row) for row in rows(words)] == [(1, "Why at the rim?")]
    with pytest.raises(Conflict):
        asking.do(revise_waiting, asking.post, text=asking.text("More."))


def test_what_was_asked_before_the_change_is_not_undone(asking: Asking) -> None:
    asking.decide("Ask for changes")
    asking.do(revise_waiting, asking.post, text=asking.text("Why at the rim?"))
    asking.open(asking.post)
    with pytest.raises(Conflict):
        asking.undo_newest()
    assert asking.decisions() == ["changes", None]
    assert asking.state() == (None, None)


def test_replies_wait_too(asking: Asking) -> None:
    found = asking.do(reply_waiting, asking.asker, asking.first.thread_id, text=asking.text())
    assert asking.state(found.post_id) == (None, None)
    case = asking.open(found.post_id)
    asking.decide("Approve it", case)
    asking.do(publish_waiting, found.post_id)
    assert asking.state(found.post_id) == (2, None)
    # Nobody has read the other thread yet.
    with pytest.raises(NotFound):
        asking.do(reply_waiting, asking.asker, asking.thread, text=asking.text())


def test_what_is_taken_back_is_not_published(asking: Asking) -> None:
    for _ in range(2):
        asking.do(take_back_waiting, asking.post)
    assert asking.decisions() == ["withdrawn"]
    assert asking.state() == (None, "author")
    with pytest.raises(Conflict):
        asking.do(publish_waiting, asking.post)


@ONE_DATABASE
def test_a_thread_that_does_not_take_it_keeps_it_approved(asking: Asking) -> None:
    found = asking.do(reply_waiting, asking.asker, asking.first.thread_id, text=asking.text())
    asking.decide("Approve it", asking.open(found.post_id))
    asking.by(asking.mo, lock_thread, asking.first.thread_id, reason="Enough.")
    with pytest.raises(Conflict, match="locked"):
        asking.do(publish_waiting, found.post_id)
    asking.undo_newest()
    asking.do(publish_waiting, found.post_id)
    assert asking.state(found.post_id) == (2, None)


@ONE_DATABASE
def test_it_is_removed_where_it_stands_afterwards(asking: Asking) -> None:
    asking.decide("Approve it")
    asking.do(publish_waiting, asking.post)
    asking.by(asking.mo, remove_post, asking.thread, 1, reason="Off topic.")
    assert asking.state() == (1, "moderator")
    asking.undo_newest()
    assert asking.state() == (1, None)


@ONE_DATABASE
def test_the_clock_publishes_none(asking: Asking) -> None:
    assert asking.do(publish_unreviewed, 1) is False
    assert asking.state() == (None, None)


@ONE_DATABASE
def test_posts_of_a_stand_in_are_nobodys_first(asking: Asking) -> None:
    asking.by(asking.olga, change_settings, {FIRST_POSTS_WAIT.name: "yes"})
    asking.ask()
    with asking.app.app_context():
        assert value_of(FIRST_POSTS_WAIT) is True
        assert set(db.session.scalars(select(Case.kind))) == {KIND}


@ONE_DATABASE
def test_the_case_says_nothing_of_other_questions(asking: Asking) -> None:
    asking.ask()
    asking.decide("Remove", 2)
    page = asking.make.signed_in(asking.mo).get(CASE)
    assert page.status_code == 200
    assert "here since" not in page.text
    assert f"/members/{asking.asker}" not in " ".join(words_of(page, "#author"))
    assert "Decided about their posts before" not in page.text


@ONE_DATABASE
@pytest.mark.parametrize("who", ["guest", "mo"])
def test_what_waits_stands_on_no_list(asking: Asking, who: str) -> None:
    browser = asking.app.test_client() if who == "guest" else asking.make.signed_in(asking.mo)
    addresses = ["/", "/latest", f"/members/{asking.asker}", "/search?q=crawl", "/feed.atom"]
    before = {address: browser.get(address).text for address in addresses}
    assert all("rim" not in page and "crawl?" not in page for page in before.values())
    asking.decide("Approve it")
    asking.do(publish_waiting, asking.post)
    work_off(asking.app)
    assert "Crawling at the rim" in browser.get("/").text


@ONE_DATABASE
def test_only_a_stand_in_posts_so(asking: Asking) -> None:
    category = asking.read(select(Category.id))
    for author in (asking.ada.id, 999):
        with pytest.raises(NotAllowed):
            asking.do(start_waiting, author, category, title="T", text=asking.text())
        with pytest.raises(NotAllowed):
            asking.do(reply_waiting, author, asking.first.thread_id, text=asking.text())
    with pytest.raises(NotAllowed):
        asking.do(revise_waiting, asking.first.id, text=asking.text())
    with pytest.raises(NotFound):
        asking.do(start_waiting, asking.asker, 999, title="T", text=asking.text())
    with pytest.raises(Conflict):
        asking.open(asking.first.id)
    with pytest.raises((Conflict, NotFound)):
        asking.do(publish_waiting, asking.first.id)
    for name in ("", " ", "n" * 61, "a\nb"):
        with pytest.raises(Invalid):
            asking.do(add_stand_in, name)
    assert asking.read(select(func.count()).select_from(Thread)) == 2


@ONE_DATABASE
def test_a_stand_in_can_neither_sign_in_nor_be_mentioned(asking: Asking) -> None:
    with asking.app.app_context():
        member = db.session.get_one(Member, asking.asker)
        assert (member.email, member.password_hash, member.handle) == (None, None, None)


def test_a_name_that_stands_in_for_others_leads_nowhere(asking: Asking, tmp_path: Path) -> None:
    asking.decide("Approve it")
    asking.do(publish_waiting, asking.post)
    work_off(asking.app)
    mo = asking.make.signed_in(asking.mo)
    for address in ("/members/{}", "/members/{}/feed.atom", "/moderation/members/{}"):
        assert mo.get(address.format(asking.ada.id)).status_code == 200
        assert mo.get(address.format(asking.asker)).status_code == 404
    thread = mo.get(f"/t/{asking.thread}").text
    assert thread.count("<bdi>Asker</bdi>") == 2
    feed = mo.get(f"/t/{asking.thread}/feed.atom").text
    assert "<author>\n<name>Asker</name>\n</author>" in feed
    pages(asking.app, tmp_path / "out")
    copied = files_in(tmp_path / "out")
    assert loose_ends(copied) == []
    assert "Asker" in copied[f"t/{asking.thread}.html"].decode()
    assert "Asker" not in copied["people.html"].decode()
    found = [thread, feed, mo.get("/latest").text, mo.get("/moderation/community").text]
    found += [file.decode(errors="replace") for file in copied.values()]
    number = re.compile(rf"(?:members/|#m){asking.asker}\b")
    assert [text for text in found if number.search(text)] == []
    admin = asking.make.signed_in(asking.olga).get(f"/admin/members/{asking.asker}")
    assert "stands in for others" in admin.text
    assert f'"/members/{asking.asker}"' not in admin.text
    assert f"/admin/members/{asking.asker}/erase" not in admin.text


@ONE_DATABASE
def test_other_decisions_are_refused_for_posts_that_wait(forum_with: ForumWith) -> None:
    app = forum_with(asks=ASKS.replace('"done", "changes"', '"nothing", "changes"'))
    assert "of posts that wait" in str(reasons(app))
