"""Members are told of replies, once, by a row in a list and a letter, in their own zone."""

from __future__ import annotations

import email
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from forum.accounts.models import Member
from forum.db import db, rows, transaction
from forum.discussion.models import Post
from forum.events import PostPublished
from forum.jobs.queue import emit
from forum.notifications.models import Notification
from forum.testing.factories import Factories, Person
from forum.testing.forms import submit
from tests.evidence import links_of, page_of, words_of

Worker = Callable[[], int]


@pytest.fixture
def cast(factories: Factories) -> dict[str, Person]:
    """Ada, who has started thread 1, Bo, who has answered in it, and Cy."""
    factories.community()
    cast = {name: factories.member(name) for name in ("Ada", "Bo", "Cy")}
    thread = factories.thread(cast["Ada"], title="Crackle")
    factories.reply(thread, cast["Bo"])
    return cast


@pytest.fixture
def thread(app: Flask, cast: dict[str, Person]) -> Post:
    """The first post of thread 1."""
    with app.app_context():
        return db.session.get_one(Post, 1)


def told(app: Flask) -> list[tuple[str, int]]:
    """Who was told of which post, in order."""
    with app.app_context():
        statement = (
            select(Member.name, Post.number)
            .join(Notification, Notification.member_id == Member.id)
            .join(Post, Post.id == Notification.post_id)
            .order_by(Post.number, Member.name)
        )
        return [tuple(row) for row in rows(statement)]


def letters(instance: Path) -> list[EmailMessage]:
    """The letters written so far, oldest first."""
    found = sorted(
        (instance / "mail").glob("*.eml"), key=lambda path: int(path.stem.split("-")[-1])
    )
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in found]  # type: ignore[misc]


def count(browser: FlaskClient) -> list[str]:
    """The count beside "Notifications" on every page."""
    return words_of(browser.get("/about"), 'a[href="/notifications"] .count')


def test_reply_tells_who_it_replies_to_and_who_asked_once_each(
    app: Flask,
    factories: Factories,
    cast: dict[str, Person],
    thread: Post,
    worker: Worker,
    instance: Path,
) -> None:
    factories.reply(thread, cast["Cy"], in_reply_to=2)
    factories.reply(thread, cast["Cy"], in_reply_to=1)
    factories.reply(thread, cast["Cy"], in_reply_to=3)
    worker()
    assert told(app) == [("Ada", 2), ("Ada", 3), ("Bo", 3), ("Ada", 4), ("Ada", 5)]
    assert sorted(str(letter["To"]) for letter in letters(instance)) == (
        [cast["Ada"].email, cast["Bo"].email]
    )


def test_nobody_is_told_of_themselves(
    app: Flask, factories: Factories, cast: dict[str, Person], thread: Post, worker: Worker
) -> None:
    factories.reply(thread, cast["Ada"], in_reply_to=1)
    factories.reply(thread, cast["Bo"], in_reply_to=2)
    worker()
    assert told(app) == [("Ada", 2), ("Ada", 4)]


def test_event_that_comes_twice_tells_once(
    app: Flask, cast: dict[str, Person], worker: Worker, instance: Path
) -> None:
    worker()
    with app.app_context(), transaction():
        emit(PostPublished(post_id=2, thread_id=1))
        emit(PostPublished(post_id=2, thread_id=1))
    worker()
    assert told(app) == [("Ada", 2)]
    assert [str(letter["To"]) for letter in letters(instance)] == [cast["Ada"].email]


def test_event_of_a_post_that_is_gone_is_done_with(app: Flask, worker: Worker) -> None:
    with app.app_context(), transaction():
        emit(PostPublished(post_id=404, thread_id=1))
    assert worker() == 2
    assert worker() == 0


def test_letter_says_who_replied_where_and_leads_there(
    app: Flask, cast: dict[str, Person], worker: Worker, instance: Path
) -> None:
    worker()
    (letter,) = letters(instance)
    assert str(letter["Subject"]) == "Bo replied: Crackle"
    assert letter.get_content() == (
        "Bo replied in “Crackle”:\n\nCool it slowly.\n\n"
        "Read and answer: http://127.0.0.1:8000/t/1/2\n\n-- \nPotters\nhttp://127.0.0.1:8000/\n"
    )
    assert letter["Auto-Submitted"] == "auto-generated"
    with app.app_context():
        (told_row,) = rows(select(Notification.id))
    (path,) = (instance / "mail").iterdir()
    assert "“Crackle”:\n\nCool it slowly." in path.read_text(encoding="utf-8")
    assert (str(letter["Message-ID"]).endswith("@localhost>"), told_row.id) == (True, 1)


