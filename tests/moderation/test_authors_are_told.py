"""Authors learn what moderators did to what they wrote: once for each deed, with the reason and what
they can do, also when it is taken back; and can appeal when their whole thread is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from forum.app import create_app
from forum.categories.models import Category
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import (
    remove_post,
    remove_thread,
    restore_post,
    restore_thread,
)
from forum.discussion.models import Post
from forum.discussion.moving_actions import merge_thread, split_thread
from forum.errors import Invalid
from forum.moderation.actions import publish_elsewhere, publish_held
from forum.moderation.models import Case
from forum.notifications.models import Notification
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.application import close
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import links_of, words_of
from tests.moderation.test_decisions import NoSales

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose checks hold what sells."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


@dataclass
class Stage:
    """Ada started thread 1, in which Bo replied; Mo and Max moderate."""

    app: Flask
    make: Factories
    worker: Callable[[], int]
    ada: Person
    bo: Person
    mo: Person
    max: Person
    first: Post

    def do(self, person: Person, action: Callable[..., Any], *values: Any, **options: Any) -> Any:
        """An action of somebody in a transaction of its own, and what follows from it."""
        actor = self.make.actor(person)
        with self.app.test_request_context(), transaction():
            found = action(actor, *values, **options)
        self.worker()
        return found

    def told(self, person: Person) -> list[tuple[int, str | None, str]]:
        """What moderators told somebody: (post, what, words)."""
        about = Notification.kind == "decision", Notification.member_id == person.id
        what = Notification.post_id, Notification.decision, Notification.words
        with self.app.app_context():
            return [tuple(row) for row in rows(select(*what).where(*about).order_by(*what))]

    def letters(self, mail: Path, person: Person) -> list[str]:
        """The letters about decisions to somebody, in their order."""
        found = [
            message_from_bytes(path.read_bytes(), policy=default)
            for path in sorted(
                mail.glob("*-decision-*.eml"), key=lambda path: int(path.stem.split("-")[-1])
            )
        ]
        return [str(m.get_content()) for m in found if person.email in str(m["To"])]

    def newest(self) -> int:
        """The last entry of the record."""
        with self.app.app_context():
            return db.session.scalars(select(LogEntry.id).order_by(LogEntry.id.desc())).first() or 0


@pytest.fixture
def stage(app: Flask, factories: Factories, worker: Callable[[], int]) -> Stage:
    """A thread with a reply."""
    factories.community()
    ada, bo = factories.member("Ada"), factories.member("Bo")
    mo, max_ = (factories.member(name, role="moderator") for name in ("Mo", "Max"))
    first = factories.thread(ada, title="Crackle")
    factories.reply(first, bo, source="Buy my book!")
    return Stage(app, factories, worker, ada, bo, mo, max_, first)


def test_author_of_a_removed_post_is_told_why_and_what_they_can_do(
    stage: Stage, instance: Path
) -> None:
    stage.do(stage.mo, remove_post, 1, 2, reason="It sells.")
    assert stage.told(stage.bo) == [(2, "removed", "It sells.")]
    [letter] = stage.letters(instance / "mail", stage.bo)
    assert "A moderator has removed your post in “Crackle”. The reason:\n\nIt sells." in letter
    assert "/decided/2" in letter
    page = stage.make.signed_in(stage.bo).get("/notifications")
    assert "/decided/2" in links_of(page, ".rows a")
    stage.do(stage.mo, undo, stage.newest(), reason="It was a gift.")
    assert stage.told(stage.bo) == [(2, "restored", "It was a gift.")]
    assert (
        "readers find it again.\n\nIt was a gift." in stage.letters(instance / "mail", stage.bo)[1]
    )
    assert stage.told(stage.ada) == []


@ONE_DATABASE
def test_nobody_is_told_of_what_they_did_themselves(stage: Stage) -> None:
    stage.do(stage.bo, remove_post, 1, 2)
    stage.do(stage.bo, restore_post, 1, 2)
    own = stage.make.thread(stage.mo, title="Mine")
    stage.do(stage.mo, remove_thread, own.thread_id, reason="I was wrong.")
    stage.do(stage.mo, restore_thread, own.thread_id)
    assert (stage.told(stage.bo), stage.told(stage.mo)) == ([], [])


@ONE_DATABASE
def test_post_that_is_removed_again_by_undoing_is_told_with_its_reason(stage: Stage) -> None:
    stage.do(stage.mo, remove_post, 1, 2, reason="It sells.")
    stage.do(stage.max, restore_post, 1, 2)
    assert stage.told(stage.bo) == [(2, "restored", "")]
    stage.do(stage.mo, undo, stage.newest(), reason="Max was asked.")
    assert stage.told(stage.bo) == [(2, "removed", "It sells.")]


def test_removal_of_a_whole_thread_is_told_appealed_against_and_overturned(
    stage: Stage, instance: Path
) -> None:
    stage.do(stage.mo, remove_thread, 1, reason="We had this.")
    assert (stage.told(stage.ada), stage.told(stage.bo)) == ([(1, "t_removed", "We had this.")], [])
    [letter] = stage.letters(instance / "mail", stage.ada)
    assert "A moderator has removed your thread “Crackle”. The reason:\n\nWe had this." in letter
    assert ("/decided/1" in letter, "/t/1" in letter) == (True, False)
    ada, bo = stage.make.signed_in(stage.ada), stage.make.signed_in(stage.bo)
    gone = ada.get("/t/1")
    assert (gone.status_code, "/decided/1" in links_of(gone, "main a")) == (404, True)
    assert "/decided/1" not in links_of(bo.get("/t/1"), "main a")
    assert bo.get("/decided/1/1/appeal").status_code == 404
    assert "/decided/1/1/appeal" in links_of(ada.get("/decided/1"), "main a")
    assert submit(ada, "/decided/1/1/appeal", words="It is another crackle.").status_code == 303
    address, words = "/moderation/1", {"words": "It is another one."}
    mo, max_ = stage.make.signed_in(stage.mo), stage.make.signed_in(stage.max)
    assert words_of(mo.get(address), "form.decide button") == []
    overturned = submit(max_, address, form="form.decide", button="Undo what was decided", **words)
    assert overturned.status_code == 303
    stage.worker()
    assert [ada.get("/t/1").status_code, bo.get("/t/1").status_code] == [200, 200]
    assert stage.told(stage.ada) == [(1, "overturned", "It is another one.")]
    assert len(stage.letters(instance / "mail", stage.ada)) == 2


@ONE_DATABASE
def test_thread_restored_by_hand_can_still_be_found_right_in_the_appeal(stage: Stage) -> None:
    stage.do(stage.mo, remove_thread, 1, reason="We had this.")
    ada = stage.make.signed_in(stage.ada)
    submit(ada, "/decided/1/1/appeal", words="It is another crackle.")
    stage.do(stage.mo, restore_thread, 1)
    assert stage.told(stage.ada) == [(1, "t_restored", "")]
    button = {"form": "form.decide", "button": "It was decided wrongly", "words": "So it is."}
    assert submit(stage.make.signed_in(stage.max), "/moderation/1", **button).status_code == 303
    with stage.app.app_context():
        assert [tuple(row) for row in rows(select(Case.kind, Case.decision))] == [
            ("appeal", "overturned")
        ]
    assert ada.get("/t/1").status_code == 200


def test_decision_about_a_held_post_that_is_taken_back_is_told(
    stage: Stage, instance: Path
) -> None:
    held = stage.make.reply(stage.first, stage.bo, source="SALE of books!")
    mo, button = stage.make.signed_in(stage.mo), {"form": "form.decide", "words": "It sells."}
    submit(mo, "/moderation/1", button="Remove", **button)
    stage.worker()
    assert stage.told(stage.bo) == [(held.id, "h_removed", "It sells.")]
    stage.do(stage.mo, undo, stage.newest(), reason="I misread.")
    assert stage.told(stage.bo) == [(held.id, "waiting", "I misread.")]
    letter = stage.letters(instance / "mail", stage.bo)[-1]
    assert "It waits again" in letter
    assert (f"/held/{held.id}" in letter, "/decided" in letter) == (True, False)
    bo = stage.make.signed_in(stage.bo)
    assert f"/held/{held.id}" in links_of(bo.get("/notifications"), ".rows a")
    submit(mo, "/moderation/1", button="Remove", **button)
    stage.worker()
    assert stage.told(stage.bo) == [(held.id, "h_removed", "It sells.")]


@ONE_DATABASE
def test_author_of_a_held_post_that_is_published_with_a_label_reads_that_it_is_published(
    stage: Stage, instance: Path
) -> None:
    held = stage.make.reply(stage.first, stage.bo, source="SALE of books!")
    stage.do(stage.mo, publish_held, 1, label="An advertisement", words="It is fine.")
    assert stage.told(stage.bo) == [(held.id, "p_labelled", "It is fine.")]
    said = (
        "A moderator has published your post in “Crackle”, with a label above it for its readers."
    )
    page = stage.make.signed_in(stage.bo).get("/notifications")
    assert words_of(page, ".rows p.about")[0] == said
    assert f"/decided/{held.id}" in links_of(page, ".rows a")
    assert said in stage.letters(instance / "mail", stage.bo)[0]
    # As it was told before one could appeal against it: there, the page would have nothing.
    with stage.app.app_context(), transaction():
        told = select(Notification).where(Notification.kind == "decision")
        db.session.scalars(told).one().decision = "h_labelled"
    page = stage.make.signed_in(stage.bo).get("/notifications")
    assert words_of(page, ".rows p.about")[0] == said
    assert f"/decided/{held.id}" not in links_of(page, ".rows a")


@ONE_DATABASE
def test_each_author_is_told_once_where_moved_posts_stand_now(stage: Stage, instance: Path) -> None:
    stage.make.reply(stage.first, stage.bo, source="And tape.")
    stage.make.reply(stage.first, stage.mo, source="Elsewhere, please.")
    moved = stage.do(
        stage.mo,
        split_thread,
        1,
        [2, 3, 4],
        title="Books",
        category_id=1,
        reason="It is about books.",
    )
    assert stage.told(stage.bo) == [(2, "relocated", "It is about books.")]
    assert (stage.told(stage.ada), stage.told(stage.mo)) == ([], [])
    bo = stage.make.signed_in(stage.bo)
    page = bo.get("/notifications")
    assert "it stands in “Books” now, at #1." in page.text
    assert f"/t/{moved.thread_id}/1" in links_of(page, ".rows a")
    stage.do(stage.mo, undo, stage.newest())
    assert "it stands in “Crackle” now, at #2." in bo.get("/notifications").text
    assert stage.letters(instance / "mail", stage.bo) == []


@ONE_DATABASE
def test_moving_a_post_hides_no_reason_that_is_not_read_yet(stage: Stage) -> None:
    stage.do(stage.mo, remove_thread, 1, reason="We had this.")
    stage.do(stage.max, restore_thread, 1)
    other = stage.make.thread(stage.bo, title="Hiss")
    stage.do(stage.mo, merge_thread, 1, into=other.thread_id)
    assert stage.told(stage.ada) == [(1, "t_restored", "")]
    assert stage.told(stage.bo) == [(2, "relocated", "")]


def test_held_thread_is_published_in_another_category_and_that_can_be_appealed_and_undone(
    stage: Stage, instance: Path
) -> None:
    slips = stage.make.category("Slips")
    held = stage.make.thread(stage.bo, slips, title="Tape", source="SALE of tape!")
    mo, page = stage.make.signed_in(stage.mo), "/moderation/1"
    decide = {"form": "form.decide", "button": "Publish in another category"}
    early = submit(mo, page, **decide, words="It is about pots.")
    assert (early.status_code, words_of(early, "textarea#words")) == (422, ["It is about pots."])
    assert "Choose another category to publish it in." in early.text
    submit(mo, page, **decide, words="It is about pots.", category="1")
    stage.worker()
    bo = stage.make.signed_in(stage.bo)
    assert stage.told(stage.bo) == [(held.id, "placed", "It is about pots.")]
    said = "in another category than you chose. It stands in “Glazes” now."
    assert said in stage.letters(instance / "mail", stage.bo)[0]
    assert said in bo.get("/notifications").text
    where = f"/t/{held.thread_id}"
    assert links_of(bo.get(where), ".crumbs a") == ["/", f"/c/{_slug(stage, 1)}"]
    decided = bo.get(f"/decided/{held.id}")
    assert "in another category than you chose." in decided.text
    [asks] = [link for link in links_of(decided, "main a") if link.endswith("/appeal")]
    submit(bo, asks, words="Tape belongs to slips.")
    max_ = stage.make.signed_in(stage.max)
    undone = {"form": "form.decide", "button": "Undo what was decided", "words": "It does."}
    assert submit(max_, "/moderation/2", **undone).status_code == 303
    assert links_of(bo.get(where), ".crumbs a") == ["/", "/c/slips"]


@ONE_DATABASE
def test_reply_that_waits_is_not_published_elsewhere(stage: Stage) -> None:
    stage.make.category("Slips")
    stage.make.reply(stage.first, stage.bo, source="SALE of books!")
    mo = stage.make.signed_in(stage.mo)
    buttons = words_of(mo.get("/moderation/1"), "form.decide button")
    assert buttons == ["Publish", "Publish with a label", "Ask for changes", "Remove"]
    with pytest.raises(Invalid, match="Others read this thread already"):
        stage.do(stage.mo, publish_elsewhere, 1, category_id=2, words="There.")


def _slug(stage: Stage, category_id: int) -> str:
    with stage.app.app_context():
        return db.session.get_one(Category, category_id).slug
