"""A held post from its author's side: it waits, is published, is not, or is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.accounts.models import Grant, Member
from forum.app import create_app
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.models import Draft, Post, Thread
from forum.events import CaseDecided
from forum.jobs.queue import emit
from forum.moderation.models import Case
from forum.notifications.models import Notification
from forum.plugin_api import Finding, Hold, PostToCheck, Severity, hookimpl
from forum.review import Draft as DraftToReview
from forum.testing.application import close
from forum.testing.factories import Factories
from forum.testing.forms import fields_of, submit
from tests.evidence import everything, form_of, links_of, text_given_back, words_of

PITCH = "Buy my *kiln*, at a discount."
REASON = "This sells.\nTell us what you <learned> with it instead."
Worker = Callable[[], int]


class HoldsPitches:
    """Has a moderator read whatever mentions a discount."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        return Hold("It mentions a discount.") if "discount" in post.source else None

    @hookimpl
    def review_draft(self, draft: DraftToReview) -> list[Finding]:
        if "discount" not in draft.source:
            return []
        message = "This reads like an advertisement."
        return [Finding("words-pitch", Severity.HINT, None, "discount", message)]


@pytest.fixture
def app(instance: Path, database: str) -> Iterator[Flask]:
    app = create_app(instance, database=database, plugins=[("pitches", HoldsPitches())])
    yield app
    close(app)


class Cast:
    """Ada's thread 1, Bo who has pitched in it, and a moderator; each with a browser."""

    def __init__(self, factories: Factories) -> None:
        factories.community()
        self.ada, self.bo = factories.member("Ada"), factories.member("Bo")
        self.mo = factories.member("Mo", role="moderator")
        factories.thread(self.ada, title="Crackle")
        self.author, self.moderator = factories.signed_in(self.bo), factories.signed_in(self.mo)
        answer = submit(self.author, "/t/1/reply?to=1", button="Publish", source=PITCH)
        assert answer.location == "/t/1"

    def decide(self, button: str, words: str = "", case: int = 1) -> int:
        return submit(
            self.moderator, f"/moderation/{case}", form="form.decide", button=button, words=words
        ).status_code


@pytest.fixture
def cast(factories: Factories) -> Cast:
    return Cast(factories)


def decided(app: Flask) -> list[tuple[str | None, str, int | None]]:
    columns = (Case.decision, Case.decision_reason, Case.closed_by)
    with app.app_context():
        return [tuple(row) for row in rows(select(*columns).order_by(Case.id))]


def last_letter(instance: Path) -> tuple[str, str, str]:
    """To whom, about what, and what it says less the foot."""
    newest = max((instance / "mail").glob("*.eml"), key=lambda p: int(p.stem.split("-")[-1]))
    letter = message_from_bytes(newest.read_bytes(), policy=default)
    body = letter.get_body()  # type: ignore[attr-defined]
    return letter["To"], letter["Subject"], body.get_content().partition("\n-- ")[0]


def test_case_page_shows_the_post_where_it_stands_and_what_was_said_of_it(cast: Cast) -> None:
    page = cast.moderator.get("/moderation/1")
    assert words_of(page, "h1, .reason, .findings-said li") == [
        "Held post",
        "It mentions a discount.",
        "This reads like an advertisement. discount",
    ]
    assert words_of(page, ".held-post .words") == ["Buy my kiln, at a discount."]
    assert words_of(page, ".held-post blockquote") == ["How do you get a fine crackle?"]
    assert links_of(page, ".meta a, .replied-to a") == ["/t/1", "/c/glazes", "/t/1/1"]


