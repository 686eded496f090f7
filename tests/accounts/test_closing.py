"""Closing an account: who somebody was goes, what they said stays or goes as they choose."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, update

from forum.accounts.actions import Browser, open_session
from forum.accounts.closing_actions import close_account
from forum.accounts.invitation_actions import invite
from forum.accounts.models import GroupMember, Member, MemberRole, MemberSession
from forum.accounts.queries import visit_by_session
from forum.accounts.tokens import token_hash
from forum.db import db, rows, transaction
from forum.discussion.actions import edit_post, prepare
from forum.discussion.curating_actions import mark_answer
from forum.discussion.draft_actions import DraftText, save_draft
from forum.discussion.models import Draft, Post, PostPicture, Revision, Thread, ThreadTag
from forum.errors import Conflict
from forum.files.actions import add_picture, receive
from forum.files.models import Picture, Upload
from forum.hookspecs import CaseNeeded
from forum.jobs.models import Job
from forum.moderation.actions import claim_case, open_case
from forum.moderation.models import Case
from forum.notifications.models import Notification
from forum.permissions import OPERATOR
from forum.plugin_api import AccountClosing, hookimpl
from forum.plugin_host import current_host
from forum.testing.application import count_statements, work
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from forum.text.pictures import picture_address
from tests.evidence import everything, words_of

Letters = Callable[[], list[EmailMessage]]
SECRET = "Zanzibar"


@pytest.fixture
def olga(factories: Factories) -> Person:
    """The administrator."""
    return factories.community()


def leave(client: FlaskClient, person: Person, posts: str = "keep") -> int:
    """Close the account on its page: the status of the answer."""
    return submit(
        client, "/account/close", button="Close my account", posts=posts, password=person.password
    ).status_code


def close_now(app: Flask, factories: Factories, person: Person, *, empty: bool) -> None:
    """Close the account by the action."""
    actor = factories.actor(person)
    with app.test_request_context():
        close_account(actor, password=person.password, empty_posts=empty)


def picture_by(app: Flask, factories: Factories, person: Person, colour: str) -> str:
    """The address of a picture that this person uploads."""
    target = BytesIO()
    Image.new("RGB", (3, 2), colour).save(target, "PNG")
    actor = factories.actor(person)
    with app.test_request_context():
        received = receive(actor, target.getvalue())
        with transaction():
            add_picture(actor, received)
    return picture_address(received.hash, "png")


def sweep(app: Flask) -> None:
    """Have the worker do now what closing promised for a few minutes, or a day, later."""
    with app.test_request_context(), transaction():
        db.session.execute(update(Job).values(run_at=Job.created_at))
    work(app)


def everywhere(app: Flask, *, less: tuple[str, ...] = ()) -> str:
    """All values of all tables, as one text."""
    return repr(everything(app, less=less))


def test_closing_deletes_who_somebody_was_and_leaves_what_they_said(
    app: Flask, client: FlaskClient, factories: Factories, olga: Person, letters: Letters
) -> None:
    ada = factories.member("Ada Zanzibar", role="moderator", group="Kiln masters")
    bo = factories.member("Bo")
    thread = factories.thread(ada, source="It crackles.")
    factories.reply(thread, bo)
    browser = factories.signed_in(ada)
    letters()
    submit(browser, "/me", name=ada.name, about=f"{SECRET} 1", unit=SECRET, pronouns=SECRET)
    with app.test_request_context(), transaction():
        save_draft(factories.actor(ada), "new", DraftText(f"{SECRET} draft"))
        invite(OPERATOR)

    assert leave(browser, ada) == 303

    with app.app_context():
        gone = db.session.get_one(Member, ada.id)
        told = (gone.name, gone.email, gone.password_hash, gone.handle, gone.closed_at is None)
        assert told == ("Former member", None, None, None, False)
        for table in (MemberSession, MemberRole, GroupMember, Draft, Notification):
            assert list(db.session.scalars(select(table).where(table.member_id == ada.id))) == []
    assert browser.get("/me").status_code == 303
    farewell = letters()[-1]
    assert (farewell["To"], farewell["Subject"]) == (ada.email, "Your account is closed")
    sweep(app)
    stored = everywhere(app)
    assert [word for word in (SECRET, ada.email, "zanzibar") if word in stored] == []
    page = client.get(f"/t/{thread.thread_id}")
    assert "It crackles." in page.text
    assert "Former member" in page.text
    again = submit(app.test_client(), "/sign-in", email=ada.email, password=ada.password)
    assert again.status_code == 422


def test_emptying_takes_the_words_of_every_version_and_no_title(
    app: Flask, client: FlaskClient, factories: Factories, olga: Person
) -> None:
    ada, bo = factories.member("Ada"), factories.member("Bo")
    own, shared = (picture_by(app, factories, ada, colour) for colour in ("teal", "red"))
    thread = factories.thread(ada, title="Crackle", source=f"{SECRET} ![T]({own})")
    factories.reply(thread, ada, source=f"{SECRET} answers ![R]({shared})")
    factories.reply(thread, bo, source=f"Bo stays ![R]({shared})")
    with app.test_request_context():
        text, moderator = prepare(f"{SECRET} mended"), factories.actor(olga)
        with transaction():
            edit_post(moderator, thread.id, text=text, based_on=1)
            mark_answer(moderator, thread.thread_id, 2)

    close_now(app, factories, ada, empty=True)

    assert SECRET not in everywhere(app)
    with app.app_context():
        revisions = rows(select(Revision.source, Revision.emptied_by).order_by(Revision.post_id))
        assert [tuple(r) for r in revisions[:3]] == [("", ada.id)] * 3
        assert [r.source for r in revisions[3:]] == [f"Bo stays ![R]({shared})"]
        assert db.session.scalars(select(Thread.answer_number)).all() == [None]
        pictures = [f"/files/{hash_}.png" for hash_ in db.session.scalars(select(Picture.hash))]
        assert pictures == [shared]
        assert db.session.scalars(select(Upload)).all() == []
        assert db.session.scalars(select(PostPicture.post_id)).all() == [3]
    page = client.get(f"/t/{thread.thread_id}")
    assert words_of(page, "h1") == ["Crackle"]
    assert "Bo stays" in page.text


def test_waiting_posts_are_taken_back_and_claims_given_back(
    app: Flask, factories: Factories, olga: Person
) -> None:
    mo, bo = factories.member("Mo", role="moderator"), factories.member("Bo")
    thread = factories.thread(bo)
    held, helped, other = (factories.reply(thread, p, source=SECRET) for p in (mo, mo, bo))
    with app.test_request_context(), transaction():
        db.session.execute(update(Post).where(Post.id == held.id).values(number=None))
        for post, kind in ((held, "hold"), (helped, "help"), (other, "help")):
            open_case(CaseNeeded(post.id, kind, "Look."))
    with app.test_request_context(), transaction():
        claim_case(factories.actor(mo), 3)

    close_now(app, factories, mo, empty=False)

    with app.app_context():
        cases = rows(select(Case.kind, Case.decision, Case.claimed_by).order_by(Case.id))
        assert [tuple(case) for case in cases] == [
            ("hold", "withdrawn", None),
            ("help", None, None),
            ("help", None, None),
        ]
        assert db.session.get_one(Post, held.id).removal == "author"
        sources = rows(select(Revision.source).order_by(Revision.post_id))
        assert [row.source for row in sources][1:] == ["", SECRET, SECRET]


def test_thread_that_was_never_published_loses_its_title_too(
    app: Flask, factories: Factories, olga: Person
) -> None:
    bo = factories.member("Bo")
    held, read = factories.thread(bo, title=SECRET), factories.thread(bo, title="Read by others")
    with app.test_request_context(), transaction():
        db.session.execute(update(Post).where(Post.id == held.id).values(number=None))
        waits = {"last_number": 0, "last_posted_at": None}
        db.session.execute(update(Thread).where(Thread.id == held.thread_id).values(waits))
        db.session.add(ThreadTag(thread_id=held.thread_id, tag="private"))
        db.session.add(ThreadTag(thread_id=read.thread_id, tag="public"))

    close_now(app, factories, bo, empty=False)

    with app.app_context():
        titles = rows(select(Thread.title).order_by(Thread.id))
        assert [row.title for row in titles] == ["A thread whose words are gone", "Read by others"]
        assert [row.tag for row in rows(select(ThreadTag.tag))] == ["public"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"posts": "keep", "password": "wrong password"}, "This is not your password."),
        ({"posts": "keep", "password": ""}, "Enter your password."),
        ({"posts": "", "password": "x"}, "Choose what becomes of your posts."),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_changes(
    app: Flask, factories: Factories, olga: Person, given: dict[str, str], said: str
) -> None:
    browser = factories.signed_in(factories.member("Ada"))
    before = everything(app, less=("attempts",))
    answer = submit(browser, "/account/close", button="Close my account", **given)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert everything(app, less=("attempts",)) == before


def test_guessing_the_password_is_limited(app: Flask, factories: Factories, olga: Person) -> None:
    browser = factories.signed_in(factories.member("Ada"))
    given = {"posts": "keep", "password": "wrong password"}
    tries = [submit(browser, "/account/close", **given).status_code for _ in range(11)]
    assert tries == [422] * 10 + [429]


def test_guests_are_asked_to_sign_in(client: FlaskClient, olga: Person) -> None:
    answer = client.get("/account/close")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/account/close")


def test_only_administrator_is_told_what_to_do_first(
    app: Flask, factories: Factories, olga: Person
) -> None:
    browser = factories.signed_in(olga)
    page = browser.get("/account/close")
    assert "Nobody else administers this community." in page.text
    with pytest.raises(Conflict, match="Members"):
        close_now(app, factories, olga, empty=False)
    factories.member("Mia", role="admin")
    assert leave(browser, olga) == 303


def test_of_two_administrators_who_close_at_once_one_stays(
    app: Flask, factories: Factories, olga: Person
) -> None:
    people = [olga, factories.member("Mia", role="admin")]
    actors = [factories.actor(person) for person in people]
    start = threading.Barrier(2)

    def close(number: int) -> str:
        with app.test_request_context():
            start.wait()
            try:
                close_account(actors[number], password=people[number].password, empty_posts=True)
            except Conflict:
                return "stays"
        return "gone"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(close, range(2))) == ["gone", "stays"]
    with app.app_context():
        assert len(db.session.scalars(select(MemberRole)).all()) == 1


def test_session_opened_while_the_account_closed_has_no_power(
    app: Flask, factories: Factories, olga: Person, worker: Callable[[], int]
) -> None:
    ada = factories.member("Ada")
    close_now(app, factories, ada, empty=False)
    with app.test_request_context():
        with transaction():
            token = open_session(ada.id, Browser())
            db.session.add(Draft(member_id=ada.id, place="new", source=SECRET))
        assert visit_by_session(token_hash(token)) is None
        with transaction():
            db.session.execute(update(Job).values(run_at=Job.created_at))
    worker()
    assert SECRET not in everywhere(app)
    with app.app_context():
        theirs = select(MemberSession).where(MemberSession.member_id == ada.id)
        assert db.session.scalars(theirs).all() == []


class Forgetful:
    """A part that cannot forget."""

    @hookimpl
    def with_account_closed(self, closing: AccountClosing) -> None:
        raise RuntimeError(closing.member_id)


def test_account_stays_open_when_a_part_fails(
    app: Flask, factories: Factories, olga: Person
) -> None:
    browser = factories.signed_in(ada := factories.member("Ada"))
    with app.app_context():
        current_host().register(Forgetful(), "forgetful", may_write=True)
    before = everything(app, less=("attempts",))
    assert leave(browser, ada, "empty") >= 500
    assert everything(app, less=("attempts", "plugin_troubles")) == {
        name: found for name, found in before.items() if name != "plugin_troubles"
    }


def test_closing_takes_as_many_statements_for_one_post_as_for_many(
    app: Flask, factories: Factories, olga: Person
) -> None:
    counts = []
    for posts in (1, 6):
        leaver = factories.member()
        thread = factories.thread(leaver, factories.category(f"For {posts}"))
        for _ in range(posts):
            factories.reply(thread, leaver)
        with count_statements(app) as statements:
            close_now(app, factories, leaver, empty=True)
        counts.append(len(statements))
    assert counts[0] == counts[1]
