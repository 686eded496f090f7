"""Who is mentioned is told, once, unless they may not see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from forum.accounts.models import Member
from forum.categories.queries import Audiences
from forum.clock import utcnow
from forum.db import db, rows, transaction
from forum.discussion.actions import MOST_MENTIONS
from forum.discussion.models import Post, Thread
from forum.events import PostEdited, PostPublished
from forum.hookspecs import Hold, PostToCheck
from forum.jobs.queue import emit
from forum.jobs.worker import work_off
from forum.notifications.models import Notification
from forum.plugin_host import current_host, hookimpl
from forum.testing.application import count_statements
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import everything, links_of, text_given_back, words_of

Worker = Callable[[], int]
MASTERS = Audiences(see="1", start="1", reply="1")
ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def people(factories: Factories) -> dict[str, Person]:
    """Members whose handles are ``ada``, ``bo`` and ``cy``."""
    factories.community()
    return {name: factories.member(name) for name in ("Ada", "Bo", "Cy")}


def told(app: Flask) -> list[tuple[str, int, str]]:
    """Who was told of which post, and as what."""
    with app.app_context():
        statement = (
            select(Member.name, Post.id, Notification.kind)
            .join(Notification, Notification.member_id == Member.id)
            .join(Post, Post.id == Notification.post_id)
            .order_by(Post.id, Member.name)
        )
        return [tuple(row) for row in rows(statement)]


def letters(app: Flask) -> list[str]:
    """The letters sent so far, one text each."""
    folder = app.extensions["forum_settings"].mail_folder
    return [path.read_text("utf-8") for path in sorted(folder.glob("*.eml"))]


def test_member_mentioned_is_told_and_gets_a_letter(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    factories.thread(people["Ada"], title="Crackle", source="What do you say, @Bo and @bo?")
    worker()
    assert told(app) == [("Bo", 1, "mention")]
    (letter,) = letters(app)
    assert "Subject: Ada mentioned you: Crackle" in letter
    assert "Ada mentioned you in “Crackle”:\n\nWhat do you say, @Bo and @bo?" in letter
    browser = factories.signed_in(people["Bo"])
    page = browser.get("/notifications")
    assert words_of(page, ".rows .about")[0].startswith("Ada mentioned you, ")
    assert links_of(page, ".rows h2 a") == ["/t/1/1"]
    assert links_of(browser.get("/t/1"), ".words a") == [f"/members/{people['Bo'].id}"] * 2


def test_reply_that_mentions_whom_it_answers_tells_once(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    thread = factories.thread(people["Ada"])
    factories.reply(thread, people["Bo"], source="@ada, @bo, @cy: look.", in_reply_to=1)
    worker()
    assert told(app) == [("Ada", 2, "reply"), ("Cy", 2, "mention")]
    assert len(letters(app)) == 2


def test_edit_tells_only_those_it_adds(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    factories.thread(people["Ada"], source="@bo?")
    worker()
    browser = factories.signed_in(people["Ada"])
    submit(browser, "/t/1/1/edit", button="Publish", source="@bo, or @cy?")
    with app.app_context(), transaction():
        emit(PostEdited(post_id=1, thread_id=1))
        emit(PostPublished(post_id=1, thread_id=1))
    worker()
    assert told(app) == [("Bo", 1, "mention"), ("Cy", 1, "mention")]
    assert len(letters(app)) == 2


def test_who_may_not_see_the_thread_is_told_nothing(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    insider = factories.member("Di", group="Kiln masters")
    category = factories.category(audiences=MASTERS)
    factories.thread(insider, category, source="Not for you, @ada; for you, @olga.")
    worker()
    assert told(app) == [("Olga", 1, "mention")]
    assert len(letters(app)) == 1


def test_who_loses_sight_before_the_letter_goes_out_gets_none(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    factories.member(group="Kiln masters")
    factories.thread(people["Ada"], source="@bo?")
    closed = factories.category("Closed", audiences=MASTERS)
    with app.app_context():
        # The event, not yet the letter that it asks for.
        while not told(app):
            work_off(app, most=1)
        with transaction():
            db.session.execute(update(Thread).values(category_id=closed.id))
    worker()
    assert (told(app), letters(app)) == ([("Bo", 1, "mention")], [])


@ONE_DATABASE
def test_closed_and_imported_accounts_are_told_nothing(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    with app.app_context(), transaction():
        closed = update(Member).values(email=None, password_hash=None)
        db.session.execute(closed.where(Member.name == "Bo").values(closed_at=utcnow()))
        db.session.execute(closed.where(Member.name == "Cy"))
    factories.thread(people["Ada"], source="@bo and @cy?")
    worker()
    assert told(app) == []


class HoldsAll:
    """A plugin that has a moderator read everything."""

    @hookimpl
    def check_post(self, post: PostToCheck) -> Hold | None:
        """Hold it."""
        return Hold("Everything is read first.")


@ONE_DATABASE
def test_held_post_tells_when_it_is_published(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    with app.app_context():
        current_host().register(HoldsAll(), "holds")
    factories.thread(people["Ada"], source="@bo?")
    worker()
    before = told(app)
    moderator = factories.signed_in(factories.member(role="moderator"))
    submit(moderator, "/moderation/1", form="form.decide", button="Publish")
    worker()
    assert (before, told(app)) == ([], [("Ada", 1, "decision"), ("Bo", 1, "mention")])


@ONE_DATABASE
def test_thousand_mentions_are_refused_with_the_text_given_back(
    app: Flask, factories: Factories, people: dict[str, Person]
) -> None:
    factories.thread(people["Ada"])
    with app.app_context(), transaction():
        db.session.add_all(Member(name=f"M{n}", handle=f"m{n}") for n in range(1000))
    text = " ".join(f"@m{n}" for n in range(1000))
    browser = factories.signed_in(people["Bo"])
    answer = submit(browser, "/t/1/reply", button="Publish", source=text)
    assert (answer.status_code, text_given_back(answer)) == (422, text)
    assert words_of(answer, "#source-error") == [
        "To mend: A post may mention 20 members; this one mentions 1000. Leave some out."
    ]
    # What is only quoted, or names nobody, is not counted.
    fine = " ".join(f"@m{n} @x{n}" for n in range(MOST_MENTIONS)) + "\n\n> @m20"
    assert submit(browser, "/t/1/reply", button="Publish", source=fine).status_code == 303


@ONE_DATABASE
def test_mentions_cost_one_statement(
    app: Flask, factories: Factories, people: dict[str, Person]
) -> None:
    factories.thread(people["Ada"])
    browser = factories.signed_in(people["Bo"])
    counted = []
    for text in ("First.", "Nobody.", "@ada", "@ada @bo @cy @di"):
        with count_statements(app) as statements:
            submit(browser, "/t/1/reply", button="Preview", source=text)
        counted.append(len(statements))
    assert counted[2] == counted[3] == counted[1] + 1, "one more than without a mention"


@ONE_DATABASE
def test_handle_of_nobody_tells_nobody_and_stays_text(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    factories.thread(people["Ada"], source="@nobody-here and @ada")
    before = everything(app, less=("jobs",))
    worker()
    assert everything(app, less=("jobs",)) == before
    page = app.test_client().get("/t/1")
    assert links_of(page, ".words a") == [f"/members/{people['Ada'].id}"]


def test_one_letter_for_a_thread_until_it_is_read(
    app: Flask, factories: Factories, people: dict[str, Person], worker: Worker
) -> None:
    thread = factories.thread(people["Ada"])
    for _ in range(3):
        factories.reply(thread, people["Bo"], source="@ada!")
    other = factories.thread(people["Ada"], title="Another")
    factories.reply(other, people["Bo"])
    worker()
    first = len(letters(app))
    factories.signed_in(people["Ada"]).get("/t/1")
    factories.reply(thread, people["Bo"])
    factories.reply(other, people["Bo"])
    worker()
    assert (first, len(letters(app)), len(told(app))) == (2, 3, 6)