def test_letter_that_is_sent_again_is_the_same_letter(
    app: Flask,
    cast: dict[str, Person],
    worker: Worker,
    instance: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from forum.jobs import worker as jobs

    # The worker dies between the letter and its own note of it.
    def die(_work: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        remove = jobs._remove
        dying.setattr(
            jobs, "_remove", lambda work: die(work) if work.name == "mail" else remove(work)
        )
        with pytest.raises(KeyboardInterrupt):
            worker()
    first = letters(instance)
    with app.app_context(), transaction():
        db.session.execute(update(jobs.Job).values(lease_until=None))
    worker()
    assert [str(a["Message-ID"]) for a in first] == [
        str(a["Message-ID"]) for a in letters(instance)
    ]
    assert (len(first), worker()) == (1, 0)


def test_reading_the_page_makes_it_seen_and_reading_another_does_not(
    factories: Factories, cast: dict[str, Person], thread: Post, worker: Worker
) -> None:
    for _ in range(20):
        factories.reply(thread, cast["Bo"])
    other = factories.thread(cast["Ada"], title="Other")
    factories.reply(other, cast["Bo"])
    worker()
    ada = factories.signed_in(cast["Ada"])
    counts = [count(ada)]
    for address in ("/", "/latest", "/t/1?page=2", "/t/1/2", "/t/2", "/t/1"):
        ada.get(address)
        counts.append(count(ada))
    assert counts == [["22 new"], ["22 new"], ["22 new"], ["20 new"], ["20 new"], ["19 new"], []]


def test_reading_by_others_makes_nothing_seen(
    app: Flask, factories: Factories, cast: dict[str, Person], worker: Worker
) -> None:
    worker()
    factories.signed_in(cast["Bo"]).get("/t/1")
    app.test_client().get("/t/1")
    assert count(factories.signed_in(cast["Ada"])) == ["1 new"]


def test_list_marks_what_is_new_until_all_is_marked_as_seen(
    factories: Factories, cast: dict[str, Person], thread: Post, worker: Worker
) -> None:
    factories.reply(thread, cast["Cy"], source="Cone 6.")
    worker()
    ada = factories.signed_in(cast["Ada"])
    before = ada.get("/notifications")
    assert links_of(before, "ul.rows h2 a") == ["/t/1/3", "/t/1/2"]
    assert words_of(before, "ul.rows .label") == ["new", "new"]
    assert words_of(before, "ul.rows .excerpt") == ["Cone 6.", "Cool it slowly."]
    assert submit(ada, "/notifications", button="Mark all as seen").location == "/notifications"
    after = ada.get("/notifications")
    assert (words_of(after, "ul.rows .label, main button"), count(ada)) == ([], [])
    assert links_of(after, "ul.rows h2 a") == ["/t/1/3", "/t/1/2"]


def test_what_came_after_the_page_was_shown_stays_new(
    factories: Factories, cast: dict[str, Person], thread: Post, worker: Worker
) -> None:
    worker()
    ada = factories.signed_in(cast["Ada"])
    page = page_of(ada.get("/notifications"))
    factories.reply(thread, cast["Cy"])
    worker()
    fields = {str(f["name"]): str(f["value"]) for f in page.select("main form [name]")}
    assert ada.post("/notifications", data=fields).status_code == 303
    assert count(ada) == ["1 new"]


def test_list_is_cut_by_key_and_shows_each_once(
    factories: Factories, cast: dict[str, Person], thread: Post, worker: Worker
) -> None:
    for _ in range(29):
        factories.reply(thread, cast["Bo"])
    worker()
    ada, path = factories.signed_in(cast["Ada"]), "/notifications"
    first = ada.get(path)
    factories.reply(thread, cast["Cy"])
    worker()
    second = ada.get(links_of(first, "a[rel=next]")[0])
    shown = links_of(first, "ul.rows h2 a") + links_of(second, "ul.rows h2 a")
    assert shown == [f"/t/1/{n}" for n in range(31, 1, -1)]
    wrong = [ada.get(f"{path}?after={word}").status_code for word in ("0", "abc", "", "9" * 30)]
    assert wrong == [404] * 4


def test_guests_are_asked_to_sign_in(client: FlaskClient, factories: Factories) -> None:
    factories.community()
    assert client.get("/notifications").location == "/sign-in?next=/notifications"


@pytest.fixture
def at_new_year(app: Flask, cast: dict[str, Person]) -> None:
    """Everything was written on a winter's day at 20:45 in Greenwich; Ada lives in India."""
    with app.app_context(), transaction():
        moment = datetime(2025, 12, 31, 20, 45, 30, tzinfo=UTC)
        db.session.execute(update(Post).values(created_at=moment))
        db.session.execute(update(Member).where(Member.name == "Ada").values(zone="Asia/Kolkata"))


def test_times_are_shown_in_the_readers_zone_and_in_utc_for_machines(
    factories: Factories, cast: dict[str, Person], at_new_year: None, client: FlaskClient
) -> None:
    browsers = {
        "Ada": factories.signed_in(cast["Ada"]),
        "Bo": factories.signed_in(cast["Bo"]),
        "guest": client,
    }
    shown = {
        name: [
            (str(time["datetime"]), time.get_text())
            for time in page_of(browser.get("/t/1")).select("#p2 time")
        ]
        for name, browser in browsers.items()
    }
    greenwich = [("2025-12-31T20:45Z", "31 December 2025, 20:45")]
    assert shown == {
        "Ada": [("2025-12-31T20:45Z", "1 January 2026, 02:15")],
        "Bo": greenwich,
        "guest": greenwich,
    }
    latest = page_of(browsers["Ada"].get("/latest")).select("time")
    assert {time.get_text() for time in latest} == {"1 January 2026, 02:15"}