def test_author_of_a_removed_post_reads_why_and_still_has_the_text(
    app: Flask, cast: Cast, worker: Worker, instance: Path, factories: Factories
) -> None:
    assert cast.decide("Remove", REASON) == 303
    worker()
    assert decided(app) == [("removed", REASON, cast.mo.id)]
    in_words = "This sells. Tell us what you <learned> with it instead."
    told = cast.author.get("/notifications")
    assert words_of(told, "ul.rows .label, ul.rows blockquote") == ["new", in_words]
    assert links_of(told, "ul.rows h2 a") == ["/held/2"]
    assert words_of(cast.author.get("/t/1"), ".waiting .label, .waiting blockquote") == [
        "not published",
        in_words,
    ]
    page = cast.author.get("/held/2")
    assert words_of(page, ".label, .reason, .words, pre") == [
        "not published",
        in_words,
        "Buy my kiln, at a discount.",
        PITCH,
    ]
    assert words_of(cast.author.get("/notifications"), "ul.rows .label") == [], "it was read"
    to, subject, body = last_letter(instance)
    assert (to, subject) == (cast.bo.email, "Your post in “Crackle”")
    assert body.split("\n\n") == [
        "A moderator has read your post in “Crackle” and did not publish it. The reason:",
        REASON,
        "Your text is kept for you. Read it, and write it anew if you like: "
        "http://127.0.0.1:8000/held/2",
        "If you think that this is wrong, another moderator will look at it: "
        "http://127.0.0.1:8000/decided/2\n",
    ]
    others = [factories.signed_in(cast.ada), cast.moderator, app.test_client()]
    assert [browser.get("/held/2").status_code for browser in others] == [404, 404, 403]
    with app.app_context():
        [post] = rows(select(Post.number, Post.removal, Post.removed_by).where(Post.id == 2))
        assert tuple(post) == (None, "moderator", cast.mo.id)


def test_author_is_told_of_a_publication_with_the_moderators_words(
    app: Flask, cast: Cast, worker: Worker, instance: Path
) -> None:
    assert cast.decide("Publish", "Good that you ask.") == 303
    worker()
    assert decided(app) == [("published", "Good that you ask.", cast.mo.id)]
    told = cast.author.get("/notifications")
    assert words_of(told, "ul.rows .label, ul.rows blockquote") == ["new", "Good that you ask."]
    assert links_of(told, "ul.rows h2 a") == ["/t/1/2"]
    assert cast.author.get("/held/2").location == "/t/1/2"
    letters = [p.read_text("utf-8") for p in (instance / "mail").glob("*.eml")]
    [letter] = [text for text in letters if cast.bo.email in text]
    assert "has published your post" in letter
    cast.author.get("/t/1")
    assert words_of(cast.author.get("/notifications"), "ul.rows .label") == []


def test_decision_told_twice_is_one_notification_and_one_letter(
    app: Flask, cast: Cast, worker: Worker, instance: Path
) -> None:
    cast.decide("Remove", "It sells.")
    with app.test_request_context(), transaction():
        emit(CaseDecided(post_id=2, kind="hold", decision="removed", words="It sells."))
    worker()
    with app.app_context():
        assert len(rows(select(Notification.id))) == 1
    assert len(list((instance / "mail").glob("*.eml"))) == 1


def test_removal_needs_a_reason(app: Flask, cast: Cast) -> None:
    before = everything(app)
    assert cast.decide("Remove", "  \n ") == 422
    assert everything(app) == before


def test_removed_post_becomes_a_draft_in_its_old_place(app: Flask, cast: Cast) -> None:
    cast.decide("Remove", REASON)
    answer = submit(cast.author, "/held/2", button="Write it anew")
    assert (answer.status_code, answer.location) == (303, "/t/1/reply")
    page = cast.author.get("/t/1/reply")
    assert text_given_back(page) == PITCH
    assert words_of(page, ".replied-to .quiet") == ["In reply to #1, Ada"]


def test_removed_thread_becomes_a_draft_with_its_title_and_tags(app: Flask, cast: Cast) -> None:
    new = {"title": "Kilns for sale", "category": "1", "source": PITCH, "tags": "trade, kiln"}
    assert submit(cast.author, "/new", button="Publish", **new).location == "/t/2"
    cast.decide("Remove", REASON, case=2)
    assert words_of(cast.author.get("/t/2"), ".waiting .label") == ["not published"]
    assert submit(cast.author, "/held/3", button="Write it anew").location == "/new"
    page = cast.author.get("/new")
    assert text_given_back(page) == PITCH
    assert {name: fields_of(form_of(page))[name] for name in ("title", "tags")} == {
        "title": "Kilns for sale",
        "tags": "kiln, trade",
    }


def test_another_draft_in_that_place_is_not_replaced(app: Flask, cast: Cast) -> None:
    cast.decide("Remove", REASON)
    submit(cast.author, "/t/1/reply", button="Preview", source="Something else.")
    answer = submit(cast.author, "/held/2", button="Write it anew")
    assert answer.location == "/held/2"
    assert words_of(cast.author.get("/held/2"), ".notices") == [
        "You have begun another text there. Publish or discard that draft first."
    ]
    with app.app_context():
        assert [row.source for row in rows(select(Draft.source))] == ["Something else."]


