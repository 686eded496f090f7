"""Authors whose waiting post was published with a label can appeal against that; who overturns it takes
the label away, and the post stays where readers have it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.models import TrustStep
from forum.accounts.trust_rules import Thresholds
from forum.admin.level_actions import add_level
from forum.app import create_app
from forum.db import db, rows, transaction
from forum.discussion.curating_actions import lock_thread, mark_answer, remove_post
from forum.discussion.models import Post
from forum.discussion.trust_actions import settle_levels
from forum.errors import NotFound
from forum.moderation import deed_actions
from forum.moderation.actions import publish_held
from forum.moderation.appeal_actions import appeal
from forum.moderation.decision_actions import label_flagged
from forum.moderation.flag_actions import flag_post
from forum.moderation.models import Case
from forum.permissions import OPERATOR
from forum.record.actions import undo
from forum.record.models import LogEntry
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import submit
from tests.evidence import links_of, words_of
from tests.moderation.test_appeals import Court
from tests.moderation.test_decisions import NoSales

ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SAID = "A moderator has published your post in “Crackle”, with a label above it for its readers."
HELD, APPEAL, ENTRY = 1, 2, 1
UNDO, WRONG, RIGHT = "Undo what was decided", "It was decided wrongly", "It was decided rightly"


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    """A forum whose checks hold what sells."""
    app = create_app(instance, database=database, plugins=[("no_sales", NoSales())])
    yield app
    close(app)


class Labelled(Court):
    """Mo has published Ada's reply 2 in Bo's thread 1, which waited, with a label."""

    post: Post

    def publish(self) -> None:
        """Mo decides."""
        self.post = self.make.reply(self.first, self.ada, source="SALE of books!")
        self.do(self.mo, publish_held, HELD, label="An advertisement", words="It sells.")

    def ask(self) -> None:
        """Ada appeals."""
        asked = submit(self.browser(self.ada), self.address, words="It is for charity.")
        assert asked.status_code == 303

    @property
    def address(self) -> str:
        """Where Ada appeals."""
        return f"/decided/{self.post.id}/{ENTRY}/appeal"

    def facts(self) -> tuple[str | None, str | None, int | None]:
        """Of the post: (label, who removed it, number)."""
        with self.app.app_context():
            found = db.session.get_one(Post, self.post.id)
            return found.label, found.removal, found.number

    def entries(self) -> list[tuple[str, int | None]]:
        """The record: (kind, what it undid)."""
        with self.app.app_context():
            found = rows(select(LogEntry.kind, LogEntry.undo_of).order_by(LogEntry.id))
            return [tuple(row) for row in found]


@pytest.fixture
def court(app: Flask, factories: Factories) -> Labelled:
    """A labelled post."""
    factories.community()
    ada = factories.member("Ada")
    mo, max_ = (factories.member(name, role="moderator") for name in ("Mo", "Max"))
    first = factories.thread(factories.member("Bo"), title="Crackle")
    made = Labelled(app, factories, ada, mo, max_, first)
    made.publish()
    return made


def test_label_is_told_appealed_against_and_taken_away_by_another_moderator(
    court: Labelled, worker: Callable[[], int], instance: Path
) -> None:
    worker()
    ada, decided = court.browser(court.ada), f"/decided/{court.post.id}"
    told = ada.get("/notifications")
    assert (SAID in told.text, decided in links_of(told, ".rows a")) == (True, True)
    [letter] = (instance / "mail").glob("*-decision-*.eml")
    assert decided.encode() in letter.read_bytes()
    page = ada.get(decided)
    assert words_of(page, "main section > p, main blockquote") == [
        SAID, "It sells.", "Ask another moderator to look at it",
    ]  # fmt: skip
    assert court.address in links_of(page, "main a")
    court.ask()
    mo, max_ = court.browser(court.mo), court.browser(court.max)
    assert words_of(mo.get(f"/moderation/{APPEAL}"), "form.decide button") == []
    page = max_.get(f"/moderation/{APPEAL}")
    assert "held post published with a label" in page.text
    words = {"form": "form.decide", "words": "A gift is no sale."}
    done = submit(max_, f"/moderation/{APPEAL}", button=UNDO, **words)
    assert "What was decided is undone." in max_.get(done.location).text
    assert court.facts() == (None, None, 2)
    assert court.cases() == [("hold", "published", None), ("appeal", "overturned", ENTRY)]
    assert court.entries() == [
        ("case.publish_labelled", None), ("case.publish_labelled", ENTRY), ("case.overturn", None),
    ]  # fmt: skip
    worker()
    told = ada.get("/notifications")
    assert "undone what was decided" in told.text
    assert "A gift is no sale." in told.text
    assert "Another moderator has undone what was decided" in ada.get(decided).text
    shown = words_of(court.browser(court.make.member("Cy")).get("/t/1"), "article .words")
    assert shown[-1] == "SALE of books!"
    assert "An advertisement" not in max_.get("/t/1").text


@ONE_DATABASE
def test_author_keeps_the_level_that_the_post_counts_for(court: Labelled) -> None:
    with court.app.test_request_context(), transaction():
        add_level(OPERATOR, "Regulars", Thresholds(posts=1))
        settle_levels([court.ada.id])
    court.ask()
    case = f"/moderation/{APPEAL}"
    submit(court.browser(court.max), case, form="form.decide", button=UNDO, words="It is fine.")
    assert court.facts() == (None, None, 2)
    with court.app.app_context():
        of_ada = select(TrustStep.is_reached).where(TrustStep.member_id == court.ada.id)
        steps = list(db.session.scalars(of_ada))
    assert steps == [True]


@ONE_DATABASE
def test_label_that_was_given_rightly_stays(court: Labelled, worker: Callable[[], int]) -> None:
    court.ask()
    assert court.decide(court.max, APPEAL, RIGHT).status_code == 303
    assert court.facts() == ("An advertisement", None, 2)
    worker()
    assert "What was decided stays." in court.browser(court.ada).get("/notifications").text


def _locked(court: Labelled) -> None:
    court.do(court.mo, lock_thread, 1, reason="Tea.")


def _marked(court: Labelled) -> None:
    court.do(court.mo, mark_answer, 1, 2)


@ONE_DATABASE
@pytest.mark.parametrize("since", [_locked, _marked])
def test_label_goes_where_readers_would_not_get_a_new_post(
    court: Labelled, since: Callable[[Labelled], None]
) -> None:
    court.ask()
    since(court)
    assert court.decide(court.max, APPEAL, UNDO).status_code == 303
    assert court.facts() == (None, None, 2)


def _removed(court: Labelled) -> None:
    court.do(court.mo, remove_post, 1, 2, reason="It sells.")


def _taken_back(court: Labelled) -> None:
    court.do(court.mo, undo, ENTRY)


def _labelled_anew(court: Labelled) -> None:
    court.do(court.make.member(), flag_post, 1, 2, words="Odd.")
    court.do(court.mo, label_flagged, 3, label="It is old.", words="It is.")


@ONE_DATABASE
@pytest.mark.parametrize(
    ("since", "facts"),
    [
        (_removed, ("An advertisement", "moderator", 2)),
        # It waited again; nobody decides it a third time.
        (_taken_back, (None, None, 2)),
        (_labelled_anew, ("It is old.", None, 2)),
    ],
)
def test_what_was_decided_since_stays_when_the_label_was_wrong(
    court: Labelled,
    since: Callable[[Labelled], None],
    facts: tuple[str | None, str | None, int | None],
) -> None:
    court.ask()
    since(court)
    page = court.browser(court.max).get(f"/moderation/{APPEAL}")
    assert "Nothing is left to undo" in page.text
    assert court.decide(court.max, APPEAL, WRONG).status_code == 303
    assert court.facts() == facts


@ONE_DATABASE
def test_undoing_it_in_the_record_has_the_post_wait_again(court: Labelled) -> None:
    court.do(court.max, undo, ENTRY)
    assert court.facts() == (None, "waiting", 2)
    with court.app.app_context():
        assert db.session.get_one(Case, HELD).closed_at is None
    page = court.browser(court.ada).get(f"/decided/{court.post.id}")
    assert "A moderator has undone this meanwhile." in page.text
    assert court.address not in links_of(page, "main a")


@ONE_DATABASE
def test_label_from_before_appeals_against_it_stays_as_it_is(
    court: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deed_actions, "PUBLISH_LABELLED", deed_actions.PUBLISH)
    post = court.make.reply(court.first, court.ada, source="SALE of pots!")
    court.do(court.mo, publish_held, 2, label="An advertisement", words="It sells.")
    assert court.entries()[1:] == [("case.publish", None)]
    with pytest.raises(NotFound):
        court.do(court.ada, appeal, 2, words="It is not.")
    assert court.browser(court.ada).get(f"/decided/{post.id}").status_code == 404