def test_author_takes_a_held_post_back_and_nobody_decides_it_any_more(
    app: Flask, cast: Cast, worker: Worker
) -> None:
    early = cast.moderator.get("/moderation/1")
    token = early.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = submit(cast.author, "/held/2", button="Take it back")
    worker()
    assert (answer.status_code, answer.location) == (303, "/held/2")
    assert decided(app) == [("withdrawn", "", cast.bo.id)]
    assert words_of(cast.author.get("/held/2"), ".label, main button") == [
        "taken back",
        "Write it anew",
    ]
    assert words_of(cast.moderator.get("/moderation"), ".case") == []
    late = cast.moderator.post("/moderation/1", data={"csrf_token": token, "decision": "publish"})
    assert late.status_code == 409
    assert words_of(late, "#error-summary li") == ["The author has taken this post back meanwhile."]
    with app.app_context():
        assert rows(select(Notification.id)) == []
        assert [r.number for r in rows(select(Post.number).order_by(Post.id))] == [1, None]


def test_post_is_not_taken_back_after_a_decision(app: Flask, cast: Cast) -> None:
    page = cast.author.get("/held/2")
    token = page.text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    cast.decide("Remove", REASON)
    before = everything(app)
    answer = cast.author.post("/held/2/withdraw", data={"csrf_token": token})
    assert (answer.location, everything(app)) == ("/held/2", before)
    assert words_of(cast.author.get("/held/2"), ".notices, .label") == [
        "A moderator has decided about this post meanwhile.",
        "not published",
    ]


def test_only_the_author_takes_a_post_back_or_writes_it_anew(
    app: Flask, cast: Cast, factories: Factories
) -> None:
    other = factories.signed_in(cast.ada)
    token = other.get("/new").text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    before = everything(app)
    paths = ("/held/2/withdraw", "/held/2/anew", "/held/1/withdraw", "/held/99/anew")
    answers = [other.post(path, data={"csrf_token": token}).status_code for path in paths]
    assert (answers, everything(app)) == ([404] * 4, before)
    # What still waits is taken back first.
    theirs = cast.author.get("/held/2").text
    own = theirs.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    assert cast.author.post("/held/2/anew", data={"csrf_token": own}).location == "/held/2"
    assert everything(app) == before


def lock(cast: Cast) -> None:
    db.session.execute(update(Thread).values(locked_at=utcnow()))


def remove(cast: Cast) -> None:
    db.session.execute(update(Thread).values(removed_at=utcnow()))


def shut_the_author_out(cast: Cast) -> None:
    denial = {"permission": "thread.reply", "effect": "deny", "category_id": 1}
    db.session.add(Grant(**denial, role="member"))


def close_the_account(cast: Cast) -> None:
    gone = {"email": None, "password_hash": None, "closed_at": utcnow()}
    db.session.execute(update(Member).where(Member.id == cast.bo.id).values(gone))


@pytest.mark.parametrize(
    ("happen", "message"),
    [
        (lock, "The thread was locked. Unlock it first, or remove this post."),
        (remove, "The thread was removed. Restore it first, or remove this post, too."),
        (
            shut_the_author_out,
            "The author may not write in “Glazes” any more. Move the thread back, or remove this "
            "post.",
        ),
        (close_the_account, "The author has closed the account. Remove this post."),
    ],
)
def test_post_whose_thread_does_not_take_it_any_more_is_not_published(
    app: Flask, cast: Cast, happen: Callable[[Cast], None], message: str
) -> None:
    sent = fields_of(form_of(cast.moderator.get("/moderation/1"), "form.decide"))
    with app.test_request_context(), transaction():
        happen(cast)
    before = everything(app)
    answer = cast.moderator.post("/moderation/1", data={**sent, "decision": "publish"})
    assert (answer.status_code, everything(app)) == (409, before)
    assert words_of(answer, "#error-summary li") == [message]
    page = cast.moderator.get("/moderation/1")
    assert words_of(page, ".decide .notice")[0] == message
    assert words_of(page, ".decide button") == ["Remove"]
    # Of who has left no words are kept.
    words = {} if happen is close_the_account else {"words": "Too late."}
    removed = {"form": "form.decide", "button": "Remove", **words}
    assert submit(cast.moderator, "/moderation/1", **removed).status_code == 303
